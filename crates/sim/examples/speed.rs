//! How fast accounts are made, one core: `cargo run --release --example speed -- T3 1000000`.

#![expect(clippy::disallowed_methods, reason = "it measures the time that making takes")]

use std::time::Instant;

use sim::{Plan, Tier};

fn main() {
    let mut words = std::env::args().skip(1);
    let tier: Tier = words.next().unwrap_or("T3".to_owned()).parse().expect("a tier");
    let limit = words.next().and_then(|number| number.parse().ok());
    let plan = Plan { limit, ..Plan::tier(tier, 7) };
    let says = |what: &str, records: usize, bytes: usize, since: Instant| {
        let seconds = since.elapsed().as_secs_f64();
        println!(
            "{what:9} {records} records, {bytes} bytes in {seconds:.2} s: {:.0} records/s",
            records as f64 / seconds
        );
    };

    let since = Instant::now();
    let records = sim::calls(&plan).take(limit.unwrap_or(u64::MAX) as usize).count();
    says("calls", records, 0, since);

    let since = Instant::now();
    let (mut files, mut bytes) = (0, 0);
    for (_, text) in sim::texts(&plan) {
        files += 1;
        bytes += text.len();
    }
    println!("{files} files");
    says("texts", limit.unwrap_or(records as u64) as usize, bytes, since);

    let since = Instant::now();
    let (mut records, mut small) = (0, 0);
    for file in sim::log_files(&plan) {
        records += file.records;
        small += file.body.len();
    }
    says("log files", records, small, since);
    println!("compressed {:.2} : 1", bytes as f64 / small as f64);
}
