//! The steps of the walk, whatever is walked over: from a member to the next, over a text, over a value, to the bracket that
//! closes.
//!
//! Three are long and met in many places. Each of them is a function of its own, built with the look's instructions; `…_here`
//! is the same, inlined.

use std::borrow::Cow;

use skim::{Block, Carry, Look, Work, padded};

use super::Walker;

/// Why the walk ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The bytes ended before the record did.
    CutShort,
    /// No JSON at this byte.
    Syntax(usize),
    /// More brackets within brackets than allowed at this byte.
    TooDeep(usize),
}

/// A [`Fault`] in one word, so that a [`Step`] is returned in two registers: slices are shorter than half of all addresses,
/// which leaves the highest bit of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stop(usize);

const TOO_DEEP: usize = 1 << (usize::BITS - 1);
const CUT_SHORT: Stop = Stop(usize::MAX);

impl From<Stop> for Fault {
    fn from(stop: Stop) -> Fault {
        match stop {
            CUT_SHORT => Fault::CutShort,
            Stop(at) if at & TOO_DEEP != 0 => Fault::TooDeep(at & !TOO_DEEP),
            Stop(at) => Fault::Syntax(at),
        }
    }
}

/// The position after what was walked over.
pub(super) type Step = Result<usize, Stop>;

pub(super) enum Next {
    /// The quote of the next member's key.
    Key(usize),
    /// After the object's closing bracket.
    End(usize),
}

/// The position after spaces, tabs and line ends.
#[inline(always)]
pub(crate) fn after_space(bytes: &[u8], mut pos: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(pos) {
        pos += 1;
    }
    pos
}

impl<L: Look> Walker<'_, L> {
    /// After a member: the next one's key, or the object's end.
    #[inline(always)]
    pub(super) fn next_key(&self, pos: usize) -> Result<Next, Stop> {
        let pos = after_space(self.bytes, pos);
        match self.bytes.get(pos) {
            Some(b'}') => Ok(Next::End(pos + 1)),
            Some(b',') => {
                let key = after_space(self.bytes, pos + 1);
                if self.bytes.get(key) == Some(&b'"') { Ok(Next::Key(key)) } else { Err(self.fault(key)) }
            }
            _ => Err(self.fault(pos)),
        }
    }

    /// The key at this quote, and where its value begins.
    #[inline(never)]
    pub(super) fn key(&self, quote: usize) -> Result<(Cow<'_, [u8]>, usize), Stop> {
        let (end, escaped) = self.string_end(quote + 1)?;
        let colon = after_space(self.bytes, end + 1);
        if self.bytes.get(colon) != Some(&b':') {
            return Err(self.fault(colon));
        }
        let value = after_space(self.bytes, colon + 1);
        let key =
            if escaped { unescaped_key(&self.bytes[quote..=end]) } else { Cow::Borrowed(&self.bytes[quote + 1..end]) };
        Ok((key, value))
    }

    /// The position after the value that begins here, `outer` brackets deep.
    #[inline(always)]
    fn skip_here(&self, pos: usize, outer: u32) -> Step {
        match self.bytes.get(pos) {
            Some(b'"') => self.after_text(pos + 1),
            Some(bracket @ (b'{' | b'[')) => {
                let after = self.close_here(pos + 1, 1, outer)?;
                // Pairs are not told apart on the way; where one is missing, this is where it mostly shows.
                if self.bytes[after - 1] == bracket + 2 { Ok(after) } else { Err(Stop(after - 1)) }
            }
            Some(b'n') if self.is_at(pos, b"null") => Ok(pos + 4),
            Some(b't') if self.is_at(pos, b"true") => Ok(pos + 4),
            Some(b'f') if self.is_at(pos, b"false") => Ok(pos + 5),
            Some(b'-' | b'0'..=b'9') => {
                let mut pos = pos + 1;
                while let Some(b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') = self.bytes.get(pos) {
                    pos += 1;
                }
                Ok(pos)
            }
            Some(b' ' | b'\n' | b'\r' | b'\t') => self.skip(after_space(self.bytes, pos), outer),
            _ => Err(self.fault(pos)),
        }
    }

    #[inline(always)]
    pub(super) fn after_text(&self, start: usize) -> Step {
        Ok(self.string_end_here(start)?.0 + 1)
    }

    /// The closing quote of the string whose text begins here, and whether a backslash comes before it.
    #[inline(always)]
    pub(super) fn string_end_here(&self, start: usize) -> Result<(usize, bool), Stop> {
        let mut pos = start;
        let mut escaped = false;
        while let Some(block) = self.bytes.get(pos..).and_then(|rest| rest.first_chunk::<32>()) {
            let found = self.look.quotes_or_backslashes(block);
            if found == 0 {
                pos += 32;
                continue;
            }
            let at = pos + found.trailing_zeros() as usize;
            if self.bytes[at] == b'"' {
                return Ok((at, escaped));
            }
            escaped = true;
            pos = at + 2;
        }
        string_end_bytewise(self.bytes, pos, escaped)
    }

    /// The position after the bracket that closes the last of `open` open brackets, with `outer` around them.
    /// `pos` is outside any string.
    #[inline(always)]
    fn close_here(&self, mut pos: usize, mut open: u32, outer: u32) -> Step {
        let mut carry = Carry::default();
        loop {
            let last;
            let block = match self.bytes.get(pos..).and_then(|rest| rest.first_chunk::<64>()) {
                Some(block) => block,
                None => {
                    let rest = self.bytes.get(pos..).unwrap_or_default();
                    if rest.is_empty() {
                        return Err(CUT_SHORT);
                    }
                    last = padded(rest);
                    &last
                }
            };
            let Block { opens, closes, .. } = carry.block(self.look, block);

            if outer + open + opens.count_ones() > self.depth_limit {
                self.check_depth(pos, outer + open, opens, closes)?;
            }
            if closes.count_ones() >= open {
                // It may end within this block: at the close before which there are as many others as brackets are open.
                let mut rest = closes;
                let mut closed = 0;
                while rest != 0 {
                    let bit = rest.trailing_zeros();
                    closed += 1;
                    if open + (opens & ((1 << bit) - 1)).count_ones() == closed {
                        return Ok(pos + bit as usize + 1);
                    }
                    rest &= rest - 1;
                }
            }
            open = open + opens.count_ones() - closes.count_ones();
            pos += 64;
        }
    }

    /// Goes bracket by bracket where a block may be too deep.
    #[cold]
    fn check_depth(&self, pos: usize, mut depth: u32, opens: u64, closes: u64) -> Result<(), Stop> {
        for bit in 0..64 {
            depth += (opens >> bit & 1) as u32;
            if depth > self.depth_limit {
                return Err(Stop(TOO_DEEP | (pos + bit)));
            }
            depth -= (closes >> bit & 1) as u32;
            if depth == 0 {
                break;
            }
        }
        Ok(())
    }

    /// The position after these bytes, if they are here.
    #[inline(always)]
    pub(super) fn past<const N: usize>(&self, pos: usize, expected: &[u8; N]) -> Option<usize> {
        self.is_at(pos, expected).then_some(pos + N)
    }

    #[inline(always)]
    pub(super) fn is_at<const N: usize>(&self, pos: usize, expected: &[u8; N]) -> bool {
        self.bytes.get(pos..).and_then(|rest| rest.first_chunk::<N>()) == Some(expected)
    }

    #[inline(always)]
    pub(super) fn fault(&self, pos: usize) -> Stop {
        if pos >= self.bytes.len() { CUT_SHORT } else { Stop(pos) }
    }
}

/// The same as [`Walker::string_end_here`], for the last bytes of the file.
#[cold]
#[inline(never)]
fn string_end_bytewise(bytes: &[u8], mut pos: usize, mut escaped: bool) -> Result<(usize, bool), Stop> {
    loop {
        match bytes.get(pos) {
            Some(b'"') => return Ok((pos, escaped)),
            Some(b'\\') => {
                escaped = true;
                pos += 2;
            }
            Some(_) => pos += 1,
            None => return Err(CUT_SHORT),
        }
    }
}

impl<L: Look> Walker<'_, L> {
    /// [`Walker::close_here`].
    #[inline(always)]
    pub(super) fn close(&self, pos: usize, open: u32, outer: u32) -> Step {
        self.look.run(Close { walker: self, pos }, (open, outer))
    }

    /// [`Walker::skip_here`].
    #[inline(always)]
    pub(super) fn skip(&self, pos: usize, outer: u32) -> Step {
        self.look.run(Skip { walker: self, pos }, outer)
    }

    /// [`Walker::string_end_here`], for the members that come out of the usual order.
    #[inline(always)]
    pub(super) fn string_end(&self, start: usize) -> Result<(usize, bool), Stop> {
        self.look.run(StringEnd { walker: self, start }, ())
    }
}

struct Close<'a, 'b, L> {
    walker: &'a Walker<'b, L>,
    pos: usize,
}

impl<L: Look> Work for Close<'_, '_, L> {
    type With = (u32, u32);
    type Output = Step;

    #[inline(always)]
    fn work(self, (open, outer): (u32, u32)) -> Step {
        self.walker.close_here(self.pos, open, outer)
    }
}

struct Skip<'a, 'b, L> {
    walker: &'a Walker<'b, L>,
    pos: usize,
}

impl<L: Look> Work for Skip<'_, '_, L> {
    type With = u32;
    type Output = Step;

    #[inline(always)]
    fn work(self, outer: u32) -> Step {
        self.walker.skip_here(self.pos, outer)
    }
}

struct StringEnd<'a, 'b, L> {
    walker: &'a Walker<'b, L>,
    start: usize,
}

impl<L: Look> Work for StringEnd<'_, '_, L> {
    type With = ();
    type Output = Result<(usize, bool), Stop>;

    #[inline(always)]
    fn work(self, (): ()) -> Result<(usize, bool), Stop> {
        self.walker.string_end_here(self.start)
    }
}

/// A key with escapes, as it reads. One that cannot be read is none of ours.
#[cold]
fn unescaped_key(quoted: &[u8]) -> Cow<'static, [u8]> {
    Cow::Owned(serde_json::from_slice::<String>(quoted).unwrap_or_default().into_bytes())
}
