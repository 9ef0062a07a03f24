//! One process a database: a lock file beside it, held as long as the store is open.
//!
//! SQLite itself would let two processes in, one writing after the other. But each would count the same files and keep an
//! engine of its own. The lock is the kernel's (`flock`), so that a process that was killed leaves none behind; the file
//! stays, and says which process had it last.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::StoreError;
use crate::error::doing;

/// A lock that is held.
///
/// It is given back by name, not by closing the file: a child process that is just being started has every open file too, for
/// a moment, and would hold the lock on.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // If that fails, it is given back when the file is closed everywhere.
        let _ = self.0.unlock();
    }
}

/// Takes the lock of this database.
pub(crate) fn take(database: &Path) -> Result<Lock, StoreError> {
    let path = lock_path(database);
    let mut file = doing(
        || format!("open the lock file `{}`", path.display()),
        || Ok(OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?),
    )?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Only for the sentence: the lock is held, whoever it says.
            let _ = file.read_to_string(&mut holder);
            let holder = match holder.trim().parse::<u32>() {
                Ok(process) => format!("another trailsight (process {process})"),
                Err(_) => "another trailsight".to_owned(),
            };
            return Err(StoreError::InUse { path: database.to_owned(), holder });
        }
        Err(TryLockError::Error(error)) => {
            return doing(|| format!("lock `{}`", path.display()), || Err(error.into()));
        }
    }
    // Only for the sentence, too: a full disk must not keep anybody from starting.
    let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(Lock(file))
}

/// Takes the lock where it cannot be said who has it, as nothing can be written there. `None`: somebody has it, or there is none.
pub(crate) fn keep_out(database: &Path) -> Option<Lock> {
    let file = File::open(lock_path(database)).ok()?;
    file.try_lock().ok()?;
    Some(Lock(file))
}

fn lock_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}
