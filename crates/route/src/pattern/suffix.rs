//! `{"suffix": "text"}` and `{"suffix": {"equals-ignore-case": "text"}}`.

use super::operator::{end, ignore_case};
use super::{Dialect, Folded, PatternError, Predicate};
use crate::reader::{Reader, Token};

pub(super) const NAME: &str = "suffix";

pub(super) fn read(
    reader: &mut Reader<'_>,
    dialect: Dialect,
    predicates: &mut Vec<Predicate>,
) -> Result<(), PatternError> {
    match reader.next()? {
        Some(Token::StartObject) if dialect == Dialect::EventBridge => {
            predicates.push(Predicate::FoldedSuffix(Folded::new(&ignore_case(reader, NAME)?)));
            Ok(())
        }
        Some(Token::String) => {
            predicates.extend(of(&reader.token_text()?));
            end(reader)
        }
        _ => Err(reader.error("suffix match pattern must be a string").into()),
    }
}

/// What a suffix asks for.
///
/// Ruler compares texts with their quotes, so that a suffix that begins with a quote is also the whole text behind that quote.
pub(super) fn of(suffix: &str) -> impl Iterator<Item = Predicate> + use<> {
    let whole = suffix.strip_prefix('"').map(|text| Predicate::Text(text.as_bytes().into()));
    [Predicate::Suffix(suffix.as_bytes().into())].into_iter().chain(whole)
}
