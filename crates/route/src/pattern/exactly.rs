//! `{"exactly": "text"}`: this text, even if it is an address.

use super::operator::{end, text};
use super::{Dialect, PatternError, Predicate};
use crate::reader::Reader;

pub(super) const NAME: &str = "exactly";

pub(super) fn read(reader: &mut Reader<'_>, _: Dialect, predicates: &mut Vec<Predicate>) -> Result<(), PatternError> {
    let text = text(reader, "exact match pattern must be a string")?;
    predicates.push(Predicate::Text(text.into_bytes().into()));
    end(reader)
}
