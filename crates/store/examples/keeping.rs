//! How fast the store is: event ids, counts, the start with 20,000 series over four weeks, attributions, the ledger, deliveries.
//!
//! `cargo run --release -p store --example keeping [FOLDER [deliveries]]`. Seeded: every run does the same. The databases are
//! in the folder, or in one for temporary files: it is that disk which is measured.

use std::path::Path;
use std::time::{Duration, Instant};

use detect::tally::Tally;
use jiff::Timestamp;
use record::insight::Subject;
use record::names::{AccountId, EventCategory};
use record::time::{Minute, Minutes};
use store::attribution_counts::AttributionBatch;
use store::deliveries::{AtOnce, NewDelivery};
use store::event_ids::EventHour;
use store::log_files::LogFile;
use store::{Options, Store, StoreError};

const SERIES: usize = 20_000;
const DAYS: i32 = 28;
/// A Monday 00:00 UTC.
const MONDAY: Minute = Minute(2_948 * 10_080 - 4_320);
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

struct Dice(u64);

impl Dice {
    /// SplitMix64.
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.bits() % end
    }

    /// Minutes to the next call, at a rate a minute.
    fn wait(&mut self, rate: f64) -> i32 {
        let share = (self.bits() >> 11) as f64 / (1u64 << 53) as f64;
        1 + (-(1.0 - share).ln() / rate).min(1e6) as i32
    }
}

fn main() -> Result<(), StoreError> {
    let temporary = tempfile::tempdir().expect("a folder for temporary files");
    let named = std::env::args().nth(1);
    let folder = named.as_deref().map_or(temporary.path(), Path::new);

    if std::env::args().any(|argument| argument == "deliveries") {
        return deliveries(&open(folder, "deliveries")?);
    }
    event_ids(&open(folder, "ids")?)?;
    counts(folder)?;
    attributions(&open(folder, "attributions")?)?;
    ledger(&open(folder, "ledger")?)?;
    deliveries(&open(folder, "deliveries")?)?;
    whole_batches(&open(folder, "batches")?)
}

fn open(folder: &Path, name: &str) -> Result<Store, StoreError> {
    Store::open(folder.join(format!("{name}.db")), &Options::default())
}

/// Runs it, and says how long it took by the wall, and on a core.
#[expect(clippy::disallowed_methods, reason = "this is a clock")]
fn timed<T>(what: &str, units: u64, unit: &str, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let (wall, core) = (Instant::now(), on_core());
    let done = work()?;
    let (wall, core) = (wall.elapsed(), on_core() - core);
    let rate = |took: Duration| units as f64 / took.as_secs_f64() / 1000.0;
    println!(
        "{what:70} {:7.3} s wall {:7.3} s core {:9.1} k {unit}/s wall {:9.1} k/s core",
        wall.as_secs_f64(),
        core.as_secs_f64(),
        rate(wall),
        rate(core)
    );
    Ok(done)
}

/// How long this thread has been on a core: others may share the machine.
fn on_core() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells it");
    Duration::from_nanos(text.split(' ').next().and_then(|ns| ns.parse().ok()).expect("the first number is it"))
}

fn account(number: u64) -> AccountId {
    format!("{number:012}").as_str().into()
}

fn subject(number: usize) -> Subject {
    Subject {
        account: account(number as u64 / 2000),
        region: ["us-east-1", "eu-central-1"][number / 1000 % 2].into(),
        source: format!("service{}.amazonaws.com", number % 1000 / 20).as_str().into(),
        name: format!("DescribeSomething{}", number % 20).as_str().into(),
        error: number.is_multiple_of(7).then(|| "AccessDenied".into()),
        category: EventCategory::Management,
    }
}

fn event_ids(store: &Store) -> Result<(), StoreError> {
    let mut dice = Dice(1);
    for (hour, batch, batches) in [(1, 300, 3000), (2, 5_000, 200), (3, 100_000, 10)] {
        let what = format!("ids: 1 account and hour up to a million, {batches} batches of {batch}");
        timed(&what, batch * batches, "ids", || {
            for _ in 0..batches {
                let ids: Vec<u64> = (0..batch).map(|_| dice.bits()).collect();
                store.write(|w| w.add_event_ids(&account(1), EventHour(hour), &ids))?;
            }
            Ok(())
        })?;
    }
    timed("ids: 1,000 accounts, 20 batches of 100,000", 2_000_000, "ids", || {
        for _ in 0..20 {
            store.write(|w| {
                for number in 0..1000 {
                    let ids: Vec<u64> = (0..100).map(|_| dice.bits()).collect();
                    w.add_event_ids(&account(number), EventHour(10), &ids)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    })?;
    let ids: Vec<u64> = (0..100_000).map(|_| dice.bits()).collect();
    store.write(|w| w.add_event_ids(&account(1), EventHour(3), &ids))?;
    timed("ids: 100,000 sought among 1.1 million", 100_000, "ids", || {
        store.read(|r| r.which_ids_are_new(&account(1), EventHour(3), &ids))
    })?;
    Ok(())
}

/// Active minutes of 20,000 series: a few dense ones, most rare, as in `detect`'s series_speed.
fn active_minutes(dice: &mut Dice) -> Vec<Vec<(Minute, u32)>> {
    let kinds = [(0.15, 1e-9), (0.50, 5.0 / 10_080.0), (0.22, 0.01), (0.10, 1.0 / 360.0), (0.015, 0.05), (0.015, 3.0)];
    let mut all = Vec::new();
    for (share, rate) in kinds {
        for _ in 0..(SERIES as f64 * share) as usize {
            let (mut minutes, mut at) = (Vec::new(), dice.wait(rate));
            while at < DAYS * 1440 {
                minutes.push((MONDAY + Minutes(at), 1 + dice.below(6) as u32));
                at += dice.wait(rate);
            }
            all.push(minutes);
        }
    }
    all
}

fn counts(folder: &Path) -> Result<(), StoreError> {
    let store = open(folder, "counts")?;
    let all = active_minutes(&mut Dice(2));
    let active: u64 = all.iter().map(|minutes| minutes.len() as u64).sum();

    let tally_of = |from: Minute, until: Minute| {
        let (mut tally, mut counters) = (Tally::new(), 0);
        for (number, minutes) in all.iter().enumerate() {
            let within = &minutes[minutes.partition_point(|pair| pair.0 < from)..];
            for &(minute, calls) in within.iter().take_while(|pair| pair.0 < until) {
                tally.count(&subject(number), minute, calls, false);
                counters += 1;
            }
        }
        (tally, counters)
    };
    // The history, a day at a time, as a first reading of a bucket would bring it.
    let days: Vec<(Tally, u64)> =
        (0..DAYS - 1).map(|day| tally_of(MONDAY + Minutes(day * 1440), MONDAY + Minutes((day + 1) * 1440))).collect();
    let counters = days.iter().map(|day| day.1).sum();
    timed("counts: 27 days, a day a transaction", counters, "counters", || {
        days.iter().try_for_each(|(tally, _)| store.write(|w| w.add_counts(tally).map(drop)))
    })?;
    // The last day as it comes: five minutes of everybody a batch.
    let last = MONDAY + Minutes((DAYS - 1) * 1440);
    let batches: Vec<(Tally, u64)> =
        (0..288).map(|five| tally_of(last + Minutes(five * 5), last + Minutes(five * 5 + 5))).collect();
    let counters = batches.iter().map(|batch| batch.1).sum();
    timed("counts: the last day, 288 batches of five minutes", counters, "counters", || {
        batches.iter().try_for_each(|(tally, _)| store.write(|w| w.add_counts(tally).map(drop)))
    })?;

    let path = store.path().expect("it is on disk").to_owned();
    drop(store);
    println!("  {active} active minutes of {SERIES} series: {:.1} MB", file_size(&path));
    let store = open(folder, "counts")?;
    let tally = timed("counts: load_tally of 20,000 series over 28 days", active, "counters", || {
        store.read(|r| r.load_tally(MONDAY))
    })?;
    let loaded: u64 = tally.all_series().map(|(_, counted)| counted.counts.calls()).sum();
    assert_eq!(loaded, all.iter().flatten().map(|pair| u64::from(pair.1)).sum::<u64>());
    let until = MONDAY + Minutes(DAYS * 1440);
    timed("counts: 28 days of one series, 300 times", 300, "reads", || {
        (SERIES - 300..SERIES)
            .try_for_each(|number| store.read(|r| r.counts(&subject(number), MONDAY, until)).map(drop))
    })?;
    timed("counts: 14 days forgotten", 14, "days", || store.write(|w| w.expire_counts(MONDAY + Minutes(14 * 1440))))?;
    Ok(())
}

fn attributions(store: &Store) -> Result<(), StoreError> {
    let mut dice = Dice(3);
    let mut bytes = 0.0;
    for (kind, distinct) in [("usual", 4), ("hostile", 1_000_000)] {
        let batches: Vec<(Tally, AttributionBatch)> = (0..30)
            .map(|batch| {
                let (mut tally, mut who) = (Tally::new(), AttributionBatch::new());
                for number in 0..2000 {
                    let series = tally.series(&subject(number));
                    for _ in 0..10 {
                        let minute = MONDAY + Minutes(batch * 2 + dice.below(2) as i32);
                        tally.add(series, minute, 1);
                        let role = format!("arn:aws:sts::123456789012:assumed-role/role-{}", dice.below(distinct));
                        let agent = format!("aws-sdk-java/2.20.{} Linux/5.10", dice.below(distinct));
                        let address = format!("10.0.{}.1", dice.below(distinct));
                        let key = format!("ASIA{:016}", dice.below(distinct));
                        let values = [
                            Some(&*role),
                            Some(&*agent),
                            None,
                            Some(&*address),
                            Some(&*key),
                            Some("session"),
                            None,
                            None,
                        ];
                        who.add(series, minute, &values, 1);
                    }
                }
                (tally, who)
            })
            .collect();
        timed(&format!("attributions: {kind}, 30 batches of 2,000 series, 20,000 calls"), 600_000, "calls", || {
            batches.iter().try_for_each(|(tally, who)| {
                store.write(|w| {
                    let counted = w.add_counts(tally)?;
                    w.add_attributions(&counted, who)
                })
            })
        })?;
        timed(&format!("attributions: {kind}, the hour put together"), 600_000, "calls", || {
            while store.write(|w| w.coarsen_attributions(MONDAY + Minutes(600)))? {}
            Ok(())
        })?;
        let now = file_size(store.path().expect("it is on disk"));
        println!("  {:.1} MB", now - bytes);
        bytes = now;
    }
    Ok(())
}

fn log_file(number: u64) -> LogFile {
    LogFile {
        bucket: "the-trail-bucket".into(),
        key: format!(
            "AWSLogs/123456789012/CloudTrail/us-east-1/2026/02/03/123456789012_CloudTrail_us-east-1_20260203T1000Z_{number:016}.json.gz"
        ),
        etag: format!("{number:032x}"),
        size: 40_000,
        account_region: Some((account(number % 100), "us-east-1".into())),
        delivered: Some(MONDAY + Minutes(number as i32 / 100)),
    }
}

fn ledger(store: &Store) -> Result<(), StoreError> {
    let files: Vec<LogFile> = (0..100_000).map(log_file).collect();
    timed("ledger: 100,000 files noticed, 1,000 a transaction", 100_000, "files", || {
        files.chunks(1000).try_for_each(|files| {
            store.write(|w| files.iter().try_for_each(|file| w.notice_log_file(file, NOW).map(drop)))
        })
    })?;
    timed("ledger: 100,000 files counted, 200 a batch", 100_000, "files", || {
        (1..).zip(files.chunks(200)).try_for_each(|(batch, files)| {
            store.write(|w| w.mark_counted(batch, files.iter().map(|file| (file, 100)), NOW))
        })
    })?;
    println!("  {:.1} MB", file_size(store.path().expect("it is on disk")));
    Ok(())
}

fn deliveries(store: &Store) -> Result<(), StoreError> {
    let delivery = |number: u64| NewDelivery {
        kind: "rule-target".into(),
        target: format!("arn:aws:sns:us-east-1:123456789012:topic-{}", number % 50),
        in_order: number.is_multiple_of(2).then(|| format!("insight-{}", number / 4)),
        payload: vec![b'x'; 2000],
        due_at: NOW,
    };
    timed("deliveries: 20,000 added, one a transaction", 20_000, "deliveries", || {
        (0..20_000).try_for_each(|number| store.write(|w| w.add_delivery(&delivery(number), NOW)).map(drop))
    })?;
    timed("deliveries: 500 added, each when the disk has it", 500, "deliveries", || {
        (0..500).try_for_each(|number| {
            let waited: Result<_, StoreError> = store.write_through(|w| w.add_delivery(&delivery(number), NOW));
            waited.map(drop)
        })
    })?;
    timed("deliveries: 20,500 taken by hundreds, each done in a transaction", 20_500, "deliveries", || {
        loop {
            let taken =
                store.write(|w| w.take_due(NOW, Timestamp::MAX, AtOnce { all: 100, per_target: 10, per_kind: 100 }))?;
            if taken.is_empty() {
                return Ok(());
            }
            taken.iter().try_for_each(|one| store.write(|w| w.delivered(one.id, "200", NOW)))?;
        }
    })
}

/// All of a batch in one transaction: 200 files, 20,000 records of 1,000 series.
fn whole_batches(store: &Store) -> Result<(), StoreError> {
    let mut dice = Dice(4);
    let batches: Vec<_> = (0..50i32)
        .map(|batch| {
            let (mut tally, mut who) = (Tally::new(), AttributionBatch::new());
            for number in 0..1000 {
                let series = tally.series(&subject(number));
                for caller in ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/b"] {
                    let minute = MONDAY + Minutes(batch * 2 + dice.below(5) as i32);
                    tally.add(series, minute, 10);
                    let values =
                        [Some(caller), Some("aws-cli/2.15"), None, Some("198.51.100.7"), None, None, None, None];
                    who.add(series, minute, &values, 10);
                }
            }
            let ids: Vec<Vec<u64>> = (0..20).map(|_| (0..1000).map(|_| dice.bits()).collect()).collect();
            let files: Vec<LogFile> = (0..200).map(|file| log_file(batch as u64 * 200 + file)).collect();
            (batch as u64 + 1, files, ids, tally, who)
        })
        .collect();
    timed("whole batches: 50 of 20,000 records, 200 files, 1,000 series", 1_000_000, "records", || {
        batches.iter().try_for_each(|(number, files, ids, tally, who)| {
            store.write(|w| {
                w.mark_counted(*number, files.iter().map(|file| (file, 100)), NOW)?;
                for (at, ids) in (0..).zip(ids) {
                    w.add_event_ids(&account(at), EventHour(*number as i32 / 20), ids)?;
                }
                let counted = w.add_counts(tally)?;
                w.add_attributions(&counted, who)
            })
        })
    })
}

fn file_size(path: &Path) -> f64 {
    std::fs::metadata(path).map_or(0.0, |of| of.len() as f64 / 1e6)
}
