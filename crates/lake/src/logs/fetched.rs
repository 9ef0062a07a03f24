//! Log files that are fetched from a bucket, by whoever was sent a list of them: some at once, and no more of them than memory is meant for.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::object_store::path::Path;
use datafusion::object_store::{Error, ObjectStore, ObjectStoreExt};
use record::log_file::Limits;
use record::log_key::LogKey;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::elsewhere::LogElsewhere;
use super::{LogSource, ReadLog};

/// Files that a part takes at once, how many of them are on their way, and of how many bytes. One that has more comes alone.
pub(super) const TAKEN_AT_ONCE: usize = 32;
const FETCHED_AT_ONCE: usize = 8;
const FETCHED_BYTES: u64 = 16 << 20;

/// The files of a part, and the way to them.
#[derive(Debug)]
pub(super) struct Fetching {
    store: Arc<dyn ObjectStore>,
    files: Arc<[LogElsewhere]>,
    is_any_fetched: AtomicBool,
    /// Why the bucket gave one of them not.
    refused: Mutex<Option<String>>,
}

impl Fetching {
    /// None is fetched yet.
    pub(super) fn new(store: Arc<dyn ObjectStore>, files: Arc<[LogElsewhere]>) -> Fetching {
        Fetching { store, files, is_any_fetched: AtomicBool::default(), refused: Mutex::default() }
    }

    /// Of a bucket that gave none of its files nobody knows what is in them.
    pub(super) fn check(&self, bucket: &str) -> Result<()> {
        match self.refused.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(why) if !self.is_any_fetched.load(Ordering::Relaxed) => {
                exec_err!("no log file of the bucket `{bucket}` could be fetched: {why}")
            }
            _ => Ok(()),
        }
    }
}

/// A file's bytes, if it has no more than may be.
async fn fetch(store: Arc<dyn ObjectStore>, key: Box<str>) -> Result<Vec<u8>, Refusal> {
    let told = |error: Error| match error {
        Error::NotFound { .. } => Refusal::File(format!("there is no object `{key}`")),
        error => Refusal::Bucket(error.to_string()),
    };
    let path = Path::parse(&key).map_err(|error| Refusal::File(error.to_string()))?;
    let found = store.get(&path).await.map_err(told)?;
    // What inflates to no more than may be is no larger as it lies there.
    if found.meta.size > Limits::default().inflated_bytes as u64 {
        return Err(Refusal::File(format!("the object has {} bytes, which is too large", found.meta.size)));
    }
    Ok(found.bytes().await.map_err(told)?.into())
}

/// Why there are no bytes.
enum Refusal {
    /// It is the file's fault.
    File(String),
    /// The bucket gives it not.
    Bucket(String),
}

impl LogSource for Fetching {
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
        let (runtime, mut fetching, mut bytes) = (Handle::current(), JoinSet::new(), 0);
        let mut waiting = self.files[which].iter().peekable();
        loop {
            while let Some(LogElsewhere(key, size)) = waiting.next_if(|LogElsewhere(_, size)| {
                fetching.is_empty() || fetching.len() < FETCHED_AT_ONCE && bytes + size <= FETCHED_BYTES
            }) {
                bytes += size;
                let (store, key, size) = (Arc::clone(&self.store), key.clone(), *size);
                let fetch = async move { (key.clone(), size, fetch(store, key).await) };
                fetching.spawn_on(fetch, &runtime);
            }
            let (key, size, fetched) = match runtime.block_on(fetching.join_next()) {
                None => return,
                Some(Ok(fetched)) => fetched,
                // It broke down, or the process ends: what is not read is no answer.
                Some(Err(broken)) => match broken.try_into_panic() {
                    Ok(why) => std::panic::resume_unwind(why),
                    Err(_) => panic!("the executor ends while it fetches"),
                },
            };
            bytes -= size;
            self.is_any_fetched.fetch_or(fetched.is_ok(), Ordering::Relaxed);
            let read = fetched.map(|bytes| (bytes, LogKey::of_path(&key).map(|key| key.account)));
            let read = read.map_err(|refusal| match refusal {
                Refusal::File(why) => why,
                Refusal::Bucket(why) => {
                    *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.clone());
                    why
                }
            });
            if !each(read) {
                return;
            }
        }
    }
}
