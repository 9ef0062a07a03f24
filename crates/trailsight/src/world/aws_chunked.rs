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
//! Signatures are passed over: they could only be verified by who knows the secret, and here any key is good. The checksum in
//! the trailer is held against what came.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>

/// The longest line that is taken.
const LINE_BYTES: usize = 4096;

/// The most trailers that are taken.
const TRAILER_COUNT: usize = 32;

/// It is not what it says it is.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the body is not in chunks as it should be")]
pub struct Malformed;

/// What was read of a body in chunks so far.
#[derive(Debug, Default)]
pub struct AwsChunked {
    expects: Expects,
    line: Vec<u8>,
    trailers: Vec<(String, String)>,
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
    /// Takes what came in; what it carries is appended to `out`.
    pub fn take(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        while !input.is_empty() {
            if let Expects::Bytes(count) = &mut self.expects {
                let (taken, rest) = input.split_at(input.len().min(*count));
                out.extend_from_slice(taken);
                *count -= taken.len();
                input = rest;
                if *count == 0 {
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

    fn line(&mut self, line: &str) -> Result<(), Malformed> {
        match self.expects {
            Expects::Size => {
                let size = line.split(';').next().unwrap_or_default();
                let is_hex = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_hexdigit());
                let size = usize::from_str_radix(size, 16).ok().filter(|_| is_hex).ok_or(Malformed)?;
                self.expects = if size == 0 { Expects::Trailers } else { Expects::Bytes(size) };
            }
            Expects::EndOfChunk if line.is_empty() => self.expects = Expects::Size,
            Expects::Trailers if line.is_empty() => self.expects = Expects::Nothing,
            Expects::Trailers if self.trailers.len() < TRAILER_COUNT => {
                let (name, value) = line.split_once(':').ok_or(Malformed)?;
                self.trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
            _ => return Err(Malformed),
        }
        Ok(())
    }

    /// The trailers, when all has come.
    pub fn end(self) -> Result<Vec<(String, String)>, Malformed> {
        // Some clients leave out the empty line at the end.
        match self.expects {
            Expects::Nothing | Expects::Trailers if self.line.is_empty() => Ok(self.trailers),
            _ => Err(Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (Vec<u8>, Vec<(String, String)>);

    fn read(body: &[u8], step: usize) -> Result<Read, Malformed> {
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
