//! Backups: the database as of one moment, taken while it is written to; and back again.
//!
//! A copy is made beside its place under another name and moved there whole, so that a backup is there or is not, never
//! a half of one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Cause, doing};
use crate::{Options, Store, StoreError, connection, lock, schema};

impl Store {
    /// Writes a backup, which must not be there yet. Whoever reads or writes the store goes on.
    pub fn backup_to(&self, backup: impl AsRef<Path>) -> Result<(), StoreError> {
        let backup = backup.as_ref();
        refuse_if_there(backup)?;
        let doing_it = || format!("write the backup `{}`", backup.display());
        match &self.path {
            Some(path) => {
                let source = connection::open_reader(path, &self.options)?;
                doing(doing_it, || copy(&source, backup))
            }
            None => doing(doing_it, || copy(&self.writer(), backup)),
        }
    }

    /// The same, of the store at this path, which another process may have open and go on writing.
    pub fn backup_of(path: impl AsRef<Path>, backup: impl AsRef<Path>) -> Result<(), StoreError> {
        let (path, backup) = (path.as_ref(), backup.as_ref());
        refuse_if_there(backup)?;
        let source = connection::open_reader(path, &Options::default())?;
        if schema::version(&source, path)?.is_none() {
            return Err(StoreError::NotOurs { path: path.to_owned() });
        }
        doing(|| format!("write the backup `{}`", backup.display()), || copy(&source, backup))
    }

    /// Puts a backup where a store will be opened. Refused if there is a store already, if the backup is damaged, of another
    /// program, or of a newer version of this one.
    pub fn restore(backup: impl AsRef<Path>, path: impl AsRef<Path>) -> Result<(), StoreError> {
        let (backup, path) = (backup.as_ref(), path.as_ref());
        let _lock = lock::take(path)?;
        refuse_if_there(path)?;
        // What a database that is gone has left: SQLite would take it for a part of the one that is put here.
        refuse_if_there(&connection::wal_of(path))?;
        let source = doing(
            || format!("open the backup `{}`", backup.display()),
            || Ok(Connection::open_with_flags(backup, OpenFlags::SQLITE_OPEN_READ_ONLY)?),
        )?;
        if schema::version(&source, backup)?.is_none() {
            return Err(StoreError::NotOurs { path: backup.to_owned() });
        }
        doing(
            || format!("restore the backup `{}`", backup.display()),
            || {
                connection::quick_check(&source)?;
                copy(&source, path)
            },
        )?;
        // Opened once: a backup that cannot be migrated should be known of now.
        let mut restored = connection::open_writer(path, &Options::default())?;
        schema::migrate(&mut restored, path)
    }
}

fn refuse_if_there(path: &Path) -> Result<(), StoreError> {
    match doing(|| format!("look at `{}`", path.display()), || Ok(fs::exists(path)?))? {
        true => Err(StoreError::IsThere { path: path.to_owned() }),
        false => Ok(()),
    }
}

fn copy(source: &Connection, to: &Path) -> Result<(), Cause> {
    let unfinished = beside(to, ".unfinished");
    let copied = copy_whole(source, &unfinished).and_then(|()| {
        File::open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, to)?;
        // The name is in the directory.
        let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(File::open(directory)?.sync_all()?)
    });
    if copied.is_err() {
        for rest in [unfinished.clone(), beside(&unfinished, "-journal"), beside(&unfinished, "-wal")] {
            // The error that is told is the one before.
            let _ = fs::remove_file(rest);
        }
    }
    copied
}

/// All pages in one step: a single moment, and in WAL mode nobody waits for it.
fn copy_whole(source: &Connection, to: &Path) -> Result<(), Cause> {
    if fs::exists(to)? {
        fs::remove_file(to)?;
    }
    let mut target = Connection::open(to)?;
    Backup::new(source, &mut target)?.run_to_completion(i32::MAX, Duration::ZERO, None)?;
    // With the write-ahead log that the source has, it could not be opened where nothing can be written.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    target.close().map_err(|(_, error)| error)?;
    Ok(())
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
