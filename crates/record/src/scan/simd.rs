//! Looking at many bytes at once with AVX2: the one file of this crate with unsafe code.
//!
//! Why: with it the walk is about twice as fast as [`super::portable`], which answers the same (the tests hold them together)
//! and runs where this cannot. Unsafe are two things: reading an array of 32 or 64 bytes into registers, and calling
//! instructions that not every machine has. The first is sound by the array's type; the second because the only way in is
//! [`walk`], which asks the machine first.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::{Blocks, Fields, Kinds, Step, Stop, Walk, Walker};

/// The walk with AVX2, if this machine has it.
pub(crate) fn walk() -> Option<Walk> {
    let has_all = is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("pclmulqdq");
    // SAFETY (both): reached only through this `Walk`, which exists only where the machine has what they use.
    has_all.then_some(Walk {
        name: "avx2",
        record: |bytes, depth_limit, fields| unsafe { record(bytes, depth_limit, fields) },
        value: |bytes, pos, depth_limit| unsafe { value(bytes, pos, depth_limit) },
    })
}

#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
fn record(bytes: &[u8], depth_limit: u32, fields: &mut Fields) -> Result<(), Stop> {
    super::record::<Avx2>(bytes, depth_limit, fields)
}

#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
fn value(bytes: &[u8], pos: usize, depth_limit: u32) -> Step {
    super::value::<Avx2>(bytes, pos, depth_limit)
}

#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
#[inline(never)]
fn close(walker: &Walker<'_, Avx2>, pos: usize, open: u32, outer: u32) -> Step {
    walker.close_here(pos, open, outer)
}

#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
#[inline(never)]
fn skip(walker: &Walker<'_, Avx2>, pos: usize, outer: u32) -> Step {
    walker.skip_here(pos, outer)
}

#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
#[inline(never)]
fn string_end(walker: &Walker<'_, Avx2>, start: usize) -> Result<(usize, bool), Stop> {
    walker.string_end(start)
}

/// Used only by the functions above.
struct Avx2;

// SAFETY (all three): the callers have the features; loads are unaligned and within the array.
impl Blocks for Avx2 {
    #[inline(always)]
    fn quotes_or_backslashes(block: &[u8; 32]) -> u32 {
        unsafe {
            let bytes = _mm256_loadu_si256(block.as_ptr().cast());
            let quotes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'"' as i8));
            let backslashes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'\\' as i8));
            _mm256_movemask_epi8(_mm256_or_si256(quotes, backslashes)) as u32
        }
    }

    #[inline(always)]
    fn kinds(block: &[u8; 64]) -> Kinds {
        unsafe {
            let low = _mm256_loadu_si256(block.as_ptr().cast());
            let high = _mm256_loadu_si256(block.as_ptr().add(32).cast());
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
    fn prefix_xor(bits: u64) -> u64 {
        unsafe {
            let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits as i64), _mm_set1_epi8(-1));
            _mm_cvtsi128_si64(product) as u64
        }
    }

    #[inline(always)]
    fn close(walker: &Walker<'_, Avx2>, pos: usize, open: u32, outer: u32) -> Step {
        unsafe { close(walker, pos, open, outer) }
    }

    #[inline(always)]
    fn skip(walker: &Walker<'_, Avx2>, pos: usize, outer: u32) -> Step {
        unsafe { skip(walker, pos, outer) }
    }

    #[inline(always)]
    fn string_end(walker: &Walker<'_, Avx2>, start: usize) -> Result<(usize, bool), Stop> {
        unsafe { string_end(walker, start) }
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
