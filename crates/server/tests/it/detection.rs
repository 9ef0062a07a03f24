//! From log files to Starts and Ends: in any cuts, with restarts and copies, the same is told, and once.

use detect::engine::Settings;
use record::insight_record::State;
use record::log_key::LogKey;
use record::time::Minute;
use server::evaluate::{Evaluator, Settled};
use server::ingest::{Fetched, ingest};
use store::Store;
use store::insights::Origin;
use store::log_files::LogFile;

/// The log files of a made-up account in whose last night a key is stolen.
fn files() -> Vec<Fetched> {
    let plan = sim::Plan::demo(7);
    sim::texts(&plan)
        .map(|(key, bytes)| {
            let told = LogKey::of_path(&key).expect("sim writes AWS's keys");
            let file = LogFile {
                bucket: "my-trail-logs".into(),
                size: bytes.len() as u64,
                etag: String::new(),
                account_region: Some((told.account.as_str().into(), told.region.as_str().into())),
                delivered: Some(told.time),
                key,
            };
            Fetched { file, bytes }
        })
        .collect()
}

/// A service that is fed files so many at a time, and is restarted after so many batches.
fn told(files: &[Fetched], at_a_time: usize, restart_every: usize) -> (Vec<(String, State)>, u64) {
    let store = Store::in_memory().expect("there is memory");
    let load = || Evaluator::load(&store, Settings::default(), Minute(0)).expect("it loads");
    let mut evaluator = load();
    let (mut told, mut counted) = (Vec::new(), 0);
    let mut now = Minute(0);
    for (number, batch) in files.chunks(at_a_time).enumerate() {
        now = batch.iter().filter_map(|fetched| fetched.file.delivered).fold(now, Ord::max);
        let time = jiff::Timestamp::from_second(now.seconds()).expect("it is a moment");
        let ingested = ingest(&store, number as u64 + 1, batch, None, time).expect("it counts");
        counted += ingested.counted;
        evaluator.add(&ingested.tally);
        let delivered = store.read(|r| r.newest_delivered()).expect("it reads");
        let settled = Settled::new(&delivered, now);
        let live = |_: &_, _| Some(Origin::Live);
        for new in evaluator.advance(&store, &settled, time, live, |_, _| Ok(())).expect("it evaluates") {
            told.push((record::insight_record::event_id(&new.insight, new.state), new.state));
        }
        if number % restart_every == restart_every - 1 {
            evaluator = load();
        }
    }
    told.sort_by(|a, b| a.0.cmp(&b.0));
    (told, counted)
}

#[test]
fn however_files_are_cut_and_the_service_restarted_the_same_is_told_once() {
    let files = files();
    let (usual, counted) = told(&files, 40, usize::MAX);
    assert!(usual.iter().any(|(_, state)| *state == State::Start), "nothing was found in {} files", files.len());
    let ids: std::collections::BTreeSet<_> = usual.iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), usual.len(), "told twice");
    assert_eq!(told(&files, 7, 25), (usual, counted));
}

#[test]
fn a_file_counts_once() {
    let files = files();
    let few = &files[..60];
    let store = Store::in_memory().expect("there is memory");
    let now = jiff::Timestamp::from_second(few.iter().filter_map(|f| f.file.delivered).max().expect("one").seconds());
    let now = now.expect("it is a moment");
    let first = ingest(&store, 1, few, None, now).expect("it counts");
    let again = ingest(&store, 2, few, None, now).expect("it counts");
    assert!(first.counted > 0 && first.files == 60, "{first:?}");
    assert_eq!((again.counted, again.files, again.known_files), (0, 0, 60));
    // Under another key its records are copies.
    let mut moved = few.to_vec();
    moved.iter_mut().for_each(|fetched| fetched.file.key.insert_str(0, "copy/"));
    let copies = ingest(&store, 3, &moved, None, now).expect("it counts");
    assert_eq!((copies.counted, copies.duplicates), (0, first.counted + first.duplicates));
}

#[test]
fn a_file_that_is_none_holds_up_no_other() {
    let mut files = files();
    files.truncate(3);
    files[1].bytes = b"\x1f\x8bnot gzip".to_vec();
    let store = Store::in_memory().expect("there is memory");
    let now = jiff::Timestamp::from_second(files[2].file.delivered.expect("one").seconds()).expect("it is a moment");
    let told = ingest(&store, 1, &files, None, now).expect("it counts");
    assert_eq!((told.files, told.refused_files), (2, 1));
    let line = store.read(|r| r.log_file("my-trail-logs", &files[1].file.key)).expect("it reads").expect("it is noted");
    assert!(matches!(line.state, store::log_files::LogFileState::Refused { .. }), "{line:?}");
}

#[test]
fn a_file_of_the_future_settles_nothing() {
    let (account, region) = ("123456789012".into(), "us-east-1".into());
    let now = Minute(29_500_000);
    let settled = Settled::new(&[(account, region, Minute(now.0 + 40_000_000))], now);
    let (account, region) = ("123456789012".into(), "us-east-1".into());
    assert_eq!(settled.until(&account, &region), now - server::evaluate::GRACE);
    let quiet = "eu-west-1".into();
    assert_eq!(settled.until(&account, &quiet), now - server::evaluate::SILENT_GRACE);
}
