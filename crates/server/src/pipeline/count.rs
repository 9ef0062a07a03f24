//! Count: log files are fetched and read by several threads, and written by one.
//!
//! ```text
//!   waiting files ──► a thread: fetch some, read ──► batch ─┐
//!                 └─► a thread: fetch some, read ──► batch ─┴─► one after the other: a transaction each
//! ```
//!
//! As counts do not depend on the order of files, it does not matter who has which, nor which batch is written first. Who reads
//! waits when as many batches wait to be written as there are readers: so little is in memory, however much lies there.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::vec::IntoIter;

use jiff::Timestamp;
use record::log_file::{Limits, Reader};
use record::time::Minute;
use store::StoreError;
use store::log_files::LogFile;

use super::recall::name_of;
use super::{LogObject, ObjectName, Pipeline};
use crate::bus::BusName;
use crate::cloudtrail::TrailStatus;
use crate::deliver::Delivering;
use crate::ingest::{Batch, Ingested, Listening, PIECE, reader};
use crate::metrics::seconds;
use crate::upkeep::KEPT;
use crate::watchers::{TrailSource, Watcher};
use crate::world::{BucketError, FetchedEach};

/// Bytes of log files that are counted in one transaction.
const BATCH_BYTES: u64 = 8 << 20;
/// Their records, give or take a file's.
const BATCH_RECORDS: usize = 50_000;
/// Fewer files than this are not worth another thread.
const FEW: usize = 8;
/// Files that a reader takes at once, to have them fetched beside each other.
const TAKEN: usize = 32;
/// Why a file is set aside beside which others are gone.
const COUNTED_ELSEWHERE: &str =
    "its records may have been counted from another place, whose log files are gone: they are not counted again";

impl Pipeline {
    /// Counts these objects, as far as they are log files of trails.
    pub fn count(&mut self, cx: &Delivering<'_>, objects: &[ObjectName]) -> Result<Vec<Ingested>, StoreError> {
        self.look_around(cx)?;
        let mut files = self.log_files(cx, objects)?;
        if files.is_empty() {
            self.unfetched.tried(objects, Vec::new(), cx.now);
            return Ok(Vec::new());
        }
        // Whose log files lie where is known before any of them is read.
        let new: BTreeSet<&TrailSource> =
            files.iter().map(|(_, source)| source).filter(|source| !self.sources.has(source)).collect();
        if !new.is_empty() {
            cx.store.write(|w| new.iter().try_for_each(|source| w.put(&source.key(), *source, cx.now).map(drop)))?;
            self.take_in(cx, new.into_iter().cloned())?;
        }
        let copies_of_gone = self.recall(cx, &mut files)?;
        let name = BusName::of_services(cx.place);
        let bus = match cx.rules.known(&name) {
            Some(bus) => bus,
            None => cx.store.write(|w| cx.rules.bus(w, &name))?,
        };
        let watchers = Arc::clone(&self.watchers);
        let threads = if files.len() < FEW || self.reads_alone {
            1
        } else {
            std::thread::available_parallelism().map_or(1, NonZero::get)
        };
        let listening = Listening { bus: &bus, watchers: &watchers };
        let spare = Mutex::new(std::mem::take(&mut self.spare));
        let waiting = Mutex::new(files.into_iter());
        let failed = Mutex::default();
        let is_heard = listening.is_heard();
        let desk = Desk { cx, listening, is_heard, copies_of_gone, readers: threads, waiting, spare, failed };
        let ingested = self.count_all(&desk, threads);
        self.spare = desk.spare.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.unfetched.tried(objects, desk.failed.into_inner().unwrap_or_else(PoisonError::into_inner), cx.now);
        ingested
    }

    fn count_all(&mut self, desk: &Desk<'_>, threads: usize) -> Result<Vec<Ingested>, StoreError> {
        if threads == 1 {
            let mut at_work = AtWork::default();
            return std::iter::from_fn(|| desk.read(&mut at_work)).map(|batch| self.write(desk, batch)).collect();
        }
        std::thread::scope(|scope| {
            let (read, to_be_written) = sync_channel(threads);
            for _ in 0..threads {
                let read = read.clone();
                scope.spawn(move || {
                    let mut at_work = AtWork::default();
                    while let Some(batch) = desk.read(&mut at_work) {
                        // Nobody writes any more: the store failed.
                        if read.send(batch).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(read);
            to_be_written.into_iter().map(|batch| self.write(desk, batch)).collect()
        })
    }

    /// The log files among these objects that were not counted before, each once.
    fn log_files(
        &mut self,
        cx: &Delivering<'_>,
        objects: &[ObjectName],
    ) -> Result<Vec<(LogFile, TrailSource)>, StoreError> {
        let oldest = Minute::of_seconds(cx.now.as_second()) - KEPT;
        let mut files = Vec::new();
        let mut seen = BTreeSet::new();
        for (bucket, key) in objects {
            match LogObject::of(&self.watchers, bucket, key, oldest) {
                // Told of by its put and by a listing, it is fetched once.
                Some(LogObject::File(file, source)) if seen.insert((bucket, key)) => files.push((file, source)),
                Some(LogObject::TooOld(source)) => self.leave_out((source.bucket, source.start), 1),
                Some(LogObject::File(..)) | None => {}
            }
        }
        let told_of = files.len();
        cx.store.read(|r| {
            let mut is_new = Vec::with_capacity(files.len());
            for (file, _) in &files {
                is_new.push(!r.were_counted(&file.bucket, &[&file.key])?.contains(&true));
            }
            let mut is_new = is_new.into_iter();
            files.retain(|_| is_new.next().unwrap_or(true));
            Ok(())
        })?;
        cx.metrics.known(told_of - files.len());
        Ok(files)
    }

    fn write(&mut self, desk: &Desk<'_>, read: Read) -> Result<Ingested, StoreError> {
        let (cx, Read { began, bytes, mut batch }) = (desk.cx, read);
        let mut ingested = batch.write(cx.store, self.newest_batch + 1, Some(desk.listening), cx.now)?;
        self.newest_batch += 1;
        cx.metrics.counted(&ingested, bytes, seconds(began, cx.world.clock.now()));
        // Before all else: should other settings make it load everything, this batch is among that.
        self.evaluator.add(&ingested.tally);
        let learned = std::mem::take(&mut ingested.learned);
        if !learned.is_empty() {
            self.take_in(cx, learned)?;
        }
        self.note_delivered(cx, batch.log_files())?;
        batch.clear();
        locked(&desk.spare).push(batch);
        let Ingested { files, counted, duplicates, rejected, refused_files, .. } = &ingested;
        tracing::info!(
            batch = self.newest_batch,
            bytes,
            files,
            counted,
            duplicates,
            rejected,
            refused_files,
            "counted log files"
        );
        Ok(ingested)
    }

    /// Notes in the status of each trail when the newest log file came that it reads.
    fn note_delivered<'f>(
        &self,
        cx: &Delivering<'_>,
        files: impl Iterator<Item = &'f LogFile>,
    ) -> Result<(), StoreError> {
        let mut newest = BTreeMap::new();
        for file in files {
            let Some((_, region)) = &file.account_region else { continue };
            let Some(at) = file.delivered.and_then(|at| Timestamp::from_second(at.seconds()).ok()) else { continue };
            for Watcher { trail, .. } in self.watchers.reading(&file.bucket, &file.key, region) {
                let of_trail = newest.entry(&trail.arn).or_insert((trail, at));
                of_trail.1 = of_trail.1.max(at);
            }
        }
        cx.store.write(|w| {
            newest.values().try_for_each(|(trail, at)| {
                TrailStatus::change(w, trail, cx.now, |status| status.delivery.succeed((*at).min(cx.now)))
            })
        })
    }
}

/// A batch that was read.
struct Read {
    /// When that began.
    began: Timestamp,
    /// Bytes that were fetched for it.
    bytes: u64,
    batch: Batch,
}

/// Where the readers take files from, and what they read them with.
struct Desk<'b> {
    cx: &'b Delivering<'b>,
    listening: Listening<'b>,
    /// Somebody wants records.
    is_heard: bool,
    /// Files whose records may have been counted from others that are gone.
    copies_of_gone: BTreeSet<ObjectName>,
    readers: usize,
    waiting: Mutex<IntoIter<(LogFile, TrailSource)>>,
    /// Batches that were written, for their room.
    spare: Mutex<Vec<Batch>>,
    /// Files that could not be fetched now.
    failed: Mutex<Vec<LogFile>>,
}

/// What a reader has in hand.
struct AtWork<'b> {
    reader: Reader,
    /// The files that it took, by their place among them,
    taken: Vec<Option<(LogFile, TrailSource)>>,
    /// and what comes of them.
    fetched: FetchedEach<'b>,
}

impl Default for AtWork<'_> {
    fn default() -> Self {
        AtWork { reader: reader(), taken: Vec::new(), fetched: Box::new(std::iter::empty()) }
    }
}

impl<'b> Desk<'b> {
    /// Reads files until there are enough for a transaction; none when no file is left.
    fn read(&self, at_work: &mut AtWork<'b>) -> Option<Read> {
        let mut next = self.next(at_work)?;
        let began = self.cx.world.clock.now();
        let mut batch = locked(&self.spare).pop().unwrap_or_default();
        batch.begin(&self.listening.watchers.sources);
        let mut bytes = 0;
        loop {
            bytes += self.add(&mut at_work.reader, &mut batch, next);
            let is_enough = bytes >= BATCH_BYTES || batch.records() >= BATCH_RECORDS || batch.told_bytes() >= PIECE;
            let Some(file) = (if is_enough { None } else { self.next(at_work) }) else {
                batch.end();
                return (!batch.is_empty()).then_some(Read { began, bytes, batch });
            };
            next = file;
        }
    }

    /// The next file that was fetched, or could not be.
    fn next(&self, at_work: &mut AtWork<'b>) -> Option<Next> {
        loop {
            if let Some((place, content)) = at_work.fetched.next() {
                let (file, source) = at_work.taken[place].take()?;
                return Some(Next { file, source, content });
            }
            let mut waiting = locked(&self.waiting);
            // Towards the end fewer, so that all readers end together.
            let share = (waiting.len() / (2 * self.readers)).clamp(1, TAKEN);
            at_work.taken = waiting.by_ref().take(share).map(Some).collect();
            drop(waiting);
            if at_work.taken.is_empty() {
                return None;
            }
            let names = at_work.taken.iter().flatten().map(|(file, _)| name_of(file)).collect();
            at_work.fetched = self.cx.world.buckets.get_each(names, most_bytes());
        }
    }

    /// Adds a file to the batch, if it is still there. Says how many bytes were fetched.
    fn add(&self, reader: &mut Reader, batch: &mut Batch, Next { file, source, content }: Next) -> u64 {
        match content {
            Ok(content) if self.copies_of_gone.contains(&name_of(&file)) => {
                let size = content.len() as u64;
                batch.set_aside(LogFile { size, ..file }, "counted elsewhere", COUNTED_ELSEWHERE.to_owned());
                size
            }
            Ok(content) => {
                let size = content.len() as u64;
                let listening = self.is_heard.then_some(self.listening);
                batch.add(reader, LogFile { size, ..file }, Some(&source), &content, listening, self.cx.now);
                size
            }
            Err(BucketError::TooLarge { bytes }) => {
                let most_bytes = most_bytes();
                let reason = format!("has {bytes} bytes, of {most_bytes} that a log file may have: it is not fetched");
                batch.set_aside(LogFile { size: bytes, ..file }, "too large", reason);
                0
            }
            // Gone again.
            Err(BucketError::NoBucket(_) | BucketError::NoObject(_)) => 0,
            Err(error) => {
                self.cx.metrics.unreachable();
                let LogFile { bucket, key, .. } = &file;
                tracing::warn!(bucket, key, %error, "a log file cannot be fetched; the next listing finds it");
                locked(&self.failed).push(file);
                0
            }
        }
    }
}

/// A file, and what came of fetching it.
struct Next {
    file: LogFile,
    source: TrailSource,
    content: Result<Vec<u8>, BucketError>,
}

/// What inflates to no more than may be is no larger as it lies there.
pub(super) fn most_bytes() -> u64 {
    Limits::default().inflated_bytes as u64
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
