//! From which bytes are what to which of them count: quotes that are escaped and brackets in strings do not.
//!
//! A string or a run of backslashes may go on into the next 64 bytes; [`Carry`] remembers that, simdjson's arithmetic.

use crate::{Kinds, Look};

/// What counts of 64 bytes, one bit a byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Quotes that are not escaped: where strings begin and end.
    pub quotes: u64,
    /// `{` and `[` outside strings.
    pub opens: u64,
    /// `}` and `]` outside strings.
    pub closes: u64,
}

/// What goes on from one block into the next. The default is right before a text's first block.
///
/// Outside strings a backslash is no JSON; here it escapes a quote there, too.
#[derive(Clone, Copy, Debug, Default)]
pub struct Carry {
    /// All ones: a string.
    in_string: u64,
    /// 1: the next byte is escaped.
    escapes: u64,
    /// Not 0: there was a backslash.
    backslashes: u64,
}

impl Carry {
    /// What counts of the next 64 bytes.
    #[inline(always)]
    pub fn block(&mut self, look: impl Look, bytes: &[u8; 64]) -> Block {
        let Kinds { quotes, backslashes, opens, closes } = look.kinds(bytes);
        self.backslashes |= backslashes;
        let quotes = quotes & !self.escaped(backslashes);
        let inside = look.prefix_xor(quotes) ^ self.in_string;
        self.in_string = ((inside as i64) >> 63) as u64;
        Block { quotes, opens: opens & !inside, closes: closes & !inside }
    }

    /// Whether a string goes on after the last block.
    #[inline(always)]
    pub fn is_in_string(self) -> bool {
        self.in_string != 0
    }

    /// Whether there was a backslash at all.
    #[inline(always)]
    pub fn has_backslashes(self) -> bool {
        self.backslashes != 0
    }

    /// Which bytes are escaped, by the lengths of the runs of backslashes before them.
    #[inline(always)]
    fn escaped(&mut self, backslashes: u64) -> u64 {
        const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
        if backslashes == 0 {
            return std::mem::take(&mut self.escapes);
        }
        let starts = backslashes & !self.escapes;
        let ends = (((starts << 1) | ODD).wrapping_sub(starts)) ^ ODD;
        let escaped = ends ^ (backslashes | self.escapes);
        self.escapes = (ends & backslashes) >> 63;
        escaped
    }
}

/// The last bytes of a text, fewer than 64, followed by blanks.
#[inline(always)]
pub fn padded(rest: &[u8]) -> [u8; 64] {
    let mut bytes = [b' '; 64];
    bytes[..rest.len()].copy_from_slice(rest);
    bytes
}
