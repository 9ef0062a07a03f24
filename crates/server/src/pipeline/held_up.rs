//! Held up: log files that wait for those of another place.
//!
//! Their records may have been counted from there long since, and what is there cannot be read now: its keys were taken from us, it does not
//! answer. Counted now they might be counted twice; set aside they would be lost, should the other be read again. So they wait, as long as
//! they lie where they are, and whoever operates this is told for whom. What ends it is their doing: that place is read again, or it is
//! gone (a bucket that is deleted or unlinked), and then its copies are set aside.
//!
//! ```text
//!   held up ──► a few with each listing ──► the other place is read again ──► all, with the next
//!                                     └──► not yet: they wait on
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use record::names::{AccountId, Region};

use super::ObjectName;
use crate::progress::HeldUp;
use crate::world::BucketError;

/// Files that are tried with each listing, of those that wait for a place that cannot be read.
const TRIED: usize = 8;

/// Who refuses: a bucket all that is in it, or that of an account and Region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Refusing {
    pub(super) bucket: String,
    pub(super) of: Option<(AccountId, Region)>,
}

/// Who is waited for, and why.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) by: Refusing,
    pub(super) error: BucketError,
}

/// The files that wait. Nothing of it is kept: who starts again lists everything.
#[derive(Debug, Default)]
pub(super) struct Waiting(BTreeMap<ObjectName, Wait>);

#[derive(Debug)]
struct Wait {
    since: Timestamp,
    refusal: Arc<Refusal>,
}

impl Waiting {
    /// This one waits, and for whom.
    pub(super) fn wait(&mut self, file: ObjectName, refusal: &Arc<Refusal>, now: Timestamp) {
        let since = self.0.get(&file).map_or(now, |wait| wait.since);
        self.0.insert(file, Wait { since, refusal: Arc::clone(refusal) });
    }

    /// This one waits no more.
    pub(super) fn go(&mut self, file: &ObjectName) {
        self.0.remove(file);
    }

    /// All of a place wait no more that do not lie there.
    pub(super) fn keep_those_that_lie(&mut self, (bucket, start): &ObjectName, is_there: impl Fn(&ObjectName) -> bool) {
        self.0.retain(|name, _| name.0 != *bucket || !name.1.starts_with(start) || is_there(name));
    }

    /// Those that are to be tried now; `is_still`: whoever is waited for was asked lately, and refused everything. Forgets those
    /// that nobody wants any more.
    pub(super) fn due(
        &mut self,
        is_wanted: impl Fn(&ObjectName) -> bool,
        is_still: impl Fn(&Refusing) -> bool,
    ) -> Vec<ObjectName> {
        self.0.retain(|name, _| is_wanted(name));
        let mut tried: BTreeMap<&Refusing, usize> = BTreeMap::new();
        let mut due = Vec::new();
        for (name, Wait { refusal, .. }) in &self.0 {
            let tried = tried.entry(&refusal.by).or_default();
            *tried += 1;
            if *tried <= TRIED || !is_still(&refusal.by) {
                due.push(name.clone());
            }
        }
        due
    }

    /// By bucket, and bucket that is waited for.
    pub(super) fn told(&self) -> Vec<HeldUp> {
        let mut told: BTreeMap<(&str, &str), HeldUp> = BTreeMap::new();
        for ((bucket, _), Wait { since, refusal }) in &self.0 {
            let since = since.as_second();
            let one = told.entry((bucket, &refusal.by.bucket)).or_insert_with(|| HeldUp {
                bucket: bucket.clone(),
                files: 0,
                waits_for: refusal.by.bucket.clone(),
                since,
                code: refusal.error.code(),
                text: refusal.error.to_string(),
            });
            one.files += 1;
            one.since = one.since.min(since);
        }
        told.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bucket: &str, number: usize) -> ObjectName {
        (bucket.to_owned(), format!("AWSLogs/{number:03}"))
    }

    fn mine() -> Refusing {
        Refusing { bucket: "mine".into(), of: None }
    }

    #[test]
    fn those_that_wait_for_one_that_refuses_are_tried_by_the_few_and_all_once_it_does_not() {
        let denied = Arc::new(Refusal { by: mine(), error: BucketError::Denied("no".into()) });
        let mut waiting = Waiting::default();
        (0..100).for_each(|number| waiting.wait(file("other", number), &denied, Timestamp::UNIX_EPOCH));
        let due = |waiting: &mut Waiting, is_still: bool| waiting.due(|_| true, |_| is_still);
        assert_eq!(due(&mut waiting, true), (0..TRIED).map(|number| file("other", number)).collect::<Vec<_>>());
        assert_eq!(due(&mut waiting, false).len(), 100);
        // A trail that reads them no more, or an object that is gone.
        assert_eq!(waiting.due(|name| *name != file("other", 1), |_| false).len(), 99);
        waiting.keep_those_that_lie(&("another".into(), String::new()), |_| false);
        waiting.keep_those_that_lie(&("other".into(), "AWSLogs/".into()), |name| *name != file("other", 2));
        assert_eq!(due(&mut waiting, false).len(), 98);
    }

    #[test]
    fn it_is_told_who_waits_for_whom_since_when_and_why() {
        let of = |error| Arc::new(Refusal { by: mine(), error });
        let (denied, slow) = (of(BucketError::Denied("no".into())), of(BucketError::Other("slow".into())));
        let at = |second| Timestamp::from_second(second).expect("it is a moment");
        let mut waiting = Waiting::default();
        waiting.wait(file("other", 1), &slow, at(7));
        waiting.wait(file("other", 1), &denied, at(300));
        waiting.wait(file("other", 2), &denied, at(300));
        let told = waiting.told();
        let expected = HeldUp {
            bucket: "other".into(),
            files: 2,
            waits_for: "mine".into(),
            since: 7,
            code: "AccessDenied",
            text: "no".into(),
        };
        assert_eq!(told, [expected]);
        waiting.go(&file("other", 1));
        waiting.go(&file("other", 2));
        assert_eq!(waiting.told(), []);
    }
}
