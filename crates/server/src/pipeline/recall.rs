//! Recall: ids that are forgotten, of records that may come again from elsewhere.
//!
//! Where an account-Region has log files in several places (the trail of an organization beside that of an account, a bucket that is linked
//! under a second name, a copy of one), each record comes once from each. Within two days its fingerprint says so. But a place that is
//! new is read 90 days back: so the ids in those files of the others that were counted then are read again before, each file once.
//!
//! ```text
//!   an old file of this place ──► the ledger: files of other places, delivered about then, whose ids are forgotten ──► their ids
//!                                                                      ├──► that is gone: this one is set aside
//!                                                                      └──► that is refused: this one waits (`held_up.rs`)
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use record::api_call::Record;
use record::log_key::LogKey;
use record::names::{AccountId, EventCategory};
use record::time::{Minute, Minutes};
use store::StoreError;
use store::event_ids::{EventHour, fingerprint};
use store::log_files::{LedgerLine, LogFile, LogFileState};

use super::count::most_bytes;
use super::held_up::{Refusal, Refusing};
use super::{ObjectName, Pipeline};
use crate::deliver::Delivering;
use crate::ingest::reader;
use crate::watchers::TrailSource;
use crate::world::BucketError;

/// The files in which two places tell of a call were delivered so near to each other.
const NEAR: Minutes = Minutes(60);
/// Files that are fetched beside each other; and at first, as whoever does not answer is waited for.
const AT_ONCE: usize = 64;
const AT_FIRST: usize = 8;

/// Which files were asked for again.
#[derive(Debug, Default)]
pub(super) struct Recalled {
    /// How often ids had been forgotten by then: what was read before the last time is forgotten again.
    times: u64,
    read: BTreeSet<ObjectName>,
    gone: BTreeSet<ObjectName>,
    /// Who refused all that was asked for since the last listing: there may be thousands of files more, and each would be waited for.
    refused_by: BTreeMap<Refusing, Arc<Refusal>>,
}

/// Files that cannot be had, by when they were delivered: `None`, they are gone; or whoever refuses them.
type Lost = BTreeMap<TrailSource, Vec<(Minute, Option<Arc<Refusal>>)>>;

impl Recalled {
    /// Whether these refused all that was asked for.
    pub(super) fn is_refused_by(&self, refusing: &Refusing) -> bool {
        self.refused_by.contains_key(refusing)
    }

    /// All are asked once more.
    pub(super) fn ask_again(&mut self) {
        self.refused_by.clear();
    }

    /// What was read is forgotten again, if ids were forgotten since.
    fn since(&mut self, times: u64) {
        if self.times != times {
            let refused_by = std::mem::take(&mut self.refused_by);
            *self = Recalled { times, refused_by, ..Recalled::default() };
        }
    }
}

impl Pipeline {
    /// Recalls what these files may be copies of, and takes out those that may be copies of what cannot be had now. Gives those that may be
    /// copies of what is gone: theirs is the only count that can be.
    pub(super) fn recall(
        &mut self,
        cx: &Delivering<'_>,
        files: &mut Vec<(LogFile, TrailSource)>,
    ) -> Result<BTreeSet<ObjectName>, StoreError> {
        let lost = self.recall_beside(cx, files)?;
        let mut gone = BTreeSet::new();
        files.retain(|(file, source)| {
            let (name, lost) = (name_of(file), beside(&lost, file, source));
            match lost {
                Some(Some(refusal)) => {
                    self.held_up.wait(name, refusal, cx.now);
                    return false;
                }
                Some(None) => drop(gone.insert(name.clone())),
                None => {}
            }
            self.held_up.go(&name);
            true
        });
        Ok(gone)
    }

    /// Reads what was counted from elsewhere beside these files, as far as it is forgotten. Gives what cannot be had.
    fn recall_beside(&mut self, cx: &Delivering<'_>, files: &[(LogFile, TrailSource)]) -> Result<Lost, StoreError> {
        let is_elsewhere = |source: &TrailSource| self.sources.of(&source.account, &source.region).len() > 1;
        if !files.iter().any(|(_, source)| is_elsewhere(source)) {
            return Ok(Lost::new());
        }
        let Some(forgotten) = cx.store.read(|r| r.forgotten_event_ids())? else { return Ok(Lost::new()) };
        let mut spans: BTreeMap<&TrailSource, (Minute, Minute)> = BTreeMap::new();
        for (file, source) in files.iter().filter(|(_, source)| is_elsewhere(source)) {
            let Some(at) = file.delivered.filter(|at| *at < forgotten.before + NEAR) else { continue };
            let span = spans.entry(source).or_insert((at, at));
            *span = (span.0.min(at), span.1.max(at));
        }
        self.recalled.since(forgotten.times);
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
                    lost.entry(source.clone()).or_default().extend(line.file.delivered.map(|at| (at, None)));
                } else if !self.recalled.read.contains(&name) {
                    wanted.push((line.file, source.clone()));
                }
            }
        }
        let (mut wanted, mut at_once) = (wanted.into_iter(), AT_FIRST);
        loop {
            let mut next = Vec::new();
            while next.len() < at_once {
                let Some((file, source)) = wanted.next() else { break };
                // Those of whoever refuses everything are not asked for one by one.
                match self.recalled.refusal(&file, &source) {
                    None => next.push((file, source)),
                    Some(refusal) => {
                        lost.entry(source).or_default().extend(file.delivered.map(|at| (at, Some(refusal))));
                    }
                }
            }
            if next.is_empty() {
                return Ok(lost);
            }
            self.recalled.read_again(cx, &next, &mut lost)?;
            at_once = AT_ONCE;
        }
    }
}

pub(super) fn name_of(file: &LogFile) -> ObjectName {
    (file.bucket.clone(), file.key.clone())
}

/// Whoever may refuse a file: for what is in it, or whatever is asked for.
fn refusing(file: &LogFile, source: &TrailSource) -> [Refusing; 2] {
    let of = Some((source.account.clone(), source.region.clone()));
    [of, None].map(|of| Refusing { bucket: file.bucket.clone(), of })
}

impl Recalled {
    /// Why this file is not asked for, of those that would be copies of it.
    fn refusal(&self, file: &LogFile, source: &TrailSource) -> Option<Arc<Refusal>> {
        refusing(file, source).iter().find_map(|refusing| self.refused_by.get(refusing).cloned())
    }

    /// Reads files again, and remembers the ids in them.
    fn read_again(
        &mut self,
        cx: &Delivering<'_>,
        files: &[(LogFile, TrailSource)],
        lost: &mut Lost,
    ) -> Result<(), StoreError> {
        let (mut reader, mut read, mut failed, mut why) = (reader(), Vec::new(), 0, None);
        let mut ids: BTreeMap<(AccountId, EventHour), Vec<u64>> = BTreeMap::new();
        let (mut answering, mut refused) = (BTreeSet::new(), BTreeMap::new());
        let names = files.iter().map(|(file, _)| name_of(file)).collect();
        for (place, content) in cx.world.buckets.get_each(names, most_bytes()) {
            let (file, source) = &files[place];
            let error = match content {
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
                    answering.extend(refusing(file, source));
                    continue;
                }
                Err(error) => error,
            };
            let [of_these, of_all] = refusing(file, source);
            let by = match error {
                // Its key is one account's, or what is allowed is a prefix.
                BucketError::Denied(_) => Some(of_these),
                // It does not answer.
                BucketError::Other(_) => Some(of_all),
                _ => None,
            };
            if by.is_none() {
                self.gone.insert(name_of(file));
                answering.extend(refusing(file, source));
            }
            let refusal = by.map(|by| {
                let refusal = || Arc::new(Refusal { by: by.clone(), error: error.clone() });
                Arc::clone(refused.entry(by.clone()).or_insert_with(refusal))
            });
            lost.entry(source.clone()).or_default().extend(file.delivered.map(|at| (at, refusal)));
            failed += 1;
            why.get_or_insert((file, error));
        }
        if let Some((LogFile { bucket, key, .. }, error)) = why {
            tracing::warn!(
                bucket,
                key,
                files = failed,
                %error,
                "log files that were counted cannot be read again, this one among them; `trailsight status` tells which wait for them"
            );
        }
        cx.store.write(|w| {
            ids.iter().try_for_each(|((account, hour), ids)| w.add_event_ids(account, *hour, ids).map(drop))
        })?;
        self.read.extend(read);
        self.refused_by.extend(refused.into_iter().filter(|(by, _)| !answering.contains(by)));
        Ok(())
    }
}

/// Whether something was delivered beside a file that cannot be had: whoever refuses it, or else `None`: it is gone.
fn beside<'l>(lost: &'l Lost, file: &LogFile, source: &TrailSource) -> Option<Option<&'l Arc<Refusal>>> {
    let (at, lost) = (file.delivered?, lost.get(source)?);
    let near = lost.iter().filter(|(other, _)| (*other - NEAR..=*other + NEAR).contains(&at));
    let near = near.map(|(_, refusal)| refusal.as_ref());
    near.reduce(Option::or)
}
