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
#[derive(Debug, Default)]
pub(super) struct TrailLogs {
    records: Vec<Logged>,
}

#[derive(Debug)]
struct Logged {
    row: usize,
    /// The trail's.
    arn: String,
    organization: Option<String>,
    account: AccountId,
    region: Region,
    at: Timestamp,
    text: Box<str>,
}

impl TrailLogs {
    /// Whether any trail has a log group.
    pub(super) fn are_wanted(watchers: &Watchers) -> bool {
        watchers.all.iter().any(|watcher| watcher.trail.is_logging && watcher.trail.log_group_arn.is_some())
    }

    /// A record that this trail logs, whose log files lie there. Says how many bytes are held of it.
    pub(super) fn add(&mut self, row: usize, watcher: &Watcher, source: &TrailSource, call: &ApiCall<'_>) -> usize {
        if watcher.trail.log_group_arn.is_none() {
            return 0;
        }
        let (Ok(text), Ok(at)) = (std::str::from_utf8(call.raw), Timestamp::from_second(call.event_time)) else {
            return 0;
        };
        let (account, region) = (AccountId::from(&*call.account), Region::from(&*call.region));
        let organization = source.organization.clone();
        let arn = watcher.trail.arn.clone();
        self.records.push(Logged { row, arn, organization, account, region, at, text: text.into() });
        text.len()
    }

    /// Puts what is new into the groups.
    pub(super) fn put(
        &self,
        w: &Writer<'_>,
        watchers: &Watchers,
        is_new: &[bool],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut by_trail: BTreeMap<(&str, Option<&str>), Vec<TrailLogEvent<'_>>> = BTreeMap::new();
        for record in self.records.iter().filter(|record| is_new[record.row]) {
            let Logged { arn, organization, account, region, at, text, .. } = record;
            let event = TrailLogEvent { account, region, at: *at, text, is_insight: false };
            by_trail.entry((arn, organization.as_deref())).or_default().push(event);
        }
        for ((arn, organization), events) in by_trail {
            if let Some(watcher) = watchers.all.iter().find(|watcher| watcher.trail.arn == arn) {
                put_into_log_group(w, &watcher.trail, organization, &events, now)?;
            }
        }
        Ok(())
    }
}
