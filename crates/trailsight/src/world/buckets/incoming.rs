//! Bytes on their way into a bucket.

use std::io::{self, Write};
use std::path::Path;

use md5::{Digest, Md5};
use record::digest::hexadecimal;
use tempfile::NamedTempFile;

use super::{BucketsError, doing};

/// What came in so far. Dropped, it is gone.
pub struct Incoming {
    file: NamedTempFile,
    md5: Md5,
    bytes: u64,
}

impl Incoming {
    pub(super) fn new(folder: &Path) -> Result<Incoming, BucketsError> {
        let file = doing(|| "make a file for what comes in".into(), || NamedTempFile::new_in(folder))?;
        Ok(Incoming { file, md5: Md5::new(), bytes: 0 })
    }

    /// Takes some more.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), BucketsError> {
        doing(|| "write what comes in".into(), || self.file.write_all(bytes))?;
        self.md5.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// How much came in.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its MD5 so far.
    pub fn md5(&self) -> Vec<u8> {
        self.md5.clone().finalize().to_vec()
    }

    pub(super) fn finish(self) -> Result<(NamedTempFile, String), BucketsError> {
        let mut file = self.file;
        doing(|| "write what came in".into(), || file.flush())?;
        Ok((file, hexadecimal(&self.md5.finalize())))
    }
}

impl Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Incoming::write(self, bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
