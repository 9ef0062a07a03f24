//! What `events match` tells: the first records that match, how many a day, and what a rule must be to see them.

use std::borrow::Cow;
use std::io::{self, Write};

use record::api_call::ApiCall;
use record::insight::Attribute;
use record::names::AccountId;
use serde::Serialize;

use crate::report::words::{clean, count, plural, short_value};

/// What matched, in all.
#[derive(Debug)]
pub struct Summary {
    /// The earliest records, in the order of their time (seconds since 1970).
    pub shown: Vec<(i64, Shown)>,
    /// Days with a match (their first second since 1970), and how many.
    pub days: Vec<(i64, u64)>,
    /// The patterns, and how many records each matched.
    pub patterns: Vec<(String, u64)>,
    /// Records that matched.
    pub matched: u64,
    /// Those of them that are management events which only read.
    pub reads: u64,
    /// Records that were read.
    pub records: u64,
    /// Seconds since 1970 of the first and of the last record.
    pub span: Option<(i64, i64)>,
}

/// A record, as far as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Shown {
    #[serde(rename = "eventSource")]
    source: String,
    #[serde(rename = "eventName")]
    name: String,
    /// Role sessions are told as their role.
    #[serde(rename = "userIdentityArn")]
    who: Option<String>,
    #[serde(rename = "sourceIPAddress")]
    from: Option<String>,
    #[serde(rename = "errorCode")]
    error: Option<String>,
    #[serde(rename = "awsRegion")]
    region: String,
    #[serde(rename = "recipientAccountId")]
    account: String,
}

impl Shown {
    /// What is shown of a call.
    pub fn of(call: &ApiCall<'_>) -> Shown {
        let text = |text: &Option<Cow<'_, str>>| text.as_deref().map(str::to_owned);
        Shown {
            source: call.source.clone().into_owned(),
            name: call.name.clone().into_owned(),
            who: call.identity.who().map(str::to_owned),
            from: text(&call.source_ip),
            error: text(&call.error_code),
            region: call.region.clone().into_owned(),
            account: call.account.clone().into_owned(),
        }
    }

    /// Service and API, who, from where, the error.
    fn columns(&self) -> [String; 4] {
        let service = self.source.strip_suffix(".amazonaws.com").unwrap_or(&self.source);
        let account = AccountId::from(self.account.as_str());
        let who = self.who.as_deref().map(|who| short_value(Attribute::UserIdentityArn, who, &account));
        let or_dash = |text: &Option<String>| text.as_deref().map_or("-".to_owned(), clean);
        let error = self.error.as_deref().map_or(String::new(), clean);
        [format!("{} {}", clean(service), clean(&self.name)), or_dash(&who), or_dash(&self.from), error]
    }
}

/// Letters of the longest bar.
const BAR: u64 = 40;
/// Letters of a column that are shown.
const COLUMN: usize = 60;

/// For people.
pub fn write_text(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    let records = plural(&count(summary.records), "record");
    let span = summary.span.map_or(String::new(), |(first, last)| format!(", {} to {} UTC", time(first), time(last)));
    let of = if summary.matched == 1 { "matches" } else { "match" };
    writeln!(out, "{} of {records} {of}{span}.", count(summary.matched))?;
    if summary.matched == 0 {
        return Ok(());
    }
    if !summary.shown.is_empty() {
        writeln!(out)?;
        write_table(out, &summary.shown)?;
        let more = summary.matched - summary.shown.len() as u64;
        if more > 0 {
            writeln!(out, "… and {} more", count(more))?;
        }
    }
    writeln!(out)?;
    write_days(out, summary)?;
    if summary.patterns.len() > 1 {
        writeln!(out)?;
        for (name, matched) in &summary.patterns {
            writeln!(out, "{}  {}", count(*matched), cut(&clean(name)))?;
        }
    }
    if summary.reads > 0 {
        let (are, them) = if summary.reads == 1 {
            ("is a management event that only reads", "it")
        } else {
            ("are management events that only read", "them")
        };
        writeln!(out)?;
        writeln!(out, "{} of them {are}. A rule that is ENABLED is not told of {them};", count(summary.reads))?;
        writeln!(out, "one that is ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS is.")?;
    }
    Ok(())
}

fn write_table(out: &mut dyn Write, shown: &[(i64, Shown)]) -> io::Result<()> {
    // Region and account are told where there are several.
    let differ = |of: fn(&Shown) -> &str| shown.iter().any(|(_, record)| of(record) != of(&shown[0].1));
    let (regions, accounts) = (differ(|record| &record.region), differ(|record| &record.account));
    let lines: Vec<Vec<String>> = shown
        .iter()
        .map(|(at, record)| {
            let [api, who, from, error] = record.columns();
            let region = regions.then(|| clean(&record.region));
            let account = accounts.then(|| clean(&record.account));
            let columns = [Some(time(*at)), Some(api), region, account, Some(who), Some(from), Some(error)];
            columns.into_iter().flatten().map(|text| cut(&text)).collect()
        })
        .collect();
    let letters = |text: &String| text.chars().count();
    let columns = lines.first().map_or(0, Vec::len);
    let widths: Vec<usize> =
        (0..columns).map(|at| lines.iter().map(|line| letters(&line[at])).max().unwrap_or(0)).collect();
    for line in &lines {
        let padded: Vec<String> = line.iter().zip(&widths).map(|(text, &width)| format!("{text:width$}")).collect();
        writeln!(out, "{}", padded.join("  ").trim_end())?;
    }
    Ok(())
}

fn write_days(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    let most = summary.days.iter().map(|day| day.1).max().unwrap_or(1).max(1);
    let width = count(summary.matched).len();
    let mut next = None;
    for &(day, matched) in &summary.days {
        let empty = next.map_or(0, |next| (day - next) / 86_400);
        if empty > 0 {
            writeln!(out, "  {} without", plural(&count(empty as u64), "day"))?;
        }
        next = Some(day + 86_400);
        let bar = "█".repeat((matched * BAR).div_ceil(most) as usize);
        writeln!(out, "{}  {:>width$}  {bar}", self::day(day), count(matched))?;
    }
    if summary.days.len() > 1 {
        writeln!(out, "{:10}  {:>width$}", "in all", count(summary.matched))?;
    }
    Ok(())
}

/// The same as one line of JSON, without the line's end.
pub fn json_line(summary: &Summary) -> serde_json::Result<String> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Line<'a> {
        matched: u64,
        read_only_management_events: u64,
        records: u64,
        from: Option<String>,
        to: Option<String>,
        patterns: Vec<PatternFields<'a>>,
        days: Vec<DayFields>,
        first: Vec<RecordFields<'a>>,
    }
    #[derive(Serialize)]
    struct PatternFields<'a> {
        pattern: &'a str,
        matched: u64,
    }
    #[derive(Serialize)]
    struct DayFields {
        day: String,
        matched: u64,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct RecordFields<'a> {
        event_time: String,
        #[serde(flatten)]
        record: &'a Shown,
    }
    let at = |seconds| said(seconds, "%Y-%m-%dT%H:%M:%SZ");
    serde_json::to_string(&Line {
        matched: summary.matched,
        read_only_management_events: summary.reads,
        records: summary.records,
        from: summary.span.map(|span| at(span.0)),
        to: summary.span.map(|span| at(span.1)),
        patterns: summary
            .patterns
            .iter()
            .map(|(pattern, matched)| PatternFields { pattern, matched: *matched })
            .collect(),
        days: summary.days.iter().map(|&(start, matched)| DayFields { day: day(start), matched }).collect(),
        first: summary.shown.iter().map(|(time, record)| RecordFields { event_time: at(*time), record }).collect(),
    })
}

/// `2026-02-11 02:14:03`
fn time(seconds: i64) -> String {
    said(seconds, "%Y-%m-%d %H:%M:%S")
}

/// `2026-02-11`
fn day(seconds: i64) -> String {
    said(seconds, "%Y-%m-%d")
}

fn said(seconds: i64, format: &str) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(at) => at.strftime(format).to_string(),
        Err(_) => format!("second {seconds}"),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(COLUMN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
