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

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;

use detect::attribution::{Contributions, ValueCounts};
use detect::budget::Asked;
use detect::engine::{Engine, Found, SettingsBook};
use detect::episode::Episode;
use detect::findings::{baseline_of, insight};
use detect::identities::Identities;
use detect::tally::{Counted, RegionId, SeriesId, Tally};
use jiff::Timestamp;
use record::insight::{Direction, Insight, Statistics, Subject};
use record::insight_record::{State, event_id};
use record::names::{AccountId, Region};
use record::time::{DAY, Minute, Minutes};
use rustc_hash::{FxHashMap, FxHashSet};
use store::attribution_counts::STRETCH;
use store::insights::{Origin, StoredInsight};
use store::{Reader, Store, StoreError, Writer};

/// A Region whose log files come is settled so long before the newest was delivered.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html>
pub const GRACE: Minutes = Minutes(15);
/// A Region of which nothing comes is settled so long ago.
pub const SILENT_GRACE: Minutes = Minutes(30);
/// A call within so long after an End continues the insight: until then nobody is told of it.
const MERGE: Minutes = Minutes(60);
/// Nothing at all comes of an account-Region for so long after an increase: that is over.
const QUIET: Minutes = Minutes(120);
/// An insight that was told and is not found again, because counts or settings were corrected, is taken for one that began
/// within so long of it.
const SAME: Minutes = Minutes(720);
/// Counts are kept in memory for so long: for an insight's baseline, and three days that it may last.
const IN_MEMORY: Minutes = Minutes(16 * DAY.0);
/// An account is active that was heard of so lately.
const ACTIVE: Minutes = Minutes(28 * DAY.0);

/// Up to which minute everything is counted, in each account-Region.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    delivered: BTreeMap<(AccountId, Region), Minute>,
    now: Minute,
}

impl Settled {
    /// By the newest delivered log file of each, and by the clock where nothing comes. A file that says that it was delivered
    /// later than now is not believed.
    pub fn new(delivered: &[(AccountId, Region, Minute)], now: Minute) -> Settled {
        let delivered = delivered.iter().map(|(account, region, at)| ((account.clone(), region.clone()), *at));
        Settled { delivered: delivered.collect(), now }
    }

    /// The first minute that is not settled.
    pub fn until(&self, account: &AccountId, region: &Region) -> Minute {
        let silent = self.now - SILENT_GRACE;
        let newest = self.delivered.get(&(account.clone(), region.clone()));
        newest.map_or(silent, |newest| (*newest.min(&self.now) - GRACE).max(silent))
    }
}

mod learned;

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

/// What was told of a series and direction: each insight's Start, and its End if that was told.
type ToldBefore = FxHashMap<(SeriesId, Direction), Vec<(Minute, Option<Minute>)>>;

/// How sure an episode is.
#[derive(Clone, Copy, PartialEq)]
enum Standing {
    /// Of minutes that are not settled.
    Early,
    /// It goes on, or ended so lately that it may go on.
    Open,
    Closed,
}

/// What an episode is, beside what was told.
enum Known {
    New,
    /// Its Start was told, as this minute.
    Begun(Minute),
    Over,
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
        for StoredInsight { insight, origin, .. } in insights {
            if origin != Origin::Test
                && let Some(series) = tally.find(&insight.subject)
            {
                told.entry((series, insight.direction)).or_default().push((insight.start, insight.end));
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
        mut also: impl FnMut(&Writer<'_>, &Told) -> Result<(), StoreError>,
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
            let mut known = self.told.clone();
            let mut told = Vec::new();
            let mut begun = BTreeSet::new();
            for (found, standing) in &found {
                let again = again.get(&(found.series, found.episode.direction)).copied();
                self.tell(w, found, *standing, again, now, &origin, &mut known, &mut told, &mut begun)?;
            }
            if self.looks_again || self.is_any_gone(&begun, &known) {
                self.end_those_that_are_gone(w, now, &begun, &mut known, &mut told)?;
            }
            for id in &went_on {
                let region = self.tally.region_tally(RegionId(*id));
                w.set_evaluated_until(&region.account, &region.region, self.until[*id as usize])?;
            }
            told.iter().try_for_each(|told| also(w, told))?;
            Ok((told, known))
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

    #[expect(clippy::too_many_arguments, reason = "one step of the loop above")]
    fn tell(
        &self,
        w: &Writer<'_>,
        found: &Found,
        standing: Standing,
        again: Option<Minute>,
        now: Timestamp,
        origin: &impl Fn(&Insight, bool) -> Option<Origin>,
        known: &mut ToldBefore,
        told: &mut Vec<Told>,
        begun: &mut BTreeSet<(Subject, Direction, Minute)>,
    ) -> Result<(), StoreError> {
        let key = (found.series, found.episode.direction);
        let before = known_of(known.get(&key).map_or(&[], Vec::as_slice), found);
        let counted = self.tally.counted(found.series);
        let end = self.end_of(found, standing, again);
        let start = match before {
            Known::Over => return Ok(()),
            Known::Begun(start) => {
                begun.insert((counted.subject.clone(), key.1, start));
                start
            }
            Known::New => found.episode.start,
        };
        let states: &[State] = match (&before, end.is_some()) {
            (Known::Begun(_), false) => return Ok(()),
            (Known::Begun(_), true) => &[State::End],
            (_, false) => &[State::Start],
            (_, true) => &[State::Start, State::End],
        };
        let mut found = found.clone();
        found.episode.start = start;
        found.episode.end = end.or(found.episode.end);
        let settings = self.engine.settings().of(&counted.subject.account);
        let until = match standing {
            Standing::Early => self.newest(counted.region, now),
            _ => self.until[counted.region.0 as usize],
        };
        let mut insight = if baseline_of(start).0 < self.remembered {
            let tally = learned::counts_around(w, &counted.subject, start, found.episode.end.unwrap_or(until))?;
            found.series = tally.find(&counted.subject).unwrap_or(found.series);
            insight(&found, &tally, settings, until)
        } else {
            insight(&found, &self.tally, settings, until)
        };
        let writes = self.writes(&insight.subject);
        insight.end = end;
        // What it was at first it stays, and what was told, or held back.
        let stored = match before {
            Known::Begun(_) => w.insight(&record::insight_record::shared_event_id(&insight))?,
            _ => None,
        };
        let origin = match before {
            Known::Begun(_) => stored.as_ref().map_or(Origin::Live, |stored| stored.origin),
            _ => match origin(&insight, writes) {
                Some(origin) => origin,
                None => return Ok(()),
            },
        };
        let who = attribute(w, &mut insight, until)?;
        let id = w.put_insight(&insight, origin, now)?;
        let (held_by, is_event) = match before {
            Known::New => {
                let is_expected = found.episode.is_expected;
                let length = length(&insight, until);
                let is_doing_of = |by: &Identities| who.is_doing_of(by, insight.direction, length);
                let said = &self.engine.settings().said;
                let held_by = said.holds_back(&insight, is_expected, is_doing_of).map(str::to_owned);
                if let Some(by) = &held_by {
                    w.hold_insight(&id, by)?;
                }
                // What was expected is no Insight event; what is muted is one that nobody is told of.
                let is_event = held_by.is_none() || !is_expected;
                (held_by, is_event)
            }
            _ => {
                let held_by = stored.and_then(|stored| stored.held_by);
                let is_event = has_start(w, &insight, held_by.as_deref())?;
                (held_by, is_event)
            }
        };
        for &state in states {
            if is_event {
                w.cut_insight_event(&insight, state, now)?;
            }
            told.push(Told { insight: insight.clone(), state, origin, writes, held_by: held_by.clone() });
        }
        let of_series = known.entry(key).or_default();
        of_series.retain(|(other, _)| *other != start);
        of_series.push((start, insight.end));
        begun.insert((insight.subject, key.1, start));
        Ok(())
    }

    /// When an episode ended, if that can be told: it stays over if its series is called again. `again`: where it is, as another
    /// episode, in minutes that are not settled.
    fn end_of(&self, found: &Found, standing: Standing, again: Option<Minute>) -> Option<Minute> {
        let Episode { direction, end, .. } = found.episode;
        let region = self.tally.counted(found.series).region;
        let judged = self.engine.judged_until(&self.tally, region).unwrap_or(Minute(i32::MIN));
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
    fn is_any_gone(&self, begun: &BTreeSet<(Subject, Direction, Minute)>, known: &ToldBefore) -> bool {
        known.iter().any(|(&(series, direction), told)| {
            let subject = &self.tally.counted(series).subject;
            let is_found = |start| begun.contains(&(subject.clone(), direction, start));
            told.iter().any(|&(start, end)| end.is_none() && !is_found(start))
        })
    }

    /// What was told to begin is told to end, even if it is not found any more: counts or settings were corrected, or what
    /// was told early is usual now that all is counted.
    fn end_those_that_are_gone(
        &self,
        w: &Writer<'_>,
        now: Timestamp,
        begun: &BTreeSet<(Subject, Direction, Minute)>,
        known: &mut ToldBefore,
        told: &mut Vec<Told>,
    ) -> Result<(), StoreError> {
        for StoredInsight { insight, origin, changed_at, .. } in w.open_insights()? {
            let id = (insight.subject.clone(), insight.direction, insight.start);
            // Told early, it is not missed before the minutes that it was told of are settled.
            let told_of = Minute::of_seconds(changed_at.as_second());
            let region = self.tally.find_region(&insight.subject.account, &insight.subject.region);
            let is_settled = region.is_none_or(|id| self.looked_until(id) > told_of);
            if origin != Origin::Test && is_settled && !begun.contains(&id) {
                let end = self.end_now(&insight, now);
                self.tell_end(w, end, origin, now, known, told)?;
            }
        }
        Ok(())
    }

    /// How far the engine has gone in an account-Region: at midnight it may wait for another one.
    fn looked_until(&self, region: RegionId) -> Minute {
        self.engine.looked_until(&self.tally, region).unwrap_or(Minute(i32::MIN))
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
        mut also: impl FnMut(&Writer<'_>, &Told) -> Result<(), StoreError>,
    ) -> Result<Vec<Told>, StoreError> {
        let (told, known) = store.write(|w| {
            let (mut known, mut told) = (self.told.clone(), Vec::new());
            for (insight, origin) in insights {
                self.tell_end(w, self.end_now(insight, now), *origin, now, &mut known, &mut told)?;
            }
            told.iter().try_for_each(|told| also(w, told))?;
            Ok((told, known))
        })?;
        self.told = known;
        Ok(told)
    }

    fn tell_end(
        &self,
        w: &Writer<'_>,
        mut insight: Insight,
        origin: Origin,
        now: Timestamp,
        known: &mut ToldBefore,
        told: &mut Vec<Told>,
    ) -> Result<(), StoreError> {
        let end = insight.end.unwrap_or(insight.start.next());
        attribute(w, &mut insight, end)?;
        let id = w.put_insight(&insight, origin, now)?;
        let held_by = w.insight(&id)?.and_then(|stored| stored.held_by);
        if has_start(w, &insight, held_by.as_deref())? {
            w.cut_insight_event(&insight, State::End, now)?;
        }
        if let Some(series) = self.tally.find(&insight.subject) {
            let of_series = known.entry((series, insight.direction)).or_default();
            of_series.retain(|(start, _)| *start != insight.start);
            of_series.push((insight.start, insight.end));
        }
        let writes = self.writes(&insight.subject);
        told.push(Told { insight, state: State::End, origin, writes, held_by });
        Ok(())
    }

    /// Whether calls of an API change something; of an error's series, those of its API.
    fn writes(&self, subject: &Subject) -> bool {
        let api = self.tally.find(&Subject { error: None, ..subject.clone() });
        api.is_some_and(|api| self.tally.counted(api).writes)
    }
}

/// Whether there is a Start of it as an Insight event: of what was expected there is none.
fn has_start(r: &Reader<'_>, insight: &Insight, held_by: Option<&str>) -> Result<bool, StoreError> {
    Ok(held_by.is_none() || r.insight_event(&event_id(insight, State::Start))?.is_some())
}

/// How many share a long way.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// What an episode is, beside what was told of its series. After counts or settings were corrected it may begin at another
/// minute than it was told to.
fn known_of(told: &[(Minute, Option<Minute>)], found: &Found) -> Known {
    let (start, end) = (found.episode.start, found.episode.end.unwrap_or(Minute(i32::MAX)));
    if let Some((_, ended)) = told.iter().find(|told| told.0 == start) {
        return if ended.is_some() { Known::Over } else { Known::Begun(start) };
    }
    for &(told_start, told_end) in told {
        match told_end {
            Some(told_end) if start < told_end && told_start < end => return Known::Over,
            None if told_start < end && start < told_start + SAME => return Known::Begun(told_start),
            _ => {}
        }
    }
    Known::New
}

/// Says who was behind an insight, and tells all of it.
pub(crate) fn attribute(r: &Reader<'_>, insight: &mut Insight, until: Minute) -> Result<Contributions, StoreError> {
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
    Ok(contributions)
}

/// How long the stretches are in which an insight's callers are counted, in lengths of its baseline. `until`: the minute up to
/// which all is counted, which may be in the midst of the last.
fn length(insight: &Insight, until: Minute) -> f64 {
    let (baseline, start) = baseline_of(insight.start);
    let end = insight.end.unwrap_or(until).max(start);
    let first = start.0.div_euclid(STRETCH.0) * STRETCH.0;
    let last = ((end.0 - 1).div_euclid(STRETCH.0) + 1) * STRETCH.0;
    f64::from(last.min(until.max(end).0) - first) / f64::from((start - baseline).0)
}
