//! Settled: up to which minute everything is counted, each account-Region by itself.

use std::collections::BTreeMap;

use record::names::{AccountId, Region};
use record::time::{Minute, Minutes};

/// A Region whose log files come is settled so long before the newest was delivered.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html>
pub const GRACE: Minutes = Minutes(15);
/// A Region of which nothing comes is settled so long ago.
pub const SILENT_GRACE: Minutes = Minutes(30);

/// Up to which minute everything is counted, in each account-Region.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    delivered: BTreeMap<(AccountId, Region), Minute>,
    /// When the first log file was delivered that is still waited for.
    awaited: BTreeMap<(AccountId, Region), Minute>,
    now: Minute,
}

impl Settled {
    /// By the newest delivered log file of each, and by the clock where nothing comes. A file that says that it was delivered
    /// later than now is not believed.
    pub fn new(delivered: &[(AccountId, Region, Minute)], now: Minute) -> Settled {
        let delivered = delivered.iter().map(|(account, region, at)| ((account.clone(), region.clone()), *at));
        Settled { delivered: delivered.collect(), awaited: BTreeMap::new(), now }
    }

    /// A log file that was delivered then could not be read yet: what it may tell is not settled.
    pub fn wait_for(&mut self, account: &AccountId, region: &Region, delivered: Minute) {
        let awaited = self.awaited.entry((account.clone(), region.clone())).or_insert(delivered);
        *awaited = (*awaited).min(delivered);
    }

    /// The first minute that is not settled.
    pub fn until(&self, account: &AccountId, region: &Region) -> Minute {
        let silent = self.now - SILENT_GRACE;
        let of = (account.clone(), region.clone());
        let newest = self.delivered.get(&of);
        let until = newest.map_or(silent, |newest| (*newest.min(&self.now) - GRACE).max(silent));
        self.awaited.get(&of).map_or(until, |awaited| until.min(*awaited - GRACE))
    }
}
