//! Missed: what lies in the trails' buckets and was not counted.
//!
//! A bucket may hold years of logs, and other things besides. So its keys are not listed from first to last: the accounts and
//! Regions are found as folders, and in each only the days from some day on are listed. Once a day, and for a place that is
//! new, that is the oldest day of which anything is kept; else the day before yesterday.
//!
//! ```text
//!   AWSLogs/ [o-…/] ACCOUNT/ CloudTrail/ REGION/ 2026/02/11/ …      folders, folders, folders, then keys after REGION/2026/02/11
//! ```

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use record::names::AccountId;
use record::time::{DAY, Minute, Minutes};
use store::StoreError;
use store::log_files::{LedgerLine, LogFile, LogFileState};

use super::{LogObject, ObjectName, Pipeline};
use crate::cloudtrail::{TrailStatus, Unlisted};
use crate::deliver::Delivering;
use crate::upkeep::KEPT;
use crate::watchers::Watchers;
use crate::world::BucketError;

/// Keys that are listed at once.
const PAGE: usize = 1_000;
/// How far back is looked mostly: log files come within a quarter of an hour, digests and copies within a day.
const LATELY: Minutes = Minutes(2 * DAY.0);

/// What was seen when the trails' buckets were looked through.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// When each place was last looked through from the oldest day on.
    whole_at: BTreeMap<ObjectName, Minute>,
    /// Log files that are too old, at least so many.
    too_old: BTreeMap<ObjectName, u64>,
    /// Where the log has said that there are such.
    told: BTreeSet<ObjectName>,
}

/// An object that was missed, in the order in which such are read: those of the newest days first.
type Missed = (Reverse<Minute>, Option<Minute>, String, String);

/// What is listed: keys below a prefix, after another.
#[derive(Debug, PartialEq)]
struct Span {
    prefix: String,
    after: String,
}

impl Pipeline {
    /// What lies in the trails' buckets and was not counted or set aside, that of the newest days first: after a start, and
    /// from time to time.
    pub fn missed(&mut self, cx: &Delivering<'_>) -> Result<Vec<ObjectName>, StoreError> {
        self.look_around(cx)?;
        let now = Minute::of_seconds(cx.now.as_second());
        let (mut missed, mut unlisted) = (BTreeSet::new(), BTreeMap::new());
        for place in self.watchers.places() {
            let is_whole = self.looks.whole_at.get(&place).is_none_or(|at| !(*at..*at + DAY).contains(&now));
            let since = if is_whole { now - KEPT } else { now - LATELY };
            let spans = match spans(cx, &place, since.day_start()) {
                Ok(spans) => spans,
                Err(error) => {
                    unlisted.insert(place, error);
                    continue;
                }
            };
            let (mut fault, mut too_old) = (None, 0);
            for span in spans {
                // The oldest of them are just before.
                too_old += if is_whole { self.too_old_in(cx, &place, &span, now) } else { 0 };
                fault = self.look_through(cx, &place.0, span, now, &mut missed)?.err().or(fault);
            }
            if is_whole {
                self.looks.too_old.remove(&place);
                self.leave_out(place.clone(), too_old);
                if fault.is_none() {
                    self.looks.whole_at.insert(place.clone(), now);
                    let of = |name: &ObjectName| missed_one(&self.watchers, name, now - KEPT);
                    self.held_up.keep_those_that_lie(&place, |name| of(name).is_some_and(|one| missed.contains(&one)));
                }
            }
            unlisted.extend(fault.map(|error| (place, error)));
        }
        self.note_unlisted(cx, &unlisted)?;
        missed.extend(self.waiting_ones(now - KEPT));
        Ok(missed.into_iter().map(|(_, _, key, bucket)| (bucket, key)).collect())
    }

    /// What is held up and may go on now: it lies longer than is mostly looked back.
    fn waiting_ones(&mut self, oldest: Minute) -> Vec<Missed> {
        let of = |name: &ObjectName| missed_one(&self.watchers, name, oldest);
        let due = self.held_up.due(|name| of(name).is_some(), |refusing| self.recalled.is_refused_by(refusing));
        self.recalled.ask_again();
        due.iter().filter_map(of).collect()
    }

    /// Notes in the status of each trail whether its bucket can be listed; where that is as it was, nothing is written.
    fn note_unlisted(
        &self,
        cx: &Delivering<'_>,
        unlisted: &BTreeMap<ObjectName, BucketError>,
    ) -> Result<(), StoreError> {
        for ((bucket, start), error) in unlisted {
            cx.metrics.unlisted();
            tracing::warn!(bucket, start, %error, "a trail's bucket cannot be listed");
        }
        let mut news = Vec::new();
        cx.store.read(|r| {
            for watcher in &self.watchers.all {
                let trail = &watcher.trail;
                let fault = watcher.places().find_map(|place| unlisted.get(&place));
                let fault = fault.map(|error| Unlisted::new(&trail.bucket, error, cx.now));
                // What is wrong with the bucket of a trail that is switched off is not looked for.
                if trail.is_logging && TrailStatus::of(r, trail)?.is_news(fault.as_ref()) {
                    news.push((trail, fault));
                }
            }
            Ok(())
        })?;
        if news.is_empty() {
            return Ok(());
        }
        cx.store.write(|w| {
            news.into_iter().try_for_each(|(trail, fault)| {
                if fault.is_none() {
                    tracing::info!(trail = trail.arn, bucket = trail.bucket, "a trail's bucket can be listed again");
                }
                TrailStatus::change(w, trail, cx.now, |status| status.unlisted = fault)
            })
        })
    }

    /// Lists a span, or as much of it as can be.
    fn look_through(
        &self,
        cx: &Delivering<'_>,
        bucket: &str,
        Span { prefix, mut after }: Span,
        now: Minute,
        missed: &mut BTreeSet<Missed>,
    ) -> Result<Result<(), BucketError>, StoreError> {
        loop {
            let page = match cx.world.buckets.list(bucket, &prefix, &after, PAGE) {
                Ok(page) => page,
                Err(error) => return Ok(Err(error)),
            };
            let Some((last, _)) = page.last() else { return Ok(Ok(())) };
            after.clone_from(last);
            let of = |key: &str| LogObject::of(&self.watchers, bucket, key, now - KEPT);
            let objects = page.iter().filter_map(|(key, size)| Some((of(key)?, *size)));
            cx.store.read(|r| {
                for (object, size) in objects {
                    if let LogObject::File(file, _) = object
                        && is_missed(r.log_file(bucket, &file.key)?, size)
                    {
                        missed.insert(as_missed(file));
                    }
                }
                Ok(())
            })?;
        }
    }

    /// How many log files of a span's folder are too old, as far as one page of them tells.
    fn too_old_in(&self, cx: &Delivering<'_>, place: &ObjectName, span: &Span, now: Minute) -> u64 {
        let Ok(page) = cx.world.buckets.list(&place.0, &span.prefix, "", PAGE) else { return 0 };
        let objects = page.iter().filter_map(|(key, _)| LogObject::of(&self.watchers, &place.0, key, now - KEPT));
        // Where starts lie in one another, a file comes more than once.
        let too_old = |object: &LogObject| matches!(object, LogObject::TooOld(source) if source.start == place.1);
        objects.filter(too_old).count() as u64
    }

    /// Log files that are not read because they were delivered too long ago: at least so many lay in the trails' buckets when
    /// these were last looked through, or were put since.
    pub fn too_old(&self) -> u64 {
        self.looks.too_old.values().sum()
    }

    /// So many log files there were delivered too long ago. The log says once of each place that there are such.
    pub(super) fn leave_out(&mut self, place: ObjectName, files: u64) {
        if files == 0 {
            return;
        }
        if !self.looks.told.contains(&place) {
            let ((bucket, start), days) = (&place, KEPT.0 / DAY.0);
            tracing::info!(
                bucket,
                start,
                "log files that were delivered more than {days} days ago are not read; `trailsight status` tells of them"
            );
            self.looks.told.insert(place.clone());
        }
        *self.looks.too_old.entry(place).or_default() += files;
    }
}

/// An object as it is missed, if it is a log file that is still read.
fn missed_one(watchers: &Watchers, (bucket, key): &ObjectName, oldest: Minute) -> Option<Missed> {
    match LogObject::of(watchers, bucket, key, oldest)? {
        LogObject::File(file, _) => Some(as_missed(file)),
        LogObject::TooOld(_) => None,
    }
}

fn as_missed(LogFile { bucket, key, delivered, .. }: LogFile) -> Missed {
    (Reverse(delivered.unwrap_or_default().day_start()), delivered, key, bucket)
}

/// Whether a log file of this size is still to be read, by what the ledger has of it: one that was set aside is, once it is
/// another. A put that nobody was told of may have mended it.
fn is_missed(line: Option<LedgerLine>, size: u64) -> bool {
    line.is_none_or(|line| match line.state {
        LogFileState::New => true,
        LogFileState::Counted { .. } => false,
        LogFileState::Refused { .. } => line.file.size != size,
    })
}

/// What is to be listed of a place: each Region's log files from this day on. What is no account's folder is listed whole.
fn spans(cx: &Delivering<'_>, (bucket, start): &ObjectName, since: Minute) -> Result<Vec<Span>, BucketError> {
    let day = since.to_string()[..10].replace('-', "/");
    let folders = |prefix: &str| cx.world.buckets.folders(bucket, prefix);
    let mut spans = Vec::new();
    let mut accounts = Vec::new();
    for folder in folders(start)? {
        let name = name_of(&folder);
        if name.starts_with("o-") {
            accounts.extend(folders(&folder)?);
        } else {
            accounts.push(folder);
        }
    }
    for account in accounts {
        let name = name_of(&account);
        if !AccountId::is_one(name) {
            spans.push(Span { prefix: account, after: String::new() });
            continue;
        }
        for region in folders(&format!("{account}CloudTrail/"))? {
            let after = format!("{region}{day}");
            spans.push(Span { prefix: region, after });
        }
    }
    Ok(spans)
}

/// The last folder's own name.
fn name_of(folder: &str) -> &str {
    let folder = folder.strip_suffix('/').unwrap_or(folder);
    folder.rsplit_once('/').map_or(folder, |(_, name)| name)
}
