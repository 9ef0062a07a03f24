//! Ingest: log files become counts, each record once, all of a batch or nothing of it.
//!
//! ```text
//!  bytes ──record──► rows of numbers ─┐
//!                                     ├─ one transaction: these files are counted · which ids are new · counts · who called
//!  the ledger: not counted before ────┘
//! ```
//!
//! A batch is read before the transaction begins, and written within it: what is new is only known there, because the files of
//! a batch before may hold copies. So several batches may be read at once, and are written one after the other, in any order.
//! A file that was counted before is left out; a file that cannot be read at all is set aside with its reason and holds up no
//! other.

use std::collections::BTreeMap;
use std::sync::Arc;

use detect::tally::Tally;
use jiff::Timestamp;
use record::api_call::{Record, latest};
use record::log_file::{Limits, Reader, RejectedFile};
use record::log_key::LogKey;
use record::names::{AccountId, EventCategory};
use store::log_files::LogFile;
use store::{Store, StoreError};

use crate::bus::Bus;
use crate::watchers::{Sources, TrailSource, Watchers};

mod rows;
mod telling;
mod trail_logs;

use rows::{Place, Rows};
use telling::Telling;
use trail_logs::TrailLogs;

pub(crate) use telling::PIECE;

/// A log file and what lies in it.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// What is known of it.
    pub file: LogFile,
    /// Its bytes, mostly gzip.
    pub bytes: Vec<u8>,
}

impl Fetched {
    /// An object of a bucket. Whose log file it is, and when it was delivered, its key says.
    pub fn named(bucket: &str, key: &str, bytes: Vec<u8>) -> Fetched {
        let told = LogKey::of_path(key);
        let account_region = |told: &LogKey| (told.account.as_str().into(), told.region.as_str().into());
        let file = LogFile {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            etag: String::new(),
            size: bytes.len() as u64,
            account_region: told.as_ref().map(account_region),
            delivered: told.map(|told| told.time),
        };
        Fetched { file, bytes }
    }
}

/// The bus that records are published on.
#[derive(Clone, Copy)]
pub struct Listening<'b> {
    pub(crate) bus: &'b Bus,
    /// Records that no trail logs are told to nobody; nor are those of before it did, which are history.
    pub(crate) watchers: &'b Watchers,
}

impl Listening<'_> {
    /// Whether anybody wants records.
    pub(crate) fn is_heard(&self) -> bool {
        self.bus.has_rules() || TrailLogs::are_wanted(self.watchers)
    }
}

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Ingested {
    /// What was counted, to be added to what is known in memory.
    pub tally: Tally,
    /// Files counted now.
    pub files: u64,
    /// Files that were counted before.
    pub known_files: u64,
    /// Of those, files that end amid a record or a stream: counted is what came before.
    pub cut_short_files: u64,
    /// Files set aside.
    pub refused_files: u64,
    /// Why they were.
    pub refused_for: BTreeMap<&'static str, u64>,
    /// Records counted.
    pub counted: u64,
    /// Records that were counted before.
    pub duplicates: u64,
    /// Records that are not counted by their kind: insights, network activity.
    pub filtered: u64,
    /// Records that could not be read.
    pub rejected: u64,
    /// Why they could not.
    pub rejected_for: BTreeMap<&'static str, u64>,
    /// Whose log files these were too: account-Regions that the records name, and the files' keys do not.
    pub(crate) learned: Vec<TrailSource>,
}

impl Ingested {
    fn reject(&mut self, reason: &'static str) {
        self.rejected += 1;
        *self.rejected_for.entry(reason).or_default() += 1;
    }
}

/// How log files are read: of one that is read again the records are the same.
pub(crate) fn reader() -> Reader {
    Reader::new(Limits::default())
}

/// Counts a batch of log files that lie nowhere in particular. `batch` is its number, one above the newest.
pub fn ingest(store: &Store, batch: u64, files: &[Fetched], now: Timestamp) -> Result<Ingested, StoreError> {
    let known = known(store, files)?;
    let (mut reader, mut read) = (reader(), Batch::default());
    for (Fetched { file, bytes }, is_known) in files.iter().zip(known) {
        if is_known {
            read.told.known_files += 1;
        } else {
            read.add(&mut reader, file.clone(), None, bytes, None, now);
        }
    }
    read.write(store, batch, None, now)
}

/// Log files that were read, and are written at once. It is used again for the next ones: its room is kept.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    rows: Rows,
    telling: Telling,
    /// Those that were read, and how many records each has.
    files: Vec<(LogFile, u64)>,
    /// Those that could not be, and why.
    refused: Vec<(LogFile, String)>,
    told: Ingested,
}

impl Batch {
    /// Begins; what is known is whose log files lie where.
    pub(crate) fn begin(&mut self, sources: &Arc<Sources>) {
        self.rows.sources = Arc::clone(sources);
    }

    /// Forgets what was written; the room for as much is kept.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.telling.clear();
        self.files.clear();
        self.refused.clear();
        self.told = Ingested::default();
    }

    /// Reads a file, which lies there if it lies anywhere. Rules of whoever is listening are matched with its records.
    pub(crate) fn add(
        &mut self,
        reader: &mut Reader,
        file: LogFile,
        source: Option<&TrailSource>,
        bytes: &[u8],
        listening: Option<Listening<'_>>,
        now: Timestamp,
    ) {
        match self.read(reader, &file, source, bytes, listening, now) {
            (0, Some(reason)) => self.set_aside(file, reason.as_str(), reason.to_string()),
            (records, reason) => {
                if let Some(reason) = reason {
                    self.told.cut_short_files += 1;
                    tracing::warn!(key = file.key, records, %reason, "a log file ends early; what it tells is counted");
                }
                self.files.push((file, records));
            }
        }
    }

    /// Sets a file aside. `why`: the reason in short, by which such files are counted.
    pub(crate) fn set_aside(&mut self, file: LogFile, why: &'static str, reason: String) {
        tracing::warn!(bucket = file.bucket, key = file.key, reason, "a log file is set aside");
        *self.told.refused_for.entry(why).or_default() += 1;
        self.refused.push((file, reason));
    }

    /// Reads one file, which lies there. Says how many records it has, and what is wrong with it.
    fn read(
        &mut self,
        reader: &mut Reader,
        file: &LogFile,
        source: Option<&TrailSource>,
        bytes: &[u8],
        listening: Option<Listening<'_>>,
        now: Timestamp,
    ) -> (u64, Option<RejectedFile>) {
        let account = file.account_region.as_ref().map(|(account, _)| account);
        let latest = latest(file.delivered, now.as_second());
        let (rows, told, mut records) = (&mut self.rows, &mut self.told, 0u64);
        // The row from which on it is told when it is written.
        let (telling, mut read_again) = (&mut self.telling, None);
        // This file's place among those that are counted, should it be.
        let number = self.files.len() as u32;
        let ended = reader.read(bytes, account.map(AccountId::as_str), |record| {
            let place = Place { file: number, record: records as u32 };
            records += 1;
            match record {
                Ok(Record::Call(call)) if let Some(reason) = call.out_of_time(latest) => {
                    told.reject(reason);
                    rows.left_out.push(place);
                }
                Ok(Record::Call(call)) => match call.category {
                    EventCategory::Management | EventCategory::Data => {
                        let learned = source.and_then(|file| rows.sources.learned(file, &call.account, &call.region));
                        if let Some(learned) = learned {
                            Arc::make_mut(&mut rows.sources).add(learned.clone());
                            told.learned.push(learned);
                        }
                        match listening {
                            Some(_) if telling.is_full() => drop(read_again.get_or_insert(rows.rows.len())),
                            Some(listening) => telling.add(rows.rows.len(), listening, &rows.sources, &call, now),
                            None => {}
                        }
                        rows.add(&call, place);
                    }
                    EventCategory::NetworkActivity | EventCategory::Insight => told.filtered += 1,
                },
                Ok(Record::Insight { .. }) => told.filtered += 1,
                Err(rejection) => {
                    told.reject(rejection.reason.as_str());
                    tracing::debug!(key = file.key, %rejection, "a record is not counted");
                }
            }
        });
        if let Some(row) = read_again {
            telling.read_again(number, account, bytes, row);
        }
        (records, ended.err())
    }

    /// Nothing more is read: what can be done before the others' turn to write is over is done here.
    pub(crate) fn end(&mut self) {
        self.rows.put_in_order();
    }

    /// Bytes of what is to be told of them.
    pub(crate) fn told_bytes(&self) -> usize {
        self.telling.bytes()
    }

    /// Records that were read and are to be written.
    pub(crate) fn records(&self) -> usize {
        self.rows.rows.len()
    }

    /// Nothing was read.
    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.refused.is_empty()
    }

    /// The files of it, those that were set aside too.
    pub(crate) fn log_files(&self) -> impl Iterator<Item = &LogFile> {
        self.files.iter().map(|(file, _)| file).chain(self.refused.iter().map(|(file, _)| file))
    }

    /// Writes all of it or nothing. None of the files was counted before; whoever listens is who did when they were read.
    pub(crate) fn write(
        &mut self,
        store: &Store,
        batch: u64,
        listening: Option<Listening<'_>>,
        now: Timestamp,
    ) -> Result<Ingested, StoreError> {
        if !self.rows.are_in_order() {
            self.end();
        }
        let mut told = std::mem::take(&mut self.told);
        told.files = self.files.len() as u64;
        told.refused_files = self.refused.len() as u64;
        let Batch { rows, telling, files, refused, .. } = self;
        store.write(|w| {
            w.mark_counted(batch, files.iter().map(|(file, records)| (file, *records)), now)?;
            for (file, reason) in refused.iter() {
                w.mark_refused(file, reason, now)?;
            }
            let is_new = rows.new_ones(|account, hour, ids| w.add_event_ids(account, hour, ids))?;
            rows.count(&is_new, &mut told);
            rows.left_out.sort_unstable();
            for places in rows.left_out.chunk_by(|a, b| a.file == b.file) {
                let records: Vec<u32> = places.iter().map(|place| place.record).collect();
                w.leave_out(&files[places[0].file as usize].0, &records)?;
            }
            let counted = w.add_counts(&told.tally)?;
            w.add_attributions(&counted, &rows.who)?;
            for source in &told.learned {
                w.put(&source.key(), source, now)?;
            }
            match listening {
                Some(listening) => telling.put(w, listening, rows, &is_new, now),
                None => Ok(()),
            }
        })?;
        Ok(told)
    }
}

/// Which of the files were counted before, or come twice.
fn known(store: &Store, files: &[Fetched]) -> Result<Vec<bool>, StoreError> {
    store.read(|r| {
        let mut seen = std::collections::BTreeSet::new();
        files
            .iter()
            .map(|Fetched { file, .. }| {
                let is_second = !seen.insert((&file.bucket, &file.key));
                let counted = r.were_counted(&file.bucket, &[file.key.as_str()])?;
                Ok(is_second || counted.first() == Some(&true))
            })
            .collect()
    })
}
