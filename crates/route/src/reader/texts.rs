//! Names and texts: where they end, and what their escapes stand for.

use std::borrow::Cow;

use super::{JsonError, Place, Reader, described};

impl<'a> Reader<'a> {
    pub(super) fn finish_string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.is_unfinished = false;
        self.quoted("string value")
    }

    /// A text whose first quote was taken, to behind its last.
    pub(super) fn quoted(&mut self, what: &str) -> Result<Cow<'a, str>, JsonError> {
        let start = self.pos;
        let bytes = self.text.as_bytes();
        let mut is_escaped = false;
        loop {
            match bytes.get(self.pos) {
                None if what == "name" => return Err(self.error("Unexpected end-of-input in field name")),
                None => {
                    return Err(self.error("Unexpected end-of-input: was expecting closing quote for a string value"));
                }
                Some(b'"') => break,
                Some(b'\\') => {
                    is_escaped = true;
                    self.pos += 1;
                    self.escape()?;
                }
                Some(&c) if c < b' ' => {
                    // A line break within a text begins no line.
                    let place = Place::of(self.text, self.pos).one_on();
                    self.pos += 1;
                    let c = described(char::from(c));
                    return Err(JsonError {
                        text: format!(
                            "Illegal unquoted character ({c}): has to be escaped using backslash to be included in {what}\n at {place}"
                        ),
                    });
                }
                Some(_) => self.pos += 1,
            }
        }
        let quoted = &self.text[start..self.pos];
        self.pos += 1;
        Ok(if is_escaped { Cow::Owned(unescaped(quoted)) } else { Cow::Borrowed(quoted) })
    }

    /// Checks an escape whose backslash was taken.
    fn escape(&mut self) -> Result<(), JsonError> {
        match self.take() {
            Some(b'"' | b'/' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') => {
                for _ in 0..4 {
                    match self.take() {
                        None => return Err(self.error("Unexpected end-of-input in character escape sequence")),
                        Some(c) if c.is_ascii_hexdigit() => {}
                        Some(_) => return self.unexpected("expected a hex-digit for character escape sequence"),
                    }
                }
                Ok(())
            }
            Some(_) => Err(self.error(format_args!("Unrecognized character escape {}", described(self.last_char())))),
            None => Err(self.error("Unexpected end-of-input in character escape sequence")),
        }
    }
}

/// What the inside of a JSON text says, its escapes being right. What is no escape stays as it is.
fn unescaped(quoted: &str) -> String {
    let mut out = Vec::with_capacity(quoted.len());
    unescape(quoted.as_bytes(), &mut out);
    // Whole characters go in and out.
    String::from_utf8(out).unwrap_or_else(|bytes| String::from_utf8_lossy(bytes.as_bytes()).into_owned())
}

/// Appends what the inside of a JSON text says.
pub(crate) fn unescape(quoted: &[u8], out: &mut Vec<u8>) {
    let mut rest = quoted;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let Some(&kind) = rest.get(at + 1) else { break };
        rest = &rest[at + 2..];
        match kind {
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => {
                let (c, length) = match (hex(rest), rest.get(4..6), rest.get(6..).and_then(hex)) {
                    (Some(high @ 0xd800..0xdc00), Some(b"\\u"), Some(low @ 0xdc00..0xe000)) => {
                        (char::from_u32(0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00))), 10)
                    }
                    (Some(unit), ..) => (char::from_u32(unit), 4),
                    (None, ..) => (None, 0),
                };
                out.extend_from_slice(c.unwrap_or('?').encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[length..];
            }
            c => out.push(c),
        }
    }
    out.extend_from_slice(rest);
}

/// The four hexadecimal digits that it begins with.
fn hex(digits: &[u8]) -> Option<u32> {
    digits.get(..4)?.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}
