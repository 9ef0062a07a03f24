//! Texts: every text once, as a number.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use crate::insight::Attribute;

/// "None" among numbers of texts.
pub const NO_TEXT: u32 = u32::MAX;

/// Texts, numbered in the order in which they first came.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// One after the other.
    all: String,
    ends: Vec<u32>,
    table: HashTable<u32>,
}

impl Texts {
    /// The number of this text.
    pub fn number(&mut self, text: &str) -> u32 {
        let Texts { all, ends, table } = self;
        let hash = |text: &str| FxBuildHasher.hash_one(text.as_bytes());
        let entry = table.entry(hash(text), |&id| at(all, ends, id) == text, |&id| hash(at(all, ends, id)));
        match entry {
            hashbrown::hash_table::Entry::Occupied(entry) => *entry.get(),
            hashbrown::hash_table::Entry::Vacant(entry) => {
                let id = ends.len() as u32;
                entry.insert(id);
                all.push_str(text);
                ends.push(all.len() as u32);
                id
            }
        }
    }

    /// The text of this number.
    pub fn text(&self, number: u32) -> &str {
        at(&self.all, &self.ends, number)
    }

    /// Forgets all of them, and keeps the room.
    pub fn clear(&mut self) {
        self.all.clear();
        self.ends.clear();
        self.table.clear();
    }

    fn is(&self, number: u32, text: &str) -> bool {
        self.text(number) == text
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

#[inline]
fn at<'a>(all: &'a str, ends: &[u32], number: u32) -> &'a str {
    let start = if number == 0 { 0 } else { ends[number as usize - 1] };
    &all[start as usize..ends[number as usize] as usize]
}

/// The values of a call, by attribute, as numbers of texts.
pub type ValueNumbers = [u32; Attribute::ALL.len()];

/// The number of a text that is often the same as the one before.
#[derive(Clone, Debug)]
pub struct Again(u32);

impl Default for Again {
    fn default() -> Again {
        Again(NO_TEXT)
    }
}

impl Again {
    /// There is none before.
    pub fn clear(&mut self) {
        self.0 = NO_TEXT;
    }

    /// The number of this text among those.
    pub fn number(&mut self, text: &str, texts: &mut Texts) -> u32 {
        if self.0 == NO_TEXT || !texts.is(self.0, text) {
            self.0 = texts.number(text);
        }
        self.0
    }
}

/// The numbers of texts that come in rows, as a call's: each is often the same as in the row before.
#[derive(Clone, Debug)]
pub struct AgainEach<const N: usize>([Again; N]);

impl<const N: usize> Default for AgainEach<N> {
    fn default() -> AgainEach<N> {
        AgainEach(std::array::from_fn(|_| Again::default()))
    }
}

impl<const N: usize> AgainEach<N> {
    /// There is no row before.
    pub fn clear(&mut self) {
        self.0.iter_mut().for_each(Again::clear);
    }

    /// The number of each of these texts among those; [`NO_TEXT`] where there is none.
    pub fn numbers(&mut self, row: [Option<&str>; N], texts: &mut Texts) -> [u32; N] {
        let mut before = self.0.iter_mut();
        row.map(|text| match (text, before.next()) {
            (Some(text), Some(before)) => before.number(text, texts),
            _ => NO_TEXT,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number() {
        let (mut texts, mut again) = (Texts::default(), Again::default());
        let numbers: Vec<u32> = (0..1000).map(|n| texts.number(&format!("text {}", n % 300))).collect();
        assert_eq!(texts.len(), 300);
        assert_eq!(texts.text(numbers[999]), "text 99");
        assert_eq!(again.number("", &mut texts), 300);
        assert_eq!(again.number("", &mut texts), 300);
        assert_eq!(again.number("text 7", &mut texts), 7);
    }
}
