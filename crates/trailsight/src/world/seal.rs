//! The service's own key: what it seals is opened by nobody who has not the key.
//!
//! ```text
//! DIR/sealing.key    64 letters: 256 bits by dice, in hexadecimal; mode 0600
//! ```
//!
//! Two keys are made of it, one for each use: ChaCha20-Poly1305 for what is kept sealed, HMAC-SHA-256 for what is made anew
//! each time ([`Seal::bits_of`]). What is sealed names what it is of, so that it cannot be put in another's place.
//!
//! It guards whatever is copied without it: the database, the file of credentials, a backup that leaves it out. It does not
//! guard against who can read the whole data directory, or this process.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use server::world::Dice;

use super::whole_file;

/// In the data directory.
pub const FILE: &str = "sealing.key";

/// Why there is nothing to seal with.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The file cannot be read or written.
    #[error("cannot read or write the sealing key {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others may read it.
    #[error("the sealing key {} can be read by others: make it yours with `chmod 600`", .0.display())]
    ReadByOthers(PathBuf),
    /// It is no key.
    #[error(
        "the sealing key {} is damaged: put it back from a backup. Without it nothing that was sealed can be opened: then move \
         it away, have another made, and make credentials anew",
        .0.display()
    )]
    Damaged(PathBuf),
}

/// The key.
pub struct Seal {
    sealing: LessSafeKey,
    making: hmac::Key,
}

impl Seal {
    /// The key that is kept in a folder; it is made if there is none.
    pub fn open(folder: &Path, dice: &dyn Dice) -> Result<Seal, SealError> {
        let path = folder.join(FILE);
        let file = |source| SealError::File { path: path.clone(), source };
        if let Some(seal) = Seal::kept(&path)? {
            return Ok(seal);
        }
        let text = format!("{:032x}{:032x}\n", dice.bits(), dice.bits());
        match whole_file::put_new(folder, FILE, &text) {
            // Two that make it at once are one: whoever was later reads what the other has made.
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(file(error)),
        }
        Seal::kept(&path)?.ok_or_else(|| file(io::ErrorKind::NotFound.into()))
    }

    fn kept(path: &Path) -> Result<Option<Seal>, SealError> {
        let file = |error| SealError::File { path: path.to_owned(), source: whole_file::advised(error) };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(file(error)),
        };
        if fs::metadata(path).map_err(file)?.permissions().mode() & 0o077 != 0 {
            return Err(SealError::ReadByOthers(path.to_owned()));
        }
        let key = key(text.trim()).ok_or_else(|| SealError::Damaged(path.to_owned()))?;
        Ok(Some(Seal::of(&key)))
    }

    fn of(key: &[u8; 32]) -> Seal {
        let whole = hmac::Key::new(hmac::HMAC_SHA256, key);
        let part = |name: &str| hmac::sign(&whole, name.as_bytes());
        let sealing = UnboundKey::new(&CHACHA20_POLY1305, part("sealing").as_ref()).expect("256 bits are a key");
        Seal { sealing: LessSafeKey::new(sealing), making: hmac::Key::new(hmac::HMAC_SHA256, part("making").as_ref()) }
    }

    /// 256 bits that belong to a name: the same for the same name and key.
    pub fn bits_of(&self, name: &str) -> [u8; 32] {
        let tag = hmac::sign(&self.making, name.as_bytes());
        tag.as_ref().try_into().expect("SHA-256 has 32 bytes")
    }

    /// Seals a text, in base64. `of` says whose it is: it opens as that and as nothing else.
    pub fn seal(&self, of: &str, text: &str, dice: &dyn Dice) -> String {
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&dice.bits().to_be_bytes()[..NONCE_LEN]);
        let mut bytes = text.as_bytes().to_vec();
        self.sealing
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(of), &mut bytes)
            .expect("a text is not too long to be sealed");
        STANDARD_NO_PAD.encode([&nonce[..], &bytes].concat())
    }

    /// What was sealed; `None`: it was not sealed by this key, or not as this.
    pub fn unseal(&self, of: &str, sealed: &str) -> Option<String> {
        let bytes = STANDARD_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let text = self.sealing.open_in_place(nonce, Aad::from(of), &mut sealed).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }
}

fn key(text: &str) -> Option<[u8; 32]> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut key = [0; 32];
    for (index, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2).filter(|_| is_hex)?, 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;
    use crate::world::dice::SystemDice;

    #[test]
    fn what_is_sealed_opens_by_its_key_and_its_name_alone() {
        let folder = tempfile::tempdir().expect("there is room");
        let seal = Seal::open(folder.path(), &SystemDice).expect("it is made");
        let sealed = seal.seal("access-key:AKIA", "secret", &SystemDice);
        assert!(!sealed.contains("secret"));
        assert_ne!(sealed, seal.seal("access-key:AKIA", "secret", &SystemDice), "no two look alike");

        let again = Seal::open(folder.path(), &SystemDice).expect("it is there");
        assert_eq!(again.unseal("access-key:AKIA", &sealed).as_deref(), Some("secret"));
        assert_eq!(again.unseal("access-key:AKIB", &sealed), None);
        assert_eq!(again.bits_of("a"), seal.bits_of("a"));
        assert_ne!(seal.bits_of("a"), seal.bits_of("b"));
        let mut bytes = STANDARD_NO_PAD.decode(&sealed).expect("it is base64");
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            assert_eq!(seal.unseal("access-key:AKIA", &STANDARD_NO_PAD.encode(&bytes)), None, "byte {at}");
            bytes[at] ^= 1;
        }
        for short in ["", "AAAA", "no base64"] {
            assert_eq!(seal.unseal("access-key:AKIA", short), None);
        }
        let other = Seal::of(&[7; 32]);
        assert_eq!(other.unseal("access-key:AKIA", &sealed), None);
        assert_ne!(other.bits_of("a"), seal.bits_of("a"));
    }

    #[test]
    fn the_key_is_its_owner_s_alone_and_is_never_replaced() {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join(FILE);
        Seal::open(folder.path(), &SystemDice).expect("it is made");
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("it is ours");
        assert!(matches!(Seal::open(folder.path(), &SystemDice), Err(SealError::ReadByOthers(_))));
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is ours");
        for damaged in ["", "abc", &"g".repeat(64), &"a".repeat(63)] {
            fs::write(&path, damaged).expect("there is room");
            assert!(matches!(Seal::open(folder.path(), &SystemDice), Err(SealError::Damaged(_))), "{damaged}");
            assert_eq!(fs::read_to_string(&path).expect("it is there"), damaged);
        }
    }
}
