//! Reading: all cores read batches of log files; what they read is merged in the order of the files.
//!
//! ```text
//!   core 1 ─► batch 4 ─┐
//!   core 2 ─► batch 3 ─┼─► waits for its turn ─► merge, one after the other ─► finish, on any core ─► emptied, for the next
//!   core 3 ─► batch 5 ─┘
//! ```
//!
//! So the same files give the same result on any number of cores.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use record::log_file::Reader;

use super::batch::{Batch, Scope};
use super::call_log::{CallLog, seal};
use super::filters::Place;
use super::inputs::{FileToRead, Inputs};
use super::logs::Logs;
use super::merge::{Merged, ToLog};
use crate::world::objects::Objects;

/// A batch has so many files at most, and ends with the file that makes it this large.
const BATCH_FILES: usize = 512;
const BATCH_BYTES: u64 = 1 << 20;
/// Batches of counts that may wait for one before them.
const MOST_WAITING: usize = 32;

/// All that the log files told.
pub struct Counted {
    /// Counts, and what became of every record.
    pub merged: Merged,
    /// Who made the calls.
    pub log: CallLog,
}

/// Counts what is in all files.
pub fn count_all(logs: &Logs, objects: &Objects, scope: &Scope<'_>) -> Result<Counted> {
    let mut merged = Merged::default();
    let log = Mutex::new(CallLog::default());
    read_in_order(
        logs,
        objects,
        MOST_WAITING,
        |batch: &mut Batch, reader, place, bytes| match bytes {
            Ok(bytes) => batch.read(reader, bytes, place, scope),
            Err(error) => batch.cannot_open(place, &format!("{error:#}")),
        },
        |batch| Ok(merged.merge(batch)),
        |ToLog { mut batch, calls }| {
            if let Some(sealed) = seal(calls, |number| batch.texts.text(number)) {
                lock(&log).keep(sealed)?;
            }
            batch.clear();
            Ok(batch)
        },
    )
    .context("cannot keep the log of calls in the folder for temporary files (set TMPDIR to one with more room)")?;
    Ok(Counted { merged, log: log.into_inner().unwrap_or_else(PoisonError::into_inner) })
}

/// Reads all files. `read` adds a file (or why it cannot be opened) to a batch, on any core; `merge` takes one batch after the
/// other, in order; `finish` does the rest on any core, and gives the emptied batch back. The first error of the latter two
/// ends it.
pub fn read_in_order<B: Default + Send, M: Send>(
    logs: &Logs,
    objects: &Objects,
    most_waiting: usize,
    read: impl Fn(&mut B, &mut Reader, &Place<'_>, Result<&[u8]>) + Sync,
    merge: impl FnMut(B) -> io::Result<M> + Send,
    finish: impl Fn(M) -> io::Result<B> + Sync,
) -> io::Result<()> {
    let batches = batches(&logs.inputs);
    let next = AtomicUsize::new(0);
    let turns = Mutex::new(Turns { waiting: BTreeMap::new(), next: 0, has_failed: false, merge });
    let turn = Condvar::new();
    let emptied: Mutex<Vec<B>> = Mutex::new(Vec::new());
    let work = || -> io::Result<()> {
        let mut reader = Reader::new(logs.limits);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(range) = batches.get(number) else { return Ok(()) };
            let mut batch = lock(&emptied).pop().unwrap_or_default();
            let files: Vec<FileToRead> = range.clone().map(|at| logs.inputs.file(at)).collect();
            objects.read_each(&files, |file, bytes| {
                let place = Place { name: &file.path, account: file.account.as_deref(), delivered: file.delivered };
                read(&mut batch, &mut reader, &place, bytes);
                logs.read_so_far(u64::from(file.size));
            });
            let mut all = lock(&turns);
            while all.must_wait(number, most_waiting) {
                all = turn.wait(all).unwrap_or_else(PoisonError::into_inner);
            }
            let merged = all.take(number, batch);
            drop(all);
            turn.notify_all();
            for merged in merged? {
                let batch = finish(merged)?;
                lock(&emptied).push(batch);
            }
        }
    };
    let work = || {
        work().inspect_err(|_| {
            // Nobody begins another batch.
            next.store(batches.len(), Ordering::Relaxed);
        })
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..logs.threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a reading thread does not panic"))
    })
}

/// Whose turn it is.
struct Turns<B, F> {
    waiting: BTreeMap<usize, B>,
    next: usize,
    /// A batch could not be merged: the others are not either, and nobody waits for them.
    has_failed: bool,
    merge: F,
}

impl<B, M, F: FnMut(B) -> io::Result<M>> Turns<B, F> {
    fn must_wait(&self, number: usize, most_waiting: usize) -> bool {
        !self.has_failed && self.waiting.len() >= most_waiting && self.next != number
    }

    /// Takes the batch of this number, and merges all batches whose turn it is.
    fn take(&mut self, number: usize, batch: B) -> io::Result<Vec<M>> {
        self.waiting.insert(number, batch);
        let mut merged = Vec::new();
        while !self.has_failed
            && let Some(batch) = self.waiting.remove(&self.next)
        {
            self.next += 1;
            merged.push((self.merge)(batch).inspect_err(|_| self.has_failed = true)?);
        }
        Ok(merged)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn batches(inputs: &Inputs) -> Vec<Range<usize>> {
    let (mut batches, mut start, mut bytes) = (Vec::new(), 0, 0);
    for at in 0..inputs.len() {
        bytes += inputs.size(at);
        if bytes >= BATCH_BYTES || at + 1 - start >= BATCH_FILES || at + 1 == inputs.len() {
            batches.push(start..at + 1);
            (start, bytes) = (at + 1, 0);
        }
    }
    batches
}
