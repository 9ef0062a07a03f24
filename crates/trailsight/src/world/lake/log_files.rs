//! Log files that statements read as they lie, `FROM cloudtrail_logs('s3://bucket/prefix')`: in buckets that are held here or linked, and
//! nowhere else.
//!
//! They are looked for when a query begins, so that it is known how many there are, and fetched as they are read. Names of log files are
//! known by `record`, as imports know them; whatever else lies below the prefix is passed over.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use lake::LakeError;
use lake::dialect::{Logs, understand};
use lake::logs::{LogElsewhere, LogFiles, LogSource, LogsElsewhere, ReadLog, Unread};
use lake::query::TableProvider;
use record::log_file::Limits;
use record::log_key::LogKey;

use crate::world::all_buckets::AllBuckets;
use crate::world::linked::Room;

/// Log files that one statement may read: their names are in memory while it runs, some 200 bytes each.
const MOST_FILES: usize = 100_000;
/// Objects that are looked at for them.
const MOST_OBJECTS: u64 = 2_000_000;
/// After so many it is asked whether the query is still wanted.
const BETWEEN_QUESTIONS: u64 = 1_000;
/// Files that a thread takes at once, and of these so many are on their way, of so many bytes.
const TAKEN_AT_ONCE: usize = 32;
const FETCHED_AT_ONCE: usize = 8;
const FETCHED_BYTES: usize = 16 << 20;

/// Log files that a statement names.
pub(super) struct Found {
    logs: Logs,
    read: Read,
}

/// Who reads them.
enum Read {
    /// This process.
    Here(LogFiles),
    /// Executors of a cluster, by links of their own.
    Elsewhere(LogsElsewhere),
}

impl Found {
    /// All that a statement names, without a look for them: what it may be planned with.
    pub(super) fn unlooked(statement: &str) -> Result<Vec<Found>, LakeError> {
        let nothing = |logs| Found { logs, read: Read::Here(LogFiles::new(Arc::new(Nothing), Limits::default())) };
        Ok(understand(statement)?.logs.into_values().map(nothing).collect())
    }

    /// The same, looked for. It is asked often whether anybody still wants to know. `is_here`: this process runs the statement, and otherwise a
    /// cluster, which has no way to buckets that are held here: whoever reads such files reads all of them here.
    pub(super) fn all(
        statement: &str,
        buckets: &AllBuckets,
        is_here: bool,
        is_cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<Found>, LakeError> {
        let named: Vec<Logs> = understand(statement)?.logs.into_values().collect();
        let is_here = is_here || named.iter().any(|logs| buckets.linked(&logs.bucket).is_none());
        let mut look = Look { most: MOST_FILES, objects: 0, is_cancelled };
        let found = |logs: Logs| {
            let files = look.below(&logs, buckets)?;
            let bucket = logs.bucket.clone();
            let read = match buckets.linked(&bucket).filter(|_| !is_here) {
                Some(linked) => {
                    let there = |file: File| LogElsewhere(linked.there(&file.key).into(), file.bytes);
                    Read::Elsewhere(LogsElsewhere { bucket, files: files.into_iter().map(there).collect() })
                }
                None => {
                    let source = InBucket { buckets: buckets.clone(), bucket, files };
                    Read::Here(LogFiles::new(Arc::new(source), Limits::default()))
                }
            };
            Ok(Found { logs, read })
        };
        named.into_iter().map(found).collect()
    }

    /// Whether a cluster reads them.
    pub(super) fn is_elsewhere(&self) -> bool {
        matches!(self.read, Read::Elsewhere(_))
    }

    /// Those that a statement names so, as a table.
    pub(super) fn table(all: &[Found], named: &Logs) -> Option<Arc<dyn TableProvider>> {
        let found = all.iter().find(|found| found.is(named))?;
        Some(match &found.read {
            Read::Here(files) => Arc::new(files.clone()),
            Read::Elsewhere(logs) => Arc::new(logs.clone()),
        })
    }

    fn is(&self, named: &Logs) -> bool {
        (&self.logs.bucket, &self.logs.prefix) == (&named.bucket, &named.prefix)
    }

    /// Says in the log what of them was not read by a query; an executor says it where it runs. That none was read at all is no answer.
    pub(super) fn tell(&self, query: &str) -> Result<(), LakeError> {
        let Read::Here(files) = &self.read else { return Ok(()) };
        let (unread, uri) = (files.unread(), uri(&self.logs));
        for (why, count) in unread.reasons() {
            tracing::warn!(query, logs = uri, count, why, "not read");
        }
        if unread.is_every_file() {
            return Err(LakeError::Failed(format!("no log file below {uri} could be read: {}", first_reason(&unread))));
        }
        Ok(())
    }
}

fn first_reason(unread: &Unread) -> String {
    unread.reasons().into_iter().next().map(|(why, count)| format!("{count} × {why}")).unwrap_or_default()
}

fn uri(Logs { bucket, prefix, .. }: &Logs) -> String {
    format!("s3://{bucket}/{prefix}")
}

/// A look for log files.
struct Look<'q> {
    /// So many more may be found.
    most: usize,
    objects: u64,
    is_cancelled: &'q (dyn Fn() -> bool + Sync),
}

impl Look<'_> {
    fn below(&mut self, logs: &Logs, buckets: &AllBuckets) -> Result<Vec<File>, LakeError> {
        let (mut files, mut ends) = (Vec::<File>::new(), None);
        let is_cancelled = self.is_cancelled;
        let each = |key: &str, bytes| {
            self.objects += 1;
            if key.starts_with(&*logs.prefix) && LogKey::of_path(key).is_some_and(|key| key.kind.is_of_events()) {
                files.push(File { key: key.into(), bytes });
            }
            if files.len() > self.most || self.objects > MOST_OBJECTS {
                ends = Some(LakeError::Statement(format!(
                    "the statement is to read too much below {}{}: a statement reads {MOST_FILES} log files at most, out of {MOST_OBJECTS} \
                     objects. Name a longer prefix, as of one Region or month, or bring the files into the lake with StartImport",
                    uri(logs),
                    logs.place
                )));
            } else if self.objects.is_multiple_of(BETWEEN_QUESTIONS) && (self.is_cancelled)() {
                ends = Some(LakeError::Cancelled);
            }
            if ends.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let walked = buckets.walk(&logs.bucket, &logs.prefix, each, &|| !is_cancelled());
        walked.map_err(|error| LakeError::Failed(format!("{} cannot be listed: {error}", uri(logs))))?;
        if let Some(end) = ends {
            return Err(end);
        }
        if is_cancelled() {
            return Err(LakeError::Cancelled);
        }
        if files.is_empty() {
            return Err(LakeError::Failed(format!(
                "no log file of CloudTrail lies below {}{}: their names are like \
                 123456789012_CloudTrail_eu-west-1_20260210T1905Z_0123456789abcdef.json.gz",
                uri(logs),
                logs.place
            )));
        }
        self.most -= files.len();
        // In the order of their delivery within an account and Region: what lies together is read together.
        files.sort_unstable();
        Ok(files)
    }
}

/// A log file of a bucket.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct File {
    key: Box<str>,
    bytes: u64,
}

/// Log files of a bucket.
#[derive(Debug)]
struct InBucket {
    buckets: AllBuckets,
    bucket: String,
    files: Vec<File>,
}

impl LogSource for InBucket {
    fn count(&self) -> usize {
        self.files.len()
    }

    fn read(&self, at: usize) -> ReadLog {
        let mut read = Err("it was not read".to_owned());
        self.read_each(at..at + 1, &mut |fetched| {
            read = fetched;
            false
        });
        read
    }

    fn at_once(&self) -> usize {
        TAKEN_AT_ONCE
    }

    fn read_each(&self, which: Range<usize>, each: &mut dyn FnMut(ReadLog) -> bool) {
        let keys: Vec<&str> = self.files[which].iter().map(|file| &*file.key).collect();
        let room = Room::of(FETCHED_AT_ONCE, FETCHED_BYTES);
        // What inflates to no more than may be is no larger as it lies there.
        let most_bytes = Limits::default().inflated_bytes as u64;
        for (place, fetched) in self.buckets.get_each_in(&room, &self.bucket, &keys, most_bytes) {
            let account = || LogKey::of_path(keys[place]).map(|key| key.account);
            let read = fetched.map(|bytes| (bytes, account())).map_err(|error| error.to_string());
            if !each(read) {
                return;
            }
        }
    }
}

/// No log files.
#[derive(Debug)]
struct Nothing;

impl LogSource for Nothing {
    fn count(&self) -> usize {
        0
    }

    fn read(&self, _: usize) -> ReadLog {
        Err("there is none".into())
    }
}

#[cfg(test)]
mod tests;
