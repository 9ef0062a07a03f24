//! Stories: a text file each, counts in, findings out. `UPDATE_EXPECT=1` writes anew what comes out.
//!
//! ```text
//! # What happens, for a reader.
//! promise 3                                        (false alarms a month; 3 if not said)
//! from 2026-02-05T14:00Z
//!   ec2 RunInstances 12x10080 245x30 12x60         (12 calls in each of 10,080 minutes, then …)
//!   ec2 CreateSnapshot 5/15x672                    (5 calls every 15 minutes, 672 times)
//!   ec2 RunInstances !AccessDenied 0x10080 6x5     (those that fail so, among the calls of the API)
//! expect
//!   …
//! ```

use std::fmt::Write;
use std::path::Path;

use detect::engine::{Engine, Settings};
use detect::findings;
use detect::tally::Tally;
use record::insight::Subject;
use record::names::EventCategory;
use record::time::{Minute, Minutes, parse_seconds};

#[test]
fn every_story_ends_as_it_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let (told, _) = text.split_once("expect\n").expect("a story has an `expect`");
        expect_test::expect_file![&file].assert_eq(&format!("{told}expect\n{}", end_of(told)));
    }
}

/// The same, evaluated a day at a time: when it is looked decides nothing.
fn found_day_by_day(tally: &Tally, settings: Settings, until: Minute) -> String {
    let mut engine = Engine::new(settings);
    let (first, _) = tally.span().expect("there are calls");
    let days = (until - first).0 / 1440;
    for day in 0..=days {
        engine.advance(tally, first + Minutes(day * 1440));
    }
    engine.advance(tally, until);
    engine.settle(tally);
    format!("{:?}", engine.found())
}

fn end_of(story: &str) -> String {
    let (mut tally, mut settings, mut from) = (Tally::new(), Settings::default(), Minute(0));
    let mut until = Minute(0);
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        match words.next().unwrap() {
            "promise" => settings.false_alarms_per_month = words.next().unwrap().parse().unwrap(),
            "from" => from = Minute::of_seconds(parse_seconds(words.next().unwrap()).unwrap()),
            source => {
                let name = words.next().unwrap();
                let mut words = words.peekable();
                let error = words.next_if(|word| word.starts_with('!')).map(|code| code[1..].into());
                let subject = Subject {
                    account: "123456789012".into(),
                    region: "us-east-1".into(),
                    source: format!("{source}.amazonaws.com").as_str().into(),
                    name: name.into(),
                    error,
                    category: EventCategory::Management,
                };
                let mut minute = from;
                for word in words {
                    let (what, times) = word.split_once('x').expect("calls x times");
                    let (calls, every) = what.split_once('/').unwrap_or((what, "1"));
                    for _ in 0..times.parse().unwrap() {
                        tally.count(&subject, minute, calls.parse().unwrap(), false);
                        minute += Minutes(every.parse().unwrap());
                    }
                }
                until = until.max(minute);
            }
        }
    }
    let mut engine = Engine::new(settings);
    engine.advance(&tally, until);
    engine.settle(&tally);
    assert_eq!(found_day_by_day(&tally, settings, until), format!("{:?}", engine.found()));
    let mut told = String::new();
    for found in engine.found() {
        let insight = findings::insight(&found, &tally, &settings, until);
        let (subject, statistics) = (&insight.subject, &insight.statistics);
        let end = insight.end.map_or("goes on".to_owned(), |end| end.to_string());
        let error = subject.error.as_ref().map(|code| format!(" !{code}")).unwrap_or_default();
        let source = subject.source.as_str().trim_end_matches(".amazonaws.com");
        writeln!(told, "  {} {source} {}{error}", insight.direction.as_str(), subject.name).unwrap();
        writeln!(told, "    {} to {end}, called at {}", insight.start, insight.called).unwrap();
        let before = statistics.baseline_average();
        writeln!(
            told,
            "    {before:.3} → {:.3} a minute, rarity {:.1}",
            statistics.insight_average(),
            insight.explanation.rarity
        )
        .unwrap();
        if insight.new_usual {
            writeln!(told, "    it is the new usual").unwrap();
        }
    }
    for gap in findings::no_data(&engine, &tally) {
        let end = gap.end.map_or("now".to_owned(), |end| end.to_string());
        writeln!(told, "  no data from {} to {end}, {:.0} calls expected", gap.start, gap.expected).unwrap();
    }
    for peak in findings::stands_out(&engine, &tally, &settings) {
        let error = peak.subject.error.as_ref().map(|code| format!(" !{code}")).unwrap_or_default();
        writeln!(told, "  stands out: {} {}{error} from {}", peak.calls, peak.subject.name, peak.start).unwrap();
    }
    if told.is_empty() { "  nothing\n".to_owned() } else { told }
}
