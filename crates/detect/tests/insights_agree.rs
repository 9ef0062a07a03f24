//! The episodes of every series in `../shared/data/detection` are those of the reference, minute for minute.

use std::io::{Read, Write};
use std::path::Path;

use detect::budget::Asked;
use detect::engine::episodes_of;
use detect::watch::Watch;
use record::insight::Direction;
use record::time::{Minute, Minutes};
use serde_json::Value;

/// A Monday, 00:00 UTC.
const MONDAY: Minute = Minute(-3 * 1440);

#[test]
fn the_same_minutes_as_the_reference() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/detection");
    if !folder.is_dir() {
        let _ = writeln!(std::io::stderr(), "LEFT OUT: there is nothing in {}", folder.display());
        return;
    }
    let (mut series_count, mut insight_count, mut different) = (0, 0, Vec::new());
    for number in 1..=4 {
        let file = std::fs::File::open(folder.join(format!("account-{number}.json.gz"))).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
        let account: Value = serde_json::from_str(&text).unwrap();
        let int = |value: &Value| value.as_i64().unwrap() as i32;
        let minutes = int(&account["minutes"]);

        let mut watch = Watch::new(MONDAY);
        for gap in account["gaps"].as_array().unwrap() {
            watch.known(MONDAY + Minutes(int(&gap[0])));
            watch.unknown(MONDAY + Minutes(int(&gap[1])));
        }
        watch.known(MONDAY + Minutes(minutes));
        let promise = account["alarms_per_month"].as_f64().unwrap();
        let size = account["account_series"].as_u64().unwrap() as u32;
        let asked =
            [Direction::Increase, Direction::Decrease].map(|direction| Asked::new(direction, size, promise, 1.0));

        for series in account["series"].as_array().unwrap() {
            let at = series["at"].as_array().unwrap().iter().map(|at| MONDAY + Minutes(int(at)));
            let calls = at.zip(series["calls"].as_array().unwrap().iter().map(|calls| int(calls) as u32));
            let calls: Vec<(Minute, u32)> = calls.filter(|pair| watch.is_known(pair.0)).collect();
            let mut ours: Vec<_> = episodes_of(&watch, &calls, asked)
                .into_iter()
                .map(|episode| {
                    let end = episode.end.map_or(-1, |end| (end - MONDAY).0);
                    let (start, called) = ((episode.start - MONDAY).0, (episode.called - MONDAY).0);
                    (episode.direction.as_str().to_owned(), start, end, called, episode.peak.verdict.rarity)
                })
                .collect();
            ours.sort_by(|a, b| (&b.0, a.1).cmp(&(&a.0, b.1)));
            let mut theirs: Vec<_> = series["insights"]
                .as_array()
                .unwrap()
                .iter()
                .map(|i| {
                    (i[0].as_str().unwrap().to_owned(), int(&i[1]), int(&i[2]), int(&i[3]), i[4].as_f64().unwrap())
                })
                .collect();
            theirs.sort_by(|a, b| (&b.0, a.1).cmp(&(&a.0, b.1)));
            series_count += 1;
            insight_count += theirs.len();
            let agree = ours.len() == theirs.len()
                && ours.iter().zip(&theirs).all(|(a, b)| {
                    (&a.0, a.1, a.3) == (&b.0, b.1, b.3) && (a.2 == b.2 || a.2 == -1) && (a.4 - b.4).abs() < 0.01
                });
            if !agree {
                different.push(format!("account {number} {}\n  ours   {ours:?}\n  theirs {theirs:?}", series["name"]));
            }
        }
    }
    println!("{insight_count} insights of {series_count} series");
    assert!(different.is_empty(), "{} series differ:\n{}", different.len(), different.join("\n"));
}
