//! From log files to Starts and Ends: in any cuts, with restarts and copies, the same is told, and once.

use detect::engine::Settings;
use detect::tally::Tally;
use record::insight::{Direction, Share, Subject};
use record::insight_record::State;
use record::names::{AccountId, EventCategory, Region};
use record::time::{Minute, Minutes};
use server::evaluate::{Evaluator, SILENT_GRACE, Settled, Told};
use server::ingest::{Fetched, ingest};
use store::Store;
use store::insights::Origin;

use crate::pipeline::moment;

/// The log files of a made-up account in whose last night a key is stolen.
fn files() -> Vec<Fetched> {
    let plan = sim::Plan::demo(7);
    sim::texts(&plan).map(|(key, bytes)| Fetched::named("my-trail-logs", &key, bytes)).collect()
}

/// A service that is fed files so many at a time, is restarted after so many batches, and keeps what it learned, or does not.
fn told(files: &[Fetched], at_a_time: usize, restart_every: usize, keeps: bool) -> (Vec<(String, State)>, u64) {
    let store = Store::in_memory().expect("there is memory");
    let load = || Evaluator::load(&store, Settings::default(), Minute(0)).expect("it loads");
    let mut evaluator = load();
    let (mut told, mut counted) = (Vec::new(), 0);
    let mut now = Minute(0);
    for (number, batch) in files.chunks(at_a_time).enumerate() {
        now = batch.iter().filter_map(|fetched| fetched.file.delivered).fold(now, Ord::max);
        let time = jiff::Timestamp::from_second(now.seconds()).expect("it is a moment");
        let ingested = ingest(&store, number as u64 + 1, batch, time).expect("it counts");
        counted += ingested.counted;
        evaluator.add(&ingested.tally);
        let delivered = store.read(|r| r.newest_delivered()).expect("it reads");
        let settled = Settled::new(&delivered, now);
        let live = |_: &_, _| Some(Origin::Live);
        for new in evaluator.advance(&store, &settled, time, live, |_, _| Ok(())).expect("it evaluates") {
            told.push((record::insight_record::event_id(&new.insight, new.state), new.state));
        }
        if keeps {
            evaluator.keep_learned(&store).expect("it keeps");
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
    let (usual, counted) = told(&files, 40, usize::MAX, false);
    assert!(usual.iter().any(|(_, state)| *state == State::Start), "nothing was found in {} files", files.len());
    let ids: std::collections::BTreeSet<_> = usual.iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), usual.len(), "told twice");
    assert_eq!(told(&files, 7, 25, false), (usual.clone(), counted));
    assert_eq!(told(&files, 11, 9, true), (usual, counted));
}

/// A service that has its files as they come.
struct Live {
    store: Store,
    evaluator: Evaluator,
    batch: u64,
    now: Minute,
}

impl Live {
    fn new(settings: Settings) -> Live {
        let store = Store::in_memory().expect("there is memory");
        let evaluator = Evaluator::load(&store, settings, Minute(0)).expect("it loads");
        Live { store, evaluator, batch: 0, now: Minute(0) }
    }

    /// Counts a file when it was delivered.
    fn count(&mut self, file: &Fetched) {
        self.batch += 1;
        self.now = self.now.max(file.file.delivered.expect("sim says when"));
        let batch = std::slice::from_ref(file);
        let ingested = ingest(&self.store, self.batch, batch, moment(self.now)).expect("it counts");
        self.evaluator.add(&ingested.tally);
    }

    /// What is told now; and up to where it is settled.
    fn told(&mut self) -> (Vec<Told>, Settled) {
        let delivered = self.store.read(|r| r.newest_delivered()).expect("it reads");
        let settled = Settled::new(&delivered, self.now);
        let live = |_: &_, _| Some(Origin::Live);
        let told = self.evaluator.advance(&self.store, &settled, moment(self.now), live, |_, _| Ok(()));
        (told.expect("it evaluates"), settled)
    }
}

#[test]
fn an_increase_is_told_as_soon_as_it_is_counted_and_a_decrease_when_nothing_is_missing() {
    let files = files();
    let mut live = Live::new(Settings::default());
    let (mut increases, mut decreases) = (0, 0);
    for file in &files {
        live.count(file);
        let (told, settled) = live.told();
        for Told { insight, .. } in told.iter().filter(|told| told.state == State::Start) {
            let until = settled.until(&insight.subject.account, &insight.subject.region);
            match insight.direction {
                Direction::Increase => {
                    assert!(insight.called >= until, "{insight:?} waited");
                    assert!(!insight.attributions.is_empty(), "{insight:?} does not say who");
                    increases += 1;
                }
                Direction::Decrease => {
                    assert!(insight.called < until, "{insight:?} did not wait");
                    decreases += 1;
                }
            }
        }
    }
    assert!(increases > 5 && decreases > 0, "{increases} increases, {decreases} decreases");
}

#[test]
fn a_decrease_is_not_said_to_have_calls_that_came_before_or_behind_it() {
    let mut live = Live::new(Settings::default());
    let mut looked = 0;
    for file in &files() {
        live.count(file);
        for Told { insight, .. } in live.told().0.iter().filter(|told| told.insight.direction == Direction::Decrease) {
            for told in &insight.attributions {
                let calls = |shares: &[Share]| shares.iter().map(|share| share.calls).sum::<u64>();
                let most = insight.statistics.insight_calls;
                assert!(calls(&told.insight) + told.insight_other <= most, "{told:?} of {most} calls");
                assert!(calls(&told.start) <= most, "{told:?} of {most} calls");
                looked += 1;
            }
        }
    }
    assert!(looked > 0, "no decrease says who");
}

#[test]
fn what_was_told_early_and_is_usual_in_the_end_is_told_to_end_once_that_is_known() {
    let mut live = Live::new(Settings { false_alarms_per_month: 100.0, ..Settings::default() });
    let mut early = None;
    for file in &files() {
        live.count(file);
        let (told, settled) = live.told();
        let is_early = |told: &Told| {
            let subject = &told.insight.subject;
            told.insight.end.is_none() && told.insight.called >= settled.until(&subject.account, &subject.region)
        };
        early = told.into_iter().find(is_early);
        if early.is_some() {
            break;
        }
    }
    let early = early.expect("something is told early").insight;
    // Judged strictly, it is nothing.
    let strict = Settings { false_alarms_per_month: 1e-9, ..Settings::default() };
    live.evaluator = Evaluator::load(&live.store, strict, Minute(0)).expect("it loads");
    let ends =
        |told: Vec<Told>| told.into_iter().filter(|told| told.insight.subject == early.subject).collect::<Vec<_>>();
    assert_eq!(ends(live.told().0), [], "its minutes are not settled");
    live.now = (live.now + SILENT_GRACE).next();
    let told = ends(live.told().0);
    let [end] = &told[..] else { panic!("{told:?}") };
    assert_eq!((end.state, end.insight.start), (State::End, early.start));
    live.now = live.now.next();
    assert_eq!(ends(live.told().0), [], "it is over");
}

#[test]
fn a_file_counts_once() {
    let files = files();
    let few = &files[..60];
    let store = Store::in_memory().expect("there is memory");
    let now = jiff::Timestamp::from_second(few.iter().filter_map(|f| f.file.delivered).max().expect("one").seconds());
    let now = now.expect("it is a moment");
    let first = ingest(&store, 1, few, now).expect("it counts");
    let again = ingest(&store, 2, few, now).expect("it counts");
    assert!(first.counted > 0 && first.files == 60, "{first:?}");
    assert_eq!((again.counted, again.files, again.known_files), (0, 0, 60));
    // Under another key its records are copies.
    let mut moved = few.to_vec();
    moved.iter_mut().for_each(|fetched| fetched.file.key.insert_str(0, "copy/"));
    let copies = ingest(&store, 3, &moved, now).expect("it counts");
    assert_eq!((copies.counted, copies.duplicates), (0, first.counted + first.duplicates));
}

#[test]
fn a_file_that_is_none_holds_up_no_other() {
    let mut files = files();
    files.truncate(3);
    files[1].bytes = b"\x1f\x8bnot gzip".to_vec();
    let store = Store::in_memory().expect("there is memory");
    let now = jiff::Timestamp::from_second(files[2].file.delivered.expect("one").seconds()).expect("it is a moment");
    let told = ingest(&store, 1, &files, now).expect("it counts");
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

/// An account with a busy Region, and one of which hardly anything is heard; minute by minute.
struct Quiet {
    live: Live,
    delivered: Vec<(AccountId, Region, Minute)>,
}

impl Quiet {
    /// After five days, the last of which ends now.
    fn after_days(midnight: Minute) -> Quiet {
        let mut account = Quiet { live: Live::new(Settings::default()), delivered: Vec::new() };
        let days = midnight - Minutes(5 * 1440);
        for minute in (0..5 * 1440).map(|minute| days + Minutes(minute)) {
            account.call("us-east-1", "PutObject", minute, 3);
            if minute.0 % 90 == 0 {
                account.call("eu-west-1", "CreateTags", minute, 1);
            }
        }
        account.delivered = vec![("123456789012".into(), "us-east-1".into(), midnight)];
        account.at(midnight);
        account
    }

    fn call(&mut self, region: &str, name: &str, minute: Minute, calls: u32) {
        let subject = Subject {
            account: "123456789012".into(),
            region: region.into(),
            source: "ec2.amazonaws.com".into(),
            name: name.into(),
            error: None,
            category: EventCategory::Management,
        };
        let mut tally = Tally::new();
        tally.count(&subject, minute, calls, false);
        self.live.store.write(|w| w.add_counts(&tally)).expect("it counts");
        self.live.evaluator.add(&tally);
    }

    fn restart(&mut self) {
        self.live.evaluator = Evaluator::load(&self.live.store, Settings::default(), Minute(0)).expect("it loads");
    }

    /// What is told when the clock shows this.
    fn at(&mut self, now: Minute) -> Vec<(State, Minute, Minute)> {
        let settled = Settled::new(&self.delivered, now);
        let Live { store, evaluator, .. } = &mut self.live;
        let told = evaluator.advance(store, &settled, moment(now), |_, _| Some(Origin::Live), |_, _| Ok(()));
        told.expect("it evaluates").into_iter().map(|told| (told.state, told.insight.start, now)).collect()
    }

    /// The night after: a file of the busy Region every five minutes, and in it a burst that lasts some minutes.
    fn night(
        &mut self,
        midnight: Minute,
        burst: std::ops::Range<i32>,
        mut at: impl FnMut(&mut Quiet, i32),
    ) -> Vec<(State, Minute, Minute)> {
        let mut told = Vec::new();
        for now in 1..240 {
            if now % 5 == 0 {
                for minute in now - 5..now {
                    self.call("us-east-1", "PutObject", midnight + Minutes(minute), 3);
                    if burst.contains(&minute) {
                        self.call("us-east-1", "RunInstances", midnight + Minutes(minute), 40);
                    }
                }
                self.delivered[0].2 = midnight + Minutes(now);
            }
            at(self, now);
            told.extend(self.at(midnight + Minutes(now)));
        }
        told
    }
}

const MIDNIGHT: Minute = Minute(29_512_800);

#[test]
fn a_region_that_lags_at_midnight_ends_no_insight_of_another() {
    let told = Quiet::after_days(MIDNIGHT).night(MIDNIGHT, 1..60, |_, _| {});
    let [(State::Start, start, at), (State::End, ended, end_at)] = told[..] else { panic!("{told:?}") };
    assert!(start == MIDNIGHT.next() && ended == start && at <= MIDNIGHT + Minutes(10), "{told:?}");
    assert!(end_at > MIDNIGHT + Minutes(120), "{told:?}");
}

#[test]
fn a_region_that_is_new_takes_nothing_back_when_all_is_loaded_again() {
    let usual = Quiet::after_days(MIDNIGHT).night(MIDNIGHT, 60..120, |_, _| {});
    assert_eq!(usual.len(), 2, "{usual:?}");
    let with_another = Quiet::after_days(MIDNIGHT).night(MIDNIGHT, 60..120, |account, now| {
        if now == 90 {
            account.call("ap-south-1", "DescribeRegions", MIDNIGHT + Minutes(88), 1);
            account.restart();
        }
    });
    assert_eq!(with_another, usual);
}

#[test]
fn an_increase_in_a_region_that_then_falls_silent_ends() {
    let mut account = Quiet::after_days(MIDNIGHT);
    for minute in 1..9 {
        account.call("eu-west-1", "RunInstances", MIDNIGHT + Minutes(minute), 40);
    }
    let told = account.night(MIDNIGHT, 0..0, |_, _| {});
    let [(State::Start, start, _), (State::End, ended, at)] = told[..] else { panic!("{told:?}") };
    assert!(start == MIDNIGHT.next() && ended == start, "{told:?}");
    assert!((150..200).contains(&(at - MIDNIGHT).0), "{told:?}");
}

#[test]
fn what_was_withdrawn_and_grows_worse_is_told_again() {
    let mut account = Quiet::after_days(MIDNIGHT);
    let go_on = |account: &mut Quiet, minutes: std::ops::Range<i32>, calls: u32| {
        for minute in minutes.clone() {
            account.call("us-east-1", "PutObject", MIDNIGHT + Minutes(minute), 3);
            if calls > 0 {
                account.call("us-east-1", "RunInstances", MIDNIGHT + Minutes(minute), calls);
            }
        }
        account.delivered[0].2 = MIDNIGHT + Minutes(minutes.end);
        account.at(MIDNIGHT + Minutes(minutes.end))
    };
    let states = |told: &[(State, Minute, Minute)]| told.iter().map(|told| told.0).collect::<Vec<_>>();
    assert_eq!(go_on(&mut account, 0..30, 0), []);
    let first = go_on(&mut account, 30..60, 1);
    assert_eq!(states(&first), [State::Start], "{first:?}");
    // Judged strictly, it is nothing.
    let strict = Settings { false_alarms_per_month: 1e-9, ..Settings::default() };
    account.live.evaluator = Evaluator::load(&account.live.store, strict, Minute(0)).expect("it loads");
    assert_eq!(states(&go_on(&mut account, 60..120, 1)), [State::End]);
    account.restart();
    let again = go_on(&mut account, 120..180, 100);
    assert_eq!(states(&again), [State::Start]);
    assert!(again[0].1 > first[0].1, "it is another one: {again:?}");
    // Found again after a start, it is not told again.
    account.restart();
    assert_eq!(states(&go_on(&mut account, 180..200, 100)), []);
}
