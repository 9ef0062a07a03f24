//! Agreement with the reference's own answers, where they are at hand (`shared/data/detection`).

use std::io::Read;
use std::path::PathBuf;

use detect::surprise::{surprise_above, surprise_below};
use record::time::Minutes;
use serde_json::Value;

use crate::product::{MONDAY, heard};

fn answers() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("TRAILSIGHT_SHARED_DATA").map_or(beside, PathBuf::from).join("detection");
    if !folder.is_dir() {
        println!("SKIPPED: no answers of the reference in {}", folder.display());
        return None;
    }
    Some(folder)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[test]
fn every_recorded_series_is_judged_as_by_the_reference() {
    let Some(folder) = answers() else { return };
    let (mut series_count, mut rarity_count, mut expected_count) = (0, 0, 0);
    for account in 1..=4 {
        let file = std::fs::File::open(folder.join(format!("account-{account}.json.gz"))).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
        let account: Value = serde_json::from_str(&text).unwrap();
        let mut empty = vec![Some(0); account["minutes"].as_u64().unwrap() as usize];
        for gap in account["gaps"].as_array().unwrap() {
            let gap = numbers(gap);
            empty[gap[0] as usize..gap[1] as usize].fill(None);
        }
        for series in account["series"].as_array().unwrap() {
            let name = &series["name"];
            let mut counts = empty.clone();
            for (at, calls) in numbers(&series["at"]).into_iter().zip(numbers(&series["calls"])) {
                assert!(counts[at as usize].is_some(), "{name}: calls at {at}, of which nothing is known");
                counts[at as usize] = Some(calls as u32);
            }
            let heard = heard(&counts, MONDAY);
            let rare = heard.rare(MONDAY);
            for sample in series["rarity"].as_array().unwrap() {
                let sample = numbers(sample);
                let found = rare.iter().find(|rare| rare.minute == sample[0] as usize);
                let found = found.unwrap_or_else(|| panic!("{name}: nothing at {sample:?}"));
                let error = (found.increase - sample[1]).abs().max((found.decrease - sample[2]).abs());
                assert!(error <= 0.01, "{name}: {found:?}, should be {sample:?}");
                rarity_count += 1;
            }
            for sample in series["expected"].as_array().unwrap() {
                let sample = numbers(sample);
                let minute = MONDAY + Minutes(sample[0] as i32);
                let found = if counts[sample[0] as usize].is_some() { heard.expected(minute) } else { 0.0 };
                assert!((found - sample[1]).abs() <= 0.001 * sample[1], "{name}: {found}, should be {sample:?}");
                expected_count += 1;
            }
            series_count += 1;
        }
    }
    println!("{series_count} series, {rarity_count} rarities, {expected_count} expectations agree");
}

#[test]
fn the_tails_are_those_of_scipy() {
    let Some(folder) = answers() else { return };
    let text = std::fs::read_to_string(folder.join("tails.json")).unwrap();
    let tails: Value = serde_json::from_str(&text).unwrap();
    let mut worst = 0f64;
    for tail in tails.as_array().unwrap() {
        let (k, mean, variance) = (&tail["k"], tail["mean"].as_f64().unwrap(), tail["variance"].as_f64().unwrap());
        let above = surprise_above(k.as_u64().unwrap(), mean, variance);
        let below = surprise_below(k.as_f64().unwrap(), mean, variance);
        for (found, asked) in [(above, &tail["surprise_above"]), (below, &tail["surprise_below"])] {
            let Some(asked) = asked.as_f64() else { continue };
            let error = (found - asked).abs() / asked.max(0.001);
            worst = worst.max(error);
            assert!(error <= 1e-6, "{tail}: {found}, should be {asked}");
        }
    }
    println!("{} tails agree within {worst:e}", tails.as_array().unwrap().len());
}
