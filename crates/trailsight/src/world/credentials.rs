//! The credentials that clients sign with: a line each in a file, the secret sealed.
//!
//! ```text
//! ci AKIA4Q…  2026-02-12T14:30:00Z 7mYx…      name, access key id, when it was made, the secret as `seal.rs` seals it
//! ```
//!
//! Unlike a push key's, a secret must be kept and not only its hash: whoever checks a signature signs again. The service reads
//! the file again when it has changed, so credentials come and go while it runs.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::Timestamp;
use server::unique_id;
use server::world::{Dice, Vault};

use super::dice::SystemDice;
use super::push_keys::is_name;
use super::seal::{Seal, SealError};
use super::watched_file::WatchedFile;
use super::whole_file;

/// The file in the data directory.
pub const FILE: &str = "credentials";

/// One pair of keys, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its name.
    pub name: String,
    /// `AKIA…`.
    pub access_key_id: String,
    /// When it was made.
    pub made_at: Timestamp,
    sealed: String,
}

/// A pair of keys as it is told, once. It has no `Debug`: no log has it.
pub struct Made {
    /// `AKIA…`.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
}

/// Why credentials cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The file cannot be read or written.
    #[error("cannot read or write `{}`", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is none of ours.
    #[error("line {line} of `{}` is no credential: put it right, or remove it", .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line.
        line: usize,
    },
    /// It was sealed by another key.
    #[error(
        "the secret of `{0}` was sealed by another key than sealing.key: put that back, or delete the credential and make one anew"
    )]
    Sealed(String),
    /// There is no key to seal with.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// There is one of this name.
    #[error("there is a credential `{0}`: delete it first, or take another name")]
    Taken(String),
    /// There is none of this name.
    #[error("there is no credential `{0}`: `trailsight credentials list` names them")]
    NotThere(String),
    /// It is no name.
    #[error("`{0}` is no name for a credential: letters, digits, `.`, `_` and `-`, at most 64 of them")]
    BadName(String),
}

/// Every credential in a data directory.
pub fn read(folder: &Path) -> Result<Vec<Credential>, CredentialsError> {
    let path = folder.join(FILE);
    let lines = whole_file::lines_of(&path).map_err(of_file(folder))?.into_iter();
    lines
        .map(|(line, text)| credential(&text).ok_or_else(|| CredentialsError::Line { path: path.clone(), line }))
        .collect()
}

fn of_file(folder: &Path) -> impl FnOnce(io::Error) -> CredentialsError {
    let path = folder.join(FILE);
    |source| CredentialsError::File { path, source }
}

fn credential(line: &str) -> Option<Credential> {
    let [name, access_key_id, made_at, sealed] = line.split_whitespace().collect::<Vec<_>>().try_into().ok()?;
    (is_name(name) && is_name(access_key_id)).then_some(Credential {
        name: name.to_owned(),
        access_key_id: access_key_id.to_owned(),
        made_at: made_at.parse().ok()?,
        sealed: sealed.to_owned(),
    })
}

/// Makes a pair of keys. Without a name, its access key id is its name.
pub fn create(folder: &Path, name: Option<&str>, dice: &dyn Dice, now: Timestamp) -> Result<Made, CredentialsError> {
    if let Some(name) = name.filter(|name| !is_name(name)) {
        return Err(CredentialsError::BadName(name.to_owned()));
    }
    let _held = whole_file::hold(folder).map_err(of_file(folder))?;
    let mut all = read(folder)?;
    if let Some(taken) = all.iter().find(|other| name.is_some_and(|name| other.is_called(name))) {
        return Err(CredentialsError::Taken(taken.name.clone()));
    }
    let seal = Seal::open(folder, dice)?;
    let made = Made { access_key_id: unique_id(dice, "AKIA", 16), secret_access_key: secret_access_key(dice) };
    all.push(Credential {
        name: name.unwrap_or(&made.access_key_id).to_owned(),
        sealed: seal.seal(&sealed_as(&made.access_key_id), &made.secret_access_key, dice),
        access_key_id: made.access_key_id.clone(),
        made_at: now,
    });
    write(folder, &all)?;
    Ok(made)
}

/// Deletes a pair of keys, by name or access key id: nobody is let in by it any more.
pub fn delete(folder: &Path, name: &str) -> Result<(), CredentialsError> {
    let _held = whole_file::hold_if_there(folder).map_err(of_file(folder))?;
    let mut all = read(folder)?;
    let count = all.len();
    all.retain(|credential| !credential.is_called(name));
    if all.len() == count {
        return Err(CredentialsError::NotThere(name.to_owned()));
    }
    write(folder, &all)
}

impl Credential {
    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.access_key_id == name
    }
}

fn write(folder: &Path, all: &[Credential]) -> Result<(), CredentialsError> {
    let mut text = String::new();
    for Credential { name, access_key_id, made_at, sealed } in all {
        let _ = writeln!(text, "{name} {access_key_id} {made_at:.0} {sealed}");
    }
    whole_file::put(folder, FILE, &text).map_err(of_file(folder))
}

fn sealed_as(access_key_id: &str) -> String {
    format!("secret-access-key:{access_key_id}")
}

/// Forty letters and digits: 240 bits by dice.
fn secret_access_key(dice: &dyn Dice) -> String {
    let bytes = [dice.bits().to_be_bytes(), dice.bits().to_be_bytes()].concat();
    STANDARD_NO_PAD.encode(&bytes[..30])
}

/// The credentials of a data directory, as they are at the moment, and its sealing key.
pub struct DataVault {
    folder: PathBuf,
    seal: Seal,
    secrets: WatchedFile<Vec<(String, String)>>,
}

impl DataVault {
    /// Those in this folder.
    pub fn open(folder: impl Into<PathBuf>, dice: &dyn Dice) -> Result<DataVault, SealError> {
        let folder = folder.into();
        let seal = Seal::open(&folder, dice)?;
        Ok(DataVault { seal, secrets: WatchedFile::new(folder.join(FILE)), folder })
    }

    /// How many there are, or why they cannot be used.
    pub fn count(&self) -> Result<usize, CredentialsError> {
        self.read().map(|secrets| secrets.len())
    }

    /// Access key ids and their secrets.
    fn read(&self) -> Result<Vec<(String, String)>, CredentialsError> {
        let opened = |credential: Credential| {
            let secret = self.seal.unseal(&sealed_as(&credential.access_key_id), &credential.sealed);
            let secret = secret.ok_or(CredentialsError::Sealed(credential.name))?;
            Ok((credential.access_key_id, secret))
        };
        read(&self.folder)?.into_iter().map(opened).collect()
    }
}

impl Vault for DataVault {
    fn secret_of(&self, access_key: &str) -> Option<String> {
        let secrets = self.secrets.now(|| self.read());
        secrets.iter().find(|(id, _)| id == access_key).map(|(_, secret)| secret.clone())
    }

    fn bits_of(&self, name: &str) -> [u8; 32] {
        self.seal.bits_of(name)
    }

    fn seal(&self, of: &str, text: &str) -> String {
        self.seal.seal(of, text, &SystemDice)
    }

    fn unseal(&self, of: &str, sealed: &str) -> Option<String> {
        self.seal.unseal(of, sealed)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn credentials_let_in_from_when_they_are_made_until_they_are_deleted() {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join(FILE);
        let now: Timestamp = "2026-02-12T14:30:00Z".parse().expect("it is a moment");
        let vault = DataVault::open(folder.path(), &SystemDice).expect("it is made");
        assert_eq!(vault.count().expect("it is read"), 0);
        let ci = create(folder.path(), Some("ci"), &SystemDice, now).expect("it is made");
        let other = create(folder.path(), None, &SystemDice, now).expect("it is made");
        assert!(ci.access_key_id.starts_with("AKIA") && ci.access_key_id.len() == 20);
        assert_eq!((ci.secret_access_key.len(), vault.count().expect("it is read")), (40, 2));
        assert_eq!(vault.secret_of(&ci.access_key_id).as_ref(), Some(&ci.secret_access_key));
        assert_eq!(vault.secret_of(&other.access_key_id).as_ref(), Some(&other.secret_access_key));
        assert_eq!(vault.secret_of("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(vault.secret_of("ci"), None, "a name is no key");

        let text = fs::read_to_string(&path).expect("it is there");
        assert!(!text.contains(&ci.secret_access_key), "secrets are sealed");
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
        assert!(matches!(create(folder.path(), Some("ci"), &SystemDice, now), Err(CredentialsError::Taken(_))));
        let id = Some(&*other.access_key_id);
        assert!(matches!(create(folder.path(), id, &SystemDice, now), Err(CredentialsError::Taken(_))));
        assert!(matches!(create(folder.path(), Some("a b"), &SystemDice, now), Err(CredentialsError::BadName(_))));

        delete(folder.path(), &other.access_key_id).expect("it is there");
        assert_eq!(vault.secret_of(&other.access_key_id), None);
        assert!(matches!(delete(folder.path(), "nobody"), Err(CredentialsError::NotThere(_))));

        // A secret that was put beside another access key id opens nothing, and nobody is let in.
        let stolen = text.replace(&ci.access_key_id, "AKIAIOSFODNN7EXAMPLE");
        fs::write(&path, stolen).expect("there is room");
        assert!(matches!(vault.count(), Err(CredentialsError::Sealed(_))));
        assert_eq!(vault.secret_of("AKIAIOSFODNN7EXAMPLE"), None);
        fs::write(&path, "ci AKIA\n").expect("there is room");
        assert!(matches!(read(folder.path()), Err(CredentialsError::Line { line: 1, .. })));
        delete(folder.path(), "ci").expect_err("what cannot be read is not written anew");
    }

    #[test]
    fn credentials_that_are_made_and_deleted_at_once_are_as_each_wanted() {
        let folder = tempfile::tempdir().expect("there is room");
        let now: Timestamp = "2026-02-12T14:30:00Z".parse().expect("it is a moment");
        let made = |name: &str| create(folder.path(), Some(name), &SystemDice, now).expect("it is made");
        for number in 0..4 {
            made(&format!("old-{number}"));
        }
        std::thread::scope(|scope| {
            for number in 0..4 {
                scope.spawn(move || made(&format!("new-{number}")));
                let folder = folder.path();
                scope.spawn(move || delete(folder, &format!("old-{number}")).expect("it is there"));
            }
        });
        let mut names: Vec<_> = read(folder.path()).expect("they are read").into_iter().map(|one| one.name).collect();
        names.sort();
        assert_eq!(names, ["new-0", "new-1", "new-2", "new-3"]);
    }

    #[test]
    fn where_there_is_no_folder_nothing_is_deleted_and_none_is_made() {
        let place = tempfile::tempdir().expect("there is room");
        let folder = place.path().join("mistyped");
        assert!(matches!(delete(&folder, "ci"), Err(CredentialsError::NotThere(_))));
        assert!(!folder.exists());
    }
}
