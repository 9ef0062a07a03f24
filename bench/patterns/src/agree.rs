//! Agreement: before anybody is timed, they must find the same.
//!
//! Ours must find what its patterns find one by one: where it does not, nothing is measured. Where quamina finds something
//! else, that is told: its dialect is a near one, not the same.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use route::Pattern;

use crate::engine::{Ours, Quamina};
use crate::set::Set;

/// Rules and events that are asked one by one: all where they are few, every nth event where they are many.
const PAIRS: usize = 200_000;

/// What was compared, and what came of it.
pub(crate) struct Agreement {
    /// Pairs of rule and event in which the index was held against the pattern itself.
    pub(crate) pairs: usize,
    /// The rules on which quamina finds something else.
    pub(crate) differences: Vec<Difference>,
}

/// A rule on which quamina finds something else.
pub(crate) struct Difference {
    pub(crate) rule: String,
    /// Events that only we match.
    pub(crate) ours: usize,
    /// Events that only quamina matches.
    pub(crate) theirs: usize,
    /// The place of the first such event.
    pub(crate) first: usize,
}

pub(crate) fn check(set: &Set, taken: &[u32]) -> Result<Agreement> {
    Ok(Agreement { pairs: one_by_one(set)?, differences: beside_quamina(set, taken)? })
}

/// The index beside the patterns themselves.
fn one_by_one(set: &Set) -> Result<usize> {
    let patterns: Vec<Pattern> = set.rules.iter().map(|rule| Pattern::compile(rule)).collect::<Result<_, _>>()?;
    let mut ours = Ours::of(&set.rules)?;
    let step = (set.rules.len() * set.events.len()).div_ceil(PAIRS);
    let mut pairs = 0;
    for event in set.events.iter().step_by(step) {
        let found = ours.find(event)?;
        let text = std::str::from_utf8(event).context("an event is text")?;
        for (place, pattern) in (0u32..).zip(&patterns) {
            if pattern.matches(text)? != found.contains(&place) {
                bail!("alone and in the index it is not the same: {}\n{text}", set.rules[place as usize]);
            }
            pairs += 1;
        }
    }
    Ok(pairs)
}

/// Ours beside quamina, on the rules that both take.
fn beside_quamina(set: &Set, taken: &[u32]) -> Result<Vec<Difference>> {
    let mut ours = Ours::of(&set.rules)?;
    let mut quamina = Quamina::of(&set.rules, taken);
    let mut theirs = Vec::new();
    let mut differences: BTreeMap<u32, Difference> = BTreeMap::new();
    for (place, event) in set.events.iter().enumerate() {
        quamina.find(event, &mut theirs)?;
        let ours = ours.find(event)?;
        for &rule in taken {
            let (is_ours, is_theirs) = (ours.contains(&rule), theirs.contains(&rule));
            if is_ours != is_theirs {
                let difference = differences.entry(rule).or_insert_with(|| Difference {
                    rule: set.rules[rule as usize].clone(),
                    ours: 0,
                    theirs: 0,
                    first: place,
                });
                difference.ours += usize::from(is_ours);
                difference.theirs += usize::from(is_theirs);
            }
        }
    }
    Ok(differences.into_values().collect())
}
