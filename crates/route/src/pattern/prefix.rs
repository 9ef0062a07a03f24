//! `{"prefix": "text"}` and `{"prefix": {"equals-ignore-case": "text"}}`.

use super::operator::{end, ignore_case};
use super::{Dialect, Folded, PatternError, Predicate};
use crate::reader::{Reader, Token};

pub(super) const NAME: &str = "prefix";

pub(super) fn read(
    reader: &mut Reader<'_>,
    dialect: Dialect,
    predicates: &mut Vec<Predicate>,
) -> Result<(), PatternError> {
    match reader.next()? {
        Some(Token::StartObject) if dialect == Dialect::EventBridge => {
            predicates.push(Predicate::FoldedPrefix(Folded::new(&ignore_case(reader, NAME)?)));
            Ok(())
        }
        Some(Token::String) => {
            predicates.extend(of(&reader.token_text()?));
            end(reader)
        }
        _ => Err(reader.error("prefix match pattern must be a string").into()),
    }
}

/// What a prefix asks for.
///
/// Ruler compares texts with their quotes, so that a prefix that ends with a quote is also the whole text before that quote.
pub(super) fn of(prefix: &str) -> impl Iterator<Item = Predicate> + use<> {
    let whole = prefix.strip_suffix('"').map(|text| Predicate::Text(text.as_bytes().into()));
    [Predicate::Prefix(prefix.as_bytes().into())].into_iter().chain(whole)
}
