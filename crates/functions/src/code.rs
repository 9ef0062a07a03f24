//! A function's code: a zip archive of a stranger, unpacked into a folder that holds nothing else and is never more than was
//! allowed.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io::{Cursor, ErrorKind, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use zip::ZipArchive;

/// As on Lambda, layers and all. <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const UNPACKED_BYTES: u64 = 262_144_000;

/// More files and folders than any package has that fits; each costs a name, and a folder a block of the disk.
pub const ENTRIES: usize = 65_536;

/// Names in a path, more than in any package. A path of 4 KiB has room for some 2,000, each of them a folder.
pub const DEPTH: usize = 64;

/// Archives that are kept unpacked besides those in use.
const KEPT: usize = 16;

/// Why an archive was not unpacked.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// It is none, or damaged.
    #[error("the code is no sound zip archive: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// It holds something that does not belong into one.
    #[error("the code's zip archive is refused: {0}")]
    Refused(String),
    /// It cannot be written here.
    #[error("cannot unpack the code into {folder}: {source}")]
    Disk {
        /// Where.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Unpacked archives, each once, known by what is in them.
#[derive(Debug)]
pub(crate) struct Unpacked {
    folder: PathBuf,
    /// The last ones that were asked for, the newest at the end.
    recent: Mutex<Vec<Arc<Code>>>,
}

/// An unpacked archive. It goes when nobody has it any longer.
#[derive(Debug)]
pub(crate) struct Code {
    sha256: [u8; 32],
    pub(crate) folder: PathBuf,
}

impl Drop for Code {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "unpacked code cannot be removed");
        }
    }
}

impl Unpacked {
    /// Unpacks into a folder of its own. What an earlier process left there is removed.
    pub(crate) fn new(folder: PathBuf) -> std::io::Result<Unpacked> {
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(&folder)?,
        }
        Ok(Unpacked { folder, recent: Mutex::default() })
    }

    /// The folder with an archive's files.
    pub(crate) fn get(&self, archive: &[u8]) -> Result<Arc<Code>, CodeError> {
        let sha256: [u8; 32] = Sha256::digest(archive).into();
        // Whoever wants any code meanwhile waits: what many want at once is unpacked once.
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = recent.iter().position(|code| code.sha256 == sha256) {
            let code = recent.remove(place);
            recent.push(Arc::clone(&code));
            return Ok(code);
        }
        let disk = |source| CodeError::Disk { folder: self.folder.clone(), source };
        let folder = tempfile::Builder::new().prefix("code-").tempdir_in(&self.folder).map_err(disk)?;
        unpack(archive, folder.path())?;
        // Whoever runs it is somebody else, and only reads.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).map_err(disk)?;
        let code = Arc::new(Code { sha256, folder: folder.keep() });
        if recent.len() >= KEPT {
            recent.remove(0);
        }
        recent.push(Arc::clone(&code));
        Ok(code)
    }
}

/// Unpacks an archive into an empty folder. Files keep of their rights only whether they may be executed.
pub fn unpack(archive: &[u8], into: &Path) -> Result<(), CodeError> {
    unpack_at_most(ENTRIES, archive, into)
}

fn unpack_at_most(entries: usize, archive: &[u8], into: &Path) -> Result<(), CodeError> {
    let refused = |text: String| Err(CodeError::Refused(text));
    let disk = |source| CodeError::Disk { folder: into.to_owned(), source };
    let mut archive = ZipArchive::new(Cursor::new(archive))?;
    if archive.len() > entries {
        return Err(too_many());
    }
    let mut left = UNPACKED_BYTES;
    // Folders are made also for names of files, and those have no entries of their own.
    let mut entries_left = entries;
    let mut links = Vec::new();
    let mut names = BTreeSet::new();
    for number in 0..archive.len() {
        let mut entry = archive.by_index(number)?;
        let path = relative(&entry.name()?).map_err(CodeError::Refused)?;
        if path.as_os_str().is_empty() {
            continue;
        }
        let at = into.join(&path);
        if entry.is_dir() {
            make_folder(into, &path, &mut entries_left)?;
            continue;
        }
        if !names.insert(path.clone()) {
            return refused(format!("`{}` is in it twice", path.display()));
        }
        path.parent().map_or(Ok(()), |folder| make_folder(into, folder, &mut entries_left))?;
        one_more(&mut entries_left)?;
        if entry.is_symlink() {
            let mut target = String::new();
            entry.by_ref().take(4096).read_to_string(&mut target).map_err(disk)?;
            stays_inside(&path, Path::new(&target)).map_err(CodeError::Refused)?;
            links.push((at, target));
            continue;
        }
        let is_program = entry.unix_mode().map_or(path == Path::new("bootstrap"), |mode| mode & 0o111 != 0);
        let mode = if is_program { 0o755 } else { 0o644 };
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&at).map_err(disk)?;
        // Also where the service makes its files for nobody else (umask).
        file.set_permissions(Permissions::from_mode(mode)).map_err(disk)?;
        // What an archive says of its sizes is not believed.
        let copied = std::io::copy(&mut entry.by_ref().take(left + 1), &mut file).map_err(disk)?;
        if copied > left {
            return refused(format!("unpacked it is larger than {UNPACKED_BYTES} bytes"));
        }
        left -= copied;
    }
    // Last, so that nothing is written through one.
    links.iter().try_for_each(|(at, target)| symlink(target, at)).map_err(disk)
}

/// Makes a folder below another, and those on the way to it, for all to read.
fn make_folder(into: &Path, path: &Path, entries_left: &mut usize) -> Result<(), CodeError> {
    let mut at = into.to_owned();
    for part in path.components() {
        at.push(part);
        let made = match fs::create_dir(&at) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && at.is_dir() => continue,
            Ok(()) => fs::set_permissions(&at, Permissions::from_mode(0o755)),
            Err(error) => Err(error),
        };
        made.map_err(|source| CodeError::Disk { folder: into.to_owned(), source })?;
        one_more(entries_left)?;
    }
    Ok(())
}

/// Counts a file, a link or a folder.
fn one_more(entries_left: &mut usize) -> Result<(), CodeError> {
    *entries_left = entries_left.checked_sub(1).ok_or_else(too_many)?;
    Ok(())
}

fn too_many() -> CodeError {
    CodeError::Refused(format!("more than {ENTRIES} files and folders are in it"))
}

/// A name in an archive, as a path below it.
fn relative(name: &str) -> Result<PathBuf, String> {
    let mut path = PathBuf::new();
    for part in Path::new(name).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => {
                return Err(format!("`{}` is an absolute path", name.escape_debug()));
            }
            Component::ParentDir => return Err(format!("`{}` leads out of it", name.escape_debug())),
        }
    }
    if name.contains('\0') || path.as_os_str().len() > 4096 {
        return Err(format!("`{}` is no file name", name.chars().take(100).collect::<String>().escape_debug()));
    }
    if path.components().count() > DEPTH {
        let begin = name.chars().take(100).collect::<String>();
        return Err(format!("`{}…` is more than {DEPTH} names deep", begin.escape_debug()));
    }
    Ok(path)
}

/// A link goes up first, if at all, and never above the archive. So it stays inside whatever other links there are: its own
/// folder is a real one, and every name after that leads to a place that is inside for the same reason.
fn stays_inside(link: &Path, target: &Path) -> Result<(), String> {
    let mut depth = link.components().count() - 1;
    let mut has_gone_down = false;
    for part in target.components() {
        let is_good = match part {
            Component::Normal(_) => {
                has_gone_down = true;
                true
            }
            Component::CurDir => true,
            Component::ParentDir if has_gone_down || depth == 0 => false,
            Component::ParentDir => {
                depth -= 1;
                true
            }
            Component::RootDir | Component::Prefix(_) => false,
        };
        if !is_good {
            return Err(format!("the link `{}` to `{}` may lead out of it", link.display(), target.display()));
        }
    }
    if target.as_os_str().is_empty() { Err(format!("the link `{}` leads nowhere", link.display())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    #[test]
    fn folders_count_as_files_do_whether_or_not_they_have_an_entry() {
        // Seven folders and a file each.
        let archive = |has_file: bool| {
            let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
            for number in 0..10 {
                let name = format!("{number}/f/f/f/f/f/f");
                if has_file {
                    archive.start_file(format!("{name}/file"), SimpleFileOptions::default()).expect("it is in memory");
                    archive.write_all(b"x").expect("it is in memory");
                } else {
                    archive.add_directory(name, SimpleFileOptions::default()).expect("it is in memory");
                }
            }
            archive.finish().expect("it is in memory").into_inner()
        };
        for (has_file, count) in [(false, 70), (true, 80)] {
            let unpacked = |entries| {
                let folder = tempfile::tempdir().expect("there is room");
                let done = unpack_at_most(entries, &archive(has_file), folder.path());
                (done, walkdir::WalkDir::new(folder.path()).min_depth(1).into_iter().count())
            };
            let (done, made) = unpacked(count);
            assert!(done.is_ok() && made == count, "{made}: {done:?}");
            for fewer in [count - 1, 20, 9] {
                let (done, made) = unpacked(fewer);
                assert!(
                    matches!(&done, Err(CodeError::Refused(text)) if text.contains("65536 files and folders")),
                    "{done:?}"
                );
                assert!(made <= fewer + 1, "{made}");
            }
        }
    }
}
