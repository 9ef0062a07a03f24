//! The one door: the real binary, arguments in, and all that it tells out. And folders to point it at.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use record::time::{Minute, parse_seconds};
use serde_json::Value;
use sim::{LogFile, Plan};

/// The binary with these arguments, and with nothing of whoever runs the tests: no AWS keys, no colours, no home.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailsight"));
    command.args(arguments).env_clear().stdin(Stdio::null()).env("HOME", "/nonexistent").env("PATH", "");
    command
}

/// Runs the binary.
pub(crate) fn trailsight(arguments: &[&str]) -> Told {
    Told::by(&mut command(arguments))
}

/// Runs `analyze`, which must succeed, and holds it to what is always true.
#[track_caller]
pub(crate) fn analyze(arguments: &[&str]) -> Told {
    analyze_by(command(&[&["analyze"], arguments].concat()))
}

/// The same, for a command with an environment of its own.
#[track_caller]
pub(crate) fn analyze_by(mut command: Command) -> Told {
    let told = Told::by(&mut command);
    assert!(matches!(told.code, Some(0 | 10)), "{told}");
    let Reconciliation { read, counted, duplicates, filtered, rejected, .. } = told.reconciliation();
    assert_eq!(read, counted + duplicates + filtered + rejected, "{told}");
    if command.get_args().any(|argument| argument == "ndjson") {
        let has_insights = told.findings().iter().any(Finding::is_insight);
        assert_eq!(told.code, Some(if has_insights { 10 } else { 0 }), "{told}");
    }
    told
}

/// Runs `analyze --format ndjson`.
#[track_caller]
pub(crate) fn findings(arguments: &[&str]) -> Vec<Finding> {
    analyze(&[&["--format", "ndjson"], arguments].concat()).findings()
}

/// What the binary told.
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The line at the end of stderr.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reconciliation {
    pub(crate) files: u64,
    pub(crate) read: u64,
    pub(crate) counted: u64,
    pub(crate) duplicates: u64,
    pub(crate) filtered: u64,
    pub(crate) rejected: u64,
}

impl Told {
    pub(crate) fn by(command: &mut Command) -> Told {
        let output = command.output().expect("the binary runs");
        let text = |bytes| String::from_utf8(bytes).expect("what is told is UTF-8");
        Told { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// `read … records of … files = … counted + … duplicates + … filtered + … rejected`
    #[track_caller]
    pub(crate) fn reconciliation(&self) -> Reconciliation {
        let line = self.err.lines().find(|line| line.starts_with("read ") && line.contains(" counted + "));
        let line = line.unwrap_or_else(|| panic!("no reconciliation: {self}"));
        let sums = line.split(" (").next().expect("a split has a first part");
        let mut numbers = sums.split_whitespace().filter_map(|word| word.parse().ok());
        let mut next = || numbers.next().unwrap_or_else(|| panic!("too few numbers: {line}"));
        let (read, files, counted) = (next(), next(), next());
        Reconciliation { files, read, counted, duplicates: next(), filtered: next(), rejected: next() }
    }

    /// The findings of `--format ndjson`.
    #[track_caller]
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let finding = |line| Finding(serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
        self.out.lines().map(finding).collect()
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {:?}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.out, self.err)
    }
}

/// One finding of `--format ndjson`.
#[derive(Clone, PartialEq)]
pub(crate) struct Finding(pub(crate) Value);

impl Finding {
    /// The text of a field; empty where it is null or absent.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or("")
    }

    pub(crate) fn is_insight(&self) -> bool {
        self.text("kind") == "insight"
    }

    pub(crate) fn start(&self) -> Minute {
        minute(self.text("start"))
    }

    /// Nothing: it goes on.
    pub(crate) fn end(&self) -> Option<Minute> {
        (!self.0["end"].is_null()).then(|| minute(self.text("end")))
    }

    /// Region, API, error and direction.
    pub(crate) fn what(&self) -> String {
        let parts = ["region", "eventSource", "eventName", "errorCode", "direction"].map(|field| self.text(field));
        parts.join(" ")
    }

    /// The value with most calls of an attribute of the insight.
    pub(crate) fn first(&self, attribute: &str) -> &str {
        let all = self.0["attributions"].as_array().map_or(&[][..], Vec::as_slice);
        let told = all.iter().find(|told| told["attribute"] == attribute);
        told.and_then(|told| told["insight"][0]["value"].as_str()).unwrap_or("")
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.end().map_or("…".to_owned(), |end| end.to_string());
        let [kind, account] = ["kind", "account"].map(|field| self.text(field));
        write!(f, "{kind} {} to {end} {account} {} rarity {}", self.text("start"), self.what(), self.0["rarity"])
    }
}

pub(crate) fn minute(text: &str) -> Minute {
    Minute::of_seconds(parse_seconds(text).unwrap_or_else(|error| panic!("{text}: {error}")))
}

/// A folder that goes when it is dropped.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().expect("there is room for temporary files"))
    }

    /// With these files at their keys.
    pub(crate) fn of(files: &[LogFile]) -> Folder {
        let folder = Folder::new();
        for file in files {
            folder.put(&file.key, &file.body);
        }
        folder
    }

    /// With the same files put together by Region and day, one gzip member behind the other: for whoever does not ask how
    /// files are cut, and has thousands.
    pub(crate) fn of_days(files: &[LogFile]) -> Folder {
        let mut days: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for file in files {
            let (folders, _) = file.key.rsplit_once('/').expect("a key has folders");
            days.entry(format!("{folders}.json.gz")).or_default().extend_from_slice(&file.body);
        }
        let folder = Folder::new();
        days.iter().for_each(|(name, bytes)| drop(folder.put(name, bytes)));
        folder
    }

    /// The folder, or a path in it.
    pub(crate) fn path(&self, below: &str) -> String {
        let path: PathBuf = if below.is_empty() { self.0.path().into() } else { self.0.path().join(below) };
        path.to_str().expect("paths of tests are UTF-8").to_owned()
    }

    /// Writes a file, and tells its path.
    pub(crate) fn put(&self, below: &str, bytes: &[u8]) -> String {
        let path = self.path(below);
        if std::fs::write(&path, bytes).is_err() {
            let parent = PathBuf::from(&path).parent().expect("a file lies in a folder").to_owned();
            std::fs::create_dir_all(parent).expect("folders can be made");
            std::fs::write(&path, bytes).expect("files can be written");
        }
        path
    }

    /// All files below, by path from here, with their bytes.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let entries = walkdir::WalkDir::new(self.0.path()).sort_by_file_name().into_iter();
        let files = entries.map(|entry| entry.expect("our own folder")).filter(|entry| entry.file_type().is_file());
        let file = |entry: walkdir::DirEntry| {
            let below = entry.path().strip_prefix(self.0.path()).expect("it lies in here");
            (below.to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("our own file"))
        };
        files.map(file).collect()
    }
}

pub(crate) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(text).expect("memory can be written");
    out.finish().expect("memory can be written")
}

pub(crate) fn gunzip(bytes: &[u8]) -> String {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(bytes), &mut text).expect("gzip of UTF-8");
    text
}

/// The demo's account, as log files.
pub(crate) static DEMO: LazyLock<Vec<LogFile>> = LazyLock::new(|| sim::log_files(&Plan::demo(7)).collect());

/// The same story in an account with a fifth of the traffic: for whoever does not ask what is found, but how it is told.
pub(crate) static SHORT_DEMO: LazyLock<Vec<LogFile>> =
    LazyLock::new(|| sim::log_files(&Plan::demo(7).with_records(8_000)).collect());
