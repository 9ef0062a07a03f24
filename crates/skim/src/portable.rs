//! Looking at many bytes at once with plain 64-bit arithmetic: for every machine, without unsafe code.

use crate::{Kinds, Look, Work};

/// The look that every machine has.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

impl Look for Portable {
    #[inline(always)]
    fn quotes_or_backslashes(self, bytes: &[u8; 32]) -> u32 {
        let mut bits = 0;
        for (i, word) in bytes.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            bits |= (gather(is(word, b'"') | is(word, b'\\')) as u32) << (8 * i);
        }
        bits
    }

    #[inline(always)]
    fn kinds(self, bytes: &[u8; 64]) -> Kinds {
        let mut kinds = Kinds { quotes: 0, backslashes: 0, opens: 0, closes: 0 };
        for (i, word) in bytes.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            // `[` and `{` differ in one bit, and so do `]` and `}`.
            let lower = word | 0x2020_2020_2020_2020;
            kinds.quotes |= gather(is(word, b'"')) << (8 * i);
            kinds.backslashes |= gather(is(word, b'\\')) << (8 * i);
            kinds.opens |= gather(is(lower, b'{')) << (8 * i);
            kinds.closes |= gather(is(lower, b'}')) << (8 * i);
        }
        kinds
    }

    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        let bits = bits ^ bits << 1;
        let bits = bits ^ bits << 2;
        let bits = bits ^ bits << 4;
        let bits = bits ^ bits << 8;
        let bits = bits ^ bits << 16;
        bits ^ bits << 32
    }

    #[inline(never)]
    fn run<W: Work>(self, work: W, with: W::With) -> W::Output {
        work.work(with)
    }
}

const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;

/// The highest bit of every byte that is `byte`.
#[inline(always)]
fn is(word: u64, byte: u8) -> u64 {
    let differs = word ^ u64::from_ne_bytes([byte; 8]);
    !(((differs & LOW) + LOW) | differs | LOW)
}

/// The highest bits of eight bytes, as one byte.
#[inline(always)]
fn gather(high_bits: u64) -> u64 {
    (high_bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
