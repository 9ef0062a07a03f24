//! Log files that could not be fetched: as long as they may come, what they would tell is not judged as silence.
//!
//! After an outage many files are read at once, newer ones among them than one that failed. Its minutes would be settled by those, and
//! the one call of an hourly job, which lies in it, be missed. The next listing tries it again.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use record::names::{AccountId, Region};
use record::time::Minute;
use store::log_files::LogFile;

use super::ObjectName;
use crate::evaluate::Settled;

/// A file is waited for so long: one that can never be had must not keep a Region from being judged.
const PATIENCE: SignedDuration = SignedDuration::from_hours(6);
/// One that is tried no more is gone, or too old to be listed.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(24);

/// Those that are waited for. Nothing of it is kept: who starts again lists again.
#[derive(Debug, Default)]
pub(super) struct Unfetched(BTreeMap<ObjectName, Waiting>);

#[derive(Debug)]
struct Waiting {
    account: AccountId,
    region: Region,
    delivered: Minute,
    /// When it failed first, and last.
    since: Timestamp,
    tried_at: Timestamp,
}

impl Unfetched {
    /// These objects were looked at; of them, these could not be fetched.
    pub(super) fn tried(&mut self, objects: &[ObjectName], failed: Vec<LogFile>, now: Timestamp) {
        let before: BTreeMap<_, _> = objects.iter().filter_map(|name| self.0.remove_entry(name)).collect();
        for LogFile { bucket, key, account_region, delivered, .. } in failed {
            let (Some((account, region)), Some(delivered)) = (account_region, delivered) else { continue };
            let name = (bucket, key);
            let since = before.get(&name).map_or(now, |waiting| waiting.since);
            self.0.insert(name, Waiting { account, region, delivered, since, tried_at: now });
        }
        self.0.retain(|_, waiting| now.duration_since(waiting.tried_at) < FORGOTTEN);
    }

    /// What is settled, but for what would come.
    pub(super) fn hold(&self, mut settled: Settled, now: Timestamp) -> Settled {
        for Waiting { account, region, delivered, since, .. } in self.0.values() {
            if now.duration_since(*since) < PATIENCE {
                settled.wait_for(account, region, *delivered);
            }
        }
        settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::GRACE;

    #[test]
    fn what_a_file_may_tell_is_not_settled_before_it_is_counted_or_was_waited_for_long_enough() {
        let (account, region) = (AccountId::from("123456789012"), Region::from("us-east-1"));
        let now: Timestamp = "2026-02-12T14:30:00Z".parse().expect("it is a moment");
        let minute = Minute::of_seconds(now.as_second());
        let lost = minute - record::time::Minutes(90);
        let name = |key: &str| ("my-trail".to_owned(), key.to_owned());
        let file = |key: &str| LogFile {
            bucket: "my-trail".into(),
            key: key.into(),
            etag: String::new(),
            size: 0,
            account_region: Some((account.clone(), region.clone())),
            delivered: Some(lost),
        };
        let until = |unfetched: &Unfetched, now: Timestamp| {
            let settled = Settled::new(&[(account.clone(), region.clone(), minute)], minute);
            unfetched.hold(settled, now).until(&account, &region)
        };
        let mut unfetched = Unfetched::default();
        assert_eq!(until(&unfetched, now), minute - GRACE);
        unfetched.tried(&[name("a"), name("b")], vec![file("a")], now);
        assert_eq!(until(&unfetched, now), lost - GRACE);
        // Others are read meanwhile, and it fails again.
        unfetched.tried(&[name("b")], Vec::new(), now);
        let later = now + SignedDuration::from_hours(4);
        unfetched.tried(&[name("a")], vec![file("a")], later);
        assert_eq!(until(&unfetched, later), lost - GRACE);
        assert_eq!(until(&unfetched, now + PATIENCE), minute - GRACE, "it was waited for since it first failed");
        // It is not waited for anew, whatever is looked at between.
        unfetched.tried(&[name("b")], Vec::new(), now + PATIENCE);
        unfetched.tried(&[name("a")], vec![file("a")], now + PATIENCE);
        assert_eq!(until(&unfetched, now + PATIENCE), minute - GRACE);
        unfetched.tried(&[name("a")], Vec::new(), later);
        assert_eq!(until(&unfetched, later), minute - GRACE);
    }
}
