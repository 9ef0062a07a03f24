//! The quotes and brackets of a whole text, read once, to be asked often.

use crate::{Avx2, Block, Carry, Look, Portable, Work, padded};

/// The quotes and brackets of one JSON text, a bit a byte: block n is bytes 64n to 64n+63, bit i of it byte 64n+i.
///
/// Keeps its room from text to text.
#[derive(Debug, Default)]
pub struct Structure {
    blocks: Vec<Block>,
    has_backslashes: bool,
}

impl Structure {
    /// Reads a text; what was read before is gone. `false`: it ends inside a string.
    #[inline]
    pub fn read(&mut self, text: &[u8]) -> bool {
        match Avx2::here() {
            Some(look) => {
                look.fetch(text);
                self.read_with(look, text)
            }
            None => self.read_with(Portable, text),
        }
    }

    /// As [`read`](Structure::read), with this look. For tests: both must answer the same.
    #[inline]
    pub fn read_with(&mut self, look: impl Look, text: &[u8]) -> bool {
        let carry = look.run(Read { look, text, blocks: &mut self.blocks }, ());
        self.has_backslashes = carry.has_backslashes();
        !carry.is_in_string()
    }

    /// Whether the text that was read last has a backslash: if not, nothing in it is escaped.
    #[inline]
    pub fn has_backslashes(&self) -> bool {
        self.has_backslashes
    }

    /// The blocks of the text that was read last. The last one is as if blanks came after the text.
    #[inline]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }
}

struct Read<'a, L> {
    look: L,
    text: &'a [u8],
    blocks: &'a mut Vec<Block>,
}

impl<L: Look> Work for Read<'_, L> {
    type With = ();
    type Output = Carry;

    #[inline(always)]
    fn work(self, (): ()) -> Carry {
        let (whole, rest) = self.text.as_chunks::<64>();
        // Blocks of the text before are written over, not cleared.
        self.blocks.resize(self.text.len().div_ceil(64), Block::default());

        let mut carry = Carry::default();
        let mut blocks = self.blocks.iter_mut();
        for (bytes, block) in whole.iter().zip(&mut blocks) {
            *block = carry.block(self.look, bytes);
        }
        if let Some(last) = blocks.next() {
            *last = carry.block(self.look, &padded(rest));
        }
        carry
    }
}
