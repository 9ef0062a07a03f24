//! Where the quotes and brackets of a JSON text lie, many bytes at a look. Knows nothing of ours, and no JSON but its brackets.
//!
//! ```text
//!    {"a":"x\"[y","b":[1,{}]}      64 bytes
//!     ↓ Look::kinds                which are quotes, backslashes, brackets: four words of 64 bits
//!     ↓ Carry::block               without quotes that are escaped, without brackets in strings
//!    {"  "      " " " [  {}]}      a Block
//! ```
//!
//! This is the first stage of [simdjson](https://arxiv.org/abs/1902.08318). Which instructions look at the bytes is a [`Look`]'s
//! affair: [`Portable`] is safe code for every machine, [`Avx2`] is several times as fast and not for every machine. Both must
//! answer the same. An `Avx2` can be had only from [`Avx2::here`], which asks the machine; so whoever has one may use it, and
//! needs no unsafe code for it.
//!
//! Whoever only wants to know where things lie takes [`Structure`]. Whoever walks by himself writes his way over any `Look`, and
//! has it run by [`Look::run`].

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(not(target_arch = "x86_64"))]
#[path = "avx2_nowhere.rs"]
mod avx2;
mod block;
mod portable;
mod structure;

pub use avx2::Avx2;
pub use block::{Block, Carry, padded};
pub use portable::Portable;
pub use structure::Structure;

/// A way to look at many bytes at once.
pub trait Look: Copy {
    /// One bit a byte: is it a quote or a backslash?
    fn quotes_or_backslashes(self, bytes: &[u8; 32]) -> u32;

    /// One bit a byte, for each of the four kinds that matter between brackets.
    fn kinds(self, bytes: &[u8; 64]) -> Kinds;

    /// Bit i is the exclusive or of bits 0 to i: from quotes to what is between them.
    fn prefix_xor(self, bits: u64) -> u64;

    /// Does the work in a function of its own, built with this look's instructions.
    ///
    /// The other methods are fast only within such work. Elsewhere they answer the same, but each is a call.
    fn run<W: Work>(self, work: W, with: W::With) -> W::Output;
}

/// What [`Look::run`] is to do; it holds the look and what else it needs.
///
/// A closure would do, if one could be marked `#[inline(always)]`. `work` must be, and all that it calls to look at bytes: what
/// is not inlined is not built with the look's instructions.
pub trait Work {
    /// What else it needs, or nothing: what is larger than two words goes through memory, so a short work that is often done
    /// takes two here. `record`'s walk is some 4 % faster for it.
    type With;

    /// What comes of it.
    type Output;

    /// Does it.
    fn work(self, with: Self::With) -> Self::Output;
}

/// Which bytes of 64 are what, one bit a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds {
    /// `"`.
    pub quotes: u64,
    /// `\`.
    pub backslashes: u64,
    /// `{` and `[`.
    pub opens: u64,
    /// `}` and `]`.
    pub closes: u64,
}

#[cfg(test)]
mod tests;
