//! Rows of bits, one bit an alternative.

/// Words that a row of so many bits takes.
pub(super) fn words_for(bit_count: usize) -> usize {
    bit_count.div_ceil(64)
}

/// Whether a bit is set.
pub(super) fn bit(row: &[u64], number: usize) -> bool {
    row[number / 64] >> (number % 64) & 1 == 1
}

/// The places of a row's set bits, in ascending order.
pub(super) fn ones(row: &[u64]) -> impl Iterator<Item = usize> {
    row.iter().enumerate().flat_map(|(word, bits)| {
        let mut bits = *bits;
        std::iter::from_fn(move || {
            let place = (bits != 0).then(|| word * 64 + bits.trailing_zeros() as usize)?;
            bits &= bits - 1;
            Some(place)
        })
    })
}

/// A row of which only the words with bits are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    words: Vec<(u32, u64)>,
}

impl Row {
    pub(super) fn set(&mut self, number: usize) {
        let (word, bit) = ((number / 64) as u32, 1 << (number % 64));
        match self.words.binary_search_by_key(&word, |(word, _)| *word) {
            Ok(at) => self.words[at].1 |= bit,
            Err(at) => self.words.insert(at, (word, bit)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(super) fn set_in(&self, row: &mut [u64]) {
        for (word, bits) in &self.words {
            row[*word as usize] |= bits;
        }
    }

    pub(super) fn merge(&mut self, other: &Row) {
        for (word, bits) in &other.words {
            match self.words.binary_search_by_key(word, |(word, _)| *word) {
                Ok(at) => self.words[at].1 |= bits,
                Err(at) => self.words.insert(at, (*word, *bits)),
            }
        }
    }

    /// Its bits without those of another row, set in a third.
    pub(super) fn set_in_without(&self, without: &[u64], row: &mut [u64]) {
        for (word, bits) in &self.words {
            row[*word as usize] |= bits & !without[*word as usize];
        }
    }
}
