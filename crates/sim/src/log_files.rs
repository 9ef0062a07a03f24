//! Log files: everything of a plan as the objects that CloudTrail would put into a bucket.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use libdeflater::{CompressionLvl, Compressor};
use record::log_key::{LogKey, LogKind};
use record::time::Minute;

use crate::delivery::{Cut, Deliveries};
use crate::dice::Dice;
use crate::plan::{Plan, REGIONS};
use crate::records::Scribe;
use crate::truth::truth_of;
use crate::world::World;

/// One object in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// `AWSLogs/111122223333/CloudTrail/us-east-1/2026/02/12/…json.gz`
    pub key: String,
    /// When it can first be seen.
    pub arrived_at: Minute,
    /// gzip of `{"Records":[…]}`.
    pub body: Vec<u8>,
    /// How many records are in it.
    pub records: usize,
}

/// All log files of a plan, in the order in which they arrive.
pub fn log_files(plan: &Plan) -> impl Iterator<Item = LogFile> + use<> {
    let world = World::new(plan);
    let mut writer = Writer::new(Arc::new(Scribe::new(&world)), &world);
    Deliveries::new(&world).map(move |cut| writer.file(&cut))
}

/// The same, before compression: the object's key, and its text.
pub fn texts(plan: &Plan) -> impl Iterator<Item = (String, Vec<u8>)> + use<> {
    let world = World::new(plan);
    let scribe = Scribe::new(&world);
    Deliveries::new(&world).map(move |cut| {
        let mut text = Vec::with_capacity(cut.calls.len() * 1300);
        scribe.file(&cut.calls, &mut text);
        (log_key(world.accounts[cut.account].id.as_str(), &cut), text)
    })
}

/// Turns cuts into files; keeps its buffers.
struct Writer {
    scribe: Arc<Scribe>,
    world: Arc<World>,
    compressor: Compressor,
    text: Vec<u8>,
}

impl Writer {
    fn new(scribe: Arc<Scribe>, world: &Arc<World>) -> Writer {
        let level = CompressionLvl::new(world.plan.compression).unwrap_or_default();
        Writer { scribe, world: Arc::clone(world), compressor: Compressor::new(level), text: Vec::new() }
    }

    fn file(&mut self, cut: &Cut) -> LogFile {
        self.text.clear();
        self.scribe.file(&cut.calls, &mut self.text);
        LogFile {
            key: log_key(self.world.accounts[cut.account].id.as_str(), cut),
            arrived_at: cut.arrived_at,
            body: gzip(&mut self.compressor, &self.text),
            records: cut.calls.len(),
        }
    }
}

/// gzip without a time in it: the same text is the same bytes.
pub(crate) fn gzip(compressor: &mut Compressor, text: &[u8]) -> Vec<u8> {
    let mut body = vec![0; compressor.gzip_compress_bound(text.len())];
    let length = compressor.gzip_compress(text, &mut body).expect("the bound is enough");
    body.truncate(length);
    body
}

/// The object's key, as AWS forms it.
fn log_key(account: &str, cut: &Cut) -> String {
    named(account, REGIONS[cut.region], cut.file_time, cut.unique)
}

pub(crate) fn named(account: &str, region: &str, file_time: i64, unique: u64) -> String {
    let mut dice = Dice::new(unique);
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let time = Minute::of_seconds(file_time);
    let key = LogKey {
        prefix: None,
        organization: None,
        account: account.to_owned(),
        region: region.to_owned(),
        day: time.day_start(),
        kind: LogKind::CloudTrail,
        time,
        unique: (0..16).map(|_| char::from(letters[dice.below(letters.len())])).collect(),
        is_of_2014: false,
    };
    key.to_string()
}

/// How far writing is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Files written so far.
    pub files: u64,
    /// Records in them.
    pub records: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// How far the time in the logs is, from 0 to 1.
    pub share: f64,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files, not counting `truth.json`.
    pub files: u64,
    /// Records in them, copies included.
    pub records: u64,
    /// Bytes of the files, compressed.
    pub bytes: u64,
}

/// Writes all log files of a plan under a folder, each at its key, and `truth.json` beside them.
///
/// On as many cores as there are; what is written does not depend on it.
pub fn write(plan: &Plan, dir: &Path, mut progress: impl FnMut(Progress)) -> io::Result<Written> {
    /// So many records are rendered before any is written: some 60 MB of text.
    const AT_ONCE: usize = 50_000;
    let world = World::new(plan);
    fs::create_dir_all(dir)?;
    fs::write(dir.join("truth.json"), serde_json::to_vec_pretty(&truth_of(&world)).map_err(io::Error::other)?)?;
    let scribe = Arc::new(Scribe::new(&world));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut writers: Vec<Writer> = (0..cores).map(|_| Writer::new(Arc::clone(&scribe), &world)).collect();
    let mut deliveries = Deliveries::new(&world);
    let mut written = Written::default();
    loop {
        let (mut cuts, mut records) = (Vec::new(), 0);
        while records < AT_ONCE
            && let Some(cut) = deliveries.next()
        {
            records += cut.calls.len();
            cuts.push(cut);
        }
        let Some(last) = cuts.last() else { break };
        let since = (last.arrived_at - plan.start).0 as f64 / plan.length.0.max(1) as f64;
        let sizes: Vec<io::Result<u64>> = std::thread::scope(|scope| {
            let share = cuts.len().div_ceil(cores);
            let work = cuts.chunks(share).zip(&mut writers).map(|(cuts, writer)| {
                scope.spawn(move || cuts.iter().map(|cut| put(dir, &writer.file(cut))).collect::<Vec<_>>())
            });
            let threads: Vec<_> = work.collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("writing does not panic")).collect()
        });
        for size in sizes {
            written.bytes += size?;
        }
        written.files += cuts.len() as u64;
        written.records += records as u64;
        let Written { files, records, bytes } = written;
        progress(Progress { files, records, bytes, share: since.min(1.0) });
    }
    Ok(written)
}

fn put(dir: &Path, file: &LogFile) -> io::Result<u64> {
    let path = dir.join(&file.key);
    let written = fs::write(&path, &file.body);
    if written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        fs::create_dir_all(path.parent().expect("a key has folders"))?;
        fs::write(&path, &file.body)?;
    } else {
        written?;
    }
    Ok(file.body.len() as u64)
}
