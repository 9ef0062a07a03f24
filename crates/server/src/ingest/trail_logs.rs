//! What of a batch goes into the log groups of trails. Which records are new is known when the batch is written: then they are put,
//! in the same transaction.

use std::collections::BTreeMap;

use jiff::Timestamp;
use record::api_call::ApiCall;
use record::names::{AccountId, Region};
use store::{StoreError, Writer};

use crate::cloudtrail::{TrailLogEvent, put_into_log_group};
use crate::watchers::{TrailSource, Watcher, Watchers};

/// Records for log groups, each by its row.
#[derive(Default)]
pub(super) struct TrailLogs<'b> {
    records: Vec<Logged<'b>>,
}

struct Logged<'b> {
    row: usize,
    watcher: &'b Watcher,
    organization: Option<String>,
    account: AccountId,
    region: Region,
    at: Timestamp,
    text: Box<str>,
}

impl<'b> TrailLogs<'b> {
    /// Whether any trail has a log group.
    pub(super) fn are_wanted(watchers: &Watchers) -> bool {
        watchers.all.iter().any(|watcher| watcher.trail.is_logging && watcher.trail.log_group_arn.is_some())
    }

    /// A record that this trail logs, whose log files lie there.
    pub(super) fn add(&mut self, row: usize, watcher: &'b Watcher, source: &TrailSource, call: &ApiCall<'_>) {
        if watcher.trail.log_group_arn.is_none() {
            return;
        }
        let (Ok(text), Ok(at)) = (std::str::from_utf8(call.raw), Timestamp::from_second(call.event_time)) else {
            return;
        };
        let (account, region) = (AccountId::from(&*call.account), Region::from(&*call.region));
        let organization = source.organization.clone();
        self.records.push(Logged { row, watcher, organization, account, region, at, text: text.into() });
    }

    /// Puts what is new into the groups.
    pub(super) fn put(&self, w: &Writer<'_>, is_new: &[bool], now: Timestamp) -> Result<(), StoreError> {
        let mut by_trail = BTreeMap::new();
        for record in self.records.iter().filter(|record| is_new[record.row]) {
            let Logged { watcher, organization, account, region, at, text, .. } = record;
            let event = TrailLogEvent { account, region, at: *at, text, is_insight: false };
            let (_, events) = by_trail
                .entry((watcher.trail.arn.as_str(), organization.as_deref()))
                .or_insert_with(|| (watcher, Vec::new()));
            events.push(event);
        }
        for ((_, organization), (watcher, events)) in by_trail {
            put_into_log_group(w, &watcher.trail, organization, &events, now)?;
        }
        Ok(())
    }
}
