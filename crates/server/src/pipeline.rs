//! The pipeline: what lies in trails' buckets is counted, what is unusual is told.
//!
//! ```text
//!  an object was put · whatever a listing shows that the ledger does not have
//!     └──► is it a log file under a logging trail's prefix? ──► ingest ──► evaluate ──► deliveries: Insight files for the trails
//! ```
//!
//! One thread walks it, one step after the other. A step can be repeated: what was counted before is left out, what was told
//! before is not told again.

use std::collections::BTreeSet;

use detect::engine::Settings;
use record::insight_record::{Options, event_id, file_key, insight_file, insight_record, shared_event_id};
use record::log_key::{LogKey, LogKind};
use record::names::{AccountId, Region};
use record::time::{DAY, Minute, Minutes};
use route::envelope::write_insight_event;
use store::insights::Origin;
use store::log_files::LogFile;
use store::{List, StoreError, Writer};

use crate::bus::{BusName, Event, publish};
use crate::cloudtrail::Trail;
use crate::deliver::Delivering;
use crate::evaluate::{Evaluator, Told, settled_until};
use crate::ingest::{Fetched, Ingested, Listening, ingest};
use crate::target::trail_file::File;
use crate::world::BucketError;

/// Counts older than this are not learned from.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/insights-events-costs.html>
const LEARNED: Minutes = Minutes(28 * DAY.0);
/// Bytes of log files that are counted in one transaction.
const BATCH_BYTES: u64 = 16 << 20;
/// Keys that are listed at once.
const PAGE: usize = 1_000;

/// An object's bucket and key.
pub type ObjectName = (String, String);

/// The pipeline of a service.
#[derive(Debug)]
pub struct Pipeline {
    evaluator: Evaluator,
    newest_batch: u64,
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
    pub fn open(cx: &Delivering<'_>, settings: Settings) -> Result<Pipeline, StoreError> {
        let from = Minute::of_seconds(cx.now.as_second()) - LEARNED;
        let evaluator = Evaluator::load(cx.store, settings, from)?;
        let newest_batch = cx.store.read(|r| r.newest_batch())?;
        Ok(Pipeline { evaluator, newest_batch })
    }

    /// Counts these objects, as far as they are log files of trails, and goes on to the minute that is settled now.
    pub fn step(&mut self, cx: &Delivering<'_>, objects: &[ObjectName]) -> Result<Step, StoreError> {
        let trails = trails(cx)?;
        let since = since(&trails);
        let mut step = Step::default();
        let mut batch = Vec::new();
        let mut bytes = 0;
        for (bucket, key) in objects {
            let Some(file) = log_file(&trails, bucket, key) else { continue };
            match cx.world.buckets.get(bucket, key) {
                Ok(content) => {
                    bytes += content.len() as u64;
                    batch.push(Fetched { file: LogFile { size: content.len() as u64, ..file }, bytes: content });
                }
                // Gone again.
                Err(BucketError::NoBucket(_) | BucketError::NoObject(_)) => {}
                Err(error) => {
                    tracing::warn!(bucket, key, %error, "a log file cannot be fetched; the next listing finds it")
                }
            }
            if bytes >= BATCH_BYTES {
                step.batches.push(self.count(cx, &std::mem::take(&mut batch), since)?);
                bytes = 0;
            }
        }
        if !batch.is_empty() {
            step.batches.push(self.count(cx, &batch, since)?);
        }
        step.told = self.evaluate(cx, &trails, since)?;
        Ok(step)
    }

    /// What lies in the trails' buckets and was not counted or set aside: after a start, and from time to time.
    pub fn missed(&self, cx: &Delivering<'_>) -> Result<Vec<ObjectName>, StoreError> {
        let mut missed = BTreeSet::new();
        let trails = trails(cx)?;
        let places: BTreeSet<(&str, String)> =
            trails.iter().filter(|trail| trail.is_logging).map(|trail| (&*trail.bucket, below(trail))).collect();
        for (bucket, prefix) in places {
            let mut after = String::new();
            loop {
                let page = match cx.world.buckets.list(bucket, &prefix, &after, PAGE) {
                    Ok(page) => page,
                    Err(error) => {
                        tracing::warn!(bucket, %error, "a trail's bucket cannot be listed");
                        break;
                    }
                };
                let Some((last, _)) = page.last() else { break };
                after.clone_from(last);
                for (key, _) in page {
                    if log_file(&trails, bucket, &key).is_some()
                        && cx.store.read(|r| r.log_file(bucket, &key))?.is_none()
                    {
                        missed.insert((bucket.to_owned(), key));
                    }
                }
            }
        }
        Ok(missed.into_iter().collect())
    }

    fn count(&mut self, cx: &Delivering<'_>, batch: &[Fetched], since: Minute) -> Result<Ingested, StoreError> {
        let bus = cx.store.write(|w| cx.rules.bus(w, &BusName::of_services(cx.place)))?;
        let listening = Listening { bus: &bus, since };
        let ingested = ingest(cx.store, self.newest_batch + 1, batch, Some(listening), cx.now)?;
        self.newest_batch += 1;
        self.evaluator.add(&ingested.tally);
        let Ingested { files, counted, duplicates, rejected, refused_files, .. } = &ingested;
        tracing::info!(
            batch = self.newest_batch,
            files,
            counted,
            duplicates,
            rejected,
            refused_files,
            "counted log files"
        );
        Ok(ingested)
    }

    fn evaluate(&mut self, cx: &Delivering<'_>, trails: &[Trail], since: Minute) -> Result<Vec<Told>, StoreError> {
        let delivered = cx.store.read(|r| r.newest_delivered())?;
        let until = settled_until(&delivered, Minute::of_seconds(cx.now.as_second()));
        let told = self.evaluator.advance(cx.store, until, since, cx.now, |w, told| tell(w, cx, trails, told))?;
        for Told { insight, state, origin } in &told {
            let (source, name) = (insight.subject.source.as_str(), insight.subject.name.as_str());
            tracing::info!(source, name, state = state.as_str(), start = %insight.start, ?origin, "an insight");
        }
        Ok(told)
    }
}

/// Every trail of the account.
fn trails(cx: &Delivering<'_>) -> Result<Vec<Trail>, StoreError> {
    let list = List { account: Some(cx.place.account.clone()), ..List::default() };
    Ok(cx.store.read(|r| r.list::<Trail>(&list))?.into_iter().map(|stored| stored.value).collect())
}

/// Since when anything is logged: what happened before is history, and nobody is told of it.
fn since(trails: &[Trail]) -> Minute {
    let since = trails.iter().filter(|trail| trail.is_logging).filter_map(|trail| trail.started_at).min();
    since.map_or(Minute(i32::MAX), |since| Minute::of_seconds(since.0.as_second()))
}

/// Where a trail's files lie in its bucket.
fn below(trail: &Trail) -> String {
    trail.prefix.as_ref().map_or_else(|| "AWSLogs/".into(), |prefix| format!("{prefix}/AWSLogs/"))
}

/// What an object is, if it is a log file under the prefix of a trail that is logging.
fn log_file(trails: &[Trail], bucket: &str, key: &str) -> Option<LogFile> {
    let is_wanted = |trail: &Trail| trail.is_logging && trail.bucket == bucket && key.starts_with(&below(trail));
    if !trails.iter().any(is_wanted) {
        return None;
    }
    let told = LogKey::of_path(key).filter(|told| told.kind == LogKind::CloudTrail)?;
    Some(LogFile {
        bucket: bucket.into(),
        key: key.into(),
        etag: String::new(),
        size: 0,
        account_region: Some((AccountId::from(&*told.account), Region::from(&*told.region))),
        delivered: Some(told.time),
    })
}

/// Who is told of a Start or an End: each bucket and prefix of a trail that looks for it, once; and the rules of the bus.
fn tell(w: &Writer<'_>, cx: &Delivering<'_>, trails: &[Trail], told: &Told) -> Result<(), StoreError> {
    let Told { insight, state, origin: Origin::Live } = told else { return Ok(()) };
    let subject = &insight.subject;
    let mut places = BTreeSet::new();
    for trail in trails {
        let is_wanted = trail.is_logging
            && trail.covers(&subject.region)
            && trail.looks_for(subject.insight_type(), subject.category)
            && (trail.is_organization || subject.account == cx.place.account);
        if !is_wanted || !places.insert((&trail.bucket, &trail.prefix)) {
            continue;
        }
        let file = File {
            bucket: trail.bucket.clone(),
            key: file_key(insight, *state, trail.prefix.as_deref(), None),
            text: insight_file(&[insight_record(insight, *state, &Options { strict: true })]),
        };
        w.add_delivery(&file.delivery(format!("{} {}", trail.bucket, shared_event_id(insight)), cx.now), cx.now)?;
    }
    if places.is_empty() {
        return Ok(());
    }
    let mut text = Vec::new();
    let record = insight_record(insight, *state, &Options { strict: false });
    match write_insight_event(&record, Some(&event_id(insight, *state)), &mut text) {
        Ok(()) => {
            let insight = shared_event_id(insight);
            let event = Event { text: &text, is_read_only_management: false, insight: Some(&insight) };
            publish(w, cx.rules, &BusName::of_services(cx.place), &[event], cx.now)?;
        }
        Err(error) => tracing::error!(%error, "an insight makes no event"),
    }
    Ok(())
}
