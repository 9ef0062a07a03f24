//! Keys as file names, and back. No key leads out of its bucket.
//!
//! A key's parts between slashes are folders and a file of the same names, so that `objects/` can be read by people and copied
//! by any tool. What cannot be a file's name is written with `%`: `%25` is a percent sign, `%2E%2E` two dots, a lone `%` an
//! empty name, as of the key `reports/`.
//!
//! On S3 both `a` and `a/b` can be objects. Here `a` is a folder then, and the object beside it is `a%o`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::BucketsError;

/// Bytes of one name. File systems take 255; the rest is for what we append.
const NAME_BYTES: usize = 240;

/// Bytes of a key. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>
const KEY_BYTES: usize = 1024;

/// What an object's name ends in if there is a folder of its name.
const ASIDE: &str = "%o";

/// What the file about an object ends in.
const ABOUT: &str = "%about";

/// Where an object lies, in its bucket.
pub(super) struct Place {
    /// Its folders.
    folders: PathBuf,
    /// Its file.
    name: String,
}

pub(super) fn place_of(key: &str) -> Result<Place, BucketsError> {
    if key.is_empty() || key.len() > KEY_BYTES {
        return Err(BucketsError::KeyTooLong);
    }
    let mut names: Vec<String> = key.split('/').map(file_name).collect();
    if names.iter().any(|name| name.len() > NAME_BYTES) {
        return Err(BucketsError::KeyTooLong);
    }
    let name = names.pop().expect("a text that is split has a part");
    Ok(Place { folders: names.iter().collect(), name })
}

impl Place {
    /// Its folder, below the bucket's.
    pub(super) fn folder(&self, objects: &Path) -> PathBuf {
        // Joined with nothing a path would end in a slash, and not be equal to itself.
        if self.folders.as_os_str().is_empty() { objects.to_owned() } else { objects.join(&self.folders) }
    }

    /// The file, if there is one.
    pub(super) fn to_read(&self, objects: &Path) -> Option<PathBuf> {
        let plain = self.folder(objects).join(&self.name);
        // In this order: it may be moved aside meanwhile, and is never moved back.
        [plain.clone(), aside(&plain)].into_iter().find(|path| path.is_file())
    }

    /// Where to write it. Its folder is there.
    pub(super) fn to_write(&self, objects: &Path) -> PathBuf {
        let plain = self.folder(objects).join(&self.name);
        let aside = aside(&plain);
        if plain.is_dir() || aside.exists() { aside } else { plain }
    }

    /// The file about it.
    pub(super) fn beside(&self, about: &Path) -> PathBuf {
        self.folder(about).join(format!("{}{ABOUT}", self.name))
    }
}

/// The name beside a folder of the same name.
pub(super) fn aside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ASIDE);
    name.into()
}

/// A key's part as a file name.
fn file_name(part: &str) -> String {
    if part.is_empty() {
        return "%".to_owned();
    }
    let is_dots = part == "." || part == "..";
    let mut name = String::with_capacity(part.len());
    for character in part.chars() {
        if character.is_ascii_control() || matches!(character, '%' | '\\') || is_dots {
            let _ = write!(name, "%{:02X}", u32::from(character));
        } else {
            name.push(character);
        }
    }
    name
}

/// A file name as a key's part. `None`: it is none of ours.
pub(super) fn part(name: &str) -> Option<String> {
    if name == "%" {
        return Some(String::new());
    }
    let mut pieces = name.split('%');
    let mut part = pieces.next()?.to_owned();
    for piece in pieces {
        let code = u8::from_str_radix(piece.get(..2)?, 16).ok().filter(u8::is_ascii)?;
        part.push(char::from(code));
        part.push_str(&piece[2..]);
    }
    (!part.contains('/') && file_name(&part) == name).then_some(part)
}

/// The part of an object that lies in this file, also if it was moved aside.
pub(super) fn object_part(name: &str) -> Option<String> {
    part(name.strip_suffix(ASIDE).unwrap_or(name))
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
pub(super) fn is_bucket_name(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    let is_outer = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| is_inner(*byte))
        && is_outer(bytes.first())
        && is_outer(bytes.last())
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_place_tell_the_same() {
        for key in [
            "a",
            "a/",
            "/a",
            "a//b",
            "..",
            "../../etc/passwd",
            "a/./b",
            "100%",
            "%2E",
            "%",
            "a%o",
            "é\u{7}",
            "b\\c",
            "a%about",
        ] {
            let place = place_of(key).expect("it is a key");
            let path = place.folders.join(&place.name);
            let parts: Vec<String> =
                path.components().map(|name| part(name.as_os_str().to_str().unwrap()).unwrap()).collect();
            assert_eq!(parts.join("/"), key);
            assert!(path.components().all(|name| matches!(name, std::path::Component::Normal(_))), "{key}");
        }
    }

    #[test]
    fn a_name_that_no_key_has_is_none_of_ours() {
        for name in ["..", "%2e", "%41", "a%", "%zz", "a%o", "%2F", "%C3%A9"] {
            assert_eq!(part(name), None, "{name}");
        }
    }

    #[test]
    fn names_of_buckets_are_aws_s() {
        assert!(["abc", "my-trail", "a.b.c", "1a2"].iter().all(|name| is_bucket_name(name)));
        let wrong = ["ab", "", "..", ".incoming", "A-b", "a_b", "-ab", "ab-", "a..b", "10.0.0.1", "a/b"];
        assert!(!wrong.iter().any(|name| is_bucket_name(name)));
    }
}
