//! Inflating: gzip, of one member or more, whole or damaged, into memory that is kept from file to file.

use std::io::Read;

use libdeflater::{DecompressionError, Decompressor};
use memchr::memmem;

use super::RejectedFile;

/// Room that is kept from one file to the next.
const KEPT_BYTES: usize = 64 << 20;

/// Inflates files one after another.
pub(super) struct Inflater {
    /// A file may inflate to this much.
    limit: usize,
    decompressor: Decompressor,
    /// What the last file inflated to, and room behind it: never shrunk between files, so that it is zeroed only as it grows.
    bytes: Vec<u8>,
}

impl Inflater {
    pub(super) fn new(limit: usize) -> Inflater {
        Inflater { limit, decompressor: Decompressor::new(), bytes: Vec::new() }
    }

    /// The inflated bytes, as many as there are, and what is wrong behind them.
    pub(super) fn inflate<'r>(&'r mut self, file: &[u8]) -> Result<(&'r [u8], Option<RejectedFile>), RejectedFile> {
        if self.bytes.len() > KEPT_BYTES {
            self.bytes = Vec::new();
        }
        match self.inflate_one_member(file)? {
            Some(len) => Ok((&self.bytes[..len], None)),
            None => {
                let (len, fault) = self.inflate_slowly(file)?;
                Ok((&self.bytes[..len], fault))
            }
        }
    }

    /// The fast way, for a file that is one sound gzip member and nothing else: nearly every one.
    fn inflate_one_member(&mut self, file: &[u8]) -> Result<Option<usize>, RejectedFile> {
        let limit = self.limit;
        let Some(claimed) = file.last_chunk::<4>().filter(|_| file.len() >= 18).map(|size| u32::from_le_bytes(*size))
        else {
            return Ok(None);
        };
        // The size at the end may be a lie, but deflate makes at most 1032 bytes of one.
        self.make_room((claimed as usize).min(file.len().saturating_mul(1032)).min(limit));
        loop {
            match self.decompressor.gzip_decompress(file, &mut self.bytes) {
                // libdeflate reads the first member and says nothing of what comes behind it.
                Ok(len) if len as u32 == claimed && !has_other_member(file, claimed) => return Ok(Some(len)),
                Ok(_) | Err(DecompressionError::BadData) => return Ok(None),
                Err(DecompressionError::InsufficientSpace) if self.bytes.len() >= limit => {
                    return Err(RejectedFile::TooLarge { limit });
                }
                Err(DecompressionError::InsufficientSpace) => {
                    self.make_room((2 * self.bytes.len()).max(4 * file.len()).max(4096).min(limit));
                }
            }
        }
    }

    /// Member after member, as far as it goes: for several members, and for damaged files.
    fn inflate_slowly(&mut self, file: &[u8]) -> Result<(usize, Option<RejectedFile>), RejectedFile> {
        let limit = self.limit;
        let mut rest = file;
        let mut len = 0;
        loop {
            let mut member = flate2::bufread::GzDecoder::new(rest);
            loop {
                if len == self.bytes.len() {
                    // One byte more than the limit shows that there is more.
                    self.make_room((2 * len).max(4 * file.len()).max(4096).min(limit + 1));
                }
                match member.read(&mut self.bytes[len..]) {
                    Ok(0) => break,
                    Ok(count) => len += count,
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                        return Ok((len, Some(RejectedFile::CutShort { at: len })));
                    }
                    Err(error) => return Ok((len, Some(RejectedFile::BadGzip { at: len, detail: error.to_string() }))),
                }
                if len > limit {
                    return Err(RejectedFile::TooLarge { limit });
                }
            }
            rest = member.into_inner();
            // Tapes and block devices are padded with zeros.
            if rest.iter().all(|byte| *byte == 0) {
                return Ok((len, None));
            }
            if !rest.starts_with(&[0x1f, 0x8b]) {
                let detail = format!("{} bytes behind it that are no gzip", rest.len());
                return Ok((len, Some(RejectedFile::BadGzip { at: len, detail })));
            }
        }
    }

    fn make_room(&mut self, bytes: usize) {
        if self.bytes.len() < bytes {
            // Doubling: or each file a little larger than those before would have to be given fresh pages.
            let bytes = bytes.next_power_of_two().min(self.limit + 1).max(bytes);
            // A new one: nothing of the old needs copying, unless something was already inflated into it.
            if self.bytes.capacity() >= bytes {
                self.bytes.resize(bytes, 0);
            } else {
                let old = std::mem::replace(&mut self.bytes, vec![0; bytes]);
                self.bytes[..old.len()].copy_from_slice(&old);
            }
        }
    }
}

/// Whether another gzip member may follow the first, which inflates to `len` bytes: somewhere that size and another header
/// stand side by side.
fn has_other_member(file: &[u8], len: u32) -> bool {
    memmem::find_iter(file, &[0x1f, 0x8b, 0x08]).skip(1).any(|at| file[..at].ends_with(&len.to_le_bytes()))
}
