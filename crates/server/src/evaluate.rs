//! Evaluate: counts become insights, and of each insight a Start and an End that are told once.
//!
//! What was counted is final for the minutes before those that are settled, each account-Region by itself; the engine goes on
//! to there. An increase in later minutes is found early, as soon as it is counted: what is still on its way adds to it.
//! Whatever is found that was not told before is stored and cut in one transaction, together with what the caller wants
//! written with it (who is told). So a service that is killed has told or has not, and goes on where it was: the engine
//! goes on from what it had learned by the day before and judges the counts since then again ([`learned`]), and what was
//! told is an input that is never computed again.
//!
//! ```text
//!  settled: newest delivered − 15 min, or the clock − 30 min ──► engine ──► episodes ──► told before? ──► Start, End
//!  later minutes, as they grow ──► a copy of the series ──► increases ──────────────────► told before? ──► Start
//! ```

mod learned;
mod settled;
mod telling;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;

use detect::budget::Asked;
use detect::engine::{Engine, Found, SettingsBook};
use detect::tally::{Counted, RegionId, SeriesId, Tally};
use jiff::Timestamp;
use record::insight::{Direction, Insight, Subject};
use record::names::{AccountId, Region};
use record::time::{DAY, Minute, Minutes};
use rustc_hash::{FxHashMap, FxHashSet};
use store::insights::{Origin, StoredInsight};
use store::{Store, StoreError, Writer};

pub use settled::{GRACE, SILENT_GRACE, Settled};
pub use telling::Told;
pub(crate) use telling::attribute;
use telling::{Standing, Telling, ToldBefore, ToldInsight};

/// Counts are kept in memory for so long: for an insight's baseline, and three days that it may last.
const IN_MEMORY: Minutes = Minutes(16 * DAY.0);
/// An account is active that was heard of so lately.
const ACTIVE: Minutes = Minutes(28 * DAY.0);

/// The engine, and what it knows.
#[derive(Debug)]
pub struct Evaluator {
    tally: Tally,
    engine: Engine,
    /// How far each account-Region of the tally is evaluated.
    until: Vec<Minute>,
    told: ToldBefore,
    /// Closed episodes that were looked at.
    seen: usize,
    /// All episodes are to be looked at again, those that were told too.
    looks_again: bool,
    /// Accounts of which calls were counted in minutes that were evaluated before, or that are to be judged by other settings.
    behind: BTreeSet<AccountId>,
    /// Series with calls in minutes that are not settled, which were not looked at yet.
    grown: FxHashSet<SeriesId>,
    /// Of no account are the counts of minutes before this one in memory.
    forgotten: Minute,
    /// Of every account all counts since this minute are in memory.
    remembered: Minute,
    /// The day of each account by which it was last kept what was learned.
    kept_days: BTreeMap<AccountId, Minute>,
}

impl Evaluator {
    /// What was counted since `from`, evaluated as far as it was before. Of accounts of which it is kept what was learned, the
    /// counts since then are judged; of others all.
    pub fn load(store: &Store, settings: impl Into<SettingsBook>, from: Minute) -> Result<Evaluator, StoreError> {
        let settings = settings.into();
        let learned = learned::all(store, &settings)?;
        let since: BTreeMap<&AccountId, Minute> = learned
            .iter()
            .map(|(kept, learned)| (learned.account(), (kept.reached - IN_MEMORY).day_start().max(from)))
            .collect();
        let (mut tally, evaluated, insights) = store.read(|r| {
            let tally = r.load_tally_since(from, |account| Some(since.get(account).copied().unwrap_or(from)))?;
            Ok((tally, r.evaluated_until()?, r.insights(from, Minute(i32::MAX), None, usize::MAX >> 1)?))
        })?;
        let remembered = since.values().copied().max().unwrap_or(from);
        let mut engine = Engine::new(settings);
        let mut kept_days = BTreeMap::new();
        for (kept, learned) in learned {
            kept_days.insert(learned.account().clone(), kept.day);
            engine.resume(&mut tally, learned);
        }
        let mut until = vec![Minute(i32::MIN); tally.all_regions().len()];
        for (account, region, minute) in evaluated {
            if let Some(RegionId(id)) = tally.find_region(&account, &region) {
                until[id as usize] = minute;
            }
        }
        engine.advance_far(&tally, threads(), |RegionId(id)| until[id as usize]);
        let mut told = ToldBefore::default();
        for StoredInsight { insight, origin, is_withdrawn, .. } in insights {
            if origin != Origin::Test
                && let Some(series) = tally.find(&insight.subject)
            {
                let of_series = told.entry((series, insight.direction)).or_default();
                of_series.push(ToldInsight { start: insight.start, end: insight.end, is_withdrawn });
            }
        }
        let is_later =
            |series: &Counted| series.counts.span().is_some_and(|span| span.1 >= until[series.region.0 as usize]);
        let grown = tally.all_series().filter(|(_, series)| is_later(series)).map(|(id, _)| id).collect();
        Ok(Evaluator {
            tally,
            engine,
            until,
            told,
            seen: 0,
            looks_again: true,
            behind: BTreeSet::new(),
            grown,
            forgotten: from,
            remembered,
            kept_days,
        })
    }

    /// Adds what a batch counted.
    pub fn add(&mut self, batch: &Tally) {
        self.tally.merge(batch);
        for (_, region) in batch.all_regions() {
            let RegionId(id) = self.tally.region(&region.account, &region.region);
            let until = self.until.get(id as usize);
            let first = region.span().map(|span| span.0);
            if until.zip(first).is_some_and(|(until, first)| first < *until) {
                self.behind.insert(region.account.clone());
            }
        }
        self.until.resize(self.tally.all_regions().len(), Minute(i32::MIN));
        for (_, counted) in batch.all_series() {
            let id = self.tally.series(&counted.subject);
            let until = self.until[self.tally.counted(id).region.0 as usize];
            if counted.counts.span().is_some_and(|span| span.1 >= until) {
                self.grown.insert(id);
            }
        }
    }

    /// Whether calls were counted in minutes that were evaluated before: [`Evaluator::catch_up`] takes them in.
    pub fn is_behind(&self) -> bool {
        !self.behind.is_empty()
    }

    /// From now on something else is looked for: what was found and not told may be wanted.
    pub fn look_again(&mut self) {
        self.looks_again = true;
    }

    /// What is set for each account.
    pub fn settings(&self) -> &SettingsBook {
        self.engine.settings()
    }

    /// Sets it anew. An account that was judged by other settings is behind from now on.
    pub fn set(&mut self, settings: SettingsBook) {
        let is_other =
            |account: &&AccountId| self.engine.has_begun(account) && !self.is_judged_alike(&settings, account);
        let accounts: BTreeSet<&AccountId> = self.tally.all_regions().map(|(_, region)| &region.account).collect();
        let others: Vec<AccountId> = accounts.into_iter().filter(is_other).cloned().collect();
        self.behind.extend(others);
        self.engine.set(settings);
    }

    /// How far the engine has gone in the Region of an account in which it is furthest.
    fn looked_furthest(&self, account: &AccountId) -> Option<Minute> {
        let regions = self.tally.all_regions().filter(|(_, region)| region.account == *account);
        regions.filter_map(|(id, _)| self.engine.looked_until(&self.tally, id)).max()
    }

    /// Whether other settings find the same in this account, as far as it was judged: what is said of minutes that are still to
    /// come changes nothing.
    pub fn is_judged_alike(&self, settings: &SettingsBook, account: &AccountId) -> bool {
        let looked = || self.looked_furthest(account).unwrap_or(Minute(i32::MIN));
        self.engine.settings().is_alike(settings, account, looked)
    }

    /// Every minute of an account before this one is evaluated in at least one Region.
    pub fn furthest(&self, account: &AccountId) -> Option<Minute> {
        let regions = self.tally.all_regions().filter(|(_, region)| region.account == *account);
        regions.map(|(RegionId(id), _)| self.until[id as usize]).max().filter(|until| until.0 > i32::MIN)
    }

    /// Every minute of an account before this one is evaluated in all Regions of which any is.
    pub fn nearest(&self, account: &AccountId) -> Option<Minute> {
        let regions = self.tally.all_regions().filter(|(_, region)| region.account == *account);
        regions.map(|(RegionId(id), _)| self.until[id as usize]).filter(|until| until.0 > i32::MIN).min()
    }

    /// The accounts that were heard of within 28 days.
    pub fn active_accounts(&self, now: Minute) -> BTreeSet<AccountId> {
        let heard = |last: Minute| last >= now - ACTIVE;
        let regions = self.tally.all_regions().filter(|(_, region)| region.span().is_some_and(|span| heard(span.1)));
        regions.map(|(_, region)| region.account.clone()).collect()
    }

    /// The account-Regions, for how long each was watched, and how far it is evaluated.
    pub fn regions(&self) -> impl Iterator<Item = (&AccountId, &Region, Minutes, Minute)> {
        self.tally.all_regions().map(|(id, region)| {
            let learned = self.engine.minutes_learned(&self.tally, id);
            (&region.account, &region.region, learned, self.until[id.0 as usize])
        })
    }

    /// What is asked for in each account on the newest of its days: of increases, and of decreases.
    pub fn asked(&self) -> impl Iterator<Item = (&AccountId, &[Asked; 2])> {
        self.engine.asked()
    }

    /// Goes on as far as it is settled, and tells what is new. `origin` says what a new insight is to us (the API writes, or
    /// does not), or that nobody looks for it; `also` may write along with what is told.
    pub fn advance(
        &mut self,
        store: &Store,
        settled: &Settled,
        now: Timestamp,
        origin: impl Fn(&Insight, bool) -> Option<Origin>,
        also: impl FnMut(&Writer<'_>, &Told) -> Result<(), StoreError>,
    ) -> Result<Vec<Told>, StoreError> {
        let mut went_on = Vec::new();
        for (RegionId(id), region) in self.tally.all_regions() {
            let until = settled.until(&region.account, &region.region);
            let first = region.span().map_or(Minute(i32::MAX), |span| span.0);
            if until > self.until[id as usize] && until > first {
                self.until[id as usize] = until;
                went_on.push(id);
            }
        }
        if went_on.is_empty() && !self.looks_again && self.grown.is_empty() {
            return Ok(Vec::new());
        }
        let until = &self.until;
        self.engine.advance_each(&self.tally, |RegionId(id)| until[id as usize]);
        let seen = if self.looks_again { 0 } else { self.seen };
        let closed = self.engine.closed();
        let early = self.engine.early(&self.tally, &self.grown, |region| self.newest(region, now));
        let begins = |found: &Found| ((found.series, found.episode.direction), found.episode.start);
        let again: FxHashMap<(SeriesId, Direction), Minute> = early.iter().map(begins).collect();
        let found: Vec<(Found, Standing)> = (closed[seen..].iter().cloned().map(|found| (found, Standing::Closed)))
            .chain(self.engine.open().map(|found| (found, Standing::Open)))
            .chain(early.into_iter().map(|found| (found, Standing::Early)))
            .collect();
        let seen = closed.len();
        let (told, known) = store.write(|w| {
            let mut telling = Telling::new(self, w, now);
            for (found, standing) in &found {
                let again = again.get(&(found.series, found.episode.direction)).copied();
                telling.tell(found, *standing, again, &origin)?;
            }
            if self.looks_again || telling.is_any_gone() {
                telling.end_those_that_are_gone()?;
            }
            for id in &went_on {
                let region = self.tally.region_tally(RegionId(*id));
                w.set_evaluated_until(&region.account, &region.region, self.until[*id as usize])?;
            }
            telling.done(also)
        })?;
        (self.told, self.seen, self.looks_again) = (known, seen, false);
        // What lies in the future, by our clock, is looked at when that has come.
        let ahead = Minute::of_seconds(now.as_second()).next();
        let tally = &self.tally;
        self.grown.retain(|id| tally.counted(*id).counts.span().is_some_and(|span| span.1 >= ahead));
        self.forget();
        Ok(told)
    }

    /// Gives up the counts that nothing asks for any more, once a day.
    fn forget(&mut self) {
        let Some(least) = self.until.iter().filter(|until| until.0 > i32::MIN).min() else { return };
        let before = (*least - IN_MEMORY).day_start();
        if before > self.forgotten {
            self.tally.forget_before(before);
            self.forgotten = before;
            self.remembered = self.remembered.max(before);
        }
    }

    /// How far the account-Region of a series is evaluated, if at all.
    fn evaluated_until(&self, subject: &Subject) -> Option<Minute> {
        let region = self.tally.find_region(&subject.account, &subject.region);
        region.map(|RegionId(id)| self.until[id as usize]).filter(|until| until.0 > i32::MIN)
    }

    /// Up to where calls of an account-Region were counted, none of the future.
    fn newest(&self, region: RegionId, now: Timestamp) -> Minute {
        let newest = self.tally.region_tally(region).span().map_or(Minute(i32::MIN), |span| span.1);
        newest.min(Minute::of_seconds(now.as_second())).next()
    }

    /// An insight that goes on, as if it ended now.
    pub fn end_now(&self, insight: &Insight, now: Timestamp) -> Insight {
        let mut insight = insight.clone();
        let evaluated = self.evaluated_until(&insight.subject);
        let end = evaluated.unwrap_or(Minute::of_seconds(now.as_second())).max(insight.start.next());
        insight.end = Some(end);
        insight.statistics.insight_minutes = end - insight.start;
        if let Some(series) = self.tally.find(&insight.subject) {
            let counts = self.tally.counted(series).counts.within(insight.start, end);
            insight.statistics.insight_calls = counts.iter().map(|pair| u64::from(pair.1)).sum();
        }
        insight
    }

    /// Tells the End of insights that nobody looks for any more. `also` writes along with it.
    pub fn end_early(
        &mut self,
        store: &Store,
        insights: &[(Insight, Origin)],
        now: Timestamp,
        also: impl FnMut(&Writer<'_>, &Told) -> Result<(), StoreError>,
    ) -> Result<Vec<Told>, StoreError> {
        let (told, known) = store.write(|w| {
            let mut telling = Telling::new(self, w, now);
            for (insight, origin) in insights {
                telling.tell_end(self.end_now(insight, now), *origin)?;
            }
            telling.done(also)
        })?;
        self.told = known;
        Ok(told)
    }
}

/// How many share a long way.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
