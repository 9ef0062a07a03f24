//! How complex wildcards are: in how many places of them a text may be at once.
//!
//! EventBridge walks all wildcards of a field at once, and every star once passed stays a place to be in. It refuses a rule
//! where a text could be in too many places: `*:*:*:*:*:event-bus/*` makes 11, and is refused; 7 are accepted. Event Ruler's
//! README suggests 10. What is counted: the places behind a character, and the stars that a text may be within.

use std::collections::{BTreeSet, HashSet};

use super::{Alternative, PatternError, Predicate};

const PLACE_LIMIT: usize = 10;
/// So many sets of places are looked at, no more: what makes that many is too complex too.
const SET_LIMIT: usize = 20_000;

/// A character of a wildcard with its quotes.
#[derive(Clone, Copy, PartialEq)]
enum Symbol {
    Byte(u8),
    Star,
}

/// Refuses patterns with a field whose wildcards are too complex.
pub(super) fn check(alternatives: &[Alternative]) -> Result<(), PatternError> {
    let mut known = HashSet::new();
    for field in alternatives.iter().flat_map(|alternative| &alternative.fields) {
        let wildcards: Vec<Vec<Symbol>> = field
            .predicates
            .iter()
            .filter_map(|predicate| match predicate {
                Predicate::Wildcard(wildcard) => {
                    let mut symbols = vec![Symbol::Byte(b'"')];
                    for (i, literal) in wildcard.literals().enumerate() {
                        symbols.extend((i > 0).then_some(Symbol::Star));
                        symbols.extend(literal.iter().map(|byte| Symbol::Byte(*byte)));
                    }
                    symbols.push(Symbol::Byte(b'"'));
                    Some(symbols)
                }
                _ => None,
            })
            .collect();
        let stars = wildcards.iter().flatten().filter(|symbol| **symbol == Symbol::Star).count();
        if stars > 0 && known.insert(std::ptr::from_ref(field.as_ref())) && is_too_complex(&wildcards) {
            return Err(PatternError::new(
                "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences \
                 after a wildcard character",
            ));
        }
    }
    Ok(())
}

/// A place: which wildcard, how many of its symbols are passed, and whether within the star passed last.
type Place = (usize, usize);

fn is_too_complex(wildcards: &[Vec<Symbol>]) -> bool {
    let bytes: BTreeSet<u8> = wildcards
        .iter()
        .flatten()
        .filter_map(|symbol| match symbol {
            Symbol::Byte(byte) => Some(*byte),
            Symbol::Star => None,
        })
        .collect();
    // Some byte that no wildcard names, if there is one.
    let other = (0..=255).find(|byte| !bytes.contains(byte));
    let bytes: Vec<u8> = bytes.into_iter().chain(other).collect();
    let start: BTreeSet<Place> = (0..wildcards.len()).map(|wildcard| (wildcard, 0)).collect();
    let mut seen = HashSet::from([start.clone()]);
    let mut open = vec![start];
    while let Some(places) = open.pop() {
        for byte in &bytes {
            let next: BTreeSet<Place> = places.iter().flat_map(|place| after(wildcards, *place, *byte)).collect();
            // Whoever stands before a star is within it too.
            let within = next.iter().filter(|(wildcard, passed)| {
                wildcards[*wildcard].get(*passed) == Some(&Symbol::Star) && !next.contains(&(*wildcard, passed + 1))
            });
            if next.len() + within.count() > PLACE_LIMIT {
                return true;
            }
            if !next.is_empty() && seen.insert(next.clone()) {
                if seen.len() > SET_LIMIT {
                    return true;
                }
                open.push(next);
            }
        }
    }
    false
}

/// The places that a byte leads to from a place.
fn after(wildcards: &[Vec<Symbol>], (wildcard, passed): Place, byte: u8) -> impl Iterator<Item = Place> {
    let symbols = &wildcards[wildcard];
    let mut next = [None; 2];
    let is_in_star = passed > 0 && symbols[passed - 1] == Symbol::Star;
    if is_in_star {
        next[0] = Some((wildcard, passed));
    }
    match symbols.get(passed) {
        Some(Symbol::Byte(wanted)) if *wanted == byte => next[1] = Some((wildcard, passed + 1)),
        Some(Symbol::Star) => {
            next[0] = Some((wildcard, passed + 1));
            // A star may stand for nothing. There are no two in a row.
            if symbols.get(passed + 1) == Some(&Symbol::Byte(byte)) {
                next[1] = Some((wildcard, passed + 2));
            }
        }
        _ => {}
    }
    next.into_iter().flatten()
}
