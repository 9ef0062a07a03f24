//! How fast events are matched with many patterns, beside quamina and a plain JSON parse.
//!
//! ```text
//! cargo run --release -p bench-patterns              the tables, to look at (two minutes)
//! cargo run --release -p bench-patterns -- --quick   the same, shorter and less exact
//! cargo run --release -p bench-patterns -- --write   the tables, into RESULTS.md
//! cargo run --release -p bench-patterns -- --only ours --set cloudtrail --rules 300 --seconds 5    for a profiler
//! ```
//!
//! Events and rules are drawn from a seed. First everybody must find the same matches (`agree`); then everybody runs over
//! the same events in one process and one thread, in turn, round after round (`measure`). `page` tells of it.

mod agree;
mod citylots;
mod cloudtrail;
mod engine;
mod measure;
mod page;
mod set;

use anyhow::{Context, Result, bail};

use engine::ENGINES;
use set::Set;

/// What was asked for.
#[derive(Debug)]
struct Asked {
    /// Seconds of processor time that each engine gets on each set.
    seconds: f64,
    /// Write RESULTS.md.
    writes: bool,
    /// Only this engine; nothing is checked then.
    only: Option<String>,
    /// Only this set.
    set: Option<String>,
    /// Only so many rules.
    rules: Option<usize>,
}

const USAGE: &str = "usage: bench-patterns [--quick] [--write] [--seconds S] [--set NAME] [--rules N] [--only ENGINE]";

impl Asked {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Asked> {
        let mut asked = Asked { seconds: 1.5, writes: false, only: None, set: None, rules: None };
        while let Some(flag) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{flag} needs a value\n{USAGE}"));
            match flag.as_str() {
                "--quick" => asked.seconds = 0.2,
                "--write" => asked.writes = true,
                "--seconds" => asked.seconds = value()?.parse().context("--seconds is a number")?,
                "--only" => asked.only = Some(value()?),
                "--set" => asked.set = Some(value()?),
                "--rules" => asked.rules = Some(value()?.parse().context("--rules is a number")?),
                _ => bail!("{USAGE}"),
            }
        }
        if let Some(only) = &asked.only
            && !ENGINES.iter().any(|(name, _)| name == only)
        {
            bail!("no engine `{only}`; there are {}", ENGINES.map(|(name, _)| name).join(", "));
        }
        if asked.writes && (asked.only.is_some() || asked.set.is_some() || asked.rules.is_some()) {
            bail!("RESULTS.md is written whole: --write goes without --only, --set and --rules");
        }
        Ok(asked)
    }

    fn wants(&self, set: &Set) -> bool {
        self.set.as_ref().is_none_or(|name| *name == set.name)
            && self.rules.is_none_or(|count| count == set.rules.len())
    }
}

fn main() -> Result<()> {
    let asked = Asked::read(std::env::args().skip(1))?;
    let sets: Vec<Set> = set::all(asked.rules).into_iter().filter(|set| asked.wants(set)).collect();
    if sets.is_empty() {
        bail!("no such set; there are {}", set::names().join(", "));
    }
    let mut told = Vec::new();
    for set in &sets {
        eprintln!("{}, {} rules", set.name, set.rules.len());
        let shared = engine::taken_by_quamina(&set.rules);
        let agreement = if asked.only.is_none() { Some(agree::check(set, &shared)?) } else { None };
        let figures = measure::all(set, &shared, asked.only.as_deref(), asked.seconds)?;
        told.push(page::Told { set, taken: shared.len(), agreement, figures });
    }
    if asked.writes { page::write(&told) } else { page::show(&told) }
}
