//! Telling: an episode that was not told before is written down as an insight, and its Start and its End are cut.
//!
//! ```text
//!  episode ──► told before? ── no ───────────► wanted? ──► held back? ──► Start, and its End if that is known
//!                           ── begun, and over ─────────────────────────► End
//!                           ── over, or goes on as it was told ─────────► nothing
//! ```
//!
//! All of it is one transaction, the caller's. What was told is remembered here meanwhile, and by the evaluator once it is
//! written.

use std::collections::BTreeSet;

use detect::attribution::{Contributions, ValueCounts};
use detect::engine::Found;
use detect::episode::Episode;
use detect::findings::{baseline_of, insight};
use detect::identities::Identities;
use detect::tally::{RegionId, SeriesId};
use jiff::Timestamp;
use record::insight::{Direction, Insight, Statistics, Subject};
use record::insight_record::{State, event_id, shared_event_id};
use record::time::{Minute, Minutes};
use rustc_hash::FxHashMap;
use store::attribution_counts::STRETCH;
use store::insights::{Origin, StoredInsight};
use store::{Reader, StoreError, Writer};

use super::{Evaluator, learned};

/// A call within so long after an End continues the insight: until then nobody is told of it.
const MERGE: Minutes = Minutes(60);
/// Nothing at all comes of an account-Region for so long after an increase: that is over.
const QUIET: Minutes = Minutes(120);
/// An insight that was told and is not found again, because counts or settings were corrected, is taken for one that began
/// within so long of it.
const SAME: Minutes = Minutes(720);

/// A Start or an End that was told now.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The insight, as it is known now.
    pub insight: Insight,
    /// Which of the two.
    pub state: State,
    /// Whether it began before anybody watched: then it is kept and shown, but nobody is told.
    pub origin: Origin,
    /// The API has calls that write.
    pub writes: bool,
    /// What holds it back, by its id: it is kept and shown, and nobody is told.
    pub held_by: Option<String>,
}

/// What was told of each series and direction.
pub(super) type ToldBefore = FxHashMap<(SeriesId, Direction), Vec<ToldInsight>>;

/// An insight that was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct ToldInsight {
    pub(super) start: Minute,
    /// Its End, if that was told.
    pub(super) end: Option<Minute>,
    /// It was told to end because it was not found any more.
    pub(super) is_withdrawn: bool,
}

/// How sure an episode is.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Standing {
    /// Of minutes that are not settled.
    Early,
    /// It goes on, or ended so lately that it may go on.
    Open,
    Closed,
}

/// What an episode is, beside what was told.
enum Known {
    /// It is to be told as of this minute.
    New(Minute),
    /// Its Start was told, as this minute.
    Begun(Minute),
    Over,
}

/// What is told in one transaction.
pub(super) struct Telling<'a> {
    evaluator: &'a Evaluator,
    w: &'a Writer<'a>,
    now: Timestamp,
    /// What was told before, and what is told here.
    known: ToldBefore,
    told: Vec<Told>,
    /// What was told to begin, then or now, and was found.
    begun: BTreeSet<(Subject, Direction, Minute)>,
}

impl<'a> Telling<'a> {
    pub(super) fn new(evaluator: &'a Evaluator, w: &'a Writer<'a>, now: Timestamp) -> Telling<'a> {
        Telling { evaluator, w, now, known: evaluator.told.clone(), told: Vec::new(), begun: BTreeSet::new() }
    }

    /// `also` writes along with what was told. Gives that, and what is known of each series from now on.
    pub(super) fn done(
        self,
        mut also: impl FnMut(&Writer<'_>, &Told) -> Result<(), StoreError>,
    ) -> Result<(Vec<Told>, ToldBefore), StoreError> {
        self.told.iter().try_for_each(|told| also(self.w, told))?;
        Ok((self.told, self.known))
    }

    /// Tells of an episode what is new. `again`: where it is, as another episode, in minutes that are not settled. `origin`
    /// says what a new insight is to us, or that nobody looks for it.
    pub(super) fn tell(
        &mut self,
        found: &Found,
        standing: Standing,
        again: Option<Minute>,
        origin: impl Fn(&Insight, bool) -> Option<Origin>,
    ) -> Result<(), StoreError> {
        let key = (found.series, found.episode.direction);
        let end = self.end_of(found, standing, again);
        match known_of(self.known.get(&key).map_or(&[], Vec::as_slice), found) {
            Known::Over => Ok(()),
            Known::New(start) => self.tell_new(found, standing, start, end, origin),
            Known::Begun(start) => {
                let subject = self.evaluator.tally.counted(found.series).subject.clone();
                self.begun.insert((subject, found.episode.direction, start));
                if end.is_none() {
                    return Ok(());
                }
                let (insight, _) = self.insight(found, standing, start, end)?;
                // What it was at first it stays.
                let stored = self.w.insight(&shared_event_id(&insight))?;
                self.tell_end(insight, stored.map_or(Origin::Live, |stored| stored.origin))
            }
        }
    }

    fn tell_new(
        &mut self,
        found: &Found,
        standing: Standing,
        start: Minute,
        end: Option<Minute>,
        origin: impl Fn(&Insight, bool) -> Option<Origin>,
    ) -> Result<(), StoreError> {
        let (mut insight, until) = self.insight(found, standing, start, end)?;
        let writes = self.writes(&insight.subject);
        let Some(origin) = origin(&insight, writes) else { return Ok(()) };
        let who = attribute(self.w, &mut insight, until)?;
        let id = self.w.put_insight(&insight, origin, self.now)?;
        let is_expected = found.episode.is_expected;
        let held_by = self.held_by(&insight, is_expected, &who, until);
        if let Some(by) = &held_by {
            self.w.hold_insight(&id, by)?;
        }
        let states = if end.is_some() { &[State::Start, State::End][..] } else { &[State::Start] };
        for &state in states {
            // What was expected is no Insight event; what is muted is one that nobody is told of.
            if held_by.is_none() || !is_expected {
                self.w.cut_insight_event(&insight, state, self.now)?;
            }
            self.told.push(Told { insight: insight.clone(), state, origin, writes, held_by: held_by.clone() });
        }
        self.remember(found.series, &insight, false);
        self.begun.insert((insight.subject, insight.direction, insight.start));
        Ok(())
    }

    /// Tells the End of an insight of which the Start was told. What held it back does so still.
    pub(super) fn tell_end(&mut self, insight: Insight, origin: Origin) -> Result<(), StoreError> {
        self.tell_end_of(insight, origin, false)
    }

    fn tell_end_of(&mut self, mut insight: Insight, origin: Origin, is_withdrawn: bool) -> Result<(), StoreError> {
        let end = insight.end.unwrap_or(insight.start.next());
        attribute(self.w, &mut insight, end)?;
        let id = self.w.put_insight(&insight, origin, self.now)?;
        if is_withdrawn {
            self.w.withdraw_insight(&id)?;
        }
        let held_by = self.w.insight(&id)?.and_then(|stored| stored.held_by);
        if has_start(self.w, &insight, held_by.as_deref())? {
            self.w.cut_insight_event(&insight, State::End, self.now)?;
        }
        if let Some(series) = self.evaluator.tally.find(&insight.subject) {
            self.remember(series, &insight, is_withdrawn);
        }
        let writes = self.writes(&insight.subject);
        self.told.push(Told { insight, state: State::End, origin, writes, held_by });
        Ok(())
    }

    /// The insight of an episode that is told from this minute to this one, and up to which minute it is known.
    fn insight(
        &self,
        found: &Found,
        standing: Standing,
        start: Minute,
        end: Option<Minute>,
    ) -> Result<(Insight, Minute), StoreError> {
        let Evaluator { tally, engine, until, remembered, .. } = self.evaluator;
        let counted = tally.counted(found.series);
        let mut found = found.clone();
        found.episode.start = start;
        found.episode.end = end.or(found.episode.end);
        let settings = engine.settings().of(&counted.subject.account);
        let until = match standing {
            Standing::Early => self.evaluator.newest(counted.region, self.now),
            _ => until[counted.region.0 as usize],
        };
        let mut insight = if baseline_of(start).0 < *remembered {
            let last = found.episode.end.unwrap_or(until);
            let tally = learned::counts_around(self.w, &counted.subject, start, last)?;
            found.series = tally.find(&counted.subject).unwrap_or(found.series);
            insight(&found, &tally, settings, until)
        } else {
            insight(&found, tally, settings, until)
        };
        insight.end = end;
        Ok((insight, until))
    }

    /// What holds a new insight back, if anything does. `who` was behind it, as far as it is known.
    fn held_by(&self, insight: &Insight, is_expected: bool, who: &Contributions, until: Minute) -> Option<String> {
        let length = length(insight, until);
        let is_doing_of = |by: &Identities| who.is_doing_of(by, insight.direction, length);
        self.evaluator.settings().said.holds_back(insight, is_expected, is_doing_of).map(str::to_owned)
    }

    fn remember(&mut self, series: SeriesId, insight: &Insight, is_withdrawn: bool) {
        let of_series = self.known.entry((series, insight.direction)).or_default();
        of_series.retain(|told| told.start != insight.start);
        of_series.push(ToldInsight { start: insight.start, end: insight.end, is_withdrawn });
    }

    /// When an episode ended, if that can be told: it stays over if its series is called again.
    fn end_of(&self, found: &Found, standing: Standing, again: Option<Minute>) -> Option<Minute> {
        let Evaluator { tally, engine, .. } = self.evaluator;
        let Episode { direction, end, .. } = found.episode;
        let region = tally.counted(found.series).region;
        let judged = engine.judged_until(tally, region).unwrap_or(Minute(i32::MIN));
        let looked = self.looked_until(region);
        match (standing, direction) {
            // That it is over is not known before its minutes are settled.
            (Standing::Early, _) => None,
            (Standing::Closed, _) => end,
            // Minutes without any call wait for the next one to be judged, but they are none of an increase.
            (Standing::Open, Direction::Increase) => match end {
                Some(end) => (looked - end > MERGE || again.is_some_and(|at| at > end)).then_some(end),
                None => (looked - judged > QUIET).then_some(judged),
            },
            (Standing::Open, Direction::Decrease) => end.filter(|end| judged - *end > MERGE),
        }
    }

    /// Whether anything that was told to begin is not found any more.
    pub(super) fn is_any_gone(&self) -> bool {
        self.known.iter().any(|(&(series, direction), told)| {
            let subject = &self.evaluator.tally.counted(series).subject;
            let is_found = |start| self.begun.contains(&(subject.clone(), direction, start));
            told.iter().any(|told| told.end.is_none() && !is_found(told.start))
        })
    }

    /// What was told to begin is told to end, even if it is not found any more: counts or settings were corrected, or what
    /// was told early is usual now that all is counted.
    pub(super) fn end_those_that_are_gone(&mut self) -> Result<(), StoreError> {
        for StoredInsight { insight, origin, changed_at, .. } in self.w.open_insights()? {
            let id = (insight.subject.clone(), insight.direction, insight.start);
            // Told early, it is not missed before the minutes that it was told of are settled.
            let told_of = Minute::of_seconds(changed_at.as_second());
            let region = self.evaluator.tally.find_region(&insight.subject.account, &insight.subject.region);
            let is_settled = region.is_none_or(|id| self.looked_until(id) > told_of);
            if origin != Origin::Test && is_settled && !self.begun.contains(&id) {
                self.tell_end_of(self.evaluator.end_now(&insight, self.now), origin, true)?;
            }
        }
        Ok(())
    }

    /// How far the engine has gone in an account-Region: at midnight it may wait for another one.
    fn looked_until(&self, region: RegionId) -> Minute {
        self.evaluator.engine.looked_until(&self.evaluator.tally, region).unwrap_or(Minute(i32::MIN))
    }

    /// Whether calls of an API change something; of an error's series, those of its API.
    fn writes(&self, subject: &Subject) -> bool {
        let tally = &self.evaluator.tally;
        let api = tally.find(&Subject { error: None, ..subject.clone() });
        api.is_some_and(|api| tally.counted(api).writes)
    }
}

/// Whether there is a Start of it as an Insight event: of what was expected there is none.
fn has_start(r: &Reader<'_>, insight: &Insight, held_by: Option<&str>) -> Result<bool, StoreError> {
    Ok(held_by.is_none() || r.insight_event(&event_id(insight, State::Start))?.is_some())
}

/// What an episode is, beside what was told of its series. After counts or settings were corrected it may begin at another
/// minute than it was told to. What was withdrawn is over for the minutes up to its End; an episode that is most unusual behind that
/// is another one, however far back it is dated.
fn known_of(told: &[ToldInsight], found: &Found) -> Known {
    let (start, end) = (found.episode.start, found.episode.end.unwrap_or(Minute(i32::MAX)));
    let stands = || told.iter().filter(|told| !told.is_withdrawn);
    if let Some(same) = stands().find(|told| told.start == start) {
        return if same.end.is_some() { Known::Over } else { Known::Begun(start) };
    }
    for told in stands() {
        match told.end {
            Some(told_end) if start < told_end && told.start < end => return Known::Over,
            None if told.start < end && start < told.start + SAME => return Known::Begun(told.start),
            _ => {}
        }
    }
    let withdrawn = told.iter().filter(|told| told.is_withdrawn && told.start < end).filter_map(|told| told.end);
    match withdrawn.filter(|told_end| start < *told_end).max() {
        Some(told_end) if found.episode.peak.minute < told_end => Known::Over,
        Some(told_end) => Known::New(told_end),
        None => Known::New(start),
    }
}

/// Says who was behind an insight, and tells all of it.
pub(crate) fn attribute(r: &Reader<'_>, insight: &mut Insight, until: Minute) -> Result<Contributions, StoreError> {
    let (subject, start) = (&insight.subject, insight.start);
    let (from, to) = stretches(insight, until);
    let (baseline, _) = baseline_of(start);
    let called = |from, until| r.who_called(subject, from, until).map(|who| ValueCounts::from(&who));
    let contributions = Contributions {
        start: called(from, from.max(start) + Statistics::START_MINUTES)?,
        insight: called(from, to)?,
        // Who called is kept by stretches: the one in which it began is not what was usual before.
        baseline: called(baseline, stretch_of(start))?,
    };
    if contributions.baseline.calls() + contributions.insight.calls() + contributions.start.calls() > 0 {
        insight.attributions = contributions.attributions(insight.subject.insight_type());
        insight.differences = contributions.differences(insight.subject.insight_type());
    }
    Ok(contributions)
}

/// The first minute of the stretch that a minute is in.
fn stretch_of(minute: Minute) -> Minute {
    Minute(minute.0.div_euclid(STRETCH.0) * STRETCH.0)
}

/// From when until when the callers of an insight are counted: in whole stretches, as they are kept. Of the calls in a stretch
/// in the midst of which an increase begins or ends nearly all are its own, so it is counted. Of a decrease nearly all are
/// those before it or behind it, so it is left out, unless there is no other.
fn stretches(insight: &Insight, until: Minute) -> (Minute, Minute) {
    let end = insight.end.unwrap_or(until).max(insight.start);
    let next = |minute: Minute| stretch_of(Minute(minute.0 + STRETCH.0 - 1));
    let (first, last) = (next(insight.start), stretch_of(end));
    match insight.direction {
        Direction::Decrease if first < last => (first, last),
        _ => (stretch_of(insight.start), next(end)),
    }
}

/// How long the stretches are in which an insight's callers are counted, in lengths of its baseline. `until`: the minute up to
/// which all is counted, which may be in the midst of the last.
fn length(insight: &Insight, until: Minute) -> f64 {
    let (baseline, start) = baseline_of(insight.start);
    let end = insight.end.unwrap_or(until).max(start);
    let (from, to) = stretches(insight, until);
    f64::from(to.0.min(until.max(end).0) - from.0) / f64::from((stretch_of(start) - baseline).0.max(1))
}
