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

use record::api_call::Record;
use record::log_key::LogKey;
use record::names::{AccountId, EventCategory};
use record::time::{Minute, Minutes};
use store::StoreError;
use store::event_ids::{EventHour, fingerprint};
use store::log_files::{LedgerLine, LogFile, LogFileState};

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

/// Which files were asked for again.
#[derive(Debug, Default)]
pub(super) struct Recalled {
    /// How often ids had been forgotten by then: what was read before the last time is forgotten again.
    times: u64,
    read: BTreeSet<ObjectName>,
    gone: BTreeSet<ObjectName>,
}

/// Of files that cannot be had: when they were delivered, and whether they are gone.
type Lost = BTreeMap<TrailSource, Vec<(Minute, bool)>>;

impl Pipeline {
    /// Recalls what these files may be copies of, and takes out those that may be copies of what cannot be had now. Gives those that may be
    /// copies of what is gone: theirs is the only count that can be.
    pub(super) fn recall(
        &mut self,
        cx: &Delivering<'_>,
        files: &mut Vec<(LogFile, TrailSource)>,
    ) -> Result<BTreeSet<ObjectName>, StoreError> {
        let is_elsewhere = |source: &TrailSource| self.sources.of(&source.account, &source.region).len() > 1;
        if !files.iter().any(|(_, source)| is_elsewhere(source)) {
            return Ok(BTreeSet::new());
        }
        let Some(forgotten) = cx.store.read(|r| r.forgotten_event_ids())? else { return Ok(BTreeSet::new()) };
        let mut spans: BTreeMap<&TrailSource, (Minute, Minute)> = BTreeMap::new();
        for (file, source) in files.iter().filter(|(_, source)| is_elsewhere(source)) {
            let Some(at) = file.delivered.filter(|at| *at < forgotten.before + NEAR) else { continue };
            let span = spans.entry(source).or_insert((at, at));
            *span = (span.0.min(at), span.1.max(at));
        }
        if self.recalled.times != forgotten.times {
            self.recalled = Recalled { times: forgotten.times, ..Recalled::default() };
        }
        let (mut wanted, mut lost) = (Vec::new(), Lost::new());
        for (source, (from, until)) in spans {
            let counted = cx.store.read(|r| {
                let until = (until + NEAR).next();
                r.log_files_delivered(&source.account, &source.region, from - NEAR, until, usize::MAX)
            })?;
            // Where no trail reads any more, by its beginning.
            let is_here = |file: &LogFile| {
                let told = || LogKey::of_path(&file.key);
                let place = || told().and_then(|told| self.watchers.source(&file.bucket, &file.key, &told));
                file.bucket == source.bucket
                    && place().map_or(file.key.starts_with(&source.start), |place| place.start == source.start)
            };
            let is_forgotten = |line: &LedgerLine| match line.state {
                LogFileState::Counted { batch, .. } => batch <= forgotten.through,
                LogFileState::New | LogFileState::Refused { .. } => false,
            };
            for line in counted.into_iter().filter(|line| is_forgotten(line) && !is_here(&line.file)) {
                let name = name_of(&line.file);
                if self.recalled.gone.contains(&name) {
                    lost.entry(source.clone()).or_default().extend(line.file.delivered.map(|at| (at, true)));
                } else if !self.recalled.read.contains(&name) {
                    wanted.push((line.file, source.clone()));
                }
            }
        }
        for files in wanted.chunks(AT_ONCE) {
            read_again(cx, files, &mut self.recalled, &mut lost)?;
        }
        Ok(take_out(files, &lost))
    }
}

fn name_of(file: &LogFile) -> ObjectName {
    (file.bucket.clone(), file.key.clone())
}

/// Reads files again, and remembers the ids in them.
fn read_again(
    cx: &Delivering<'_>,
    files: &[(LogFile, TrailSource)],
    recalled: &mut Recalled,
    lost: &mut Lost,
) -> Result<(), StoreError> {
    let (mut reader, mut read, mut failed, mut why) = (reader(), Vec::new(), 0, None);
    let mut ids: BTreeMap<(AccountId, EventHour), Vec<u64>> = BTreeMap::new();
    let names = files.iter().map(|(file, _)| name_of(file)).collect();
    for (place, content) in cx.world.buckets.get_each(names, most_bytes()) {
        let (file, source) = &files[place];
        match content {
            Ok(bytes) => {
                // How far it can be read was said when it was counted.
                let _ = reader.read(&bytes, Some(source.account.as_str()), |record| {
                    let Ok(Record::Call(call)) = record else { return };
                    if matches!(call.category, EventCategory::Management | EventCategory::Data) {
                        let of = ((&*call.account).into(), EventHour::of_seconds(call.event_time));
                        ids.entry(of).or_default().push(fingerprint(call.event_id));
                    }
                });
                read.push(name_of(file));
            }
            Err(error) => {
                let is_gone = matches!(error, BucketError::NoBucket(_) | BucketError::NoObject(_));
                lost.entry(source.clone()).or_default().extend(file.delivered.map(|at| (at, is_gone)));
                if is_gone {
                    recalled.gone.insert(name_of(file));
                }
                failed += 1;
                why.get_or_insert((file, error));
            }
        }
    }
    if let Some((LogFile { bucket, key, .. }, error)) = why {
        tracing::warn!(bucket, key, files = failed, %error, "log files that were counted cannot be read again, this one among them");
    }
    cx.store
        .write(|w| ids.iter().try_for_each(|((account, hour), ids)| w.add_event_ids(account, *hour, ids).map(drop)))?;
    recalled.read.extend(read);
    Ok(())
}

/// Takes out files beside which others were counted that cannot be had now: the next listing finds them. Gives those beside which they are gone.
fn take_out(files: &mut Vec<(LogFile, TrailSource)>, lost: &Lost) -> BTreeSet<ObjectName> {
    let beside = |file: &LogFile, source: &TrailSource| {
        let (at, lost) = (file.delivered?, lost.get(source)?);
        let near = lost.iter().filter(|(other, _)| (*other - NEAR..=*other + NEAR).contains(&at));
        near.map(|(_, is_gone)| *is_gone).min()
    };
    let mut gone = BTreeSet::new();
    files.retain(|(file, source)| match beside(file, source) {
        None => true,
        Some(false) => false,
        Some(true) => gone.insert(name_of(file)),
    });
    gone
}
