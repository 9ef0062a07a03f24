//! AVX2 where there is none: machines that are no x86-64 have an [`Avx2`] of which there can be no value, so that nobody else
//! must tell machines apart.

use crate::{Kinds, Look, Work};

/// That this machine has AVX2, which it has not.
#[derive(Clone, Copy, Debug)]
pub enum Avx2 {}

impl Avx2 {
    /// None.
    #[inline]
    pub fn here() -> Option<Avx2> {
        None
    }

    pub(crate) fn fetch(self, _: &[u8]) {
        match self {}
    }
}

impl Look for Avx2 {
    fn quotes_or_backslashes(self, _: &[u8; 32]) -> u32 {
        match self {}
    }

    fn kinds(self, _: &[u8; 64]) -> Kinds {
        match self {}
    }

    fn prefix_xor(self, _: u64) -> u64 {
        match self {}
    }

    fn run<W: Work>(self, _: W, _: W::With) -> W::Output {
        match self {}
    }
}
