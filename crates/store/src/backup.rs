//! Backups: the database as of one moment, taken while it is written to; and back again.
//!
//! A copy is made beside its place under another name and moved there whole, so that a backup is there or is not, never
//! a half of one.

use std::fs::{self, File};
use std::io;
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
                doing(doing_it, || copy(backup, |to| copy_whole(&source, to)))
            }
            None => doing(doing_it, || copy(backup, |to| copy_whole(&self.writer(), to))),
        }
    }

    /// The same, of the store at this path, which another process may have open and go on writing; or which nobody may write, as on
    /// a disk that is mounted to be read only.
    pub fn backup_of(path: impl AsRef<Path>, backup: impl AsRef<Path>) -> Result<(), StoreError> {
        let (path, backup) = (path.as_ref(), backup.as_ref());
        refuse_if_there(backup)?;
        let doing_it = || format!("write the backup `{}`", backup.display());
        let opened = connection::open_reader(path, &Options::default()).and_then(|source| ours(source, path));
        match opened {
            Ok(source) => doing(doing_it, || copy(backup, |to| copy_whole(&source, to))),
            // SQLite makes a log beside what it reads. Where it cannot, and while nobody has the store, its files are all of it.
            Err(
                error @ (StoreError::Unreachable { .. } | StoreError::ReadOnly { .. } | StoreError::DiskFull { .. }),
            ) => {
                let (Some(_nobody_has_it), Ok(_)) = (lock::keep_out(path), File::open(path)) else { return Err(error) };
                doing(doing_it, || copy(backup, |to| copy_files(path, to)))
            }
            Err(error) => Err(error),
        }
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
        let source = ours(source, backup)?;
        doing(
            || format!("restore the backup `{}`", backup.display()),
            || {
                connection::quick_check(&source)?;
                copy(path, |to| copy_whole(&source, to))
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

/// A database, if it is one of ours.
fn ours(database: Connection, path: &Path) -> Result<Connection, StoreError> {
    match schema::version(&database, path)? {
        Some(_) => Ok(database),
        None => Err(StoreError::NotOurs { path: path.to_owned() }),
    }
}

fn copy(to: &Path, copy_to: impl FnOnce(&Path) -> Result<(), Cause>) -> Result<(), Cause> {
    let unfinished = beside(to, ".unfinished");
    let rests = ["-journal", "-wal", "-shm"].map(|end| beside(&unfinished, end));
    let remove = || {
        for rest in rests.iter().chain([&unfinished]) {
            match fs::remove_file(rest) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    };
    remove()?;
    let copied = copy_to(&unfinished).and_then(|()| {
        File::open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, to)?;
        // The name is in the directory.
        let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(File::open(directory)?.sync_all()?)
    });
    if copied.is_err() {
        // The error that is told is the one before.
        let _ = remove();
    }
    copied
}

/// All pages in one step: a single moment, and in WAL mode nobody waits for it.
fn copy_whole(source: &Connection, to: &Path) -> Result<(), Cause> {
    let mut target = Connection::open(to)?;
    Backup::new(source, &mut target)?.run_to_completion(i32::MAX, Duration::ZERO, None)?;
    without_log(target)
}

/// The files of a store that nobody has open: the database, and the log that a process has left that was killed.
fn copy_files(path: &Path, to: &Path) -> Result<(), Cause> {
    let copy = |from: &Path, to: &Path| io::copy(&mut File::open(from)?, &mut File::create(to)?);
    copy(path, to)?;
    if !connection::was_closed(path) {
        copy(&connection::wal_of(path), &connection::wal_of(to))?;
    }
    let target = ours(Connection::open(to)?, path)?;
    connection::quick_check(&target)?;
    without_log(target)
}

/// With the write-ahead log that a store has, it could not be opened where nothing can be written.
fn without_log(target: Connection) -> Result<(), Cause> {
    target.pragma_update(None, "journal_mode", "DELETE")?;
    target.close().map_err(|(_, error)| error)?;
    Ok(())
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
