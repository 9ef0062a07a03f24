//! What a walk over an event leaves behind: which columns saw values, and, for what bits cannot tell, the values themselves with
//! the elements of arrays that they lie in.

use super::column;

mod walk;

pub(super) use walk::flatten;

/// What was seen of a column's values.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) is_seen: bool,
    /// Some of them lie in elements of arrays.
    pub(super) is_in_element: bool,
    /// The last of them, from which one comes to the others.
    last: LeafId,
}

/// An object or array that is an element of an array.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element {
    /// The array, numbered as they come.
    pub(super) array: u32,
    /// The element that the array lies in.
    pub(super) outer: ElementId,
}

/// An element's number, from 1; 0 is outside of all.
pub(super) type ElementId = u32;

/// A value's number, from 1; 0 is none.
type LeafId = u32;

/// A value at a path that some pattern names.
#[derive(Clone, Copy, Debug)]
pub(super) struct FoundLeaf {
    pub(super) element: ElementId,
    /// The value before it at the same path.
    before: LeafId,
    /// Where the words of its hits begin and end.
    hits: (u32, u32),
}

/// What the walk leaves behind, for what bits cannot tell.
#[derive(Debug, Default)]
pub(super) struct Flattened {
    pub(super) seen: Vec<Seen>,
    pub(super) elements: Vec<Element>,
    leaves: Vec<FoundLeaf>,
    /// Of each value, the words of bits of the alternatives that it hits.
    hits: Vec<(u32, u64)>,
    array_count: u32,
    /// A row of bits, all 0 between values.
    row: Vec<u64>,
    room: column::Room,
    unescaped: Vec<u8>,
}

impl Flattened {
    /// Nothing is seen yet of an event, which so many columns look at with rows of so many words.
    fn begin(&mut self, column_count: usize, word_count: usize) {
        self.seen.clear();
        self.seen.resize(column_count, Seen::default());
        self.elements.clear();
        self.leaves.clear();
        self.hits.clear();
        self.row.resize(word_count, 0);
        self.array_count = 0;
    }

    /// The values at a column's path, the last first.
    pub(super) fn leaves(&self, column: u32) -> impl Iterator<Item = &FoundLeaf> {
        let mut next = self.seen[column as usize].last;
        std::iter::from_fn(move || {
            let leaf = self.leaves.get((next as usize).checked_sub(1)?)?;
            next = leaf.before;
            Some(leaf)
        })
    }

    /// Whether a value hits what an alternative asks for at its path.
    pub(super) fn hits(&self, leaf: &FoundLeaf, alternative: usize) -> bool {
        let hits = &self.hits[leaf.hits.0 as usize..leaf.hits.1 as usize];
        hits.iter().any(|(word, bits)| *word as usize == alternative / 64 && bits >> (alternative % 64) & 1 == 1)
    }

    /// The elements that a value lies in, from inside to outside, with their arrays.
    pub(super) fn elements_of(&self, leaf: &FoundLeaf) -> impl Iterator<Item = (u32, ElementId)> {
        let mut next = leaf.element;
        std::iter::from_fn(move || {
            let element = self.elements.get((next as usize).checked_sub(1)?)?;
            let number = std::mem::replace(&mut next, element.outer);
            Some((element.array, number))
        })
    }
}
