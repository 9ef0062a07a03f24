//! Sets: events, and the rules that they are matched with.

use std::rc::Rc;

use crate::{citylots, cloudtrail};

/// Another seed, other events and other rules.
pub(crate) const SEED: u64 = 20_260_205;

/// How many rules CloudTrail's events are matched with: one, a few, many, and as many as AWS lets a bus have.
const COUNTS: [usize; 4] = [1, 10, 100, 300];

/// Events and rules.
pub(crate) struct Set {
    /// `cloudtrail`
    pub(crate) name: &'static str,
    pub(crate) events: Rc<Vec<Vec<u8>>>,
    pub(crate) rules: Vec<String>,
    /// Events a second of AWS's Event Ruler, as measured on another day.
    pub(crate) event_ruler: Option<f64>,
}

impl Set {
    /// The size of an event, on average.
    pub(crate) fn event_bytes(&self) -> usize {
        self.events.iter().map(Vec::len).sum::<usize>() / self.events.len()
    }
}

/// Every set; CloudTrail's with this count of rules, too, if it is not one of the usual.
pub(crate) fn all(rules: Option<usize>) -> Vec<Set> {
    let events = Rc::new(cloudtrail::events(SEED));
    let most = COUNTS.into_iter().chain(rules).max().expect("there are counts");
    let all_rules = cloudtrail::rules(SEED, &events, most);
    let mut counts = COUNTS.to_vec();
    counts.extend(rules.filter(|count| !COUNTS.contains(count)));
    let mut sets: Vec<Set> = counts
        .into_iter()
        .map(|count| Set {
            name: "cloudtrail",
            events: Rc::clone(&events),
            rules: all_rules[..count].to_vec(),
            event_ruler: match count {
                1 => Some(118e3),
                10 => Some(55e3),
                100 => Some(32e3),
                300 => Some(31e3),
                _ => None,
            },
        })
        .collect();
    let events = Rc::new(citylots::events(SEED));
    sets.extend(citylots::KINDS.iter().map(|kind| Set {
        name: kind.name,
        events: Rc::clone(&events),
        rules: citylots::rules(SEED, kind, &events),
        event_ruler: Some(kind.event_ruler),
    }));
    sets
}

pub(crate) fn names() -> Vec<&'static str> {
    std::iter::once("cloudtrail").chain(citylots::KINDS.iter().map(|kind| kind.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_sets() {
        for (one, other) in all(None).iter().zip(&all(None)) {
            assert_eq!(one.events, other.events);
            assert_eq!(one.rules, other.rules);
        }
    }

    #[test]
    fn events_are_many_and_different_and_json() {
        for set in all(None) {
            let different: std::collections::BTreeSet<_> = set.events.iter().collect();
            assert!(different.len() >= 2_000, "{}", set.name);
            for event in set.events.iter() {
                serde_json::from_slice::<serde_json::Value>(event).expect("an event is JSON");
            }
        }
    }

    #[test]
    fn every_rule_compiles() {
        for set in all(None) {
            for rule in &set.rules {
                route::Pattern::compile(rule).unwrap_or_else(|fault| panic!("{rule}\n{fault}"));
            }
        }
    }

    /// A rule set in which nothing ever matches measures only how fast one gives up.
    #[test]
    fn some_rules_match() {
        for set in all(None).iter().filter(|set| set.rules.len() >= 5) {
            let taken = crate::engine::taken_by_quamina(&set.rules);
            let mut quamina = crate::engine::Quamina::of(&set.rules, &taken);
            let mut found = vec![];
            let hits: usize =
                set.events.iter().map(|event| quamina.find(event, &mut found).map(|()| found.len()).unwrap_or(0)).sum();
            assert!(hits * 500 > set.events.len(), "{}: {hits} matches", set.name);
        }
    }
}
