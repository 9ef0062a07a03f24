//! A file that is read again when it has changed: keys come and go while the service runs.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What a file was like when it was read: inode, length, time of change.
type Stamp = (u64, u64, i64, i64);

/// What a file is like now; `None` if it is not there.
pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    let told = fs::metadata(path).ok()?;
    Some((told.ino(), told.len(), told.mtime(), told.mtime_nsec()))
}

/// What was read of a file.
pub struct WatchedFile<T> {
    path: PathBuf,
    kept: Mutex<(Option<Stamp>, Arc<T>)>,
}

impl<T: Default> WatchedFile<T> {
    /// Nothing is read yet.
    pub fn new(path: impl Into<PathBuf>) -> WatchedFile<T> {
        WatchedFile { path: path.into(), kept: Mutex::default() }
    }

    /// What is in it now. `read` is asked if it has changed; a file that is not there is read each time.
    pub fn now(&self, read: impl FnOnce() -> T) -> Arc<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at before it is read: a change in between is seen the next time.
        let stamp = stamp(&self.path);
        if kept.0 != stamp || stamp.is_none() {
            *kept = (stamp, Arc::new(read()));
        }
        Arc::clone(&kept.1)
    }
}
