//! Evaluate: counts become insights, and of each insight a Start and an End that are told once.
//!
//! What was counted is final for the minutes before `until`; the engine goes on to there, and whatever it finds that was not
//! cut before is stored and cut in one transaction, together with what the caller wants written with it (who is told). So a
//! service that is killed has told or has not, and goes on where it was: the engine is built again from the counts.

use detect::attribution::{Contributions, ValueCounts};
use detect::engine::{Engine, Found, Settings};
use detect::findings::{baseline_of, insight};
use detect::tally::Tally;
use jiff::Timestamp;
use record::insight::{Insight, Statistics};
use record::insight_record::State;
use record::names::{AccountId, Region};
use record::time::{Minute, Minutes};
use store::insights::Origin;
use store::{Reader, Store, StoreError, Writer};

/// A Region whose log files come is settled so long before the newest was delivered.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html>
pub const GRACE: Minutes = Minutes(15);
/// A Region of which nothing comes is settled so long ago.
pub const SILENT_GRACE: Minutes = Minutes(30);

/// The engine, and what it knows.
#[derive(Debug)]
pub struct Evaluator {
    settings: Settings,
    tally: Tally,
    engine: Engine,
    until: Minute,
}

/// A Start or an End that was told now.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The insight, as it is known now.
    pub insight: Insight,
    /// Which of the two.
    pub state: State,
    /// Whether it began before anybody watched: then it is kept and shown, but nobody is told.
    pub origin: Origin,
}

impl Evaluator {
    /// What was counted since `from`, evaluated as far as it was before.
    pub fn load(store: &Store, settings: Settings, from: Minute) -> Result<Evaluator, StoreError> {
        let (tally, evaluated) = store.read(|r| Ok((r.load_tally(from)?, r.evaluated_until()?)))?;
        let until = evaluated.iter().map(|(_, _, until)| *until).max().unwrap_or(Minute(i32::MIN));
        let mut engine = Engine::new(settings);
        if tally.span().is_some_and(|(first, _)| first < until) {
            engine.advance(&tally, until);
        }
        Ok(Evaluator { settings, tally, engine, until })
    }

    /// Adds what a batch counted.
    pub fn add(&mut self, batch: &Tally) {
        self.tally.merge(batch);
    }

    /// Every minute before this one is evaluated.
    pub fn until(&self) -> Minute {
        self.until
    }

    /// Goes on to `until` (excluded), tells what is new, and lets `also` write along with it. What began before `since` is
    /// history.
    pub fn advance(
        &mut self,
        store: &Store,
        until: Minute,
        since: Minute,
        now: Timestamp,
        mut also: impl FnMut(&Writer<'_>, &Told) -> Result<(), StoreError>,
    ) -> Result<Vec<Told>, StoreError> {
        if until <= self.until || self.tally.span().is_none() {
            return Ok(Vec::new());
        }
        self.engine.advance(&self.tally, until);
        let found = self.engine.found();
        let told = store.write(|w| {
            let mut told = Vec::new();
            for found in &found {
                self.tell(w, found, until, since, now, &mut told)?;
            }
            for (_, region) in self.tally.all_regions() {
                w.set_evaluated_until(&region.account, &region.region, until)?;
            }
            told.iter().try_for_each(|told| also(w, told))?;
            Ok(told)
        })?;
        self.until = until;
        Ok(told)
    }

    fn tell(
        &self,
        w: &Writer<'_>,
        found: &Found,
        until: Minute,
        since: Minute,
        now: Timestamp,
        told: &mut Vec<Told>,
    ) -> Result<(), StoreError> {
        let mut insight = insight(found, &self.tally, &self.settings, until);
        let is_told = |state| {
            let id = record::insight_record::event_id(&insight, state);
            w.insight_event(&id).map(|event| event.is_some())
        };
        let end = insight.end.map(|_| State::End);
        let mut states = Vec::new();
        for state in [Some(State::Start), end].into_iter().flatten() {
            if !is_told(state)? {
                states.push(state);
            }
        }
        if states.is_empty() {
            return Ok(());
        }
        attribute(w, &mut insight, until)?;
        let origin = if insight.start < since { Origin::History } else { Origin::Live };
        w.put_insight(&insight, origin, now)?;
        for state in states {
            w.cut_insight_event(&insight, state, now)?;
            told.push(Told { insight: insight.clone(), state, origin });
        }
        Ok(())
    }
}

/// Says who was behind an insight.
fn attribute(r: &Reader<'_>, insight: &mut Insight, until: Minute) -> Result<(), StoreError> {
    let (subject, start) = (&insight.subject, insight.start);
    let end = insight.end.unwrap_or(until).max(start);
    let (baseline, _) = baseline_of(start);
    let called = |from, until| r.who_called(subject, from, until).map(|who| ValueCounts::from(&who));
    let contributions = Contributions {
        start: called(start, start + Statistics::START_MINUTES)?,
        insight: called(start, end)?,
        baseline: called(baseline, start)?,
    };
    if contributions.baseline.calls() + contributions.insight.calls() + contributions.start.calls() > 0 {
        insight.attributions = contributions.attributions(insight.subject.insight_type());
        insight.differences = contributions.differences(insight.subject.insight_type());
    }
    Ok(())
}

/// Up to which minute all is counted: by each account-Region's newest delivered log file, and by the clock where nothing comes.
pub fn settled_until(delivered: &[(AccountId, Region, Minute)], now: Minute) -> Minute {
    let silent = now - SILENT_GRACE;
    delivered.iter().map(|(_, _, newest)| (*newest - GRACE).max(silent)).min().unwrap_or(silent)
}
