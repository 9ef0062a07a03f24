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

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detect::engine::{Settings, SettingsBook};
use jiff::Timestamp;
use record::insight::{Insight, Subject};
use record::log_key::{LogKey, LogKind};
use record::names::AccountId;
use record::time::{DAY, Minute};
use serde::{Deserialize, Serialize};
use store::insights::Origin;
use store::log_files::LogFile;
use store::{Key, List, Resource, StoreError};

use crate::bus::BusName;
use crate::cloudtrail::{Trail, TrailStatus};
use crate::deliver::Delivering;
use crate::evaluate::{Evaluator, Settled, Told};
use crate::ingest::{Fetched, Ingested, Listening, ingest};
use crate::metrics::seconds;
use crate::progress::{AccountCome, RegionCome};
use crate::status::origin_word;
use crate::upkeep::KEPT;
use crate::watchers::{Sources, TrailSource, Watcher, Watchers};
use crate::world::BucketError;

mod tell;

pub(crate) use tell::{Audience, begin, end};

/// Bytes of log files that are counted in one transaction.
const BATCH_BYTES: u64 = 16 << 20;
/// Keys that are listed at once.
const PAGE: usize = 1_000;

/// An object's bucket and key.
pub type ObjectName = (String, String);

/// The pipeline of a service.
#[derive(Debug)]
pub struct Pipeline {
    usual: Settings,
    evaluator: Evaluator,
    watchers: Watchers,
    /// Whose log files lie where. Nobody else writes it.
    sources: Arc<Sources>,
    newest_batch: u64,
    /// Where the trails read, when that was last asked.
    places: BTreeSet<ObjectName>,
    too_old: u64,
    /// Where log files lie that are too old, and the log has said so.
    told_too_old: BTreeSet<ObjectName>,
    /// For each account, since which minute of its logs what is set now is looked for.
    settings_since: BTreeMap<AccountId, Minute>,
}

/// What a step did.
#[derive(Debug, Default)]
pub struct Step {
    /// What became of the log files, batch by batch.
    pub batches: Vec<Ingested>,
    /// What was told.
    pub told: Vec<Told>,
}

/// What is looked for in an account, as it was last time; and since which minute of its logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct AccountSettings {
    false_alarms_per_month: f64,
    reads: bool,
    data_events: bool,
    since: Option<Minute>,
}

impl Resource for AccountSettings {
    const KIND: &'static str = "account-settings";
}

impl AccountSettings {
    fn key(account: &AccountId) -> Key {
        Key::global(account, "settings")
    }

    fn settings(&self) -> Settings {
        let AccountSettings { false_alarms_per_month, reads, data_events, .. } = *self;
        Settings { false_alarms_per_month, reads, data_events }
    }
}

impl Pipeline {
    /// As far as the service was before.
    pub fn open(cx: &Delivering<'_>, usual: Settings) -> Result<Pipeline, StoreError> {
        let from = Minute::of_seconds(cx.now.as_second()) - KEPT;
        let (newest_batch, known, sources) = cx.store.read(|r| {
            let known = r.list::<AccountSettings>(&List::default())?;
            Ok((r.newest_batch()?, known, Arc::new(Sources::read(r)?)))
        })?;
        let mut book = SettingsBook::from(usual);
        let mut settings_since = BTreeMap::new();
        for stored in known {
            settings_since.extend(stored.value.since.map(|since| (stored.key.account.clone(), since)));
            book.accounts.insert(stored.key.account, stored.value.settings());
        }
        let evaluator = Evaluator::load(cx.store, book, from)?;
        let mut pipeline = Pipeline {
            usual,
            evaluator,
            watchers: Watchers::default(),
            sources,
            newest_batch,
            places: BTreeSet::new(),
            too_old: 0,
            told_too_old: BTreeSet::new(),
            settings_since,
        };
        pipeline.look_around(cx)?;
        Ok(pipeline)
    }

    /// Counts these objects, as far as they are log files of trails, and goes on to the minutes that are settled now.
    pub fn step(&mut self, cx: &Delivering<'_>, objects: &[ObjectName]) -> Result<Step, StoreError> {
        let batches = self.count(cx, objects)?;
        let told = self.evaluate(cx)?;
        Ok(Step { batches, told })
    }

    /// Counts these objects, as far as they are log files of trails.
    pub fn count(&mut self, cx: &Delivering<'_>, objects: &[ObjectName]) -> Result<Vec<Ingested>, StoreError> {
        self.look_around(cx)?;
        let oldest = Minute::of_seconds(cx.now.as_second()) - KEPT;
        let mut batches = Vec::new();
        let mut batch = Vec::new();
        let mut bytes = 0;
        for (bucket, key) in objects {
            let (file, source) = match LogObject::of(&self.watchers, bucket, key, oldest) {
                Some(LogObject::File(file, source)) => (file, source),
                Some(LogObject::TooOld(source)) => {
                    self.leave_out((source.bucket, source.start), 1);
                    continue;
                }
                None => continue,
            };
            // Told of by its put and by a listing, it is fetched once.
            if cx.store.read(|r| r.were_counted(bucket, &[key]))?.contains(&true) {
                continue;
            }
            match cx.world.buckets.get(bucket, key) {
                Ok(content) => {
                    bytes += content.len() as u64;
                    let file = LogFile { size: content.len() as u64, ..file };
                    batch.push((Fetched { file, bytes: content }, source));
                }
                // Gone again.
                Err(BucketError::NoBucket(_) | BucketError::NoObject(_)) => {}
                Err(error) => {
                    cx.metrics.unreachable();
                    tracing::warn!(bucket, key, %error, "a log file cannot be fetched; the next listing finds it");
                }
            }
            if bytes >= BATCH_BYTES {
                batches.push(self.count_batch(cx, std::mem::take(&mut batch))?);
                bytes = 0;
            }
        }
        if !batch.is_empty() {
            batches.push(self.count_batch(cx, batch)?);
        }
        Ok(batches)
    }

    /// What lies in the trails' buckets and was not counted or set aside, that of the newest days first: after a start, and
    /// from time to time.
    pub fn missed(&mut self, cx: &Delivering<'_>) -> Result<Vec<ObjectName>, StoreError> {
        self.look_around(cx)?;
        let oldest = Minute::of_seconds(cx.now.as_second()) - KEPT;
        let (mut missed, mut too_old) = (BTreeSet::new(), Vec::new());
        for (bucket, start) in self.watchers.places() {
            let (mut after, mut old_here) = (String::new(), 0);
            loop {
                let page = match cx.world.buckets.list(bucket, &start, &after, PAGE) {
                    Ok(page) => page,
                    Err(error) => {
                        cx.metrics.unlisted();
                        tracing::warn!(bucket, %error, "a trail's bucket cannot be listed");
                        break;
                    }
                };
                let Some((last, _)) = page.last() else { break };
                after.clone_from(last);
                let objects = page.iter().filter_map(|(key, _)| LogObject::of(&self.watchers, bucket, key, oldest));
                cx.store.read(|r| {
                    for object in objects {
                        match object {
                            LogObject::File(file, _) if r.log_file(bucket, &file.key)?.is_none() => {
                                let day = file.delivered.unwrap_or_default().day_start();
                                missed.insert((Reverse(day), file.delivered, file.key, bucket));
                            }
                            LogObject::File(..) => {}
                            // Where starts lie in one another, a file comes more than once.
                            LogObject::TooOld(source) if source.start == start => old_here += 1,
                            LogObject::TooOld(_) => {}
                        }
                    }
                    Ok(())
                })?;
            }
            too_old.push(((bucket.to_owned(), start), old_here));
        }
        let missed = missed.into_iter().map(|(_, _, key, bucket)| (bucket.to_owned(), key)).collect();
        self.too_old = 0;
        too_old.into_iter().for_each(|(place, files)| self.leave_out(place, files));
        Ok(missed)
    }

    /// Log files that are not read because they were delivered too long ago: those that lay in the trails' buckets when these
    /// were last listed, and those that were put since.
    pub fn too_old(&self) -> u64 {
        self.too_old
    }

    /// So many log files there were delivered too long ago. The log says once of each place that there are such.
    fn leave_out(&mut self, place: ObjectName, files: u64) {
        self.too_old += files;
        if files > 0 && !self.told_too_old.contains(&place) {
            let ((bucket, start), days) = (&place, KEPT.0 / DAY.0);
            tracing::info!(
                bucket,
                start,
                "log files that were delivered more than {days} days ago are not read; `trailsight status` counts them"
            );
            self.told_too_old.insert(place);
        }
    }

    /// Goes on to the minutes that are settled now, and tells what is new.
    pub fn evaluate(&mut self, cx: &Delivering<'_>) -> Result<Vec<Told>, StoreError> {
        self.look_around(cx)?;
        let delivered = cx.store.read(|r| r.newest_delivered())?;
        let settled = Settled::new(&delivered, Minute::of_seconds(cx.now.as_second()));
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
        let places = self.watchers.places().into_iter().map(|(bucket, start)| (bucket.to_owned(), start)).collect();
        let is_other = self.places != places;
        self.places = places;
        Ok(is_other)
    }

    /// Whether calls came for minutes that were evaluated before: [`Pipeline::catch_up`] takes them in.
    pub fn is_behind(&self) -> bool {
        self.evaluator.is_behind()
    }

    /// Learns again from all counts, as after a start. What was told stays told.
    pub fn catch_up(&mut self, cx: &Delivering<'_>) -> Result<(), StoreError> {
        let from = Minute::of_seconds(cx.now.as_second()) - KEPT;
        self.evaluator = Evaluator::load(cx.store, self.evaluator.settings().clone(), from)?;
        Ok(())
    }

    /// How far each account-Region has come.
    pub fn regions(&self) -> Vec<RegionCome> {
        let regions = self.evaluator.regions();
        regions.map(|(account, region, learned, until)| RegionCome::new(account, region, learned, until)).collect()
    }

    /// What makes an insight in each account.
    pub fn accounts(&self) -> Vec<AccountCome> {
        self.evaluator.asked().map(|(account, asked)| AccountCome::new(account, asked)).collect()
    }

    /// Takes in what was changed of the trails: whoever no longer wants insights is told that they end, and what is looked
    /// for from now on is looked for.
    fn look_around(&mut self, cx: &Delivering<'_>) -> Result<(), StoreError> {
        let active = self.evaluator.active_accounts(Minute::of_seconds(cx.now.as_second()));
        let watchers = cx.store.read(|r| Watchers::knowing(Arc::clone(&self.sources), r, cx.place, active))?;
        if watchers == self.watchers {
            return Ok(());
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
        self.watchers = watchers;
        self.evaluator.look_again();
        self.set(cx, book)
    }

    /// What is looked for is set anew; where it differs from what an account was judged by, all counts are learned from again.
    fn set(&mut self, cx: &Delivering<'_>, book: SettingsBook) -> Result<(), StoreError> {
        let before = self.evaluator.settings();
        // Of accounts that no trail looks at any more, what was learned stays.
        let changed: Vec<(AccountId, Settings)> = book
            .accounts
            .iter()
            .filter(|(account, set)| before.accounts.get(*account) != Some(*set))
            .map(|(account, set)| (account.clone(), *set))
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        let mut all = before.clone();
        let (mut kept, mut learns_again) = (Vec::new(), false);
        for (account, set) in changed {
            let is_other = *before.of(&account) != set;
            let since = self.evaluator.furthest(&account).filter(|_| is_other);
            let since = since.or(self.settings_since.get(&account).copied());
            let Settings { false_alarms_per_month, reads, data_events } = set;
            let settings = AccountSettings { false_alarms_per_month, reads, data_events, since };
            kept.push((AccountSettings::key(&account), settings));
            learns_again |= is_other && self.evaluator.has_begun(&account);
            all.accounts.insert(account, set);
        }
        cx.store.write(|w| kept.iter().try_for_each(|(key, kept)| w.put(key, kept, cx.now).map(drop)))?;
        let since = kept.into_iter().filter_map(|(key, kept)| Some((key.account, kept.since?)));
        self.settings_since.extend(since);
        if learns_again {
            let from = Minute::of_seconds(cx.now.as_second()) - KEPT;
            self.evaluator = Evaluator::load(cx.store, all, from)?;
        } else {
            self.evaluator.set(all);
        }
        Ok(())
    }

    fn count_batch(&mut self, cx: &Delivering<'_>, batch: Vec<(Fetched, TrailSource)>) -> Result<Ingested, StoreError> {
        let (files, sources): (Vec<Fetched>, Vec<TrailSource>) = batch.into_iter().unzip();
        let new: BTreeSet<&TrailSource> = sources.iter().filter(|source| !self.sources.has(source)).collect();
        if !new.is_empty() {
            cx.store.write(|w| new.iter().try_for_each(|source| w.put(&source.key(), *source, cx.now).map(drop)))?;
            self.take_in(cx, new.into_iter().cloned())?;
        }
        let name = BusName::of_services(cx.place);
        let bus = match cx.rules.known(&name) {
            Some(bus) => bus,
            None => cx.store.write(|w| cx.rules.bus(w, &name))?,
        };
        let listening = Listening { bus: &bus, watchers: &self.watchers, sources: &sources };
        let began = cx.world.clock.now();
        let mut ingested = ingest(cx.store, self.newest_batch + 1, &files, Some(listening), cx.now)?;
        self.newest_batch += 1;
        let bytes = files.iter().map(|fetched| fetched.bytes.len() as u64).sum();
        cx.metrics.counted(&ingested, bytes, seconds(began, cx.world.clock.now()));
        // What is looked for in an account is set before it begins.
        let learned = std::mem::take(&mut ingested.learned);
        if !learned.is_empty() {
            self.take_in(cx, learned)?;
        }
        self.evaluator.add(&ingested.tally);
        self.note_delivered(cx, &files)?;
        let Ingested { files, counted, duplicates, rejected, refused_files, .. } = &ingested;
        tracing::info!(
            batch = self.newest_batch,
            bytes,
            files,
            counted,
            duplicates,
            rejected,
            refused_files,
            "counted log files"
        );
        Ok(ingested)
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

    /// Notes in the status of each trail when the newest log file came that it reads.
    fn note_delivered(&self, cx: &Delivering<'_>, files: &[Fetched]) -> Result<(), StoreError> {
        let mut newest: BTreeMap<&str, (&Trail, Timestamp)> = BTreeMap::new();
        for Fetched { file, .. } in files {
            let Some((_, region)) = &file.account_region else { continue };
            let Some(at) = file.delivered.and_then(|at| Timestamp::from_second(at.seconds()).ok()) else { continue };
            for Watcher { trail, .. } in self.watchers.reading(&file.bucket, &file.key, region) {
                let of_trail = newest.entry(&trail.arn).or_insert((trail, at));
                of_trail.1 = of_trail.1.max(at);
            }
        }
        cx.store.write(|w| {
            newest.values().try_for_each(|(trail, at)| {
                TrailStatus::change(w, trail, cx.now, |status| status.delivery.succeed((*at).min(cx.now)))
            })
        })
    }
}

/// A log file that a trail reads.
enum LogObject {
    File(LogFile, TrailSource),
    /// It was delivered so long ago that nothing would be kept of it.
    TooOld(TrailSource),
}

impl LogObject {
    /// What an object is, if it is one.
    fn of(watchers: &Watchers, bucket: &str, key: &str, oldest: Minute) -> Option<LogObject> {
        let told = LogKey::of_path(key).filter(|told| told.kind == LogKind::CloudTrail)?;
        let source = watchers.source(bucket, key, &told)?;
        if told.time < oldest {
            return Some(LogObject::TooOld(source));
        }
        let file = LogFile {
            bucket: bucket.into(),
            key: key.into(),
            etag: String::new(),
            size: 0,
            account_region: Some((source.account.clone(), source.region.clone())),
            delivered: Some(told.time),
        };
        Some(LogObject::File(file, source))
    }
}

fn log(cx: &Delivering<'_>, told: &[Told]) {
    cx.metrics.told(told);
    for Told { insight, state, origin, .. } in told {
        let Subject { account, region, source, name, .. } = &insight.subject;
        let (source, name) = (source.as_str(), name.as_str());
        let (state, direction, origin) = (state.as_str(), insight.direction.as_str(), origin_word(*origin));
        tracing::info!(%account, %region, source, name, state, direction, start = %insight.start, origin, "an insight");
    }
}
