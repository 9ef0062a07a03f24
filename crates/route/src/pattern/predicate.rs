//! What may stand at a path: one entry of a field's list.

use super::address::Network;
use super::numeric::Range;
use super::{Address, AnythingBut, Folded, Wildcard, comparable};

/// One entry of a field's list. A number makes two: its value and its text.
#[derive(Clone, Debug)]
pub(crate) enum Predicate {
    /// This text.
    Text(Box<[u8]>),
    /// This number's text, `true`, `false` or `null`.
    Literal(Box<[u8]>),
    /// A number of this value.
    Number(f64),
    Range(Range),
    /// A text that spells this address.
    Address(Address),
    Network(Network),
    Prefix(Box<[u8]>),
    Suffix(Box<[u8]>),
    FoldedText(Folded),
    FoldedPrefix(Folded),
    FoldedSuffix(Folded),
    Wildcard(Wildcard),
    Exists,
    /// No value. Nothing that is there hits it.
    Absent,
    AnythingBut(AnythingBut),
}

/// A value of an event that is neither an object nor a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaf<'v> {
    /// A text, unescaped.
    Text(&'v [u8]),
    /// A number as it was written, `true`, `false` or `null`.
    Literal(&'v [u8]),
}

impl Predicate {
    /// Whether a value is what it asks for.
    pub(crate) fn hits(&self, leaf: &Leaf<'_>) -> bool {
        match (self, *leaf) {
            (Predicate::Exists, _) => true,
            (Predicate::Absent, _) => false,
            (Predicate::AnythingBut(anything_but), _) => anything_but.hits(leaf),
            (Predicate::Literal(wanted), Leaf::Literal(found)) => **wanted == *found,
            (Predicate::Number(wanted), Leaf::Literal(found)) => comparable(found) == Some(*wanted),
            (Predicate::Range(range), Leaf::Literal(found)) => comparable(found).is_some_and(|n| range.contains(n)),
            (Predicate::Text(wanted), Leaf::Text(found)) => **wanted == *found,
            (Predicate::Address(wanted), Leaf::Text(found)) => Address::parse(found) == Some(*wanted),
            (Predicate::Network(network), Leaf::Text(found)) => {
                Address::parse(found).is_some_and(|address| network.contains(address))
            }
            (Predicate::Prefix(prefix), Leaf::Text(found)) => found.starts_with(prefix),
            (Predicate::Suffix(suffix), Leaf::Text(found)) => found.ends_with(suffix),
            (Predicate::FoldedText(text), Leaf::Text(found)) => text.equals(found),
            (Predicate::FoldedPrefix(prefix), Leaf::Text(found)) => prefix.is_prefix_of(found),
            (Predicate::FoldedSuffix(suffix), Leaf::Text(found)) => suffix.is_suffix_of(found),
            (Predicate::Wildcard(wildcard), Leaf::Text(found)) => wildcard.matches(found),
            (
                Predicate::Literal(_)
                | Predicate::Number(_)
                | Predicate::Range(_)
                | Predicate::Text(_)
                | Predicate::Address(_)
                | Predicate::Network(_)
                | Predicate::Prefix(_)
                | Predicate::Suffix(_)
                | Predicate::FoldedText(_)
                | Predicate::FoldedPrefix(_)
                | Predicate::FoldedSuffix(_)
                | Predicate::Wildcard(_),
                _,
            ) => false,
        }
    }
}
