//! The keys that events are pushed with: a line each in a file, by name, of which only the hash is kept.
//!
//! ```text
//! production 5f4dcc3b…  2026-02-12T14:30:00Z      name, SHA-256 of the key, when it was made
//! ```
//!
//! The service reads the file again when it has changed, so keys come and go while it runs. A key is 256 bits by dice: it
//! cannot be guessed, nor found from its hash.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use record::digest;
use server::push::PushKeys;
use server::world::Dice;
use subtle::ConstantTimeEq;

use super::watched_file::WatchedFile;
use super::whole_file;

/// The file in the data directory.
pub const FILE: &str = "push-keys";
/// What keys begin with, so that one that leaks is known for what it is.
const BEGINNING: &str = "tspush_";

/// A key, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushKey {
    /// Its name.
    pub name: String,
    /// SHA-256 in hexadecimal.
    pub hash: String,
    /// When it was made.
    pub made_at: Timestamp,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PushKeysError {
    /// It cannot be read or written.
    #[error("cannot read or write `{}`", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is none of ours.
    #[error("line {line} of `{}` is no key: put it right, or remove it", .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line.
        line: usize,
    },
    /// There is one of this name.
    #[error("there is a key `{0}`: delete it first, or take another name")]
    Taken(String),
    /// There is none of this name.
    #[error("there is no key `{0}`: `trailsight push-keys list` names them")]
    NotThere(String),
    /// It is no name.
    #[error("`{0}` is no name for a key: letters, digits, `.`, `_` and `-`, at most 64 of them")]
    BadName(String),
}

/// Every key in a data directory.
pub fn read(folder: &Path) -> Result<Vec<PushKey>, PushKeysError> {
    let path = folder.join(FILE);
    let lines = whole_file::lines_of(&path).map_err(of_file(folder))?.into_iter();
    lines.map(|(line, text)| key(&text).ok_or_else(|| PushKeysError::Line { path: path.clone(), line })).collect()
}

fn of_file(folder: &Path) -> impl FnOnce(io::Error) -> PushKeysError {
    let path = folder.join(FILE);
    |source| PushKeysError::File { path, source }
}

fn key(line: &str) -> Option<PushKey> {
    let [name, hash, made_at] = line.split_whitespace().collect::<Vec<_>>().try_into().ok()?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (is_hash && is_name(name)).then_some(PushKey {
        name: name.to_owned(),
        hash: hash.to_owned(),
        made_at: made_at.parse().ok()?,
    })
}

/// Whether a text is a name for a key.
pub fn is_name(name: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(is_good)
}

/// Makes a key. It is told now, and never again.
pub fn create(folder: &Path, name: &str, dice: &dyn Dice, now: Timestamp) -> Result<String, PushKeysError> {
    if !is_name(name) {
        return Err(PushKeysError::BadName(name.to_owned()));
    }
    let _held = whole_file::hold(folder).map_err(of_file(folder))?;
    let mut keys = read(folder)?;
    if keys.iter().any(|key| key.name == name) {
        return Err(PushKeysError::Taken(name.to_owned()));
    }
    let key = format!("{BEGINNING}{:032x}{:032x}", dice.bits(), dice.bits());
    keys.push(PushKey { name: name.to_owned(), hash: digest::hash(key.as_bytes()), made_at: now });
    write(folder, &keys)?;
    Ok(key)
}

/// Deletes a key: nobody is let in by it any more.
pub fn delete(folder: &Path, name: &str) -> Result<(), PushKeysError> {
    let _held = whole_file::hold_if_there(folder).map_err(of_file(folder))?;
    let mut keys = read(folder)?;
    let count = keys.len();
    keys.retain(|key| key.name != name);
    if keys.len() == count {
        return Err(PushKeysError::NotThere(name.to_owned()));
    }
    write(folder, &keys)
}

fn write(folder: &Path, keys: &[PushKey]) -> Result<(), PushKeysError> {
    let mut text = String::new();
    for PushKey { name, hash, made_at } in keys {
        let _ = writeln!(text, "{name} {hash} {made_at:.0}");
    }
    whole_file::put(folder, FILE, &text).map_err(of_file(folder))
}

/// The keys of a data directory, as they are at the moment.
pub struct PushKeysOf {
    folder: PathBuf,
    keys: WatchedFile<Vec<PushKey>>,
}

impl PushKeysOf {
    /// Those in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> PushKeysOf {
        let folder = folder.into();
        PushKeysOf { keys: WatchedFile::new(folder.join(FILE)), folder }
    }
}

impl PushKeys for PushKeysOf {
    fn name_of(&self, key: &str) -> Option<String> {
        let keys = self.keys.now(|| read(&self.folder));
        let hash = digest::hash(key.as_bytes());
        // All of them are looked at, whichever it is.
        let mut name = None;
        for key in &*keys {
            if bool::from(key.hash.as_bytes().ct_eq(hash.as_bytes())) {
                name = Some(key.name.clone());
            }
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::world::dice::SystemDice;

    #[test]
    fn a_key_lets_in_from_when_it_is_made_until_it_is_deleted() {
        let folder = tempfile::tempdir().expect("there is room");
        let now: Timestamp = "2026-02-12T14:30:00Z".parse().expect("it is a moment");
        let keys = PushKeysOf::new(folder.path());
        assert_eq!(keys.name_of("x"), None);
        let first = create(folder.path(), "first", &SystemDice, now).expect("it is made");
        assert_eq!(keys.name_of(&first).as_deref(), Some("first"));
        let second = create(folder.path(), "second", &SystemDice, now).expect("it is made");
        assert_eq!(keys.name_of(&second).as_deref(), Some("second"));
        assert_ne!(first, second);
        assert_eq!(keys.name_of(&first[1..]), None);
        assert_eq!(keys.name_of(""), None);
        assert!(matches!(create(folder.path(), "first", &SystemDice, now), Err(PushKeysError::Taken(_))));
        assert!(matches!(create(folder.path(), "a b", &SystemDice, now), Err(PushKeysError::BadName(_))));

        let text = fs::read_to_string(folder.path().join(FILE)).expect("it is there");
        assert!(!text.contains(&first), "the key itself is not kept");
        let mode = fs::metadata(folder.path().join(FILE)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        delete(folder.path(), "first").expect("it is there");
        assert_eq!((keys.name_of(&first), keys.name_of(&second).as_deref()), (None, Some("second")));
        assert!(matches!(delete(folder.path(), "first"), Err(PushKeysError::NotThere(_))));
        assert_eq!(read(folder.path()).expect("it is read").len(), 1);

        fs::write(folder.path().join(FILE), "second no-hash 2026-02-12T14:30:00Z\n").expect("there is room");
        assert!(matches!(read(folder.path()), Err(PushKeysError::Line { line: 1, .. })));
        assert_eq!(keys.name_of(&second).as_deref(), Some("second"), "the keys that were good last are");
    }

    #[test]
    fn keys_that_are_made_at_once_are_all_there() {
        let folder = tempfile::tempdir().expect("there is room");
        let now: Timestamp = "2026-02-12T14:30:00Z".parse().expect("it is a moment");
        std::thread::scope(|scope| {
            for number in 0..8 {
                let folder = folder.path();
                scope.spawn(move || create(folder, &format!("key-{number}"), &SystemDice, now).expect("it is made"));
            }
        });
        assert_eq!(read(folder.path()).expect("it is read").len(), 8);
    }
}
