//! Rules: many patterns in one index, so that an event is read once for all of them.
//!
//! ```text
//!  event bytes ──flatten──► a value at a path that some pattern names ──column──► whose alternatives it hits: bits
//!                                                                                        │ or'ed into the path's row
//!                       alternatives left: and of all rows  ◄────────────────────────────┘
//!                             │ two of its fields lie in one array
//!                             └──consistency──► do they hit in the same element?
//! ```
//!
//! Every alternative of every pattern has a bit. A path ([`column::Column`]) keeps for each value that patterns ask for there
//! the bits of those that ask; seeing a value of an event means looking it up and setting these bits. At the event's end an
//! alternative is left if at every path its bit is set or it does not care. What this cannot see is that values of different
//! elements of one array do not go together; where that may matter, the few alternatives that are left are asked one by one.
//!
//! The event is not read into a tree, and what no pattern names is passed over by its brackets.

use skim::Structure;

use crate::pattern::Pattern;

mod column;
mod consistency;
mod flatten;
mod ordered;
mod row;
mod tree;
mod wildcards;

use column::Column;
use flatten::Flattened;
use row::{bit, ones, words_for};
use tree::Tree;

/// Many patterns, shared in one index.
#[derive(Debug)]
pub struct Rules {
    /// The patterns' alternatives; those of one pattern follow each other.
    alternatives: Vec<IndexedAlternative>,
    /// 64-bit words in a row of bits, one bit an alternative.
    word_count: usize,
    tree: Tree,
    columns: Vec<Column>,
}

#[derive(Debug)]
struct IndexedAlternative {
    /// The place of its pattern.
    pattern: u32,
    /// Its fields in their order.
    fields: Vec<IndexedField>,
}

#[derive(Debug)]
struct IndexedField {
    column: u32,
    may_be_absent: bool,
}

/// Room that matching uses, so that it allocates nothing in the long run. One a thread.
#[derive(Debug, Default)]
pub struct Scratch {
    structure: Structure,
    flattened: Flattened,
    /// A row of bits for each column that was seen.
    rows: Vec<u64>,
    /// The alternatives with one or more, and with two or more fields that were seen in arrays.
    once: Vec<u64>,
    twice: Vec<u64>,
    left: Vec<u64>,
    consistency: consistency::Room,
    matching: Vec<u32>,
}

/// Why a text is no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct EventError {
    text: String,
}

impl EventError {
    pub(crate) fn new(text: impl Into<String>) -> EventError {
        EventError { text: text.into() }
    }
}

impl Rules {
    /// The index of these patterns; they are known by their places in it, from 0.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p Pattern>) -> Rules {
        let patterns = patterns.into_iter().enumerate();
        let all: Vec<_> =
            patterns.flat_map(|(i, pattern)| pattern.alternatives.iter().map(move |a| (i as u32, a))).collect();
        let mut tree = Tree::default();
        let mut columns = Vec::new();
        let mut alternatives = Vec::new();
        for (number, (pattern, alternative)) in all.iter().enumerate() {
            let fields = alternative.fields.iter().map(|field| {
                let column = tree.column(&field.path, columns.len() as u32);
                if column as usize == columns.len() {
                    columns.push(Column::new(all.len()));
                }
                columns[column as usize].add(number, field);
                IndexedField { column, may_be_absent: field.may_be_absent() }
            });
            alternatives.push(IndexedAlternative { pattern: *pattern, fields: fields.collect() });
        }
        for column in &mut columns {
            column.finish();
        }
        // One word at least, so that a row is something also where there are no patterns.
        Rules { word_count: words_for(alternatives.len()).max(1), alternatives, tree, columns }
    }

    /// The places of the patterns that match an event, in ascending order.
    ///
    /// Of a key that an object repeats all values count, as in Event Ruler. What no pattern names is held to balanced brackets
    /// and closed texts only.
    ///
    /// # Errors
    ///
    /// If the event is no JSON object, as far as it was looked at.
    pub fn matching<'s>(&self, event: &[u8], scratch: &'s mut Scratch) -> Result<&'s [u32], EventError> {
        scratch.matching.clear();
        if scratch.rows.len() < self.columns.len() * self.word_count {
            scratch.rows.resize(self.columns.len() * self.word_count, 0);
        }
        flatten::flatten(event, self, scratch)?;
        if self.narrow(scratch) {
            self.collect(scratch);
        }
        Ok(&scratch.matching)
    }

    /// Leaves in `left` the alternatives that hit at every path. Says whether there are any.
    fn narrow(&self, scratch: &mut Scratch) -> bool {
        let Scratch { flattened, rows, once, twice, left, .. } = scratch;
        for row in [&mut *once, &mut *twice] {
            row.clear();
            row.resize(self.word_count, 0);
        }
        left.clear();
        left.resize(self.word_count, u64::MAX);
        if !flattened.elements.is_empty() {
            for (column, _) in self.columns.iter().zip(&flattened.seen).filter(|(_, seen)| seen.is_in_element) {
                for (word, indifferent) in column.indifferent.iter().enumerate() {
                    twice[word] |= once[word] & !indifferent;
                    once[word] |= !indifferent;
                }
            }
        }
        let rows = rows.chunks_exact(self.word_count);
        for ((column, seen), row) in self.columns.iter().zip(&flattened.seen).zip(rows) {
            if !seen.is_seen {
                for (left, fits) in left.iter_mut().zip(&column.fits_nothing) {
                    *left &= fits;
                }
            } else if !seen.is_in_element {
                for ((left, hit), indifferent) in left.iter_mut().zip(row).zip(&column.indifferent) {
                    *left &= hit | indifferent;
                }
            } else {
                // What was seen may lie in another element than what goes before: then it counts as absent.
                for (word, left) in left.iter_mut().enumerate() {
                    *left &= row[word] | column.indifferent[word] | (column.fits_nothing[word] & twice[word]);
                }
            }
        }
        left.iter().any(|word| *word != 0)
    }

    /// From the alternatives that are left to the patterns that match.
    fn collect(&self, scratch: &mut Scratch) {
        let Scratch { flattened, twice, left, consistency, matching, .. } = scratch;
        consistency.begin();
        for number in ones(left) {
            let Some(alternative) = self.alternatives.get(number) else { break };
            if matching.last() == Some(&alternative.pattern) {
                continue;
            }
            if !bit(twice, number) || consistency.goes_together(number, &alternative.fields, flattened) {
                matching.push(alternative.pattern);
            }
        }
    }
}
