//! Inputs: from what the user named to log files, in the order of their delivery.
//!
//! A bucket has millions of small files, so that each is kept in some forty bytes: CloudTrail's own names are made of the
//! folder's, the time and sixteen letters.

use std::path::Path;

use record::log_key::LogKey;
use record::time::Minute;

/// Files, in the order in which they are read.
#[derive(Default)]
pub struct Inputs {
    folders: Vec<String>,
    files: Vec<Input>,
}

struct Input {
    /// Minutes since 1970; files whose name tells no time come first.
    delivered: Minute,
    folder: u32,
    size: u32,
    name: Box<str>,
}

/// One file to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileToRead {
    /// Folder and name.
    pub path: String,
    /// Bytes, as listed; capped at 4 GiB.
    pub size: u32,
    /// When it was delivered, if its name tells.
    pub delivered: Option<Minute>,
    /// The account that its name tells.
    pub account: Option<String>,
}

impl Inputs {
    /// Adds a file that was named, or found where log files are.
    pub fn add(&mut self, folder: &str, name: &str, size: u64) {
        if self.folders.last().is_none_or(|last| last != folder) {
            self.folders.push(folder.to_owned());
        }
        let delivered = LogKey::of_file_name(name).map_or(UNTIMED, |key| key.time);
        let (folder, size) = (self.folders.len() as u32 - 1, size.min(u64::from(u32::MAX)) as u32);
        self.files.push(Input { delivered, folder, size, name: name.into() });
    }

    /// Puts the files in order, and each only once.
    pub fn sort(&mut self) {
        let order = |a: &Input, b: &Input| {
            let folder = |file: &Input| self.folders[file.folder as usize].as_str();
            (a.delivered, folder(a), &a.name).cmp(&(b.delivered, folder(b), &b.name))
        };
        self.files.sort_by(order);
        self.files.dedup_by(|a, b| order(a, b).is_eq());
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Bytes of all files, as listed.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| u64::from(file.size)).sum()
    }

    /// Bytes of one file, as listed.
    pub fn size(&self, at: usize) -> u64 {
        u64::from(self.files[at].size)
    }

    /// One file.
    pub fn file(&self, at: usize) -> FileToRead {
        let Input { delivered, folder, size, name } = &self.files[at];
        let folder = &self.folders[*folder as usize];
        let path = format!("{folder}{name}");
        let account = LogKey::of_file_name(name).map(|key| key.account);
        FileToRead { path, size: *size, delivered: (*delivered != UNTIMED).then_some(*delivered), account }
    }
}

const UNTIMED: Minute = Minute(i32::MIN);

/// Whether a file that was found in a folder (not named by the user) is a log file by its name: JSON, gzipped or not, and not
/// one of CloudTrail's digests or Insights.
pub fn is_log_file(path: &str) -> bool {
    let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path);
    let is_json = [".json.gz", ".json", ".gz", ".jsonl", ".ndjson"].iter().any(|ending| name.ends_with(ending));
    let is_other = ["_CloudTrail-Digest_", "_CloudTrail-Insight_", "_CloudTrail-Aggregated_"]
        .iter()
        .any(|kind| name.contains(kind));
    is_json && !is_other
}
