//! `GET learning`: when it will work: how long each account-Region was watched, and what is missing.

use record::time::{Minute, Minutes};
use record::words::duration;
use serde::Serialize;
use store::log_files::LedgerPart;

use crate::Failure;
use crate::http::FrontDoor;
use crate::progress::Threshold;

/// Before so much was watched, nothing is called unusual.
pub(super) const ENOUGH: Minutes = Minutes(36 * 60);
/// Refused files that are listed.
const REFUSED: usize = 50;
/// Since when series had a call that are counted.
const WEEKS: i32 = 28;

/// How far it has come.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Learning {
    now: i64,
    minutes_needed: i32,
    is_reading_history: bool,
    listed_files: u64,
    read_files: u64,
    too_old_files: u64,
    error: Option<String>,
    regions: Vec<Region>,
    accounts: Vec<Account>,
    files_counted: u64,
    files_refused: u64,
    refused: Vec<Refused>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    account: String,
    region: String,
    minutes_learned: i32,
    is_ready: bool,
    /// What is missing, in words; empty if nothing is.
    missing: String,
    /// At the earliest, if logs come as they should.
    ready_at: Option<i64>,
    evaluated_until: Option<i64>,
    newest_delivered: Option<i64>,
    /// APIs, and errors of them, that had a call within 28 days.
    series: usize,
    error_series: usize,
}

#[derive(Debug, Serialize)]
struct Account {
    account: String,
    increase: Threshold,
    decrease: Threshold,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Refused {
    bucket: String,
    key: String,
    reason: String,
    at: i64,
}

pub(super) fn learning(door: &FrontDoor) -> Result<Learning, Failure> {
    let now = Minute::of_seconds(door.world.clock.now().as_second());
    let come = door.progress.now();
    let learning = door.store.read(|r| {
        let delivered = r.newest_delivered()?;
        let mut regions = Vec::new();
        for region in &come.regions {
            let since = Minute(now.0 - WEEKS * 1440);
            let subjects = r.subjects(Some(region.account.as_str()), Some(region.region.as_str()), since)?;
            let error_series = subjects.iter().filter(|subject| subject.error.is_some()).count();
            let left = Minutes((ENOUGH.0 - region.minutes_learned.0).max(0));
            let newest = delivered.iter().find(|one| one.0 == region.account && one.1 == region.region);
            regions.push(Region {
                account: region.account.to_string(),
                region: region.region.to_string(),
                minutes_learned: region.minutes_learned.0,
                is_ready: left.0 == 0,
                missing: match left.0 {
                    0 => String::new(),
                    _ => format!("{} more of log files: after 36 hours insights begin", duration(left)),
                },
                ready_at: (left.0 > 0).then(|| (now + left).seconds()),
                evaluated_until: region.evaluated_until,
                newest_delivered: newest.map(|one| one.2.seconds()),
                series: subjects.len() - error_series,
                error_series,
            });
        }
        let ledger = r.ledger_counts()?;
        let (refused, _) = r.log_files(LedgerPart::Refused, None, REFUSED)?;
        let refused = refused.into_iter().map(|line| Refused {
            reason: match line.state {
                store::log_files::LogFileState::Refused { reason } => reason,
                _ => String::new(),
            },
            at: line.changed_at.as_second(),
            bucket: line.file.bucket,
            key: line.file.key,
        });
        let refused = refused.collect();
        Ok(Learning {
            now: now.seconds(),
            minutes_needed: ENOUGH.0,
            is_reading_history: come.is_reading_history,
            listed_files: come.listed_files,
            read_files: come.read_files,
            too_old_files: come.too_old_files,
            error: come.error.clone(),
            regions,
            accounts: come
                .accounts
                .iter()
                .map(|one| Account { account: one.account.to_string(), increase: one.increase, decrease: one.decrease })
                .collect(),
            files_counted: ledger.counted,
            files_refused: ledger.refused,
            refused,
        })
    })?;
    Ok(learning)
}
