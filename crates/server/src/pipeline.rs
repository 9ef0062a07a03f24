//! The pipeline: what lies in trails' buckets is counted, what is unusual is told.
//!
//! ```text
//!  an object was put · whatever a listing shows that the ledger does not have
//!     └──► is it a log file that a logging trail reads? ──► ingest ──► evaluate ──► tell: Insight files, the bus
//! ```
//!
//! One thread walks it, one step after the other. A step can be repeated: what was counted before is left out, what was told
//! before is not told again. What lay in a bucket before anybody looked is history: it is counted, newest days first, and
//! evaluated once all of it is (see [`crate::work`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detect::engine::{Settings, SettingsBook};
use detect::said::Said;
use record::insight::{Insight, Subject};
use record::names::{AccountId, ErrorCode};
use record::time::Minute;
use store::insights::Origin;
use store::{List, StoreError};

use crate::deliver::Delivering;
use crate::evaluate::{Evaluator, Settled, Told};
use crate::ingest::{Batch, Ingested};
use crate::progress::{AccountCome, HeldUp, RegionCome};
use crate::sayings;
use crate::status::origin_word;
use crate::upkeep::KEPT;
use crate::watchers::{Sources, TrailSource, Watchers};
use log_object::LogObject;
use remembered::{AccountSettings, Heeded};
use unfetched::Unfetched;

mod count;
mod held_up;
mod log_object;
mod missed;
mod recall;
mod remembered;
mod tell;
mod unfetched;

pub(crate) use remembered::{heeded, settings_of};
pub(crate) use tell::{Audience, begin, end};

/// An object's bucket and key.
pub type ObjectName = (String, String);

/// The pipeline of a service.
#[derive(Debug)]
pub struct Pipeline {
    usual: Settings,
    evaluator: Evaluator,
    watchers: Arc<Watchers>,
    /// Batches that were written, for their room.
    spare: Vec<Batch>,
    /// Whose log files lie where. Nobody else writes it.
    sources: Arc<Sources>,
    newest_batch: u64,
    /// Where the trails read, when that was last asked.
    places: BTreeSet<ObjectName>,
    looks: missed::Looks,
    unfetched: Unfetched,
    recalled: recall::Recalled,
    held_up: held_up::Waiting,
    /// For each account, since which minute of its logs what is set now is looked for.
    settings_since: BTreeMap<AccountId, Minute>,
    /// Log files are read by one thread.
    reads_alone: bool,
}

/// What a step did.
#[derive(Debug, Default)]
pub struct Step {
    /// What became of the log files, batch by batch.
    pub batches: Vec<Ingested>,
    /// What was told.
    pub told: Vec<Told>,
}

impl Pipeline {
    /// As far as the service was before.
    pub fn open(cx: &Delivering<'_>, usual: Settings) -> Result<Pipeline, StoreError> {
        let from = Minute::of_seconds(cx.now.as_second()) - KEPT;
        let (newest_batch, known, said, sources) = cx.store.read(|r| {
            let known = r.list::<AccountSettings>(&List::default())?;
            let said = Arc::new(heeded(r, &cx.place.account)?);
            Ok((r.newest_batch()?, known, said, Arc::new(Sources::read(r)?)))
        })?;
        let mut book = SettingsBook { said, ..SettingsBook::from(usual) };
        let mut settings_since = BTreeMap::new();
        for stored in known {
            settings_since.extend(stored.value.since.map(|since| (stored.key.account.clone(), since)));
            book.accounts.insert(stored.key.account, stored.value.settings());
        }
        let evaluator = Evaluator::load(cx.store, book, from)?;
        let mut pipeline = Pipeline {
            usual,
            evaluator,
            watchers: Arc::default(),
            spare: Vec::new(),
            sources,
            newest_batch,
            places: BTreeSet::new(),
            looks: missed::Looks::default(),
            unfetched: Unfetched::default(),
            recalled: recall::Recalled::default(),
            held_up: held_up::Waiting::default(),
            settings_since,
            reads_alone: false,
        };
        pipeline.look_around(cx)?;
        Ok(pipeline)
    }

    /// For simulations: log files are read by one thread, so that the same is done in the same order each time.
    #[doc(hidden)]
    pub fn read_alone(&mut self) {
        self.reads_alone = true;
    }

    /// Counts these objects, as far as they are log files of trails, and goes on to the minutes that are settled now.
    pub fn step(&mut self, cx: &Delivering<'_>, objects: &[ObjectName]) -> Result<Step, StoreError> {
        let batches = self.count(cx, objects)?;
        let told = self.evaluate(cx)?;
        Ok(Step { batches, told })
    }

    /// Goes on to the minutes that are settled now, and tells what is new.
    pub fn evaluate(&mut self, cx: &Delivering<'_>) -> Result<Vec<Told>, StoreError> {
        self.look_around(cx)?;
        let delivered = cx.store.read(|r| r.newest_delivered())?;
        let settled = Settled::new(&delivered, Minute::of_seconds(cx.now.as_second()));
        let settled = self.unfetched.hold(settled, cx.now);
        let Pipeline { evaluator, watchers, settings_since, .. } = self;
        let since = |account: &AccountId| settings_since.get(account).copied().unwrap_or(Minute(i32::MIN));
        let origin = |insight: &Insight, writes: bool| -> Option<Origin> {
            watchers.origin(insight, writes, since(&insight.subject.account))
        };
        let told =
            evaluator.advance(cx.store, &settled, cx.now, origin, |w, told| tell::tell(w, cx, watchers, told))?;
        log(cx, &told);
        Ok(told)
    }

    /// Whether trails read other places than before: what lies there is to be listed.
    pub fn reads_elsewhere(&mut self, cx: &Delivering<'_>) -> Result<bool, StoreError> {
        self.look_around(cx)?;
        let places = self.watchers.places();
        let is_other = self.places != places;
        self.places = places;
        Ok(is_other)
    }

    /// Whether calls came for minutes that were evaluated before: [`Pipeline::catch_up`] takes them in.
    pub fn is_behind(&self) -> bool {
        self.evaluator.is_behind()
    }

    /// Takes in what came late. What was told stays told.
    pub fn catch_up(&mut self, cx: &Delivering<'_>) -> Result<(), StoreError> {
        self.evaluator.catch_up(cx.store, Minute::of_seconds(cx.now.as_second()) - KEPT)
    }

    /// Keeps what was learned since yesterday, a part at a time. Says whether that is done.
    pub fn keep_learned(&mut self, cx: &Delivering<'_>) -> Result<bool, StoreError> {
        self.evaluator.keep_learned(cx.store)
    }

    /// How far each account-Region has come.
    pub fn regions(&self) -> Vec<RegionCome> {
        let regions = self.evaluator.regions();
        regions.map(|(account, region, learned, until)| RegionCome::new(account, region, learned, until)).collect()
    }

    /// Log files that wait for those of another bucket.
    pub fn held_up(&self) -> Vec<HeldUp> {
        self.held_up.told()
    }

    /// What makes an insight in each account.
    pub fn accounts(&self) -> Vec<AccountCome> {
        self.evaluator.asked().map(|(account, asked)| AccountCome::new(account, asked)).collect()
    }

    /// Takes in what was changed of the trails: whoever no longer wants insights is told that they end, and what is looked
    /// for from now on is looked for.
    fn look_around(&mut self, cx: &Delivering<'_>) -> Result<(), StoreError> {
        let active = self.evaluator.active_accounts(Minute::of_seconds(cx.now.as_second()));
        let (watchers, said) = cx.store.read(|r| {
            let watchers = Watchers::knowing(Arc::clone(&self.sources), r, cx.place, active)?;
            Ok((watchers, sayings::all(r, &cx.place.account)?))
        })?;
        if watchers == *self.watchers {
            if said == *self.evaluator.settings().said {
                return Ok(());
            }
            let book = self.evaluator.settings().clone();
            return self.set(cx, book, said);
        }
        for (trail, error) in watchers.tags_faults(&self.watchers) {
            tracing::warn!(trail = trail.arn, error, "the trail's tags say nothing that is understood");
        }
        let alone = cx
            .store
            .write(|w| tell::left_alone(w, cx, &watchers, |insight| self.evaluator.end_now(insight, cx.now)))?;
        if !alone.is_empty() {
            let told =
                self.evaluator.end_early(cx.store, &alone, cx.now, |w, told| end(w, cx, &told.insight, told.origin))?;
            log(cx, &told);
        }
        let book = watchers.settings(self.usual);
        self.watchers = Arc::new(watchers);
        self.evaluator.look_again();
        self.set(cx, book, said)
    }

    /// What is looked for is set anew, and what was said is heeded; an account that was judged by something else is judged again.
    fn set(&mut self, cx: &Delivering<'_>, book: SettingsBook, said: Said) -> Result<(), StoreError> {
        let before = self.evaluator.settings();
        // Of accounts that no trail looks at any more, what was learned stays.
        let set = book.accounts.iter().filter(|(account, set)| before.accounts.get(*account) != Some(*set));
        let mut changed: BTreeMap<AccountId, Settings> = set.map(|(account, set)| (account.clone(), *set)).collect();
        let is_said_anew = said != *before.said;
        let mut all = before.clone();
        let mut judged_otherwise = BTreeSet::new();
        if is_said_anew {
            all.said = Arc::new(said);
            // Of an account that no trail looked at nothing is told, so that there is no moment since when.
            let accounts = before.accounts.iter().filter(|(account, _)| !self.evaluator.is_judged_alike(&all, account));
            for (account, set) in accounts {
                judged_otherwise.insert(account.clone());
                changed.entry(account.clone()).or_insert(*set);
            }
        }
        if changed.is_empty() && !is_said_anew {
            return Ok(());
        }
        let mut kept = Vec::new();
        for (account, set) in changed {
            let since = if *before.of(&account) != set {
                self.evaluator.furthest(&account)
            } else {
                // Whatever was said: an alarm of a Region that lags is none of the past.
                self.evaluator.nearest(&account).filter(|_| judged_otherwise.contains(&account))
            };
            let since = since.or(self.settings_since.get(&account).copied());
            let Settings { false_alarms_per_month, reads, data_events } = set;
            let settings = AccountSettings { false_alarms_per_month, reads, data_events, since };
            kept.push((AccountSettings::key(&account), settings));
            all.accounts.insert(account, set);
        }
        cx.store.write(|w| {
            if is_said_anew {
                w.put(&Heeded::key(&cx.place.account), &Heeded { said: (*all.said).clone() }, cx.now)?;
            }
            kept.iter().try_for_each(|(key, kept)| w.put(key, kept, cx.now).map(drop))
        })?;
        let since = kept.into_iter().filter_map(|(key, kept)| Some((key.account, kept.since?)));
        self.settings_since.extend(since);
        self.evaluator.set(all);
        if self.evaluator.is_behind() { self.catch_up(cx) } else { Ok(()) }
    }

    /// Of these account-Regions log files lie there: trails have to do with them from now on.
    fn take_in(
        &mut self,
        cx: &Delivering<'_>,
        sources: impl IntoIterator<Item = TrailSource>,
    ) -> Result<(), StoreError> {
        let all = Arc::make_mut(&mut self.sources);
        sources.into_iter().for_each(|source| all.add(source));
        self.look_around(cx)
    }
}

fn log(cx: &Delivering<'_>, told: &[Told]) {
    cx.metrics.told(told);
    for Told { insight, state, origin, held_by, .. } in told {
        let Subject { account, region, source, name, error, .. } = &insight.subject;
        let (insight_type, error_code) =
            (insight.subject.insight_type().as_str(), error.as_ref().map(ErrorCode::as_str));
        let (source, name, state) = (source.as_str(), name.as_str(), state.as_str());
        let (direction, origin) = (insight.direction.as_str(), origin_word(*origin));
        tracing::info!(
            %account,
            %region,
            source,
            name,
            insight_type,
            error_code,
            state,
            direction,
            start = %insight.start,
            origin,
            held_by,
            "an insight"
        );
    }
}
