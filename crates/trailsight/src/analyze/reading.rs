//! Reading: all cores read batches of log files; what they read is merged in order.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use record::log_file::{Limits, Reader};

use super::batch::{Batch, Scope};
use super::call_log::{CallLog, seal};
use super::filters::Place;
use super::inputs::{FileToRead, Inputs};
use super::merge::{Merged, ToLog};
use crate::world::objects::Objects;

/// A batch has so many files at most, and ends with the file that makes it this large.
const BATCH_FILES: usize = 512;
const BATCH_BYTES: u64 = 1 << 20;
/// Batches that may wait for one before them.
const MOST_WAITING: usize = 32;

/// All that the log files told.
pub struct Counted {
    /// Counts, and what became of every record.
    pub merged: Merged,
    /// Who made the calls.
    pub log: CallLog,
}

/// Reads all files on so many threads. `progress` is told of the bytes of each file as it is done.
pub fn read_all(
    inputs: &Inputs,
    objects: &Objects,
    scope: &Scope<'_>,
    limits: Limits,
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Counted> {
    let batches = batches(inputs);
    let next = AtomicUsize::new(0);
    let merged = Mutex::new(Merged::default());
    let turn = Condvar::new();
    let log = Mutex::new(CallLog::default());
    let emptied: Mutex<Vec<Batch>> = Mutex::new(Vec::new());
    let work = || -> io::Result<()> {
        let mut reader = Reader::new(limits);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(range) = batches.get(number) else { return Ok(()) };
            let mut batch = lock(&emptied).pop().unwrap_or_default();
            read_batch(&mut batch, inputs, range.clone(), objects, scope, &mut reader, progress);
            let mut all = lock(&merged);
            while all.waiting() >= MOST_WAITING && !all.is_turn_of(number) {
                all = turn.wait(all).unwrap_or_else(PoisonError::into_inner);
            }
            let to_log = all.take(number, batch);
            drop(all);
            turn.notify_all();
            for ToLog { mut batch, calls } in to_log {
                if let Some(sealed) = seal(calls, |number| batch.texts.text(number)) {
                    lock(&log).keep(sealed)?;
                }
                batch.clear();
                lock(&emptied).push(batch);
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a reading thread does not panic"))
    })
    .context("cannot keep the log of calls in the folder for temporary files (set TMPDIR to one with more room)")?;
    let merged = merged.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Counted { merged, log: log.into_inner().unwrap_or_else(PoisonError::into_inner) })
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

fn read_batch(
    batch: &mut Batch,
    inputs: &Inputs,
    range: Range<usize>,
    objects: &Objects,
    scope: &Scope<'_>,
    reader: &mut Reader,
    progress: &(dyn Fn(u64) + Sync),
) {
    let files: Vec<FileToRead> = range.map(|at| inputs.file(at)).collect();
    objects.read_each(&files, |file, bytes| {
        let place = Place { name: &file.path, account: file.account.as_deref(), delivered: file.delivered };
        match bytes {
            Ok(bytes) => batch.read(reader, bytes, &place, scope),
            Err(error) => batch.cannot_open(&place, &format!("{error:#}")),
        }
        progress(u64::from(file.size));
    });
}
