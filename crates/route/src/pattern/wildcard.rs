//! `{"wildcard": "dir/*.txt"}`: `*` stands for any number of characters, `\*` and `\\` for themselves.

use memchr::memmem::Finder;

use super::operator::{end, text};
use super::{Dialect, PatternError, Predicate};
use crate::reader::Reader;

pub(super) const NAME: &str = "wildcard";
pub(super) const NO_TEXT: &str = "wildcard match pattern must be a string";

/// What stands between a wildcard's stars.
#[derive(Clone, Debug)]
pub(crate) struct Wildcard {
    /// Before the first star; the whole text where there is none.
    head: Box<[u8]>,
    /// Behind the last star; none where there is no star.
    tail: Option<Box<[u8]>>,
    /// Between stars, in their order.
    middle: Vec<Finder<'static>>,
}

pub(super) fn read(reader: &mut Reader<'_>, _: Dialect, predicates: &mut Vec<Predicate>) -> Result<(), PatternError> {
    let text = text(reader, NO_TEXT)?;
    predicates.push(Predicate::Wildcard(Wildcard::new(&text).map_err(|fault| reader.error(fault))?));
    end(reader)
}

impl Wildcard {
    /// Reads a wildcard, or says what is wrong with it in AWS's words.
    pub(super) fn new(text: &str) -> Result<Wildcard, String> {
        let mut literals = vec![Vec::new()];
        let mut bytes = text.bytes().enumerate().peekable();
        // Ruler counts the quote before the text.
        while let Some((at, byte)) = bytes.next() {
            let next = bytes.peek().map(|(_, byte)| *byte);
            match byte {
                b'*' if next == Some(b'*') => return Err(format!("Consecutive wildcard characters at pos {}", at + 1)),
                b'*' => literals.push(Vec::new()),
                b'\\' if matches!(next, Some(b'*' | b'\\')) => {
                    literals.last_mut().expect("there is one from the start").extend(next);
                    bytes.next();
                }
                b'\\' => return Err(format!("Invalid escape character at pos {}", at + 1)),
                _ => literals.last_mut().expect("there is one from the start").push(byte),
            }
        }
        let mut literals = literals.into_iter();
        let head = literals.next().unwrap_or_default().into();
        let tail = literals.next_back().map(Vec::into);
        let middle = literals.map(|literal| Finder::new(&literal).into_owned()).collect();
        Ok(Wildcard { head, tail, middle })
    }

    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        let Some(mut rest) = text.strip_prefix(&*self.head) else { return false };
        let Some(tail) = &self.tail else { return rest.is_empty() };
        let Some(between) = rest.len().checked_sub(tail.len()).filter(|at| rest[*at..] == **tail) else {
            return false;
        };
        rest = &rest[..between];
        for literal in &self.middle {
            let Some(at) = literal.find(rest) else { return false };
            rest = &rest[at + literal.needle().len()..];
        }
        true
    }

    /// The longest of its literals: what a text must hold to match. None where there is none but stars.
    pub(crate) fn longest_literal(&self) -> Option<&[u8]> {
        self.literals().max_by_key(|literal| literal.len()).filter(|literal| !literal.is_empty())
    }

    /// The literals with the stars between them.
    pub(super) fn literals(&self) -> impl Iterator<Item = &[u8]> {
        let middle = self.middle.iter().map(Finder::needle);
        std::iter::once(&*self.head).chain(middle).chain(self.tail.as_deref())
    }
}
