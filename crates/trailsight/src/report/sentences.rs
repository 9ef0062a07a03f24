//! The whole run in words. What is said of one finding is in [`record::sentences`].

use record::insight::Finding;

use super::words::{clean, count, plural};
use super::{Summary, Told};

pub use record::sentences::*;
pub use record::words::{capital, day, short_value, who};

/// The whole run in one or two sentences.
pub fn verdict(summary: &Summary, findings: &[Finding]) -> String {
    let mut verdict = format!("{}.", headline(summary, findings));
    if let Some(rarest) = rarest(findings) {
        verdict.push_str(&format!(" {rarest}."));
    }
    if Told::of(findings).is_empty() && findings.iter().any(|finding| matches!(finding, Finding::StandsOut(_))) {
        verdict.push_str(" What stands out so far is told below.");
    }
    verdict
}

/// How many unusual things there are, without its full stop.
pub fn headline(summary: &Summary, findings: &[Finding]) -> String {
    let told = Told::of(findings);
    if summary.records > 0 && summary.counted == 0 && summary.duplicates == 0 {
        return format!("Nothing was judged: of {} none was counted", plural(&count(summary.records), "record"));
    }
    if told.is_empty() && !summary.watched.is_empty() && summary.watched.iter().all(|watched| watched.is_young()) {
        return "Too little was watched to call anything unusual: that takes 36 hours".to_owned();
    }
    let mut headline = match told.insights.len() {
        0 => "Nothing unusual".to_owned(),
        1 => "1 unusual thing".to_owned(),
        n => format!("{} unusual things", count(n as u64)),
    };
    match (told.open_count(), told.insights.len()) {
        (0, _) => {}
        (1, 1) => headline.push_str(", still going on"),
        (open, _) => headline.push_str(&format!(", {} still going on", count(open as u64))),
    }
    if !told.no_data.is_empty() {
        let silences = plural(&count(told.no_data.len() as u64), "silence");
        headline.push_str(&format!("; {silences} of a whole account and Region"));
    }
    headline
}

/// The insight that is rarest for its account, without its full stop.
pub fn rarest(findings: &[Finding]) -> Option<String> {
    let told = Told::of(findings);
    let first = told.insights.first()?;
    Some(if told.insights.len() == 1 { capital(&what(first)) } else { format!("The rarest: {}", what(first)) })
}

/// What was read.
pub fn analysed(summary: &Summary) -> String {
    let mut text =
        format!("{} in {}", plural(&count(summary.records), "record"), plural(&count(summary.files), "file"),);
    if let (Some(first), Some(end)) = (summary.first, summary.end) {
        text.push_str(&format!(", {}", span(first, Some(end))));
    }
    text
}

/// What was learned, and the promise.
pub fn learned_in_all(summary: &Summary) -> String {
    if summary.watched.is_empty() {
        return "Nothing was learned.".to_owned();
    }
    let series = summary.watched.iter().map(|watched| watched.series).sum();
    let lengths = summary.watched.iter().map(|watched| watched.minutes_learned);
    let (least, most) = (lengths.clone().min().unwrap_or_default(), lengths.max().unwrap_or_default());
    let lengths = match (learned(least), learned(most)) {
        (least, most) if least == most => most,
        (least, most) => format!("{least} to {most}"),
    };
    format!(
        "Learned from {lengths}: {} in {}, {}.",
        count(series) + " series",
        places(summary),
        promise(summary.false_alarms_per_month)
    )
}

/// `2 accounts, 3 account-Regions`.
pub fn places(summary: &Summary) -> String {
    let mut accounts: Vec<_> = summary.watched.iter().map(|watched| &watched.account).collect();
    accounts.sort();
    accounts.dedup();
    let regions = summary.watched.len() as u64;
    match accounts.len() {
        1 => format!("account {}, {}", clean(accounts[0].as_str()), plural(&count(regions), "Region")),
        n => format!("{}, {}", plural(&count(n as u64), "account"), plural(&count(regions), "account-Region")),
    }
}
