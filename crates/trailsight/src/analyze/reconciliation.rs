//! Reconciliation: what became of every record. Read = counted + duplicates + filtered + rejected, always.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::io::{self, Write};

/// Rejections of one reason that are told with file and detail.
const EXAMPLES: usize = 3;
/// Rejected files that are told by name.
const FILES_TOLD: usize = 20;

/// Why a sound record is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Filtered {
    /// `--account`, `--region`, `--source` or `--name`.
    ByUser,
    /// A data event, and `--data-events` was not given.
    DataEvent,
    /// A network activity event: nobody counts those yet.
    NetworkActivity,
    /// An Insight record of CloudTrail's own.
    InsightRecord,
    /// `events match`: no pattern matches it.
    NotMatched,
    /// `events match`: EventBridge sends no event so large.
    TooLarge,
}

impl Filtered {
    fn as_str(self) -> &'static str {
        match self {
            Filtered::ByUser => "left out by a filter",
            Filtered::DataEvent => "data events, without --data-events",
            Filtered::NetworkActivity => "network activity events",
            Filtered::InsightRecord => "Insight records",
            Filtered::NotMatched => "that no pattern matches",
            Filtered::TooLarge => "too large for an event",
        }
    }
}

/// What became of the records of some files.
#[derive(Clone, Debug, Default)]
pub struct Reconciliation {
    /// Files that were opened.
    pub files: u64,
    /// Records that were found in them.
    pub read: u64,
    /// Records that were counted.
    pub counted: u64,
    /// Records that were counted before.
    pub duplicates: u64,
    filtered: BTreeMap<Filtered, u64>,
    rejected: BTreeMap<String, Rejected>,
    rejected_files: Vec<(String, String)>,
    rejected_file_count: u64,
}

#[derive(Clone, Debug, Default)]
struct Rejected {
    count: u64,
    examples: Vec<(String, String)>,
}

impl Reconciliation {
    /// Says it on stderr. That no file could be read is an error.
    pub fn tell(&self) -> anyhow::Result<()> {
        let _ = writeln!(io::stderr(), "{self}");
        anyhow::ensure!(!self.is_none_read(), "no file could be read");
        Ok(())
    }

    /// Whether there were files, and none of them could be read.
    pub fn is_none_read(&self) -> bool {
        self.files > 0 && self.read == 0 && self.rejected_file_count == self.files
    }

    /// A sound record is not counted.
    pub fn filter(&mut self, why: Filtered) {
        *self.filtered.entry(why).or_default() += 1;
    }

    /// A record cannot be read.
    pub fn reject(&mut self, reason: &str, file: &str, detail: &dyn Display) {
        if !self.rejected.contains_key(reason) {
            self.rejected.insert(reason.to_owned(), Rejected::default());
        }
        if let Some(rejected) = self.rejected.get_mut(reason) {
            rejected.count += 1;
            if rejected.examples.len() < EXAMPLES {
                rejected.examples.push((file.to_owned(), detail.to_string()));
            }
        }
    }

    /// A file cannot be read, or not to its end.
    pub fn reject_file(&mut self, file: &str, why: &dyn Display) {
        self.rejected_file_count += 1;
        if self.rejected_files.len() < FILES_TOLD {
            self.rejected_files.push((file.to_owned(), why.to_string()));
        }
    }

    /// Records that are sound and not counted.
    pub fn filtered(&self) -> u64 {
        self.filtered.values().sum()
    }

    /// Records that cannot be read.
    pub fn rejected(&self) -> u64 {
        self.rejected.values().map(|rejected| rejected.count).sum()
    }

    /// Files that cannot be read, or not to their end.
    pub fn rejected_files(&self) -> u64 {
        self.rejected_file_count
    }

    /// Adds what became of other records.
    pub fn add(&mut self, other: &Reconciliation) {
        self.files += other.files;
        self.read += other.read;
        self.counted += other.counted;
        self.duplicates += other.duplicates;
        for (&why, count) in &other.filtered {
            *self.filtered.entry(why).or_default() += count;
        }
        for (reason, theirs) in &other.rejected {
            let mine = self.rejected.entry(reason.clone()).or_default();
            mine.count += theirs.count;
            let room = EXAMPLES - mine.examples.len();
            mine.examples.extend(theirs.examples.iter().take(room).cloned());
        }
        self.rejected_file_count += other.rejected_file_count;
        let room = FILES_TOLD - self.rejected_files.len();
        self.rejected_files.extend(other.rejected_files.iter().take(room).cloned());
    }

    /// Whether every record is accounted for.
    pub fn adds_up(&self) -> bool {
        self.read == self.counted + self.duplicates + self.filtered() + self.rejected()
    }
}

/// Rejected files by name, rejected records by reason with examples, and the line that adds up.
impl Display for Reconciliation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (file, why) in &self.rejected_files {
            writeln!(f, "rejected file {}: {}", file.escape_debug(), why.escape_debug())?;
        }
        if self.rejected_file_count > self.rejected_files.len() as u64 {
            writeln!(f, "… and {} more rejected files", self.rejected_file_count - self.rejected_files.len() as u64)?;
        }
        for (reason, rejected) in &self.rejected {
            for (file, detail) in &rejected.examples {
                writeln!(f, "rejected record in {}: {}", file.escape_debug(), detail.escape_debug())?;
            }
            if rejected.count > rejected.examples.len() as u64 {
                writeln!(f, "… and {} more with {reason}", rejected.count - rejected.examples.len() as u64)?;
            }
        }
        write!(
            f,
            "read {} records of {} files = {} counted + {} duplicates + {} filtered + {} rejected",
            self.read,
            self.files,
            self.counted,
            self.duplicates,
            self.filtered(),
            self.rejected()
        )?;
        let reasons = self.filtered.iter().map(|(why, count)| format!("{count} {}", why.as_str()));
        let rejected = self.rejected.iter().map(|(reason, rejected)| format!("{} with {reason}", rejected.count));
        let reasons: Vec<String> = reasons.chain(rejected).collect();
        if !reasons.is_empty() {
            write!(f, " ({})", reasons.join(", "))?;
        }
        if self.rejected_file_count > 0 {
            write!(f, "; {} files rejected, whole or from some point on", self.rejected_file_count)?;
        }
        Ok(())
    }
}
