//! What S3 tells of an object besides its bytes: a small JSON file beside it.
//!
//! The object is renamed to its place first, then this. It says which content it is about, by length and time, so that after a
//! crash in between, or when somebody else has written the object, it is known to be about another one. Then the ETag is
//! computed from the bytes. So it is waited for the disk only where it says what the bytes do not tell: a log file is put with
//! half the waiting.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use jiff::Timestamp;
use md5::{Digest, Md5};
use record::digest::hexadecimal;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

/// Checksums as S3 tells them, in Base64, by the algorithm's name: `CRC32`.
pub type Checksums = BTreeMap<String, String>;

/// What is told of an object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Its length.
    pub bytes: u64,
    /// When it was stored.
    pub modified_at: Timestamp,
    /// The MD5 of its bytes, or of its parts' MD5s with their number; without quotes.
    pub etag: String,
    /// What whoever put it said.
    #[serde(flatten)]
    pub headers: Headers,
    /// The checksums that came with it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checksums: Checksums,
}

/// What whoever put an object said of it; it is given back as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the headers' own names")]
pub struct Headers {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// `x-amz-meta-…`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

impl About {
    /// What is told of an object's file.
    pub(super) fn of(file: &File, beside: &Path) -> io::Result<About> {
        let metadata = file.metadata()?;
        let (bytes, modified) = (metadata.len(), metadata.modified()?);
        let modified_at = Timestamp::try_from(modified).unwrap_or(Timestamp::UNIX_EPOCH);
        let written: Option<About> = match fs::read(beside) {
            Ok(text) => serde_json::from_slice(&text).ok(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if let Some(about) = written.filter(|about| about.bytes == bytes && about.modified_at == modified_at) {
            return Ok(about);
        }
        let etag = etag_of(file)?;
        Ok(About { bytes, modified_at, etag, headers: Headers::default(), checksums: Checksums::default() })
    }

    /// Whether it would be the same, computed from the bytes: nobody has said anything of them, and they came in one piece.
    /// Checksums may be told of an object, and need not.
    pub(super) fn is_told_by_the_bytes(&self) -> bool {
        self.headers == Headers::default() && !self.etag.contains('-')
    }

    /// Written, to be renamed to its place; and synced, if it could not be made again.
    pub(super) fn written(&self, folder: &Path) -> io::Result<NamedTempFile> {
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        if !self.is_told_by_the_bytes() {
            file.as_file().sync_all()?;
        }
        Ok(file)
    }
}

/// The MD5 of a file's bytes. Where the file stands is left as it was.
fn etag_of(file: &File) -> io::Result<String> {
    use std::os::unix::fs::FileExt;
    struct From<'f>(&'f File, u64);
    impl Read for From<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read_at(buffer, self.1)?;
            self.1 += count as u64;
            Ok(count)
        }
    }
    let (mut from, mut md5, mut buffer) = (From(file, 0), Md5::new(), vec![0; 1 << 16]);
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&md5.finalize())),
            count => md5.update(&buffer[..count]),
        }
    }
}
