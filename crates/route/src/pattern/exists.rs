//! `{"exists": true}` and `{"exists": false}`: whether there is a value at the path. An object or an empty list is none.

use super::operator::end;
use super::{Dialect, PatternError, Predicate};
use crate::reader::{Reader, Token};

pub(super) const NAME: &str = "exists";

pub(super) fn read(reader: &mut Reader<'_>, _: Dialect, predicates: &mut Vec<Predicate>) -> Result<(), PatternError> {
    predicates.push(match reader.next()? {
        Some(Token::True) => Predicate::Exists,
        Some(Token::False) => Predicate::Absent,
        _ => return Err(reader.error("exists match pattern must be either true or false.").into()),
    });
    end(reader)
}
