//! A file that a command was told to write: there whole, or as it was before.
//!
//! It is written under another name beside its own, and named once all of it is there. What is there already and is no plain file (a
//! pipe, a device, a link, which may lead to one) is written as it is.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct OutFile {
    path: PathBuf,
    file: File,
    /// Where it is until it is whole; it goes when this does.
    unfinished: Option<TempPath>,
}

impl OutFile {
    /// Begins it.
    pub(crate) fn create(path: &Path) -> io::Result<OutFile> {
        let there = fs::symlink_metadata(path).ok();
        let name = path.file_name().filter(|_| there.as_ref().is_none_or(|there| there.is_file()));
        let begin = || -> io::Result<(File, Option<TempPath>)> {
            let Some(name) = name else { return Ok((File::create(path)?, None)) };
            let beside = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let unfinished = tempfile::Builder::new()
                .prefix(&format!(".{}-", name.display()))
                // As any file is made: less what the user's mask takes away.
                .permissions(Permissions::from_mode(0o666))
                .tempfile_in(beside)?;
            if let Some(there) = &there {
                unfinished.as_file().set_permissions(there.permissions())?;
            }
            let (file, unfinished) = unfinished.into_parts();
            Ok((file, Some(unfinished)))
        };
        let (file, unfinished) = begin().map_err(|error| of_path(path, &error))?;
        Ok(OutFile { path: path.to_owned(), file, unfinished })
    }

    /// It is whole.
    pub(crate) fn finish(self) -> io::Result<()> {
        let Some(unfinished) = self.unfinished else { return Ok(()) };
        unfinished.persist(&self.path).map_err(|error| of_path(&self.path, &error.error))
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| of_path(&self.path, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(|error| of_path(&self.path, &error))
    }
}

/// Whoever writes says of an error only what it is.
fn of_path(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write `{}`: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_there_whole_or_as_it_was_before() {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join("out.csv");
        let write = |text: &str| {
            let mut file = OutFile::create(&path).expect("there is room");
            file.write_all(text.as_bytes()).expect("there is room");
            file
        };
        drop(write("half"));
        assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0);
        write("whole").finish().expect("there is room");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("it is ours");
        drop(write("half"));
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "whole");
        write("anew").finish().expect("there is room");
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "anew");
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 1);
    }

    #[test]
    fn what_is_no_plain_file_is_written_as_it_is_and_what_fails_names_it() {
        let folder = tempfile::tempdir().expect("there is room");
        let full = OutFile::create(Path::new("/dev/full")).and_then(|mut full| full.write_all(b"x"));
        let full = full.expect_err("it is full").to_string();
        assert!(full.starts_with("cannot write `/dev/full`: No space left"), "{full}");
        for wrong in ["", "missing/out.csv"] {
            let path = folder.path().join(wrong);
            let error = OutFile::create(&path).expect_err(wrong).to_string();
            assert!(error.starts_with(&format!("cannot write `{}`: ", path.display())), "{error}");
        }
        let (link, linked) = (folder.path().join("link"), folder.path().join("linked"));
        symlink(&linked, &link).expect("there is room");
        let mut file = OutFile::create(&link).expect("there is room");
        file.write_all(b"x").expect("there is room");
        file.finish().expect("there is room");
        assert_eq!(fs::read_to_string(linked).expect("it is there"), "x");
        assert!(fs::symlink_metadata(link).expect("it is there").is_symlink());
    }
}
