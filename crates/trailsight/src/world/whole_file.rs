//! Small files that are there whole or not at all, and only for their owner: keys, credentials, links, mails.
//!
//! Commands change them while the service reads them, and while other commands do: whoever reads a file to write it anew
//! [holds](hold) its folder meanwhile.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Puts a file in place of the one that is there.
pub fn put(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    put_by(folder, name, bytes, |file, path| Ok(file.persist(path)?))
}

/// Puts a file where there is none; [`ErrorKind::AlreadyExists`] if there is one.
pub fn put_new(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    put_by(folder, name, bytes, |file, path| Ok(file.persist_noclobber(path)?))
}

fn put_by(
    folder: &Path,
    name: &str,
    bytes: impl AsRef<[u8]>,
    persist: fn(NamedTempFile, PathBuf) -> io::Result<File>,
) -> io::Result<()> {
    let put = || {
        persist(written(folder, name, bytes)?, folder.join(name))?;
        File::open(folder)?.sync_all()
    };
    put().map_err(advised)
}

/// An error that says what is to be done where the machine's words do not, and names no file: whoever tells it names the one that is
/// meant.
pub fn advised(error: io::Error) -> io::Error {
    let advice = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "there is no room on its disk: free some",
        ErrorKind::ReadOnlyFilesystem => "its disk can only be read: mount it so that it can be written",
        ErrorKind::PermissionDenied => "this user may not: run it as the user that the data directory belongs to",
        _ => return error,
    };
    io::Error::new(error.kind(), advice)
}

/// A folder, and those above it, that nobody but its owner may look into. One that is there stays as it is.
pub fn make_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// The data directory, if it is not there: its owner's alone. Root's is open as others of its are, for functions that root runs are other
/// users, who go through it where they have no view of their own.
pub fn make_data_directory(folder: &Path) -> io::Result<()> {
    let is_root = rustix::process::geteuid().is_root();
    let made = if is_root { fs::create_dir_all(folder) } else { make_private(folder) };
    made.map_err(advised)
}

/// Written and synced, but under another name.
fn written(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> io::Result<NamedTempFile> {
    make_data_directory(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(&format!(".{name}-"))
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(folder)?;
    file.write_all(bytes.as_ref())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Waits until nobody else changes a file of this folder, and is the only one who does until what is given back is dropped.
/// The folder is made if it is not there.
pub fn hold(folder: &Path) -> io::Result<File> {
    let hold = || {
        make_data_directory(folder)?;
        let held = File::open(folder)?;
        held.lock()?;
        Ok(held)
    };
    hold().map_err(advised)
}

/// The same, but nobody makes a folder to delete something in it: `None` where there is none.
pub fn hold_if_there(folder: &Path) -> io::Result<Option<File>> {
    fs::exists(folder).map_err(advised)?.then(|| hold(folder)).transpose()
}

/// The lines of a file that are not blank, with their numbers from 1; none if it is not there.
pub fn lines_of(path: &Path) -> io::Result<Vec<(usize, String)>> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        read => read.map_err(advised)?,
    };
    let lines = (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty());
    Ok(lines.map(|(line, text)| (line, text.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_put_whole_for_its_owner_alone_and_nothing_else_is_left() {
        let place = tempfile::tempdir().expect("there is room");
        let folder = place.path().join("data");
        put_new(&folder, "keys", "one\n").expect("there is none yet");
        let again = put_new(&folder, "keys", "two\n").expect_err("there is one");
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(folder.join("keys")).expect("it is there"), "one\n");
        put(&folder, "keys", "two\n\n three \n").expect("there is room");
        let mode = fs::metadata(folder.join("keys")).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 1);
        let mode = fs::metadata(&folder).expect("it was made").permissions().mode();
        assert!(
            mode & 0o077 == 0 || rustix::process::geteuid().is_root(),
            "what is beside it is nobody else's: {mode:o}"
        );
        let lines = lines_of(&folder.join("keys")).expect("it is read");
        assert_eq!(lines, [(1, "two".to_owned()), (3, " three ".to_owned())]);
        assert_eq!(lines_of(&folder.join("none")).expect("there is none"), []);
    }

    #[test]
    fn what_a_disk_refuses_is_told_once_and_with_what_to_do() {
        for (code, advice) in [
            (28, "there is no room on its disk: free some"),
            (30, "its disk can only be read: mount it so that it can be written"),
            (13, "this user may not: run it as the user that the data directory belongs to"),
        ] {
            let error = io::Error::from_raw_os_error(code);
            let kind = error.kind();
            let told = advised(error);
            assert_eq!((told.kind(), told.to_string()), (kind, advice.to_owned()));
        }
        assert_eq!(advised(io::Error::from_raw_os_error(5)).raw_os_error(), Some(5));
    }

    #[test]
    fn a_folder_is_held_by_one_at_a_time() {
        let folder = tempfile::tempdir().expect("there is room");
        let held = hold(folder.path()).expect("it is there");
        let other = File::open(folder.path()).expect("it is there");
        assert!(matches!(other.try_lock(), Err(fs::TryLockError::WouldBlock)));
        drop(held);
        other.try_lock().expect("nobody holds it");
    }
}
