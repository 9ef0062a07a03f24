//! Imports, a part at a time: log files of a bucket's history are fetched, and the lake takes what it has not.
//!
//! ```text
//!   list behind what was walked ──► a part, named with its files ──► fetched, read ──► lake.import ──► how far it has come
//!                                        │ dies here                                        │ or here
//!                                        └──────────── the same part again ◄────────────────┘   the lake knows its number
//! ```
//!
//! It goes on the follower's thread, between two looks: so what is counted meanwhile is never kept by both. A file that was
//! counted is left to the follower; one that was brought in and is counted later, the follower leaves out.

use std::collections::BTreeSet;

use jiff::Timestamp;
use record::api_call::{Record, latest};
use record::log_file::{Limits, Reader};
use record::log_key::LogKey;
use store::StoreError;
use store::handed::Handed;
use store::imports::ImportFailure;

use super::lake::{Fault, Gone, Wanted, fetch, hand};
use crate::cloudtrail::import::{Import, ImportStatistics, ImportStatus, Part, Wants};
use crate::deliver::Delivering;
use crate::world::BucketError;

/// Keys that are listed at once.
const PAGE: usize = 1000;
/// Bytes of log files in a part, give or take a file's: what is in memory at once.
const ENOUGH_BYTES: u64 = 64 << 20;
/// Files in a part, where they are small.
const ENOUGH_FILES: usize = 2048;

/// Goes on with the first import that waits. Says whether there is more to do.
pub(super) fn go_on(cx: &Delivering<'_>) -> Result<bool, Fault> {
    let Some(import) = cx.store.read(Import::next)? else { return Ok(false) };
    let oldest = match cx.store.read(|r| import.destination(r, cx.now))? {
        Some(store) => store.oldest(cx.now),
        None => {
            let why = "The event data store was deleted.";
            end(cx, &import, Some(("EventDataStoreNotFound", why)))?;
            return Ok(true);
        }
    };
    let (bucket, prefix) = import.source.parts();
    let listed = match list(cx, &import, oldest) {
        Ok(listed) => listed,
        Err(error @ (BucketError::NoBucket(_) | BucketError::NoObject(_))) => {
            end(cx, &import, Some(("InvalidImportSource", &error.to_string())))?;
            return Ok(true);
        }
        Err(error) => return Err(Fault::Fetch { bucket: bucket.to_owned(), key: prefix.to_owned(), error }),
    };
    let Listed { files, through, is_last, too_old } = listed;
    if files.is_empty() && import.part.is_none() {
        change(cx, &import, |import| {
            import.walked = through;
            import.too_old += too_old;
        })?;
        if is_last {
            end(cx, &import, None)?;
        }
        return Ok(true);
    }
    let part = match import.part.clone() {
        Some(part) => part,
        None => begin(cx, &import, &files, through)?,
    };
    let brought = bring_in(cx, bucket, &files, part.number)?;
    let folders: BTreeSet<&str> = files.iter().filter_map(|(key, _)| Some(key.rsplit_once('/')?.0)).collect();
    let walked_folder = import.walked.rsplit_once('/').map(|(folder, _)| folder);
    let new_folders = folders.iter().filter(|folder| Some(**folder) != walked_folder).count() as u64;
    // Begun again meanwhile: it walks once more, and finds there what was brought in.
    let is_same = |now: &Import| now.part.as_ref() == Some(&part);
    let failed = brought.failures.len() as u64;
    change_if(cx, &import, is_same, &brought.failures, |import| {
        import.statistics.files_completed += brought.files;
        import.statistics.events_completed += brought.events;
        import.statistics.failed_entries += failed;
        import.statistics.prefixes_found += new_folders;
        import.statistics.prefixes_completed += new_folders;
        import.too_old += too_old;
        import.walked.clone_from(&part.through);
        import.part = None;
    })?;
    Ok(true)
}

/// How one ends that has walked everything.
fn ended(import: &Import) -> ImportStatus {
    if import.statistics.failed_entries == 0 { ImportStatus::Completed } else { ImportStatus::Failed }
}

/// It has walked everything, or cannot go on for this reason.
fn end(cx: &Delivering<'_>, import: &Import, fault: Option<(&str, &str)>) -> Result<(), Fault> {
    if let Some(Part { number, .. }) = import.part
        && cx.world.lake.kept()?.import < number
    {
        cx.store.write(|w| w.forget_import_part(number))?;
    }
    let failure = fault.map(|(kind, message)| {
        let (_, prefix) = import.source.parts();
        ImportFailure { key: prefix.into(), at: cx.now, kind: kind.into(), message: message.into() }
    });
    let mut has_ended = None;
    change_if(cx, import, goes_on, failure.as_slice(), |import| {
        import.statistics.failed_entries += u64::from(fault.is_some());
        import.status = ended(import);
        import.part = None;
        has_ended = Some(import.clone());
    })?;
    // Once it is kept: what could not be is tried again.
    has_ended.iter().for_each(tell);
    Ok(())
}

/// Says in the log what came of one that has ended. What it passed over AWS's answers have no words for.
fn tell(Import { id, destination, status, statistics, too_old, .. }: &Import) {
    let ImportStatistics { files_completed: files, events_completed: events, failed_entries: failed, .. } = *statistics;
    tracing::info!(import = id, ?status, files, events, failed, too_old, "an import has ended");
    if *too_old > 0 {
        tracing::warn!(
            import = id,
            store = destination,
            files = too_old,
            "log files that are older than the event data store keeps events were not imported: set its RetentionPeriod, and \
             import them again"
        );
    }
}

fn change(cx: &Delivering<'_>, import: &Import, change: impl FnOnce(&mut Import)) -> Result<(), StoreError> {
    change_if(cx, import, goes_on, &[], change)
}

fn goes_on(now: &Import) -> bool {
    now.status.is_going_on() || now.part.is_some()
}

/// Changes an import as it is now, if that still holds of it, and notes what could not be brought in.
fn change_if(
    cx: &Delivering<'_>,
    import: &Import,
    holds: impl FnOnce(&Import) -> bool,
    failures: &[ImportFailure],
    change: impl FnOnce(&mut Import),
) -> Result<(), StoreError> {
    cx.store.write(|w| {
        let Some(mut now) = w.get::<Import>(&import.key())?.map(|stored| stored.value).filter(holds) else {
            return Ok(());
        };
        for failure in failures {
            w.add_import_failure(&now.id, failure)?;
        }
        change(&mut now);
        now.put(w, cx.now)
    })
}

/// Files behind what was walked.
struct Listed {
    /// Their keys and sizes.
    files: Vec<(String, u64)>,
    /// The last key that was looked at.
    through: String,
    /// There is nothing behind it now.
    is_last: bool,
    /// Log files up to there that the store keeps no events of.
    too_old: u64,
}

fn list(cx: &Delivering<'_>, import: &Import, oldest: Timestamp) -> Result<Listed, BucketError> {
    let (bucket, prefix) = import.source.parts();
    let (mut files, mut bytes, mut through, mut too_old) = (Vec::new(), 0, import.walked.clone(), 0);
    loop {
        let page = cx.world.buckets.list(bucket, prefix, &through, PAGE)?;
        let is_last = page.len() < PAGE;
        for (key, size) in page {
            // A part that was begun has the files that it had.
            if import.part.as_ref().is_some_and(|part| key > part.through) {
                return Ok(Listed { files, through, is_last: false, too_old });
            }
            through.clone_from(&key);
            match import.wants(&key, oldest) {
                Wants::It => {
                    bytes += size;
                    files.push((key, size));
                }
                Wants::TooOld => too_old += 1,
                Wants::Not => {}
            }
            if import.part.is_none() && (bytes >= ENOUGH_BYTES || files.len() >= ENOUGH_FILES) {
                return Ok(Listed { files, through, is_last: false, too_old });
            }
        }
        // A long stretch without log files is walked in steps, too.
        if is_last || files.is_empty() && import.part.is_none() {
            return Ok(Listed { files, through, is_last, too_old });
        }
    }
}

/// Names a part with its files.
fn begin(cx: &Delivering<'_>, import: &Import, files: &[(String, u64)], through: String) -> Result<Part, StoreError> {
    let (bucket, _) = import.source.parts();
    cx.store.write(|w| {
        // What is counted already is the follower's.
        let keys: Vec<&str> = files.iter().map(|(key, _)| key.as_str()).collect();
        let counted = w.were_counted(bucket, &keys)?;
        let own = keys.iter().zip(counted).filter(|(_, is_counted)| !is_counted).map(|(key, _)| *key);
        let number = w.begin_import_part(bucket, own)?;
        let part = Part { number, through };
        if let Some(mut now) = w.get::<Import>(&import.key())?.map(|stored| stored.value)
            && now.status.is_going_on()
        {
            now.status = ImportStatus::InProgress;
            now.part = Some(part.clone());
            now.put(w, cx.now)?;
        }
        Ok(part)
    })
}

/// What came of a part.
#[derive(Default)]
struct Brought {
    files: u64,
    events: u64,
    failures: Vec<ImportFailure>,
}

/// Fetches the files of a part, and hands over those that are not counted.
fn bring_in(cx: &Delivering<'_>, bucket: &str, files: &[(String, u64)], number: u64) -> Result<Brought, Fault> {
    let wanted = |(key, _): &(String, u64)| {
        let named = LogKey::of_path(key);
        Wanted {
            bucket: bucket.to_owned(),
            key: key.clone(),
            account_region: named.as_ref().map(|of| (of.account.as_str().into(), of.region.as_str().into())),
            delivered: named.map(|of| of.time),
            left_out: Vec::new(),
        }
    };
    let fetched = fetch(cx, files.iter().map(wanted).collect())?;
    let mut brought = Brought::default();
    let mut kept = Vec::new();
    let mut reader = Reader::new(Limits::default());
    let failure = |key: String, message: String| {
        let kind = "FileNotReadable".to_owned();
        ImportFailure { key, at: cx.now, kind, message }
    };
    for file in fetched {
        let mut file = match file {
            Ok(file) => file,
            Err(Gone { key, error, .. }) => {
                brought.failures.push(failure(key, error.to_string()));
                continue;
            }
        };
        let account = file.account_region.as_ref().map(|(account, _)| account.as_str());
        let latest = latest(file.delivered, cx.now.as_second());
        let (mut place, mut left_out) = (0, Vec::new());
        let read = reader.read(&file.bytes, account, |record| {
            match record {
                // Of an impossible time: it would not have been counted, either.
                Ok(Record::Call(call)) if call.out_of_time(latest).is_some() => left_out.push(place),
                Ok(_) => brought.events += 1,
                Err(_) => {}
            }
            place += 1;
        });
        file.left_out = left_out;
        match read {
            Ok(()) => brought.files += 1,
            // What can be read of it is brought in.
            Err(why) => brought.failures.push(failure(file.key.clone(), why.to_string())),
        }
        kept.push(file);
    }
    // What was counted is the follower's.
    let kept = cx.store.read(|r| {
        let mut own = Vec::new();
        for file in kept {
            if r.was_imported(&file.bucket, &file.key)? {
                own.push(file);
            }
        }
        Ok(own)
    })?;
    hand(cx, Handed { import: number, ..Handed::default() })?;
    cx.world.lake.import(number, &kept)?;
    tracing::debug!(number, files = kept.len(), events = brought.events, "brought log files into the lake");
    Ok(brought)
}
