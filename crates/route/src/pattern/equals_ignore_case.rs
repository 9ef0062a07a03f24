//! `{"equals-ignore-case": "text"}`.

use super::operator::{end, text};
use super::{Dialect, Folded, PatternError, Predicate};
use crate::reader::Reader;

pub(super) const NAME: &str = "equals-ignore-case";
pub(super) const NO_TEXT: &str = "equals-ignore-case match pattern must be a string";

pub(super) fn read(reader: &mut Reader<'_>, _: Dialect, predicates: &mut Vec<Predicate>) -> Result<(), PatternError> {
    predicates.push(Predicate::FoldedText(Folded::new(&text(reader, NO_TEXT)?)));
    end(reader)
}
