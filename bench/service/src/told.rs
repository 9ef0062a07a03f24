//! When insights are told: made-up accounts in whose last night a key is stolen, their log files counted as they are delivered.
//!
//! A Start is right if the engine finds its insight once everything is counted; others are taken back by an End.

use anyhow::Result;
use detect::engine::{Engine, Settings};
use detect::tally::Tally;
use jiff::Timestamp;
use record::insight::{Direction, Insight};
use record::insight_record::State;
use record::log_key::LogKey;
use record::time::{Minute, Minutes};
use server::evaluate::{Evaluator, Settled};
use server::ingest::{Fetched, ingest};
use store::Store;
use store::insights::Origin;
use store::log_files::LogFile;

/// An insight that was told is the one that is found if they begin within so long of one another.
const SAME: Minutes = Minutes(720);

/// A Start, and what is to be known of it.
struct Start {
    insight: Insight,
    /// The minute at which it was told.
    at: Minute,
    /// Its minutes were not settled.
    is_early: bool,
}

/// The figures, as a table in Markdown.
pub(crate) fn told(seeds: u64) -> Result<String> {
    let (mut right, mut taken_back) = (Vec::new(), [0usize; 2]);
    for seed in 0..seeds {
        let (starts, whole) = live(seed)?;
        let mut engine = Engine::new(Settings::default());
        engine.advance(&whole, whole.span().map_or(Minute(0), |span| span.1.next()));
        let found = engine.found();
        for start in starts {
            let subject = &start.insight.subject;
            let is_found = found.iter().any(|found| {
                let begins = found.episode.start;
                whole.counted(found.series).subject == *subject
                    && found.episode.direction == start.insight.direction
                    && (begins - start.insight.start).0.abs() <= SAME.0
            });
            if is_found {
                right.push(start);
            } else {
                taken_back[usize::from(start.is_early)] += 1;
            }
        }
    }
    let mut page = format!(
        "| {seeds} accounts, ten days | Starts | told early | minutes from the first unusual minute to the Start: median | 90 % within |\n\
         |---|---:|---:|---:|---:|\n"
    );
    for (direction, name) in [(Direction::Increase, "increases"), (Direction::Decrease, "decreases")] {
        let of_direction: Vec<&Start> = right.iter().filter(|start| start.insight.direction == direction).collect();
        let mut minutes: Vec<i32> = of_direction.iter().map(|start| (start.at - start.insight.called).0).collect();
        minutes.sort_unstable();
        let at = |share: usize| minutes.get(minutes.len() * share / 100).map_or("–".into(), ToString::to_string);
        let early = of_direction.iter().filter(|start| start.is_early).count();
        page += &format!("| {name} | {} | {early} | {} | {} |\n", of_direction.len(), at(50), at(90));
    }
    page += &format!(
        "\nStarts that are no insight once everything is counted: {} told early, {} told of settled minutes.\n",
        taken_back[1], taken_back[0]
    );
    Ok(page)
}

/// Counts an account's log files in the order and at the minute of their delivery.
fn live(seed: u64) -> Result<(Vec<Start>, Tally)> {
    let store = Store::in_memory()?;
    let mut evaluator = Evaluator::load(&store, Settings::default(), Minute(0))?;
    let (mut starts, mut whole, mut now) = (Vec::new(), Tally::new(), Minute(0));
    for (number, (key, bytes)) in sim::texts(&sim::Plan::demo(seed)).enumerate() {
        let Some(named) = LogKey::of_path(&key) else { continue };
        now = now.max(named.time);
        let time = Timestamp::from_second(now.seconds())?;
        let file = LogFile {
            bucket: "my-trail".into(),
            size: bytes.len() as u64,
            etag: String::new(),
            account_region: Some((named.account.as_str().into(), named.region.as_str().into())),
            delivered: Some(named.time),
            key,
        };
        let ingested = ingest(&store, number as u64 + 1, &[Fetched { file, bytes }], time)?;
        evaluator.add(&ingested.tally);
        whole.merge(&ingested.tally);
        let settled = Settled::new(&store.read(|r| r.newest_delivered())?, now);
        let live = |_: &Insight, _| Some(Origin::Live);
        for told in evaluator.advance(&store, &settled, time, live, |_, _| Ok(()))? {
            if told.state == State::Start {
                let subject = &told.insight.subject;
                let is_early = told.insight.called >= settled.until(&subject.account, &subject.region);
                starts.push(Start { insight: told.insight, at: now, is_early });
            }
        }
        if evaluator.is_behind() && number % 500 == 0 {
            evaluator = Evaluator::load(&store, Settings::default(), Minute(0))?;
        }
    }
    Ok((starts, whole))
}
