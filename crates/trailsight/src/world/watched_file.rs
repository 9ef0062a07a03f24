//! Files that are read again when they have changed: keys come and go while the service runs.
//!
//! As long as one cannot be read, what was good last is; it is tried again each time, and the log says so once.

use std::error::Error;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What a file was like when it was read. Who copies a file may set when it was modified, but not when its inode changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// What a file is like now; `None` if it is not there.
fn stamp(path: &Path) -> Option<Stamp> {
    let told = fs::metadata(path).ok()?;
    Some(Stamp {
        inode: told.ino(),
        bytes: told.len(),
        modified: (told.mtime(), told.mtime_nsec()),
        changed: (told.ctime(), told.ctime_nsec()),
    })
}

/// What was read of a file, or of some that belong together.
#[derive(Debug)]
pub struct WatchedFile<T, const N: usize = 1> {
    paths: [PathBuf; N],
    kept: Mutex<Kept<T, N>>,
}

type Stamps<const N: usize> = [Option<Stamp>; N];

#[derive(Debug)]
struct Kept<T, const N: usize> {
    /// What the files were like from which this is.
    of: Stamps<N>,
    value: Arc<T>,
    /// What the files were like when it was last told that they cannot be read.
    told_of: Option<Stamps<N>>,
}

impl<T: Default> WatchedFile<T> {
    /// Nothing is read yet.
    pub fn new(path: impl Into<PathBuf>) -> WatchedFile<T> {
        let kept = Kept { of: [None], value: Arc::default(), told_of: None };
        WatchedFile { paths: [path.into()], kept: Mutex::new(kept) }
    }
}

impl<T, const N: usize> WatchedFile<T, N> {
    /// What is in these files, which must be good now.
    pub fn read<E>(paths: [PathBuf; N], read: impl FnOnce() -> Result<T, E>) -> Result<WatchedFile<T, N>, E> {
        let of = stamps(&paths);
        let kept = Kept { of, value: Arc::new(read()?), told_of: None };
        Ok(WatchedFile { paths, kept: Mutex::new(kept) })
    }

    /// What is in them now. `read` is asked if one has changed; what is not there is read each time.
    pub fn now<E: Into<Box<dyn Error>>>(&self, read: impl FnOnce() -> Result<T, E>) -> Arc<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at before they are read: a change in between is seen the next time.
        let stamps = stamps(&self.paths);
        if kept.of != stamps || stamps.contains(&None) {
            match read() {
                Ok(value) => *kept = Kept { of: stamps, value: Arc::new(value), told_of: None },
                Err(error) if kept.told_of != Some(stamps) => {
                    kept.told_of = Some(stamps);
                    let error = &*error.into();
                    tracing::error!(error, files = ?self.paths, "what was read last holds on");
                }
                Err(_) => {}
            }
        }
        Arc::clone(&kept.value)
    }
}

fn stamps<const N: usize>(paths: &[PathBuf; N]) -> Stamps<N> {
    paths.each_ref().map(|path| stamp(path))
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_read_that_fails_is_tried_again_and_what_was_good_last_holds() {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join("file");
        fs::write(&path, "1").expect("there is room");
        let watched = WatchedFile::<String>::new(&path);
        let read = || fs::read_to_string(&path);
        let fails = || Err(io::Error::other("no file descriptors are left"));
        assert_eq!(*watched.now(fails), "");
        assert_eq!(*watched.now(read), "1", "nothing has changed but that it can be read");
        assert_eq!(*watched.now(|| -> io::Result<String> { panic!("it is read once") }), "1");
        fs::write(&path, "22").expect("there is room");
        assert_eq!(*watched.now(fails), "1");
        assert_eq!(*watched.now(read), "22");
    }

    #[test]
    fn a_change_that_is_dated_back_is_seen() {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join("file");
        fs::write(&path, "1").expect("there is room");
        let before = stamp(&path).expect("it is there");
        let file = fs::File::options().write(true).open(&path).expect("it is there");
        let modified = fs::metadata(&path).and_then(|told| told.modified()).expect("it is told");
        file.set_modified(modified + std::time::Duration::from_secs(1)).expect("it is ours");
        file.set_modified(modified).expect("it is ours");
        let after = stamp(&path).expect("it is there");
        assert_eq!(after.modified, before.modified);
        assert_ne!(after, before);
    }
}
