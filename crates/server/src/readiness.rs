//! Readiness: whether the service does what it is there for, and if not, why, in sentences.
//!
//! Alive it is as long as it answers `/healthz`. Ready it is when log files are counted, deliveries made, and what comes of them
//! can be remembered. Whoever restarts it because it is not ready gains nothing: what is wrong is told here, lies outside most
//! often (a full disk), and is gone on from by itself.

use jiff::Timestamp;
use store::Store;

use crate::http::FrontDoor;
use crate::metrics::Room;
use crate::progress::{Come, Delivering, LakeCome};

/// Of a part that shows no sign of life for so long it is said that it stands still. Steps take seconds.
const STANDSTILL_SECONDS: i64 = 5 * 60;
/// What is kept in the lake at once may be much, and its bucket far away.
const LAKE_STANDSTILL_SECONDS: i64 = 30 * 60;
/// Less room than the write-ahead log may need is none.
const LEAST_ROOM_BYTES: u64 = 64 << 20;

/// Whether the service is ready: what is in the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    in_the_way: Vec<String>,
}

impl Readiness {
    /// Nothing is in the way.
    pub fn is_ready(&self) -> bool {
        self.in_the_way.is_empty()
    }

    /// What is, a sentence each.
    pub fn in_the_way(&self) -> &[String] {
        &self.in_the_way
    }

    fn of(
        (come, delivering, lake): (&Come, &Delivering, &LakeCome),
        store: &Store,
        room: Option<Room>,
        now: Timestamp,
    ) -> Readiness {
        let mut in_the_way = Vec::new();
        let mut say = |sentence: String| in_the_way.push(sentence);
        let still = |at: i64| now.as_second().saturating_sub(at);
        if let Err(error) = store.read(|r| r.newest_batch()) {
            say(format!("What is remembered cannot be read: {error}."));
        }
        match room {
            Some(Room { is_read_only: true, .. }) => {
                say("The disk of the data directory can only be read: nothing can be counted or remembered.".into());
            }
            Some(Room { free_bytes, .. }) if free_bytes < LEAST_ROOM_BYTES => say(format!(
                "The disk of the data directory is full ({} MiB are free, {} are needed): free some space.",
                free_bytes >> 20,
                LEAST_ROOM_BYTES >> 20
            )),
            _ => {}
        }
        match (&come.error, come.stepped_at) {
            (Some(error), _) => say(format!("Log files cannot be counted: {error}.")),
            (None, None) => say("The service is starting: the trails' buckets were not looked at yet.".into()),
            (None, Some(at)) if still(at) > STANDSTILL_SECONDS => {
                say(format!("Counting stands still: no step was finished for {} minutes.", still(at) / 60));
            }
            (None, Some(_)) if come.is_reading_history => say(format!(
                "Log files that lay in the buckets are being read, {} of {}: nothing is evaluated meanwhile.",
                come.read_files, come.listed_files
            )),
            (None, Some(_)) => {}
        }
        match (&delivering.error, delivering.looked_at) {
            (Some(error), _) => say(format!("Nothing can be delivered: {error}.")),
            (None, None) => say("The service is starting: deliveries have not begun.".into()),
            (None, Some(at)) if still(at) > STANDSTILL_SECONDS => say(format!(
                "Deliveries stand still: {} are under way, and none has ended for {} minutes.",
                delivering.under_way,
                still(at) / 60
            )),
            (None, Some(_)) => {}
        }
        match (&lake.error, lake.failing_since, lake.looked_at) {
            // What goes wrong is tried again every half minute.
            (Some(error), Some(since), _) if still(since) > STANDSTILL_SECONDS => {
                say(format!("Events cannot be kept in the lake, since {} minutes: {error}.", still(since) / 60));
            }
            (None, _, Some(at)) if still(at) > LAKE_STANDSTILL_SECONDS => {
                say(format!(
                    "Keeping events in the lake stands still: nothing was done for {} minutes.",
                    still(at) / 60
                ));
            }
            _ => {}
        }
        Readiness { in_the_way }
    }
}

impl FrontDoor {
    /// Whether the service is ready now.
    pub fn readiness(&self) -> Readiness {
        let (progress, now) = (&self.progress, self.world.clock.now());
        let parts = (&progress.now(), &progress.delivering(), &progress.lake());
        Readiness::of(parts, &self.store, self.metrics.room(), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a service after `change`.
    fn told(change: impl FnOnce(&mut Come, &mut Delivering, &mut Room)) -> Vec<String> {
        told_with(&LakeCome::default(), change)
    }

    fn told_with(lake: &LakeCome, change: impl FnOnce(&mut Come, &mut Delivering, &mut Room)) -> Vec<String> {
        let now = Timestamp::from_second(1_790_000_000).expect("it is a moment");
        let store = Store::in_memory().expect("there is memory");
        let mut come = Come { stepped_at: Some(now.as_second() - 5), ..Come::default() };
        let mut delivering = Delivering { looked_at: Some(now.as_second() - 1), ..Delivering::default() };
        let mut room = Room { free_bytes: 1 << 30, size_bytes: 1 << 40, is_read_only: false };
        change(&mut come, &mut delivering, &mut room);
        Readiness::of((&come, &delivering, lake), &store, Some(room), now).in_the_way
    }

    #[test]
    fn what_is_in_the_way_is_said_in_sentences() {
        assert_eq!(told(|_, _, _| {}), [""; 0]);
        let cases: [(&str, Vec<String>); 9] = [
            ("buckets were not looked at yet", told(|come, _, _| come.stepped_at = None)),
            (
                "being read, 12 of 40",
                told(|come, _, _| {
                    (come.is_reading_history, come.read_files, come.listed_files) = (true, 12, 40);
                }),
            ),
            ("cannot be counted: the disk is full", told(|come, _, _| come.error = Some("the disk is full".into()))),
            ("no step was finished for 6 minutes", told(|come, _, _| come.stepped_at = Some(1_790_000_000 - 400))),
            ("deliveries have not begun", told(|_, delivering, _| delivering.looked_at = None)),
            ("Nothing can be delivered: no", told(|_, delivering, _| delivering.error = Some("no".into()))),
            (
                "32 are under way, and none has ended for 6 minutes",
                told(|_, delivering, _| {
                    (delivering.under_way, delivering.looked_at) = (32, Some(1_790_000_000 - 400));
                }),
            ),
            ("is full (1 MiB are free, 64 are needed)", told(|_, _, room| room.free_bytes = 1 << 20)),
            ("can only be read", told(|_, _, room| room.is_read_only = true)),
        ];
        for (sentence, told) in cases {
            assert!(told.len() == 1 && told[0].contains(sentence), "{sentence}: {told:?}");
        }
    }

    #[test]
    fn a_lake_that_keeps_nothing_for_long_is_in_the_way_and_one_that_fails_for_a_moment_is_not() {
        let now = 1_790_000_000;
        let told = |lake: LakeCome| told_with(&lake, |_, _, _| {});
        let failing = |seconds: i64| LakeCome {
            error: Some("it broke down".into()),
            failing_since: Some(now - seconds),
            looked_at: Some(now - seconds),
            ..LakeCome::default()
        };
        assert_eq!(told(failing(60)), [""; 0]);
        assert_eq!(told(failing(400)), ["Events cannot be kept in the lake, since 6 minutes: it broke down."]);
        let looked = |seconds: i64| LakeCome { looked_at: Some(now - seconds), ..LakeCome::default() };
        assert_eq!(told(looked(400)), [""; 0]);
        let still = "Keeping events in the lake stands still: nothing was done for 31 minutes.";
        assert_eq!(told(looked(31 * 60)), [still]);
    }

    #[test]
    fn a_clock_that_was_turned_back_is_no_standstill() {
        assert_eq!(told(|come, _, _| come.stepped_at = Some(i64::MAX)), [""; 0]);
    }
}
