//! Findings in words.
//!
//! "29 GetPasswordData calls failed with AccessDenied within 5 minutes, where 0.1 are expected (0 to 1 usual): on this API
//! about once in 40 years; on any API of this account about once in 2 months; learned from 24 days."
//!
//! Every number is one field of the finding. Rarity is said per API and per account, because a chance of one in a million
//! sounds rarer than it is where half a million things are looked at a day.

use crate::insight::{
    Attribute, Difference, Direction, Evidence, Explanation, Insight, NoData, Share, StandsOut, Subject,
};
use crate::time::{Minute, Minutes};
use crate::words::{
    are, capital, clean, clock, count, duration, figure, percent, plural, range, service, short_value, times,
};

/// What happened, as one sentence without its full stop: calls, window, expectation.
pub fn what(insight: &Insight) -> String {
    let (why, subject) = (&insight.explanation, &insight.subject);
    let expected = format!("{} expected", are(&figure(why.expected)));
    let usual = range(why.expected_low, why.expected_high);
    match (why.kind, insight.direction) {
        (Evidence::Silence, _) => format!(
            "no {} call for {}, where {} expected",
            clean(subject.name.as_str()),
            duration(why.window),
            were(&figure(why.expected)),
        ),
        (Evidence::Window, Direction::Increase) => {
            format!("{} within {}, where {expected} ({usual} usual)", calls(why.calls, subject), within(why.window))
        }
        (Evidence::Window, Direction::Decrease) => {
            let few = if why.calls == 0.0 { "" } else { "only " };
            format!(
                "{few}{} within {}, where {expected} ({usual} usual)",
                calls(why.calls, subject),
                within(why.window)
            )
        }
    }
}

/// How rare that is, as half a sentence.
pub fn how_rare(why: &Explanation) -> String {
    format!(
        "on this API {}; on any API of this account {}; learned from {}",
        frequency(why.rarity),
        frequency(why.account_rarity),
        learned(why.minutes_learned)
    )
}

/// What happened and how rare that is.
pub fn sentence(insight: &Insight) -> String {
    format!("{}: {}.", what(insight), how_rare(&insight.explanation))
}

/// How much above or below what is expected: `290×`, `down to 3%`, `none`.
pub fn change(insight: &Insight) -> String {
    let why = &insight.explanation;
    match insight.direction {
        Direction::Increase => times(why.ratio),
        Direction::Decrease if why.kind == Evidence::Silence || why.ratio == 0.0 => "to none".to_owned(),
        Direction::Decrease => format!("to {}", percent(why.ratio)),
    }
}

/// What one value has to do with the insight: `96% of the calls came from 203.0.113.77, never seen before`.
pub fn difference(insight: &Insight, difference: &Difference) -> String {
    let value = short_value(difference.attribute, &difference.value, &insight.subject.account);
    let did = match difference.attribute {
        Attribute::UserIdentityArn => format!("were made by {value}"),
        Attribute::UserAgent => format!("were made with {value}"),
        Attribute::ErrorCode if difference.value == "null" => "did not fail".to_owned(),
        Attribute::ErrorCode => format!("failed with {value}"),
        Attribute::SourceIpAddress => format!("came from {value}"),
        Attribute::AccessKeyId => format!("used the key {value}"),
        Attribute::SessionName => format!("were made in the session {value}"),
        Attribute::InvokedBy => format!("came through {value}"),
        Attribute::Resource => format!("were about {value}"),
    };
    let before = if difference.is_new {
        "never seen before".to_owned()
    } else {
        format!("before {}", percent(difference.baseline_share))
    };
    format!("{} of the calls {did}, {before}", percent(difference.share))
}

/// What is different, in whole sentences: the share that failed, so many values at most, and what is missing.
pub fn different(insight: &Insight, most: usize) -> Vec<String> {
    let values = insight.differences.iter().take(most).map(|one| difference(insight, one));
    let told = failed_share(insight).into_iter().chain(values).map(|text| capital(&text));
    // What is missing begins with a name, which is written as it is.
    told.chain(missing(insight)).map(|text| format!("{text}.")).collect()
}

/// What a decrease lacks: values that used to have a tenth of the calls or more and have less than half of that share now.
pub fn missing(insight: &Insight) -> Vec<String> {
    if insight.direction == Direction::Increase {
        return Vec::new();
    }
    let account = &insight.subject.account;
    let mut told = Vec::new();
    for attribution in &insight.attributions {
        let made = match attribution.attribute {
            Attribute::UserIdentityArn => "made",
            Attribute::SourceIpAddress | Attribute::InvokedBy => "brought",
            _ => continue,
        };
        let sum = |shares: &[Share], other: u64| shares.iter().map(|share| share.calls).sum::<u64>() + other;
        let all_before = sum(&attribution.baseline, attribution.baseline_other);
        let all_now = sum(&attribution.insight, attribution.insight_other);
        for before in &attribution.baseline {
            let share_before = before.calls as f64 / all_before.max(1) as f64;
            let now = match attribution.insight.iter().find(|now| now.value == before.value) {
                Some(now) => now.calls,
                None if attribution.insight_other == 0 => 0,
                None => continue, // among the others; how many is not known
            };
            let share_now = now as f64 / all_now.max(1) as f64;
            if share_before >= 0.1 && share_now < share_before / 2.0 {
                let value = short_value(attribution.attribute, &before.value, account);
                let now = if now == 0 { "none".to_owned() } else { percent(share_now) };
                told.push(format!("{value} {made} {} of the calls before, now {now}", percent(share_before)));
            }
        }
    }
    told
}

/// The share of calls that failed, before and during: `94% of its calls failed so, before 2%`.
pub fn failed_share(insight: &Insight) -> Option<String> {
    let share = insight.failed_share?;
    let during = percent(share.during?);
    Some(match share.before {
        Some(before) => format!("{during} of its calls failed so, before {}", percent(before)),
        None => format!("{during} of its calls failed so, before there were none"),
    })
}

/// Silence of a whole account-Region.
pub fn no_data(gap: &NoData) -> String {
    let place = format!("account {} in {}", clean(gap.account.as_str()), clean(gap.region.as_str()));
    let expected = format!("where {} expected", were(&plural(&figure(gap.expected), "call")));
    match gap.end {
        None => format!("no events from {place} since {} UTC, {expected}", clock(gap.start)),
        Some(end) => {
            format!(
                "no events from {place} for {}, {}, {expected}",
                duration(end - gap.start),
                span(gap.start, Some(end))
            )
        }
    }
}

/// A peak, before enough was learned.
pub fn stands_out(peak: &StandsOut) -> String {
    format!("{} within {}", calls(peak.calls as f64, &peak.subject), within((peak.end - peak.start).max(Minutes(1))))
}

/// `2026-02-12 14:03 to 14:14 UTC (11 min)`; the day is said twice where there are two.
pub fn span(start: Minute, end: Option<Minute>) -> String {
    match end {
        None => format!("since {} UTC", clock(start)),
        Some(end) if start.day_start() == end.day_start() => {
            format!("{} to {} UTC", clock(start), &clock(end)[11..])
        }
        Some(end) => format!("{} to {} UTC", clock(start), clock(end)),
    }
}

/// How long it lasted, or has lasted so far.
pub fn lasted(insight: &Insight) -> String {
    match insight.end {
        Some(end) => duration(end - insight.start),
        None => format!("{} so far", duration(insight.statistics.insight_minutes)),
    }
}

/// `API call rate` or `API error rate`.
pub fn kind(subject: &Subject) -> &'static str {
    if subject.error.is_some() { "API error rate" } else { "API call rate" }
}

/// `RunInstances`, or `RunInstances · AccessDenied`.
pub fn title(subject: &Subject) -> String {
    match &subject.error {
        None => clean(subject.name.as_str()),
        Some(code) => format!("{} · {}", clean(subject.name.as_str()), clean(code.as_str())),
    }
}

/// `ec2 · us-east-1 · 123456789012`.
pub fn place(subject: &Subject) -> String {
    format!("{} · {} · {}", service(&subject.source), clean(subject.region.as_str()), clean(subject.account.as_str()))
}

/// How often something of this rarity comes: once in 10^R months.
pub fn frequency(rarity: f64) -> String {
    const MONTH: f64 = 365.25 / 12.0 * 24.0 * 60.0;
    let minutes = MONTH * 10f64.powf(rarity);
    let units = [
        ("year", 12.0 * MONTH),
        ("month", MONTH),
        ("week", 10_080.0),
        ("day", 1440.0),
        ("hour", 60.0),
        ("minute", 1.0),
    ];
    if minutes.is_nan() || minutes > 1000.0 * 12.0 * MONTH {
        return "practically never".to_owned();
    }
    for (unit, length) in units {
        // Two of a unit at least: "weeks" serve until there are two months of them. Two digits: it is only "about".
        let many = round_to((minutes / length).round(), 2);
        if many >= 2.0 {
            return format!("about once in {} {unit}s", figure(many));
        }
    }
    "about once a minute".to_owned()
}

/// How long was watched: `54 minutes`, `20 hours`, `24 days`.
pub fn learned(length: Minutes) -> String {
    let (minutes, hours, days) = (length.0.max(0) as u64, length.0.max(0) as u64 / 60, length.0.max(0) as u64 / 1440);
    match (minutes, hours) {
        (..120, _) => plural(&count(minutes), "minute"),
        (_, ..48) => plural(&count(hours), "hour"),
        _ => plural(&count(days), "day"),
    }
}

/// `3 false alarms an account and month promised`.
pub fn promise(false_alarms_per_month: f64) -> String {
    format!("{} an account and month promised", plural(&figure(false_alarms_per_month), "false alarm"))
}

fn round_to(number: f64, digits: usize) -> f64 {
    format!("{:.*e}", digits - 1, number).parse().unwrap_or(number)
}

/// `29 GetPasswordData calls failed with AccessDenied`, `no CreateSnapshot call`.
fn calls(calls: f64, subject: &Subject) -> String {
    let name = clean(subject.name.as_str());
    let number = if calls == 0.0 { "no".to_owned() } else { figure_or_count(calls) };
    let noun = if number == "1" || number == "no" { "call" } else { "calls" };
    match &subject.error {
        None => format!("{number} {name} {noun}"),
        Some(code) => format!("{number} {name} {noun} failed with {}", clean(code.as_str())),
    }
}

/// Whole numbers of calls are told exactly.
fn figure_or_count(calls: f64) -> String {
    if calls.fract() == 0.0 && (0.0..1e15).contains(&calls) { count(calls as u64) } else { figure(calls) }
}

fn were(number: &str) -> String {
    let one = number == "1" || number.starts_with("1 ");
    format!("{number} {}", if one { "was" } else { "were" })
}

/// `5 minutes`, `1 hour`, `3 h 20 min`.
fn within(window: Minutes) -> String {
    match window.0 {
        minutes @ ..60 => plural(&count(minutes.max(0) as u64), "minute"),
        minutes if minutes % 60 == 0 && minutes < 2880 => plural(&count(minutes as u64 / 60), "hour"),
        _ => duration(window),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rarity_in_words() {
        let said: Vec<String> = [-9.0, -4.5, -4.0, -2.0, -1.0, -0.3, 0.0, 0.3, 1.0, 2.0, 2.7, 4.08, 4.2, f64::INFINITY]
            .iter()
            .map(|rarity| format!("{rarity}: {}", frequency(*rarity)))
            .collect();
        expect_test::expect![[r#"
            -9: about once a minute
            -4.5: about once a minute
            -4: about once in 4 minutes
            -2: about once in 7 hours
            -1: about once in 3 days
            -0.3: about once in 2 weeks
            0: about once in 4 weeks
            0.3: about once in 2 months
            1: about once in 10 months
            2: about once in 8 years
            2.7: about once in 42 years
            4.08: practically never
            4.2: practically never
            inf: practically never"#]]
        .assert_eq(&said.join("\n"));
    }

    #[test]
    fn what_was_watched_in_words() {
        let said: Vec<String> =
            [0, 1, 54, 119, 120, 2879, 2880, 34_560].iter().map(|minutes| learned(Minutes(*minutes))).collect();
        assert_eq!(
            said,
            ["0 minutes", "1 minute", "54 minutes", "119 minutes", "2 hours", "47 hours", "2 days", "24 days"]
        );
    }
}
