//! Looking at many bytes at once with AVX2: the one file here with unsafe code.
//!
//! Why: with it `record`'s walk is about twice as fast as with [`Portable`](crate::Portable), which answers the same (the
//! tests hold them together) and runs where this cannot. Unsafe are two things: reading an array of 32 or 64 bytes into
//! registers, and calling instructions that not every machine has. The first is sound by the array's type. The second is
//! sound because every call needs an [`Avx2`], and the only place that makes one has asked the machine first.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use crate::{Kinds, Look, Work};

/// That this machine has AVX2, and what else came with it: to be had only where it is so.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(Asked);

/// Keeps `Avx2` from being made elsewhere.
#[derive(Clone, Copy, Debug)]
struct Asked;

impl Avx2 {
    /// The proof, if this machine has all that [`in_avx2`] enables.
    #[inline]
    pub fn here() -> Option<Avx2> {
        let has_all = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("pclmulqdq");
        has_all.then_some(Avx2(Asked))
    }

    /// Asks for a text's first bytes from memory, so that they come at once and not one after the other.
    ///
    /// Of a text that is in the cache already this costs a nanosecond or two; of one that is not, it halves the wait.
    #[inline]
    pub(crate) fn fetch(self, text: &[u8]) {
        for line in text[..text.len().min(MOST_FETCHED)].chunks(64) {
            // SAFETY: it reads nothing that could be seen, and faults on no address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
        }
    }
}

/// Bytes of a text that are asked for: as many lines as a core can wait for at once, and some more.
const MOST_FETCHED: usize = 4096;

#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
#[inline(never)]
fn in_avx2<W: Work>(work: W, with: W::With) -> W::Output {
    work.work(with)
}

// SAFETY (all four): `self` is the proof that the machine has the instructions; loads are unaligned and within the array.
impl Look for Avx2 {
    #[inline(always)]
    fn quotes_or_backslashes(self, bytes: &[u8; 32]) -> u32 {
        unsafe {
            let bytes = _mm256_loadu_si256(bytes.as_ptr().cast());
            let quotes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'"' as i8));
            let backslashes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'\\' as i8));
            _mm256_movemask_epi8(_mm256_or_si256(quotes, backslashes)) as u32
        }
    }

    #[inline(always)]
    fn kinds(self, bytes: &[u8; 64]) -> Kinds {
        unsafe {
            let low = _mm256_loadu_si256(bytes.as_ptr().cast());
            let high = _mm256_loadu_si256(bytes.as_ptr().add(32).cast());
            // `[` and `{` differ in one bit, and so do `]` and `}`.
            let bit = _mm256_set1_epi8(0x20);
            let (low_lower, high_lower) = (_mm256_or_si256(low, bit), _mm256_or_si256(high, bit));
            Kinds {
                quotes: equal(low, high, b'"'),
                backslashes: equal(low, high, b'\\'),
                opens: equal(low_lower, high_lower, b'{'),
                closes: equal(low_lower, high_lower, b'}'),
            }
        }
    }

    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        unsafe {
            let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits as i64), _mm_set1_epi8(-1));
            _mm_cvtsi128_si64(product) as u64
        }
    }

    #[inline(always)]
    fn run<W: Work>(self, work: W, with: W::With) -> W::Output {
        unsafe { in_avx2(work, with) }
    }
}

#[inline(always)]
unsafe fn equal(low: __m256i, high: __m256i, byte: u8) -> u64 {
    unsafe {
        let byte = _mm256_set1_epi8(byte as i8);
        let low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, byte)) as u32;
        let high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, byte)) as u32;
        u64::from(low) | u64::from(high) << 32
    }
}
