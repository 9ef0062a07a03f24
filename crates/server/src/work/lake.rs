//! From the ledger to the lake: what was counted is kept, so that it can be asked in SQL.
//!
//! ```text
//!   batches after the last that is kept ──► their log files, fetched once more ──► keep, up to a batch
//!   Insight events after the last that is kept ────────────────────────────────► keep_insights
//!   audit events after the last that is kept ──────────────────────────────────► keep_activity, then they are forgotten
//! ```
//!
//! It goes behind, on a thread of its own: counting and telling never wait for it, and what it is behind is in the ledger, not in
//! memory. The lake says up to where it has kept, in the same commit as the events: so each is there once, wherever the process
//! dies. Small commits make small files: a batch is kept when it is half a minute old, with all that came meanwhile, or when
//! there is enough for one. A file that is gone is left out; anything else that goes wrong is tried again.
//!
//! What is handed to the lake is noted first, and waited for the disk: what it keeps is then in the ledger for good, and a lake
//! that has kept more has followed another database (as after a restore). From such a one nothing is taken in.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use record::insight_record::{Options, insight_record};
use store::StoreError;
use store::handed::Handed;
use store::log_files::{LedgerLine, LogFile};

use super::{imports, is_due};
use crate::cloudtrail::EventDataStore;
use crate::deliver::Delivering;
use crate::http::FrontDoor;
use crate::metrics::Part;
use crate::upkeep::{audit_event_ids, present};
use crate::world::BucketError;
use crate::world::lake::{Kept, KeptFile, LakeFault};

mod fetching;

pub(super) use fetching::{Gone, Wanted, fetch};

/// How often it is looked whether there is something to be kept.
const TICK: Duration = Duration::from_secs(5);
/// From one look at what no store shows any more to the next.
const BETWEEN_EXPIRIES: SignedDuration = SignedDuration::from_hours(24);
/// From a fault to the next try.
const PAUSE: Duration = Duration::from_secs(30);
/// What is so old is kept, however little it is.
const RIPE: SignedDuration = SignedDuration::from_secs(30);
/// Bytes of log files that are kept in one commit, give or take a batch's: what is in memory at once.
const ENOUGH_BYTES: u64 = 32 << 20;
/// Files, where they are small.
const ENOUGH_FILES: usize = 4096;
/// Batches whose files are sought at once.
const MOST_BATCHES: u64 = 4096;
/// Insight events that are kept in one commit.
const ENOUGH_INSIGHTS: usize = 1000;
/// Audit events, and their bytes, that are kept in one commit.
const ENOUGH_ACTIVITY: (usize, usize) = (20_000, 32 << 20);

/// Follows the ledger until told to stop, or nobody can tell it any more.
pub fn follow_ledger(door: &FrontDoor, stop: &Receiver<()>) -> Result<(), StoreError> {
    let mut follower = Follower::default();
    let mut wait = Duration::ZERO;
    while stop.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        // A fault of ours must not end the service, which counts and tells without it.
        let looked = catch_unwind(AssertUnwindSafe(|| follower.look(&door.delivering())));
        let looked = looked.unwrap_or_else(|why| Err(Fault::Broke(said(&*why))));
        let is_no_lake = matches!(looked, Err(Fault::Lake(LakeFault::NoLake)));
        // One bucket that cannot be read makes no service unready that counts what lies in others.
        let is_bucket = matches!(looked, Err(Fault::Fetch { .. }));
        let error = looked.as_ref().err().map(ToString::to_string).filter(|_| !is_no_lake);
        let now = door.world.clock.now().as_second();
        door.progress.change_lake(|come| {
            come.kept = follower.kept;
            come.failing_since = error.as_ref().filter(|_| !is_bucket).map(|_| come.failing_since.unwrap_or(now));
            come.looked_at = if looked.is_ok() { Some(now) } else { come.looked_at };
            come.error = error;
        });
        wait = match looked {
            Ok(true) => Duration::ZERO,
            Ok(false) => TICK,
            Err(Fault::Lake(LakeFault::NoLake)) => {
                tracing::debug!("there is no lake here: nothing is kept");
                // It is told, or there is nobody left to tell it.
                let _ = stop.recv();
                return Ok(());
            }
            Err(fault) => {
                tracing::error!(error = &fault as &dyn std::error::Error, "events cannot be kept in the lake");
                door.metrics.failed(Part::Lake);
                if let Fault::Store(error) = fault
                    && error.is_for_good()
                {
                    return Err(error);
                }
                // What is kept may be otherwise than it seems: it is asked anew.
                follower = Follower::default();
                PAUSE
            }
        };
    }
    Ok(())
}

/// Why nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// What is remembered could not be read.
    #[error("the ledger cannot be read")]
    Store(#[from] StoreError),
    /// The lake did not take it.
    #[error("{0}")]
    Lake(#[from] LakeFault),
    /// A log file cannot be fetched now.
    #[error("the log file `{key}` of bucket `{bucket}` cannot be fetched: {error}")]
    Fetch {
        /// Where it lies.
        bucket: String,
        /// Its key.
        key: String,
        /// Why not.
        error: BucketError,
    },
    /// The ledger is not the one that the lake has followed.
    #[error(
        "the lake has kept {what} {kept}, and this database has handed it none beyond {handed}: the database is older than \
         the lake, as after a restore. Restore both, or move the lake away (its folder, or its tables in the bucket): it is \
         filled again from the log files"
    )]
    Ahead {
        /// What of: "batch".
        what: &'static str,
        /// The last one that is kept.
        kept: u64,
        /// The last one that was handed over.
        handed: u64,
    },
    /// A fault of ours.
    #[error("it broke down, and is begun again: {0}")]
    Broke(String),
}

/// What was said by whoever broke down.
fn said(why: &(dyn Any + Send)) -> String {
    let said = why.downcast_ref::<&str>().map(|text| (*text).to_owned());
    said.or_else(|| why.downcast_ref::<String>().cloned()).unwrap_or_else(|| "the log says more".to_owned())
}

/// Whoever follows the ledger, and what it knows from one look to the next.
#[derive(Default)]
pub struct Follower {
    /// What the lake has kept, once it was asked.
    kept: Option<Kept>,
    /// When it is looked next what no event data store shows any more.
    expires_at: Option<Timestamp>,
}

impl Follower {
    /// Keeps what is ripe, or enough for a commit. Says whether there is more.
    pub fn look(&mut self, cx: &Delivering<'_>) -> Result<bool, Fault> {
        let kept = match &mut self.kept {
            Some(kept) => kept,
            none => none.insert(followed(cx, cx.world.lake.kept()?)?),
        };
        let has_more_insights = keep_insights(cx, kept)?;
        let has_more_activity = keep_activity(cx, kept)?;
        let has_more_files = keep_files(cx, kept)?;
        // History may wait for what comes now.
        let has_more_to_import = !has_more_files && imports::go_on(cx)?;
        if self.expires_at.is_none_or(|at| is_due(cx.now, at, BETWEEN_EXPIRIES)) {
            let present = present(cx.store, cx.now)?;
            let before = cx.store.read(|r| EventDataStore::oldest_shown(r, cx.place, present))?;
            cx.world.lake.expire(before)?;
            self.expires_at = Some(cx.now + BETWEEN_EXPIRIES);
        }
        Ok(has_more_insights || has_more_activity || has_more_files || has_more_to_import)
    }
}

fn keep_files(cx: &Delivering<'_>, kept: &mut Kept) -> Result<bool, Fault> {
    let newest = cx.store.read(|r| r.newest_batch())?;
    if newest <= kept.batch {
        return Ok(false);
    }
    let Some(waiting) = waiting(cx, kept.batch, newest)? else { return Ok(false) };
    let Waiting { through, files, is_enough } = waiting;
    let fetched = fetch(cx, files)?;
    let fetched: Vec<KeptFile> = fetched.into_iter().filter_map(still_there).collect();
    let (count, bytes) = (fetched.len(), fetched.iter().map(|file| file.bytes.len() as u64).sum::<u64>());
    hand(cx, Handed { batch: through, ..Handed::default() })?;
    cx.world.lake.keep(through, &fetched)?;
    tracing::debug!(through, files = count, bytes, "kept log files in the lake");
    kept.batch = through;
    Ok(is_enough && through < newest)
}

fn keep_insights(cx: &Delivering<'_>, kept: &mut Kept) -> Result<bool, Fault> {
    let events = cx.store.read(|r| r.insight_events_after(kept.insight, ENOUGH_INSIGHTS))?;
    let Some((through, _)) = events.last() else { return Ok(false) };
    let is_enough = events.len() == ENOUGH_INSIGHTS;
    if !is_enough && !events.iter().any(|(_, event)| is_ripe(event.created_at, cx.now)) {
        return Ok(false);
    }
    let record = |(_, event): &(u64, store::insight_events::InsightEvent)| {
        insight_record(&event.insight, event.state, &Options { strict: false })
    };
    hand(cx, Handed { insight: *through, ..Handed::default() })?;
    cx.world.lake.keep_insights(*through, &events.iter().map(record).collect::<Vec<_>>())?;
    kept.insight = *through;
    Ok(is_enough)
}

fn keep_activity(cx: &Delivering<'_>, kept: &mut Kept) -> Result<bool, Fault> {
    let (most, most_bytes) = ENOUGH_ACTIVITY;
    // They are read when they are to be kept, and not at each look until then.
    let waiting = cx.store.read(|r| r.audit_events_waiting())?;
    let is_enough_or_ripe =
        waiting.bytes >= most_bytes as u64 / 2 || waiting.oldest_at.is_some_and(|at| is_ripe(at, cx.now));
    if !is_enough_or_ripe {
        return Ok(false);
    }
    let mut events = cx.store.read(|r| r.audit_events_after(0, most, most_bytes))?;
    // The lake has them, and whoever kept them died before they were forgotten here.
    if events.first().is_some_and(|event| event.number <= kept.activity) {
        cx.store.write(|w| w.forget_audit_events(kept.activity))?;
        events = cx.store.read(|r| r.audit_events_after(0, most, most_bytes))?;
    }
    let Some(through) = events.last().map(|event| event.number) else { return Ok(false) };
    let bytes: usize = events.iter().map(|event| event.record.len()).sum();
    let is_enough = events.len() == most || bytes >= most_bytes / 2;
    let records: Vec<String> = events.into_iter().map(|event| event.record).collect();
    cx.world.lake.keep_activity(through, &records)?;
    tracing::debug!(through, events = records.len(), bytes, "kept audit events in the lake");
    kept.activity = through;
    cx.store.write(|w| {
        w.forget_audit_events(through)?;
        w.expire_audit_event_ids(cx.now - audit_event_ids::KEPT, audit_event_ids::MOST)
    })?;
    Ok(is_enough)
}

/// How far the lake has come, if it has followed this database. One that was never noted to be handed anything is believed as far as
/// the ledger goes.
fn followed(cx: &Delivering<'_>, kept: Kept) -> Result<Kept, Fault> {
    let handed = match cx.store.read(|r| r.handed())? {
        Some(handed) => handed,
        None if (kept.batch, kept.insight, kept.import) == (0, 0, 0) => return Ok(kept),
        None => {
            let (batch, import) = cx.store.read(|r| Ok((r.newest_batch()?, r.newest_import_part()?)))?;
            let insight = if kept.batch <= batch { kept.insight } else { 0 };
            let handed = Handed { batch: batch.min(kept.batch), insight, import: import.min(kept.import) };
            hand(cx, handed)?;
            handed
        }
    };
    for (what, kept, handed) in [
        ("batch", kept.batch, handed.batch),
        ("Insights event", kept.insight, handed.insight),
        ("part of imports", kept.import, handed.import),
    ] {
        if kept > handed {
            return Err(Fault::Ahead { what, kept, handed });
        }
    }
    Ok(kept)
}

/// Notes what the lake is handed next, and waits until the disk has it with all that was counted before.
pub(super) fn hand(cx: &Delivering<'_>, handed: Handed) -> Result<(), StoreError> {
    cx.store.write_through(|w| w.hand(handed))
}

/// Log files that are to be kept now.
struct Waiting {
    /// The last batch of them.
    through: u64,
    files: Vec<Wanted>,
    /// There is more of it than one commit takes.
    is_enough: bool,
}

/// The log files of the first batches after the last that is kept; `None`: they are few, and young.
fn waiting(cx: &Delivering<'_>, kept: u64, newest: u64) -> Result<Option<Waiting>, StoreError> {
    let last = newest.min(kept.saturating_add(MOST_BATCHES));
    let (mut files, mut bytes, mut is_any_ripe, mut through) = (Vec::new(), 0, false, kept);
    for batch in kept + 1..=last {
        let (lines, mut left_out) = cx.store.read(|r| {
            let mut lines = Vec::new();
            for line in r.log_files_of_batch(batch)? {
                // Of some an import was quicker.
                if !r.was_imported(&line.file.bucket, &line.file.key)? {
                    lines.push(line);
                }
            }
            Ok((lines, r.left_out_of_batch(batch)?))
        })?;
        is_any_ripe |= lines.iter().any(|line: &LedgerLine| is_ripe(line.changed_at, cx.now));
        bytes += lines.iter().map(|line| line.file.size).sum::<u64>();
        files.extend(lines.into_iter().map(|LedgerLine { file, .. }| {
            let left_out = left_out.remove(&(file.bucket.clone(), file.key.clone())).unwrap_or_default();
            let LogFile { bucket, key, account_region, delivered, .. } = file;
            Wanted { bucket, key, account_region, delivered, left_out }
        }));
        through = batch;
        if bytes >= ENOUGH_BYTES || files.len() >= ENOUGH_FILES {
            return Ok(Some(Waiting { through, files, is_enough: true }));
        }
    }
    let is_enough = last < newest;
    // Batches without files, because none could be read or all are forgotten, wait for nothing.
    let is_wanted = is_any_ripe || is_enough || files.is_empty();
    Ok(is_wanted.then_some(Waiting { through, files, is_enough }))
}

/// Whether something that came at this moment is kept now; also where the clock was turned back since.
fn is_ripe(at: Timestamp, now: Timestamp) -> bool {
    is_due(now, at + RIPE, RIPE)
}

/// What is gone is said, and left out.
fn still_there(fetched: Result<KeptFile, Gone>) -> Option<KeptFile> {
    let said = |Gone { bucket, key, error }: &Gone| {
        tracing::warn!(bucket, key, %error, "a log file that was counted is gone: its events are not in the lake");
    };
    fetched.inspect_err(said).ok()
}
