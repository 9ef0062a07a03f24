//! Made-up logs beside real ones, figure by figure: see "CloudTrail logs as they really are" in the project's notes.
//!
//! `cargo test -p sim fidelity -- --nocapture` prints the table.

use std::collections::{BTreeMap, HashMap, HashSet};

use record::log_key::LogKey;
use record::time::Minutes;
use serde_json::Value;
use sim::{Arrivals, Plan, World, faults};

/// A figure, and where the real ones lie.
struct Row(&'static str, f64, f64, f64);

/// Event source and name.
type Key = (&'static str, &'static str);

/// Six accounts, three Regions, a week of weekdays and weekend; nothing happens.
fn plan() -> Plan {
    Plan { accounts: 6, regions: 3, length: Minutes(7 * 1440), calls_per_day: 2_900.0, ..Plan::quiet(7) }
}

#[test]
fn made_up_logs_are_like_real_ones() {
    let mut rows = Vec::new();
    files_and_records(&mut rows);
    keys(&mut rows);
    burstiness(&mut rows);
    println!("{:44} {:>10}   real accounts", "", "made up");
    let mut strays = Vec::new();
    for Row(what, is, low, high) in &rows {
        let fits = is >= low && is <= high;
        println!("{what:44} {is:>10.2}   {low} – {high}{}", if fits { "" } else { "   <──" });
        if !fits {
            strays.push(what);
        }
    }
    assert!(strays.is_empty(), "unlike real logs: {strays:?}");
}

fn files_and_records(rows: &mut Vec<Row>) {
    let (mut bytes, mut late, mut per_file, mut spans, mut unsorted) = (vec![], vec![], vec![], vec![], 0);
    let (mut text_bytes, mut file_bytes, mut small, mut large) = (0, 0, vec![], vec![]);
    let (mut seen, mut copies, mut depth) = (HashSet::new(), 0, 0);
    for file in sim::log_files(&plan()) {
        let text = faults::inflated(&file);
        let records = faults::records_in(&text);
        assert_eq!(records.len(), file.records);
        let ratio = text.len() as f64 / file.body.len() as f64;
        match text.len() {
            0..2_000 => small.push(ratio),
            50_000.. => large.push(ratio),
            _ => {}
        }
        (text_bytes, file_bytes) = (text_bytes + text.len(), file_bytes + file.body.len());
        let named = file.key.parse::<LogKey>().expect("files are named as AWS names them").time.seconds();
        let mut times = Vec::new();
        for record in &records {
            let it: Record = serde_json::from_slice(record).expect("records are JSON");
            let at = record::time::parse_seconds(it.event_time).expect("a time");
            bytes.push(record.len() as f64);
            late.push((named - at) as f64);
            times.push(at);
            copies += usize::from(!seen.insert(it.event_id.to_owned()));
        }
        if per_file.len().is_multiple_of(20) {
            depth = depth.max(levels(&serde_json::from_slice(&text).expect("files are JSON")) - 2);
        }
        per_file.push(records.len() as f64);
        spans.push((times.iter().max().unwrap() - times.iter().min().unwrap()) as f64);
        unsorted += usize::from(!times.is_sorted());
    }
    let files = per_file.len() as f64;
    rows.push(Row("record bytes p10", quantile(&mut bytes, 0.1), 720.0, 1080.0));
    rows.push(Row("record bytes p50", quantile(&mut bytes, 0.5), 820.0, 1560.0));
    rows.push(Row("record bytes p90", quantile(&mut bytes, 0.9), 1040.0, 1700.0));
    rows.push(Row("record bytes p99", quantile(&mut bytes, 0.99), 2000.0, 2430.0));
    rows.push(Row("record bytes max", quantile(&mut bytes, 1.0), 2430.0, 31_000.0));
    rows.push(Row("levels of nesting, deepest", depth as f64, 5.0, 12.0));
    rows.push(Row("records per file p50", quantile(&mut per_file, 0.5), 4.0, 7.0));
    rows.push(Row("records per file p90", quantile(&mut per_file, 0.9), 16.0, 45.0));
    rows.push(Row("records per file max", quantile(&mut per_file, 1.0), 100.0, 884.0));
    rows.push(Row("gzip, all", text_bytes as f64 / file_bytes as f64, 5.6, 7.8));
    rows.push(Row("gzip, files under 2 KB p50", quantile(&mut small, 0.5), 1.6, 1.9));
    rows.push(Row("gzip, files over 50 KB p50", quantile(&mut large, 0.5), 8.5, 11.5));
    rows.push(Row("lateness p50, s", quantile(&mut late, 0.5), 191.0, 270.0));
    rows.push(Row("lateness p90, s", quantile(&mut late, 0.9), 397.0, 435.0));
    rows.push(Row("lateness p99, s", quantile(&mut late, 0.99), 505.0, 555.0));
    rows.push(Row("lateness max, s", quantile(&mut late, 1.0), 540.0, 608.0));
    let late_share = late.iter().filter(|late| **late > 300.0).count() as f64 / late.len() as f64;
    rows.push(Row("more than five minutes late", late_share, 0.32, 0.4));
    rows.push(Row("event time in one file max, s", quantile(&mut spans, 1.0), 200.0, 372.0));
    rows.push(Row("files not sorted by eventTime", unsorted as f64 / files, 0.27, 0.68));
    rows.push(Row("second copies (three in ten accounts)", copies as f64 / bytes.len() as f64, 0.1, 0.35));
}

fn keys(rows: &mut Vec<Row>) {
    let plan = plan();
    let world = World::new(&plan);
    // Per account and day: how often each key was called. Per account: calls, failures, keys, keys that ever fail.
    let mut days: BTreeMap<(u16, i64), HashMap<Key, usize>> = BTreeMap::new();
    let mut failing: BTreeMap<u16, HashMap<Key, (usize, usize)>> = BTreeMap::new();
    for call in sim::calls_of(&world) {
        let key = (call.source(), call.name());
        *days.entry((call.account, call.at / 86_400)).or_default().entry(key).or_default() += 1;
        let of = failing.entry(call.account).or_default().entry(key).or_default();
        *of = (of.0 + 1, of.1 + usize::from(call.error_code().is_some()));
    }
    let (mut once, mut top, mut sigma, mut count) = (vec![], vec![], vec![], vec![]);
    for keys in days.values().filter(|keys| keys.len() > 40) {
        let mut counts: Vec<f64> = keys.values().map(|count| *count as f64).collect();
        counts.sort_by(|a, b| b.total_cmp(a));
        once.push(counts.iter().filter(|count| **count == 1.0).count() as f64 / counts.len() as f64);
        top.push(counts.iter().take(10).sum::<f64>() / counts.iter().sum::<f64>());
        let logs: Vec<f64> = counts.iter().map(|count| count.ln()).collect();
        sigma.push(variance(&logs).sqrt());
        count.push(counts.len() as f64);
    }
    let (mut errors, mut ever) = (vec![], vec![]);
    for keys in failing.values() {
        let (calls, failures) = keys.values().fold((0, 0), |sum, key| (sum.0 + key.0, sum.1 + key.1));
        errors.push(failures as f64 / calls as f64);
        ever.push(keys.values().filter(|key| key.1 > 0).count() as f64 / keys.len() as f64);
    }
    rows.push(Row("keys an account-day p50", quantile(&mut count, 0.5), 60.0, 300.0));
    rows.push(Row("keys seen once an account-day p50", quantile(&mut once, 0.5), 0.18, 0.27));
    rows.push(Row("calls of the top ten keys p50", quantile(&mut top, 0.5), 0.35, 0.76));
    rows.push(Row("sigma of ln(calls of a key and day) p50", quantile(&mut sigma, 0.5), 1.3, 1.64));
    rows.push(Row("failed calls, least account", quantile(&mut errors, 0.0), 0.07, 0.33));
    rows.push(Row("failed calls, most account", quantile(&mut errors, 1.0), 0.07, 0.33));
    rows.push(Row("keys that ever fail p50", quantile(&mut ever, 0.5), 0.08, 0.2));
}

fn burstiness(rows: &mut Vec<Row>) {
    // Busy enough that windows of a minute say something; weekdays only.
    let plan = Plan { accounts: 3, length: Minutes(5 * 1440), calls_per_day: 6_000.0, ..plan() };
    let world = World::new(&plan);
    let minutes = plan.length.0 as usize;
    let mut people: HashMap<_, Vec<f64>> = HashMap::new();
    let mut machines: HashMap<_, Vec<f64>> = HashMap::new();
    for call in sim::calls_of(&world) {
        let counts = match call.arrivals(&world) {
            Arrivals::Human { .. } => &mut people,
            Arrivals::Machine { .. } => &mut machines,
            Arrivals::Cron { .. } => continue,
        };
        let key = (call.account, call.region, call.source(), call.name());
        counts.entry(key).or_insert_with(|| vec![0.0; minutes])[(call.minute() - plan.start).0 as usize] += 1.0;
    }
    let machines = Dispersion::of(&machines);
    let people = Dispersion::of(&people);
    rows.push(Row("machines, variance/mean 1 min p50", machines.at(1, 0.5), 0.95, 1.2));
    rows.push(Row("machines, variance/mean 60 min p50", machines.at(60, 0.5), 0.85, 1.3));
    rows.push(Row("batch writers, variance/mean 1 min p97", machines.at(1, 0.97), 3.5, 7.0));
    rows.push(Row("people, variance/mean 1 min p50", people.at(1, 0.5), 2.9, 5.0));
    rows.push(Row("people, variance/mean 5 min p50", people.at(5, 0.5), 6.5, 12.0));
    rows.push(Row("people, variance/mean 60 min p50", people.at(60, 0.5), 20.0, 40.0));
    rows.push(Row("people, variance/mean 60 min p90", people.at(60, 0.9), 40.0, 130.0));
}

/// Counts summed over windows of 1, 5 and 60 minutes: variance over mean, of every key with sixty calls and more.
struct Dispersion(HashMap<usize, Vec<f64>>);

impl Dispersion {
    fn of<K>(counts: &HashMap<K, Vec<f64>>) -> Dispersion {
        let busy: Vec<&Vec<f64>> = counts.values().filter(|counts| counts.iter().sum::<f64>() >= 60.0).collect();
        let over = |counts: &[f64], window: usize| {
            let sums: Vec<f64> = counts.chunks(window).map(|window| window.iter().sum()).collect();
            variance(&sums) / (sums.iter().sum::<f64>() / sums.len() as f64)
        };
        let all = |window| (window, busy.iter().map(|counts| over(counts, window)).collect());
        Dispersion([1, 5, 60].into_iter().map(all).collect())
    }

    fn at(&self, window: usize, share: f64) -> f64 {
        quantile(&mut self.0[&window].clone(), share)
    }
}

/// What is measured of a record.
#[derive(serde::Deserialize)]
struct Record<'a> {
    #[serde(rename = "eventTime")]
    event_time: &'a str,
    #[serde(rename = "eventID")]
    event_id: &'a str,
}

fn levels(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(levels).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(levels).max().unwrap_or(0),
        _ => 0,
    }
}

fn quantile(of: &mut [f64], share: f64) -> f64 {
    of.sort_by(f64::total_cmp);
    of[((of.len() - 1) as f64 * share).round() as usize]
}

fn variance(of: &[f64]) -> f64 {
    let mean = of.iter().sum::<f64>() / of.len() as f64;
    of.iter().map(|each| (each - mean).powi(2)).sum::<f64>() / of.len() as f64
}
