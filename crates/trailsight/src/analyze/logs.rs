//! Logs: the log files that the user named, and how they are to be read. All commands that read logs begin here.

use std::io::{self, IsTerminal};

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use record::log_file::Limits;

use super::inputs::Inputs;
use crate::cli::ReadingArgs;
use crate::world::objects::{Objects, S3Options};

/// Seconds that an event may lie in the future: clocks differ, and days are where somebody counts them.
const FUTURE: i64 = 86_400;
/// Threads that read from buckets: they mostly wait.
const REMOTE_THREADS: usize = 8;

/// Log files, in the order in which they are read.
pub struct Logs {
    /// Which files.
    pub inputs: Inputs,
    /// How much one of them may ask of us.
    pub limits: Limits,
    /// How many read at once.
    pub threads: usize,
    /// Seconds since 1970 after which no event can lie.
    pub latest: i64,
    bar: ProgressBar,
}

impl Logs {
    /// Lists what is in these paths; nothing at all is an error.
    pub fn open(paths: &[String], arguments: &ReadingArgs, objects: &mut Objects) -> Result<Logs> {
        let mut inputs = Inputs::default();
        for path in paths {
            objects.list(path, &mut inputs)?;
        }
        if inputs.is_empty() {
            bail!("there is no log file (.json.gz, .json, .gz, .jsonl, .ndjson) in {}", paths.join(", "));
        }
        inputs.sort();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let is_remote = paths.iter().any(|path| Objects::is_remote(path));
        let threads = arguments.threads.map_or(if is_remote { REMOTE_THREADS.max(cores) } else { cores }, usize::from);
        let limits = Limits { inflated_bytes: (arguments.max_file_size as usize) << 20, ..Limits::default() };
        let bar = progress_bar(&inputs);
        Ok(Logs { inputs, limits, threads, latest: latest(), bar })
    }

    /// Shows no bar: what is printed meanwhile would tear it.
    pub fn hide_progress(&mut self) {
        self.bar.finish_and_clear();
        self.bar = ProgressBar::hidden();
    }

    /// So many bytes more were read.
    pub fn read_so_far(&self, bytes: u64) {
        self.bar.inc(bytes);
    }
}

/// The bar goes.
impl Drop for Logs {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The last second since 1970 that an event can lie in, by the clock.
pub fn latest() -> i64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "an event cannot lie in the future, and only a clock knows what that is"
    )]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |now| now.as_secs() as i64);
    now + FUTURE
}

/// How buckets are reached.
pub fn s3_options(arguments: &ReadingArgs) -> S3Options {
    S3Options {
        endpoint_url: arguments.endpoint_url.clone(),
        region: arguments.bucket_region.clone(),
        no_sign_request: arguments.no_sign_request,
    }
}

/// A bar with rate and time left on a terminal, nothing in a pipe.
fn progress_bar(inputs: &Inputs) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "reading {wide_bar} {bytes} of {total_bytes}, {binary_bytes_per_sec}, {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(inputs.bytes()).with_style(style)
}
