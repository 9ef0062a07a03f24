//! Log files as a table: read where they lie, as they are, each time they are asked for.
//!
//! Whoever knows where they lie hands them over one by one ([`LogSource`]): folders, buckets.
//! Files are shared out over the processors; of each record only the columns that are asked for are made. One bad file or record
//! hides no other: what was not read is counted.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use record::api_call::{ApiCall, Record};
use record::log_file::{Limits, Reader};

use crate::rows::Rows;
use crate::schema::Kind;
pub use elsewhere::{LogElsewhere, LogsElsewhere, TellUnread};
use scan::Scan;

mod elsewhere;
mod fetched;
mod scan;

/// Rows, and bytes of records, that a batch has at most.
const BATCH_ROWS: usize = 8_192;
const BATCH_BYTES: usize = 16 << 20;
/// Reasons not to read something that are told one by one.
const MOST_REASONS: usize = 100;

/// The bytes of a log file, and the account that its name tells; or why it cannot be read.
pub type ReadLog = Result<(Vec<u8>, Option<String>), String>;

/// Where log files lie.
pub trait LogSource: fmt::Debug + Send + Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// One of them.
    fn read(&self, at: usize) -> ReadLog;

    /// So many are asked for at once: of those that are waited for more than worked on several.
    fn at_once(&self) -> usize {
        1
    }

    /// Several, in any order, each handed over as it is there, until nobody wants more.
    fn read_each(&self, which: Range<usize>, each: &mut dyn FnMut(ReadLog) -> bool) {
        for at in which {
            if !each(self.read(at)) {
                return;
            }
        }
    }
}

/// Log files as events.
#[derive(Clone, Debug)]
pub struct LogFiles {
    source: Arc<dyn LogSource>,
    limits: Limits,
    unread: Unread,
}

/// How many records and files were not read, and why.
#[derive(Clone, Debug, Default)]
pub struct Unread {
    reasons: Arc<Mutex<BTreeMap<String, u64>>>,
    is_any_read: Arc<AtomicBool>,
}

impl Unread {
    /// One more of these (`file`, `record`) was not read.
    fn count(&self, what: &str, why: &str) {
        let mut reasons = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reason = format!("{what}: {why}");
        // A reason may name the file.
        if reasons.len() >= MOST_REASONS && !reasons.contains_key(&reason) {
            reason = format!("{what}: other reasons");
        }
        *reasons.entry(reason).or_default() += 1;
    }

    /// Whether files were asked for, and none of them could be read at all.
    pub fn is_every_file(&self) -> bool {
        !self.is_any_read.load(Ordering::Relaxed) && self.reasons().iter().any(|(why, _)| why.starts_with("file: "))
    }

    /// Each reason, and how many there were of it.
    pub fn reasons(&self) -> Vec<(String, u64)> {
        let all = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|(why, count)| (why.clone(), *count)).collect()
    }
}

impl LogFiles {
    /// These files, which may ask so much of us.
    pub fn new(source: Arc<dyn LogSource>, limits: Limits) -> LogFiles {
        LogFiles { source, limits, unread: Unread::default() }
    }

    /// What was not read so far.
    pub fn unread(&self) -> Unread {
        self.unread.clone()
    }

    /// How many of them one of so many parts takes at once: of few files no part takes those of others.
    fn at_once(&self, parts: usize) -> usize {
        self.source.at_once().min(self.source.count() / (parts * 4)).max(1)
    }
}

#[async_trait]
impl TableProvider for LogFiles {
    fn schema(&self) -> SchemaRef {
        Kind::Events.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> datafusion::error::Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(wanted) => Arc::new(self.schema().project(wanted)?),
            None => self.schema(),
        };
        let parts = state.config().target_partitions().clamp(1, self.source.count().max(1));
        Ok(Arc::new(Scan::new(self.clone(), parts, schema, limit)))
    }
}

impl LogFiles {
    /// Reads a file that was fetched, and hands over batches. Says whether anybody still wants them.
    fn read(
        &self,
        fetched: ReadLog,
        reader: &mut Reader,
        rows: &mut Rows,
        hand_over: &mut dyn FnMut(RecordBatch) -> bool,
    ) -> bool {
        let (bytes, account) = match fetched {
            Ok(read) => read,
            Err(why) => {
                self.unread.count("file", &why);
                return true;
            }
        };
        let (mut is_wanted, mut what) = (true, "file");
        let read = reader.read(&bytes, account.as_deref(), |record| {
            what = "rest of a file";
            match record {
                Ok(Record::Call(_)) if !is_wanted => {}
                Ok(Record::Call(call)) => {
                    add_call(rows, &call);
                    if rows.len() >= BATCH_ROWS || rows.bytes() >= BATCH_BYTES {
                        is_wanted = hand_over(rows.take());
                    }
                }
                Ok(Record::Insight { .. }) => {}
                Err(rejection) => self.unread.count("record", rejection.reason.as_str()),
            }
        });
        let is_read = read.is_ok() || what != "file";
        self.unread.is_any_read.fetch_or(is_read, Ordering::Relaxed);
        if let Err(rejected) = read {
            self.unread.count(what, rejected.as_str());
        }
        is_wanted
    }
}

/// Adds a call as a row. What its record says nothing of is as it is counted.
fn add_call(rows: &mut Rows, call: &ApiCall<'_>) {
    let Ok(raw) = std::str::from_utf8(call.raw) else { return };
    rows.add(raw, &told(&call.account, call.category.as_str(), call.read_only));
}

/// What is known of a call better than its record may say it, by column.
pub(crate) fn told<'a>(account: &'a str, category: &'a str, is_read_only: bool) -> [(&'static str, &'a str); 3] {
    let read_only = if is_read_only { "true" } else { "false" };
    [("recipientAccountId", account), ("eventCategory", category), ("readOnly", read_only)]
}
