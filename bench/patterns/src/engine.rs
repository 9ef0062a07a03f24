//! Engines: who is measured. Each runs once over all events, and says how many matches it found.

use std::hint::black_box;

use anyhow::{Context, Result};
use quamina::MatcherBuildMode;
use route::{Pattern, Rules, Scratch};

use crate::set::Set;

/// Someone who can be measured.
pub(crate) trait Engine {
    /// Reads every event once; how many matches there were, all events together.
    fn run(&mut self, events: &[Vec<u8>]) -> Result<usize>;
}

/// Makes an engine for a set, told the places of the rules that quamina takes.
type Make = fn(&Set, &[u32]) -> Result<Box<dyn Engine>>;

/// Every engine, in the order in which they take turns. The first is ours with all rules.
pub(crate) static ENGINES: [(&str, Make); 5] = [
    ("ours", |set, _| Ok(Box::new(Ours::of(&set.rules)?))),
    ("ours-same", |set, taken| Ok(Box::new(Ours::of(taken.iter().map(|&place| &set.rules[place as usize]))?))),
    ("quamina", |set, taken| Ok(Box::new(Quamina::of(&set.rules, taken)))),
    ("quamina-speed", |set, taken| Ok(Box::new(Quamina::of(&set.rules, taken).for_speed()))),
    ("serde_json", |_, _| Ok(Box::new(SerdeJson))),
];

/// `route::Rules`.
pub(crate) struct Ours {
    rules: Rules,
    scratch: Scratch,
}

impl Ours {
    pub(crate) fn of<'r>(rules: impl IntoIterator<Item = &'r String>) -> Result<Ours> {
        let compile = |rule: &String| Pattern::compile(rule).with_context(|| format!("cannot compile {rule}"));
        let patterns: Vec<Pattern> = rules.into_iter().map(compile).collect::<Result<_>>()?;
        Ok(Ours { rules: Rules::new(&patterns), scratch: Scratch::default() })
    }

    pub(crate) fn find(&mut self, event: &[u8]) -> Result<&[u32]> {
        self.rules.matching(event, &mut self.scratch).context("cannot read an event")
    }
}

impl Engine for Ours {
    fn run(&mut self, events: &[Vec<u8>]) -> Result<usize> {
        let mut count = 0;
        for event in events {
            count += black_box(self.find(event)?).len();
        }
        Ok(count)
    }
}

/// The places of the rules that quamina takes.
pub(crate) fn taken_by_quamina(rules: &[String]) -> Vec<u32> {
    let mut all = quamina::Quamina::<u32>::new();
    (0..).zip(rules).filter(|(place, rule)| all.add_pattern(*place, rule).is_ok()).map(|(place, _)| place).collect()
}

/// The crate `quamina`, with the rules that it takes, known by their places among all.
pub(crate) struct Quamina(quamina::Quamina<u32>);

impl Quamina {
    pub(crate) fn of(rules: &[String], taken: &[u32]) -> Quamina {
        let mut all = quamina::Quamina::new();
        for &place in taken {
            all.add_pattern(place, &rules[place as usize]).expect("it took them before");
        }
        Quamina(all)
    }

    /// As it is recommended for rules that seldom change: automata made deterministic.
    fn for_speed(mut self) -> Quamina {
        self.0.set_matcher_build_mode(MatcherBuildMode::BuiltForSpeed);
        self
    }

    /// The places of the rules that match, in ascending order.
    pub(crate) fn find(&mut self, event: &[u8], found: &mut Vec<u32>) -> Result<()> {
        *found = self.0.matches_for_event(event).context("quamina cannot read an event")?;
        found.sort_unstable();
        Ok(())
    }
}

impl Engine for Quamina {
    fn run(&mut self, events: &[Vec<u8>]) -> Result<usize> {
        let mut count = 0;
        for event in events {
            count += black_box(self.0.matches_for_event(event).context("quamina cannot read an event")?).len();
        }
        Ok(count)
    }
}

/// A parse into a tree, and nothing else: what a matcher that starts with it cannot be faster than.
struct SerdeJson;

impl Engine for SerdeJson {
    fn run(&mut self, events: &[Vec<u8>]) -> Result<usize> {
        for event in events {
            black_box(serde_json::from_slice::<serde_json::Value>(event).context("an event is no JSON")?);
        }
        Ok(0)
    }
}
