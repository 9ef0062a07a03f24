//! Recall: ids that are forgotten, of records that may come again from elsewhere.
//!
//! Where an account-Region has log files in several places (the trail of an organization beside that of an account, a bucket that is linked
//! under a second name, a copy of one), each record comes once from each. Within two days its fingerprint says so. But a place that is
//! new is read 90 days back: so the ids in those files of the others that were counted then are read again before, each file once.
//!
//! ```text
//!   an old file of this place ──► the ledger: files of other places, delivered about then, whose ids are forgotten ──► their ids
//!                                                                      └──► that cannot be had: this one is not counted
//! ```

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use record::api_call::Record;
use record::log_key::LogKey;
use record::names::{AccountId, EventCategory};
use record::time::{Minute, Minutes};
use store::StoreError;
use store::event_ids::{EventHour, fingerprint};
use store::log_files::LogFile;

use super::count::most_bytes;
use super::{ObjectName, Pipeline};
use crate::deliver::Delivering;
use crate::ingest::reader;
use crate::watchers::TrailSource;
use crate::world::BucketError;

/// The files in which two places tell of a call were delivered so near to each other.
const NEAR: Minutes = Minutes(60);
/// Files that are fetched beside each other.
const AT_ONCE: usize = 64;

/// Which files were read again.
#[derive(Debug, Default)]
pub(super) struct Recalled {
    /// Since when ids are remembered: what was read before that is forgotten again.
    since: Option<Timestamp>,
    files: BTreeSet<ObjectName>,
}

/// A file that was counted from elsewhere.
struct Elsewhere {
    name: ObjectName,
    account: AccountId,
    delivered: Minute,
}

impl Pipeline {
    /// Recalls what these files may be copies of, and takes out those that may be copies of what cannot be had.
    pub(super) fn recall(
        &mut self,
        cx: &Delivering<'_>,
        files: &mut Vec<(LogFile, TrailSource)>,
    ) -> Result<(), StoreError> {
        let is_elsewhere = |source: &TrailSource| self.sources.of(&source.account, &source.region).len() > 1;
        if !files.iter().any(|(_, source)| is_elsewhere(source)) {
            return Ok(());
        }
        let Some(forgotten) = cx.store.read(|r| r.forgotten_event_ids())? else { return Ok(()) };
        let mut spans: BTreeMap<&TrailSource, (Minute, Minute)> = BTreeMap::new();
        for (file, source) in files.iter().filter(|(_, source)| is_elsewhere(source)) {
            let Some(at) = file.delivered.filter(|at| *at < forgotten.before + NEAR) else { continue };
            let span = spans.entry(source).or_insert((at, at));
            *span = (span.0.min(at), span.1.max(at));
        }
        if self.recalled.since != Some(forgotten.at) {
            self.recalled = Recalled { since: Some(forgotten.at), ..Recalled::default() };
        }
        let mut gone: BTreeMap<TrailSource, Vec<(Minute, bool)>> = BTreeMap::new();
        for (source, (from, until)) in spans {
            let counted = cx.store.read(|r| {
                let until = (until + NEAR).next();
                r.log_files_delivered(&source.account, &source.region, from - NEAR, until, usize::MAX)
            })?;
            // Where no trail reads any more, by its beginning.
            let is_here = |file: &LogFile| {
                let told = LogKey::of_path(&file.key);
                let place = told.and_then(|told| self.watchers.source(&file.bucket, &file.key, &told));
                let is_it = place.map_or(file.key.starts_with(&source.start), |place| place.start == source.start);
                file.bucket == source.bucket && is_it
            };
            let wanted = counted.into_iter().filter(|line| line.changed_at <= forgotten.at && !is_here(&line.file));
            let wanted = wanted.filter_map(|line| {
                let name = (line.file.bucket, line.file.key);
                Some(Elsewhere { name, account: source.account.clone(), delivered: line.file.delivered? })
            });
            let wanted: Vec<Elsewhere> = wanted.filter(|file| !self.recalled.files.contains(&file.name)).collect();
            for files in wanted.chunks(AT_ONCE) {
                let lost = read_again(cx, files, &mut self.recalled)?;
                gone.entry(source.clone()).or_default().extend(lost);
            }
        }
        take_out(cx, files, &gone)
    }
}

/// Reads files again, and remembers the ids in them. Of those that cannot be had: when they were delivered, and whether they are gone.
fn read_again(
    cx: &Delivering<'_>,
    files: &[Elsewhere],
    recalled: &mut Recalled,
) -> Result<Vec<(Minute, bool)>, StoreError> {
    let (mut reader, mut lost, mut read, mut why) = (reader(), Vec::new(), Vec::new(), None);
    let mut ids: BTreeMap<(AccountId, EventHour), Vec<u64>> = BTreeMap::new();
    let names = files.iter().map(|file| file.name.clone()).collect();
    for (place, content) in cx.world.buckets.get_each(names, most_bytes()) {
        let Elsewhere { name, account, delivered } = &files[place];
        match content {
            Ok(bytes) => {
                // How far it can be read was said when it was counted.
                let _ = reader.read(&bytes, Some(account.as_str()), |record| {
                    let Ok(Record::Call(call)) = record else { return };
                    if matches!(call.category, EventCategory::Management | EventCategory::Data) {
                        let of = ((&*call.account).into(), EventHour::of_seconds(call.event_time));
                        ids.entry(of).or_default().push(fingerprint(call.event_id));
                    }
                });
                read.push(name.clone());
            }
            Err(error) => {
                let is_gone = matches!(error, BucketError::NoBucket(_) | BucketError::NoObject(_));
                lost.push((*delivered, is_gone));
                why.get_or_insert((name, error));
            }
        }
    }
    if let Some(((bucket, key), error)) = why {
        tracing::warn!(bucket, key, files = lost.len(), %error, "log files that were counted cannot be read again, this one among them");
    }
    cx.store
        .write(|w| ids.iter().try_for_each(|((account, hour), ids)| w.add_event_ids(account, *hour, ids).map(drop)))?;
    recalled.files.extend(read);
    Ok(lost)
}

/// Takes out files beside which others were counted that cannot be had. Where those are gone, theirs is the only count that can be.
fn take_out(
    cx: &Delivering<'_>,
    files: &mut Vec<(LogFile, TrailSource)>,
    gone: &BTreeMap<TrailSource, Vec<(Minute, bool)>>,
) -> Result<(), StoreError> {
    let beside = |file: &LogFile, source: &TrailSource| {
        let (at, lost) = (file.delivered?, gone.get(source)?);
        lost.iter()
            .filter(|(other, _)| (*other - NEAR..=*other + NEAR).contains(&at))
            .map(|(_, is_gone)| *is_gone)
            .min()
    };
    let mut set_aside = Vec::new();
    files.retain(|(file, source)| match beside(file, source) {
        None => true,
        // The next listing finds it.
        Some(false) => false,
        Some(true) => {
            set_aside.push(file.clone());
            false
        }
    });
    if set_aside.is_empty() {
        return Ok(());
    }
    tracing::warn!(
        files = set_aside.len(),
        "log files may be copies of others that were counted and are gone: they are set aside"
    );
    let reason =
        "its records may have been counted from another place, whose log files are gone: they are not counted again";
    cx.store.write(|w| set_aside.iter().try_for_each(|file| w.mark_refused(file, reason, cx.now)))
}
