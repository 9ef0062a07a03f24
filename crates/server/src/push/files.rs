//! What was pushed becomes log files, one for each account-Region, in the bucket of a trail that covers it.

use std::collections::BTreeMap;

use record::api_call::latest;
use record::log_key::{LogKey, LogKind};
use record::names::{AccountId, Region};
use record::time::Minute;
use store::{List, StoreError};

use super::{Kept, Pushed};
use crate::cloudtrail::Trail;
use crate::deliver::Delivering;
use crate::target::trail_file::{File, packed};

/// Writes records into log files, one for each account-Region.
pub(super) fn keep(cx: &Delivering<'_>, pushed: &[Pushed]) -> Vec<Kept> {
    let list = List { account: Some(cx.place.account.clone()), ..List::default() };
    let trails: Vec<Trail> = match cx.store.read(|r| r.list::<Trail>(&list)) {
        Ok(trails) => trails.into_iter().map(|stored| stored.value).collect(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "what was pushed cannot be kept");
            return vec![Kept::Failed("It could not be kept; see the service's log.".into()); pushed.len()];
        }
    };
    let mut regions: BTreeMap<(&AccountId, &Region), Vec<usize>> = BTreeMap::new();
    let mut kept = vec![Kept::Yes; pushed.len()];
    for (index, one) in pushed.iter().enumerate() {
        if one.event_time > latest(None, cx.now.as_second()) {
            // In a file it would be one of an impossible time, for good: our clock may be the wrong one.
            kept[index] = Kept::Failed(format!(
                "Its eventTime lies {} minutes ahead of the clock here: send it again when the clock is right.",
                (one.event_time - cx.now.as_second()) / 60
            ));
            continue;
        }
        regions.entry((&one.account, &one.region)).or_default().push(index);
    }
    for ((account, region), indices) in regions {
        let is_theirs = |trail: &&Trail| {
            trail.is_logging
                && trail.covers(region)
                && (trail.is_organization || *account == cx.place.account)
                && cx.world.buckets.is_held(&trail.bucket)
        };
        let outcome = match trails.iter().find(is_theirs) {
            None => Kept::NoTrail(format!(
                "No trail that is logging into a bucket held here covers account {account} in {region}: create one \
                 (of the organization, for other accounts) and start its logging."
            )),
            Some(trail) => {
                let records: Vec<&Pushed> = indices.iter().map(|index| &pushed[*index]).collect();
                match write_file(cx, trail, account, region, &records) {
                    Ok(()) => Kept::Yes,
                    Err(error) => {
                        tracing::error!(bucket = trail.bucket, error, "what was pushed cannot be kept");
                        Kept::Failed("It could not be kept; see the service's log.".into())
                    }
                }
            }
        };
        for index in indices {
            kept[index] = outcome.clone();
        }
    }
    kept
}

/// Writes a log file as CloudTrail would have named it, which is by its last record's time: a clock of ours that is wrong makes none that came
/// tomorrow. It is on the disk when this returns.
fn write_file(
    cx: &Delivering<'_>,
    trail: &Trail,
    account: &AccountId,
    region: &Region,
    records: &[&Pushed],
) -> Result<(), String> {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let last = records.iter().map(|record| record.event_time).max().unwrap_or_default();
    let time = Minute::of_seconds(last);
    let unique =
        cx.world.dice.bits().to_le_bytes().map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
    let key = LogKey {
        prefix: trail.prefix.clone(),
        organization: trail.is_organization.then(|| cx.place.organization_id.clone()),
        account: account.as_str().to_owned(),
        region: region.as_str().to_owned(),
        day: time.day_start(),
        kind: LogKind::CloudTrail,
        time,
        unique: unique.iter().collect(),
        is_of_2014: false,
    };
    let records: Vec<&str> = records.iter().map(|record| &*record.record).collect();
    let text = format!("{{\"Records\":[{}]}}", records.join(","));
    let file = File { bucket: trail.bucket.clone(), key: key.to_string(), text, trails: vec![trail.arn.clone()] };
    let bytes = packed(file.text.as_bytes())?;
    cx.world.buckets.put(&file.bucket, &file.key, &bytes).map_err(|error| error.to_string())?;
    // We delivered it: digests list it.
    let noted: Result<(), StoreError> = cx
        .store
        .write(|w| file.delivered(cx.now).map_or(Ok(()), |delivered| w.add_delivered_file(&delivered).map(drop)));
    noted.map_err(|error| error.to_string())
}
