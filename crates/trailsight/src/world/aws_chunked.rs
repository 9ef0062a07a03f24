//! Bodies as AWS's clients send them in chunks: `aws-chunked`, undone.
//!
//! ```text
//! 10000;chunk-signature=ad80…\r\n <65,536 bytes> \r\n      the signature only in signed ones
//! 0;chunk-signature=b6c6…\r\n
//! x-amz-checksum-crc32:…\r\n                               trailers, if there are any
//! x-amz-trailer-signature:…\r\n
//! \r\n
//! ```
//!
//! Where signatures are demanded, each chunk's is checked, and the trailer's: [`Chunks`] says how. Else they are passed over.
//! The checksum in the trailer is held against what came.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>

use sha2::{Digest, Sha256};
use wire::sigv4::Chunks;

/// The longest line that is taken.
const LINE_BYTES: usize = 4096;

/// The most trailers that are taken.
const TRAILER_COUNT: usize = 32;

/// It is not what it says it is.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum BadChunks {
    /// These are no chunks.
    #[error("the body is not in chunks as it should be")]
    Malformed,
    /// A chunk or the trailer is not what was signed.
    #[error("a chunk's signature does not match")]
    Unsigned,
}

use BadChunks::{Malformed, Unsigned};

/// What was read of a body in chunks so far.
#[derive(Debug, Default)]
pub struct AwsChunked {
    expects: Expects,
    line: Vec<u8>,
    trailers: Vec<(String, String)>,
    signed: Option<Signed>,
}

/// How far the signatures were checked.
#[derive(Debug)]
struct Signed {
    chunks: Chunks,
    /// The chunk that is being read, and its signature.
    hash: Sha256,
    signature: String,
    /// The trailer as it is signed.
    trailer: String,
    is_trailer_held: bool,
}

#[derive(Debug, Default)]
enum Expects {
    /// A line with a chunk's size.
    #[default]
    Size,
    /// So many bytes.
    Bytes(usize),
    /// The end of the line after a chunk.
    EndOfChunk,
    /// Trailers.
    Trailers,
    /// Nothing.
    Nothing,
}

impl AwsChunked {
    /// A body whose chunks are signed; without, nobody checks how.
    pub fn signed(chunks: Option<Chunks>) -> AwsChunked {
        let signed = chunks.map(|chunks| Signed {
            is_trailer_held: !chunks.has_trailer(),
            chunks,
            hash: Sha256::new(),
            signature: String::new(),
            trailer: String::new(),
        });
        AwsChunked { signed, ..AwsChunked::default() }
    }

    /// Takes what came in; what it carries is appended to `out`.
    pub fn take(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Result<(), BadChunks> {
        while !input.is_empty() {
            if let Expects::Bytes(count) = &mut self.expects {
                let (taken, rest) = input.split_at(input.len().min(*count));
                out.extend_from_slice(taken);
                if let Some(signed) = &mut self.signed {
                    signed.hash.update(taken);
                }
                *count -= taken.len();
                input = rest;
                if *count == 0 {
                    self.signed.as_mut().map_or(Ok(()), Signed::hold_chunk)?;
                    self.expects = Expects::EndOfChunk;
                }
                continue;
            }
            let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
                self.line.extend_from_slice(input);
                return if self.line.len() > LINE_BYTES { Err(Malformed) } else { Ok(()) };
            };
            self.line.extend_from_slice(&input[..end]);
            input = &input[end + 1..];
            let line = std::mem::take(&mut self.line);
            if line.len() > LINE_BYTES {
                return Err(Malformed);
            }
            self.line(std::str::from_utf8(&line).map_err(|_| Malformed)?.trim_end_matches('\r'))?;
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<(), BadChunks> {
        match self.expects {
            Expects::Size => {
                let mut parts = line.split(';');
                let size = parts.next().unwrap_or_default();
                let is_hex = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_hexdigit());
                let size = usize::from_str_radix(size, 16).ok().filter(|_| is_hex).ok_or(Malformed)?;
                if let Some(signed) = &mut self.signed {
                    let signature = parts.find_map(|part| part.trim().strip_prefix("chunk-signature="));
                    signed.signature = signature.ok_or(Unsigned)?.to_owned();
                    if size == 0 {
                        signed.hold_chunk()?;
                    }
                }
                self.expects = if size == 0 { Expects::Trailers } else { Expects::Bytes(size) };
            }
            Expects::EndOfChunk if line.is_empty() => self.expects = Expects::Size,
            Expects::Trailers if line.is_empty() => self.expects = Expects::Nothing,
            Expects::Trailers if self.trailers.len() < TRAILER_COUNT => {
                let (name, value) = line.split_once(':').ok_or(Malformed)?;
                let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
                if let Some(signed) = &mut self.signed {
                    signed.trailer(&name, &value)?;
                }
                self.trailers.push((name, value));
            }
            _ => return Err(Malformed),
        }
        Ok(())
    }

    /// The trailers, when all has come.
    pub fn end(self) -> Result<Vec<(String, String)>, BadChunks> {
        if self.signed.as_ref().is_some_and(|signed| !signed.is_trailer_held) {
            return Err(Unsigned);
        }
        // Some clients leave out the empty line at the end.
        match self.expects {
            Expects::Nothing | Expects::Trailers if self.line.is_empty() => Ok(self.trailers),
            _ => Err(Malformed),
        }
    }
}

impl Signed {
    fn hold_chunk(&mut self) -> Result<(), BadChunks> {
        self.chunks.hold(std::mem::take(&mut self.hash), &self.signature).map_err(|_| Unsigned)
    }

    fn trailer(&mut self, name: &str, value: &str) -> Result<(), BadChunks> {
        if name != "x-amz-trailer-signature" {
            // What comes after the signature is not signed.
            if self.is_trailer_held {
                return Err(Unsigned);
            }
            self.trailer.push_str(&format!("{name}:{value}\n"));
            return Ok(());
        }
        self.chunks.hold_trailer(&self.trailer, value).map_err(|_| Unsigned)?;
        self.is_trailer_held = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (Vec<u8>, Vec<(String, String)>);

    fn read(body: &[u8], step: usize) -> Result<Read, BadChunks> {
        let (mut chunked, mut out) = (AwsChunked::default(), Vec::new());
        for piece in body.chunks(step) {
            chunked.take(piece, &mut out)?;
        }
        chunked.end().map(|trailers| (out, trailers))
    }

    #[test]
    fn however_it_is_cut_it_carries_the_same() {
        let signed = b"5;chunk-signature=ad80\r\nhello\r\n6;chunk-signature=0a\r\n\r\nyou\n\r\n0;chunk-signature=b6\r\nx-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:12\r\n\r\n";
        let trailers = [("x-amz-checksum-crc32", "AAAAAA=="), ("x-amz-trailer-signature", "12")];
        let trailers: Vec<_> =
            trailers.iter().map(|(name, value)| (String::from(*name), String::from(*value))).collect();
        for step in 1..signed.len() {
            assert_eq!(read(signed, step), Ok((b"hello\r\nyou\n".to_vec(), trailers.clone())), "{step}");
        }
        assert_eq!(read(b"3\r\nabc\r\n0\r\n\r\n", 4), Ok((b"abc".to_vec(), vec![])));
        assert_eq!(read(b"0\r\n\r\n", 4), Ok((vec![], vec![])));
    }

    #[test]
    fn what_is_cut_off_or_scribbled_is_refused() {
        let body = b"3\r\nabc\r\n0\r\nx:y\r\n\r\n";
        for end in 0..body.len() - 8 {
            assert_eq!(read(&body[..end], 3), Err(Malformed), "{end}");
        }
        for body in
            ["g\r\n", "+1\r\na\r\n0\r\n\r\n", "1\r\nab\r\n", "3\r\nabc\r\n0\r\n\r\nmore\r\n", "ffffffffffffffffff\r\n"]
        {
            assert_eq!(read(body.as_bytes(), 64), Err(Malformed), "{body}");
        }
        assert_eq!(read(&[b'1'; 9000], 64), Err(Malformed));
    }
}
