//! `trailsight backup` and `restore`: all of a data directory, as a folder that says of itself whether it is whole.
//!
//! ```text
//! FOLDER/backup.json           what is in it: path, bytes and SHA-256 of each file
//!        data/trailsight.sqlite  as of one moment, taken by SQLite while the service writes on
//!             signing.pem …      every other file of the data directory
//!             buckets/…          the buckets, empty unless their objects were asked for
//! ```
//!
//! The command reads the data directory itself, so that it needs no service, and no service can be told to write somewhere. The
//! database is copied first: whatever is put into a bucket after that is not in its ledger, and is counted after a restore.
//! The other way round an object could be in the ledger and nowhere else. What can be made anew is left out: installed runtimes
//! and unpacked functions (whose archives are in the database).

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use jiff::Timestamp;
use record::digest::hexadecimal;
use serde::{Deserialize, Serialize};
use server::world::Clock;
use sha2::{Digest, Sha256};
use store::Store;
use walkdir::{DirEntry, WalkDir};

use crate::cli::{BackupArgs, RestoreArgs};
use crate::lost_database;
use crate::stdout::stdout;
use crate::world::buckets;
use crate::world::clock::MovedClock;
use crate::world::lake;
use crate::world::whole_file::{self, advised};

/// The database's file.
pub(crate) const DATABASE: &str = "trailsight.sqlite";
const MANIFEST: &str = "backup.json";
const DATA: &str = "data";
/// Folders of the data directory that are made anew, or installed again.
const MADE_ANEW: &[&str] = &["functions", "runtimes"];
/// Of the lake what is filled again from log files and from the database, and what queries need while they run.
const FILLED_AGAIN: &[&str] = &["events", "insights", "spill"];
/// Folders of a bucket that hold objects, and what is on its way to become one.
const OBJECTS: &[&str] = &[buckets::OBJECTS, buckets::ABOUT];
const ON_ITS_WAY: &[&str] = &[buckets::UPLOADS, buckets::INCOMING];
/// What may be in a data directory that a backup is put into: it stays as it is.
const MAY_BE_THERE: &[&str] = &["runtimes", "lost+found"];

/// What is in a backup.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    /// The version that made it.
    trailsight: String,
    made_at: Timestamp,
    with_objects: bool,
    files: Vec<Kept>,
}

/// A file in a backup.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    /// Below `data/`.
    path: PathBuf,
    bytes: u64,
    sha256: String,
}

/// `trailsight backup`.
pub fn back_up(arguments: &BackupArgs) -> Result<ExitCode> {
    let folder = arguments.data.folder()?;
    let database = folder.join(DATABASE);
    let is_there = fs::exists(&database).map_err(advised);
    let is_there = is_there.with_context(|| format!("cannot look into the data directory {}", folder.display()))?;
    ensure!(is_there, "there is no {}: is {} the service's data directory?", DATABASE, folder.display());
    lost_database::refuse(&folder)?;
    let to: &PathBuf = &arguments.to.components().collect();
    ensure!(!to.exists(), "{} is there already: name a folder that is not", to.display());
    let unfinished = beside(to, ".unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)
            .with_context(|| format!("cannot remove {}, which a backup before left", unfinished.display()))?;
    }
    make_private(&unfinished)?;
    let inside = unfinished.canonicalize()?.starts_with(folder.canonicalize()?);
    let manifest = if inside {
        Err(anyhow::anyhow!("{} is in the data directory: it would be a part of the next backup", to.display()))
    } else {
        copy_all(&folder, &unfinished, arguments.with_objects)
    };
    let manifest = manifest.and_then(|manifest| {
        sync(&unfinished)?;
        fs::rename(&unfinished, to).with_context(|| format!("cannot name the backup {}", to.display()))?;
        Ok(manifest)
    });
    let manifest = manifest.inspect_err(|_| {
        // The error that is told is the one before.
        let _ = fs::remove_dir_all(&unfinished);
    })?;
    let bytes: u64 = manifest.files.iter().map(|kept| kept.bytes).sum();
    let objects = if arguments.with_objects { "" } else { "; without the objects in the buckets (--with-objects)" };
    writeln!(stdout(), "{}: {} files, {} KiB{objects}", to.display(), manifest.files.len(), bytes.div_ceil(1024))?;
    Ok(ExitCode::SUCCESS)
}

fn copy_all(folder: &Path, unfinished: &Path, with_objects: bool) -> Result<Manifest> {
    let made_at = MovedClock::showing(None).now();
    let data = unfinished.join(DATA);
    make_private(&data)?;
    let copied = data.join(DATABASE);
    Store::backup_of(folder.join(DATABASE), &copied)?;
    fs::set_permissions(&copied, fs::Permissions::from_mode(0o600))?;
    let mut files = vec![kept(&data, PathBuf::from(DATABASE))?];
    let wanted = |path: &Path| is_wanted(path, folder, with_objects);
    // What lies on another disk, behind a link, is a part of it.
    let walk = WalkDir::new(folder)
        .min_depth(1)
        .follow_links(true)
        // A table's log before its files: none that it names is gone by then, and what comes later it does not name.
        .sort_by_key(|entry| (entry.file_name() != lake::LOG, entry.file_name().to_owned()));
    for entry in walk.into_iter().filter_entry(|entry| wanted(entry.path())) {
        let entry = match entry {
            Ok(entry) => entry,
            // Gone meanwhile; or a link to a disk that is not there, of what is left out.
            Err(error) if is_gone(&error) || error.path().is_some_and(|path| !wanted(path)) => continue,
            Err(error) => return Err(error).context("cannot read the data directory"),
        };
        let path = entry.path().strip_prefix(folder).expect("it is below the folder").to_owned();
        if entry.file_type().is_dir() {
            make_private(&data.join(&path))?;
        } else if entry.file_type().is_file() {
            match fs::copy(entry.path(), data.join(&path)) {
                Ok(_) => files.push(kept(&data, path)?),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("cannot copy {}", entry.path().display())),
            }
        }
    }
    let manifest = Manifest { trailsight: env!("CARGO_PKG_VERSION").into(), made_at, with_objects, files };
    let text = serde_json::to_vec_pretty(&manifest)?;
    fs::write(unfinished.join(MANIFEST), text).context("cannot write what is in the backup")?;
    Ok(manifest)
}

/// Whether what cannot be read is gone since it was listed. A link is not, that leads to what is not there.
fn is_gone(error: &walkdir::Error) -> bool {
    let is_link = |path: &Path| fs::symlink_metadata(path).is_ok();
    error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound) && !error.path().is_some_and(is_link)
}

/// Whether something of the data directory is to be looked at.
fn is_wanted(path: &Path, folder: &Path, with_objects: bool) -> bool {
    let Ok(path) = path.strip_prefix(folder) else { return true };
    let names: Vec<&str> = path.iter().filter_map(|name| name.to_str()).collect();
    match names[..] {
        [name] if name.starts_with(DATABASE) => false,
        [name] => !MADE_ANEW.contains(&name),
        [lake::FOLDER, name] => !FILLED_AGAIN.contains(&name),
        [buckets::FOLDER, name] => !ON_ITS_WAY.contains(&name),
        [buckets::FOLDER, _, name] => !ON_ITS_WAY.contains(&name) && (with_objects || !OBJECTS.contains(&name)),
        _ => true,
    }
}

/// `trailsight restore`.
pub fn restore(arguments: &RestoreArgs) -> Result<ExitCode> {
    let (folder, from) = (arguments.data.folder()?, &arguments.from);
    let text = fs::read(from.join(MANIFEST))
        .with_context(|| format!("{} is no backup: there is no {MANIFEST} to be read", from.display()))?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .with_context(|| format!("{} is no backup: its {MANIFEST} is not as we write it", from.display()))?;
    let data = from.join(DATA);
    let (databases, others): (Vec<&Kept>, Vec<&Kept>) =
        manifest.files.iter().partition(|kept| kept.path == Path::new(DATABASE));
    ensure!(databases.len() == 1, "{} is no backup: it has no {DATABASE}", from.display());
    hold(&manifest, &data)?;
    make_private(&folder)?;
    refuse_if_used(&folder)?;
    // The database last: whatever breaks this off, what is here is no data directory before all of it is.
    let put = || -> Result<()> {
        for Kept { path, .. } in others {
            let to = folder.join(path);
            if let Some(parent) = to.parent() {
                make_private(parent)?;
            }
            fs::copy(data.join(path), &to).with_context(|| format!("cannot write {}", to.display()))?;
        }
        sync(&folder)?;
        Store::restore(data.join(DATABASE), folder.join(DATABASE))?;
        fs::set_permissions(folder.join(DATABASE), fs::Permissions::from_mode(0o600))?;
        give_to_owner(&folder)?;
        sync(&folder)
    };
    put().with_context(|| format!("{} is not restored: empty it before you try again", folder.display()))?;
    writeln!(
        stdout(),
        "{} is as it was at {:.0}{}. Install runtimes again if functions are to run: trailsight runtimes install",
        folder.display(),
        manifest.made_at,
        if manifest.with_objects { "" } else { "; its buckets are empty" },
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Whether all that is said to be in a backup is, to the last byte.
fn hold(manifest: &Manifest, data: &Path) -> Result<()> {
    for said in &manifest.files {
        let is_below = said.path.components().all(|part| matches!(part, Component::Normal(_)));
        let path = said.path.display();
        ensure!(is_below, "the backup names `{path}`, which is no file of it: nothing was restored");
        let found = kept(data, said.path.clone())?;
        if found != *said {
            let (bytes, said) = (found.bytes, said.bytes);
            bail!(
                "the backup is damaged: {path} has {bytes} bytes, or others, than the {said} written: nothing was restored"
            );
        }
    }
    Ok(())
}

fn refuse_if_used(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot look into {}", folder.display()))? {
        let name = entry?.file_name();
        let is_lock = |name: &str| name.strip_prefix(DATABASE) == Some(".lock");
        if !name.to_str().is_some_and(|name| MAY_BE_THERE.contains(&name) || is_lock(name)) {
            bail!(
                "{} is not empty (there is {}): stop the service, and move what is there away first",
                folder.display(),
                Path::new(&name).display()
            );
        }
    }
    Ok(())
}

fn kept(data: &Path, path: PathBuf) -> Result<Kept> {
    let read = || -> io::Result<(u64, String)> {
        let (mut file, mut hash, mut bytes) = (File::open(data.join(&path))?, Sha256::new(), 0);
        let mut piece = vec![0; 1 << 16];
        loop {
            match file.read(&mut piece)? {
                0 => return Ok((bytes, hexadecimal(&hash.finalize()))),
                count => {
                    hash.update(&piece[..count]);
                    bytes += count as u64;
                }
            }
        }
    };
    let (bytes, sha256) = read().with_context(|| format!("cannot read {} of the backup", path.display()))?;
    Ok(Kept { path, bytes, sha256 })
}

fn make_private(folder: &Path) -> Result<()> {
    whole_file::make_private(folder).with_context(|| format!("cannot make the folder {}", folder.display()))
}

/// What root has put into a data directory belongs to whoever that belongs to, as the service could not open it otherwise.
fn give_to_owner(folder: &Path) -> Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let owner = fs::metadata(folder).with_context(|| format!("cannot look at {}", folder.display()))?;
    let is_ours = |entry: &DirEntry| {
        entry.depth() != 1 || !entry.file_name().to_str().is_some_and(|name| MAY_BE_THERE.contains(&name))
    };
    for entry in WalkDir::new(folder).min_depth(1).into_iter().filter_entry(is_ours) {
        let entry = entry.with_context(|| format!("cannot look into {}", folder.display()))?;
        lchown(entry.path(), Some(owner.uid()), Some(owner.gid()))
            .with_context(|| format!("cannot give {} to the owner of {}", entry.path().display(), folder.display()))?;
    }
    Ok(())
}

/// Waits until the disk has all of it.
fn sync(folder: &Path) -> Result<()> {
    let synced = File::open(folder).and_then(|file| Ok(rustix::fs::syncfs(file)?));
    synced.with_context(|| format!("the disk does not keep {}", folder.display()))
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

#[cfg(test)]
mod tests;
