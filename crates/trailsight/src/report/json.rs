//! Findings as JSON: one object each, a line each (`ndjson`) or all in an array (`json`).
//!
//! | `kind` | what it is | has |
//! |---|---|---|
//! | `insight` | a run of unusual minutes | all below |
//! | `standsOut` | a peak before enough was learned | `calls`, `callsInAll`, `minutesLearned`; `direction` increase, `rarity` null |
//! | `noData` | no events of an account-Region | `expected`; no API, no direction, no rarity |
//!
//! `start` and `end` are RFC 3339 in UTC, `end` is excluded and null while it goes on. `errorCode` is null unless the rate
//! of that error is meant. `explanation` has the fields of spec part 5 by the same names.

use std::io;

use record::insight::{Attribution, Direction, Finding, Insight, NoData, Share, StandsOut, Subject, Timeline};
use record::insight_record::{
    Average, Figure, Time, difference_fields, explanation_fields, failed_share_fields, json_line, shared_event_id,
};
use record::names::EventCategory;
use record::time::{Minute, Minutes};
use serde::Serialize;

use super::sentences;

/// One finding as one line of JSON, without the line's end.
pub fn line(finding: &Finding) -> String {
    match finding {
        Finding::Insight(insight) => insight_line(insight),
        Finding::StandsOut(peak) => stands_out_line(peak),
        Finding::NoData(gap) => no_data_line(gap),
    }
}

/// A line each, in the order given.
pub fn write_lines(out: &mut dyn io::Write, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        writeln!(out, "{}", line(finding))?;
    }
    Ok(())
}

/// All in one array, in the order given, an element a line.
pub fn write_array(out: &mut dyn io::Write, findings: &[Finding]) -> io::Result<()> {
    write!(out, "[")?;
    for (at, finding) in findings.iter().enumerate() {
        write!(out, "{}{}", if at == 0 { "\n" } else { ",\n" }, line(finding))?;
    }
    writeln!(out, "{}]", if findings.is_empty() { "" } else { "\n" })
}

fn insight_line(insight: &Insight) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Line<'a, Explanation, Different, Failed> {
        #[serde(flatten)]
        head: Head<'a>,
        rarity: Figure,
        account_rarity: Figure,
        #[serde(rename = "sharedEventID")]
        shared_event_id: String,
        called: Time,
        sentence: String,
        statistics: StatisticsFields,
        explanation: Explanation,
        failed_share: Option<Failed>,
        new_usual: bool,
        differences: Vec<Different>,
        attributions: Vec<AttributionFields<'a>>,
        timeline: TimelineFields<'a>,
    }
    let statistics = &insight.statistics;
    json_line(&Line {
        head: Head {
            start: Time(insight.start),
            end: insight.end.map(Time),
            direction: insight.direction.as_str(),
            ..Head::of("insight", &insight.subject)
        },
        rarity: Figure(insight.explanation.rarity),
        account_rarity: Figure(insight.explanation.account_rarity),
        shared_event_id: shared_event_id(insight),
        called: Time(insight.called),
        sentence: sentences::sentence(insight),
        statistics: StatisticsFields {
            baseline_average: Average(statistics.baseline_average()),
            insight_average: Average(statistics.insight_average()),
            start_average: Average(statistics.start_average()),
            baseline_calls: statistics.baseline_calls,
            baseline_minutes: statistics.baseline_minutes,
            start_calls: statistics.start_calls,
            insight_calls: statistics.insight_calls,
            insight_minutes: statistics.insight_minutes,
        },
        explanation: explanation_fields(&insight.explanation),
        failed_share: insight.failed_share.as_ref().map(failed_share_fields),
        new_usual: insight.new_usual,
        differences: insight.differences.iter().map(difference_fields).collect(),
        attributions: insight.attributions.iter().map(attribution_fields).collect(),
        timeline: timeline_fields(&insight.timeline),
    })
}

fn stands_out_line(peak: &StandsOut) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Line<'a> {
        #[serde(flatten)]
        head: Head<'a>,
        rarity: (),
        sentence: String,
        calls: u64,
        calls_in_all: u64,
        minutes_learned: Minutes,
        attributions: Vec<AttributionFields<'a>>,
        timeline: TimelineFields<'a>,
    }
    json_line(&Line {
        head: Head { start: Time(peak.start), end: Some(Time(peak.end)), ..Head::of("standsOut", &peak.subject) },
        rarity: (),
        sentence: format!(
            "{}; learned from {} only.",
            sentences::stands_out(peak),
            sentences::learned(peak.minutes_learned)
        ),
        calls: peak.calls,
        calls_in_all: peak.calls_in_all,
        minutes_learned: peak.minutes_learned,
        attributions: peak.attributions.iter().map(attribution_fields).collect(),
        timeline: timeline_fields(&peak.timeline),
    })
}

fn no_data_line(gap: &NoData) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        kind: &'static str,
        start: Time,
        end: Option<Time>,
        account: &'a str,
        region: &'a str,
        sentence: String,
        expected: Figure,
    }
    json_line(&Line {
        kind: "noData",
        start: Time(gap.start),
        end: gap.end.map(Time),
        account: gap.account.as_str(),
        region: gap.region.as_str(),
        sentence: sentences::capital(&format!("{}.", sentences::no_data(gap))),
        expected: Figure(gap.expected),
    })
}

/// What every finding about an API begins with.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    kind: &'static str,
    start: Time,
    end: Option<Time>,
    account: &'a str,
    region: &'a str,
    event_source: &'a str,
    event_name: &'a str,
    error_code: Option<&'a str>,
    event_category: EventCategory,
    insight_type: &'static str,
    direction: &'static str,
}

impl<'a> Head<'a> {
    fn of(kind: &'static str, subject: &'a Subject) -> Head<'a> {
        Head {
            kind,
            start: Time(Minute(0)),
            end: None,
            account: subject.account.as_str(),
            region: subject.region.as_str(),
            event_source: subject.source.as_str(),
            event_name: subject.name.as_str(),
            error_code: subject.error.as_ref().map(|code| code.as_str()),
            event_category: subject.category,
            insight_type: subject.insight_type().as_str(),
            direction: Direction::Increase.as_str(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatisticsFields {
    baseline_average: Average,
    insight_average: Average,
    start_average: Average,
    baseline_calls: u64,
    baseline_minutes: Minutes,
    start_calls: u64,
    insight_calls: u64,
    insight_minutes: Minutes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttributionFields<'a> {
    attribute: &'static str,
    start: &'a [Share],
    insight: &'a [Share],
    insight_other: u64,
    baseline: &'a [Share],
    baseline_other: u64,
}

fn attribution_fields(told: &Attribution) -> AttributionFields<'_> {
    AttributionFields {
        attribute: told.attribute.as_str(),
        start: &told.start,
        insight: &told.insight,
        insight_other: told.insight_other,
        baseline: &told.baseline,
        baseline_other: told.baseline_other,
    }
}

#[derive(Serialize)]
struct TimelineFields<'a> {
    from: Time,
    step: Minutes,
    calls: &'a [u64],
    expected: Vec<Figure>,
    high: Vec<Figure>,
}

fn timeline_fields(timeline: &Timeline) -> TimelineFields<'_> {
    TimelineFields {
        from: Time(timeline.from),
        step: timeline.step,
        calls: &timeline.calls,
        expected: timeline.expected.iter().copied().map(Figure).collect(),
        high: timeline.high.iter().copied().map(Figure).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let (_, findings) = crate::report::example::example();
        let mut out = Vec::new();
        write_lines(&mut out, &findings).unwrap();
        expect_test::expect_file!["../../tests/report/example.ndjson"].assert_eq(&String::from_utf8(out).unwrap());
    }

    #[test]
    fn records() {
        use record::insight_record::{Options, State, insight_record};
        let (_, findings) = crate::report::example::example();
        let mut lines = String::new();
        for finding in &findings {
            let Finding::Insight(insight) = finding else { continue };
            for state in [State::Start, State::End] {
                if state == State::Start || insight.end.is_some() {
                    lines.push_str(&insight_record(insight, state, &Options::default()));
                    lines.push('\n');
                }
            }
        }
        expect_test::expect_file!["../../tests/report/example.insights.ndjson"].assert_eq(&lines);
    }

    #[test]
    fn an_array_is_the_same_objects() {
        let (_, findings) = crate::report::example::example();
        let mut out = Vec::new();
        write_array(&mut out, &findings).unwrap();
        let array: Vec<serde_json::Value> = serde_json::from_slice(&out).unwrap();
        let lines: Vec<serde_json::Value> =
            findings.iter().map(|finding| serde_json::from_str(&line(finding)).unwrap()).collect();
        assert_eq!(array, lines);

        out.clear();
        write_array(&mut out, &[]).unwrap();
        assert_eq!(out, b"[]\n");
    }
}
