//! The lake: every event, every Insights event and every event from outside of AWS in three tables, asked in SQL.
//!
//! ```text
//!   work/queries.rs ──statement, views──► run ──► rows, kept under the query's id until `forget`
//!   cloudtrail/event_lookup.rs ─────────► ask ──► rows, for who waits
//!   work/imports.rs ──log files of history──► import                          what is not there yet
//!   work/lake.rs ──log files of batches, Insights events, audit events──► keep, keep_insights, keep_activity
//!                                                                                              each once, by its number
//! ```
//!
//! An event data store is no table: it is a view of one of them, which says whose events, of where, when and which are in it. So a
//! store shows what was kept before it was made, as far as its retention reaches. Beside stores a statement may name log files in a
//! bucket, which are read as they lie.

use std::fs::File;

use jiff::Timestamp;
use record::names::{AccountId, Region};
use record::time::Minute;
use serde::Serialize;

use super::Nothing;

pub use record::selection::{FieldCondition, Part, Selector, Window};

/// Three tables that are asked in SQL, and whatever asks them.
pub trait Lake: Send + Sync {
    /// Reads a statement, without running it. Says what it names behind FROM.
    fn understand(&self, statement: &str) -> Result<Named, QueryFault>;

    /// What statements may name, for whoever offers it to a writer. Where there is no lake: nothing.
    fn vocabulary(&self) -> Vocabulary {
        Vocabulary::default()
    }

    /// Plans a query, without running it: what is wrong with its statement is wrong at once. However much is kept, it is quick, and
    /// log files that it names are not looked for.
    fn check(&self, query: &LakeQuery) -> Result<(), QueryFault>;

    /// Runs a query to its end, and keeps its rows. It asks often whether the query was cancelled, and stops soon if it was.
    fn run(
        &self,
        query: &LakeQuery,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        progress: &mut (dyn FnMut(QueryStatistics) + Send),
    ) -> Result<QueryDone, QueryFault>;

    /// Runs a small query while somebody waits for its answer, and hands over its rows, the first so many; none is kept. Labels
    /// and texts, as [`rows`](Lake::rows) has them.
    fn ask(&self, query: &LakeQuery, at_most: usize) -> Result<Vec<QueryRow>, QueryFault>;

    /// Rows of a query that has run, from a row on: labels and texts, in the order of the columns. NULL is an empty text.
    fn rows(&self, id: &str, from: u64, at_most: usize) -> Result<Vec<QueryRow>, QueryFault>;

    /// All of the rows of a query that has run: the Parquet file that they are kept in.
    fn result(&self, id: &str) -> Result<File, QueryFault>;

    /// The rows of a query are not needed any more. Those of a query that is not known are not, either.
    fn forget(&self, id: &str);

    /// Up to where events of each kind are in the tables.
    fn kept(&self) -> Result<Kept, LakeFault>;

    /// Events of before this moment are in no event data store any more, and may go; how soon is the lake's affair.
    fn expire(&self, _before: Timestamp) -> Result<(), LakeFault> {
        Ok(())
    }

    /// Keeps the events of all log files of the batches from the last that is kept up to this one: all of them or none. If
    /// this batch is kept already, nothing is done.
    fn keep(&self, through_batch: u64, files: &[KeptFile]) -> Result<(), LakeFault>;

    /// Keeps of these files' events those that are not kept yet: a part of an import, all of it or nothing. Parts are numbered on
    /// from 1; if this one is kept already, nothing is done.
    fn import(&self, part: u64, files: &[KeptFile]) -> Result<(), LakeFault>;

    /// Keeps Insights events, as trails have them (`record::insight_record`, with our fields), from the last that is kept up
    /// to the one with this number: all of them or none. If that is kept already, nothing is done.
    fn keep_insights(&self, through: u64, records: &[String]) -> Result<(), LakeFault>;

    /// Keeps events from outside of AWS, as `cloudtrail_data` writes them, from the last that is kept up to the one with this
    /// number: all of them or none. If that is kept already, nothing is done.
    fn keep_activity(&self, through: u64, records: &[String]) -> Result<(), LakeFault>;
}

/// What a statement names behind FROM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Event data stores, each once, as it names them: by id or by name; of an ARN its id.
    pub stores: Vec<String>,
    /// Log files that it reads as they lie: `cloudtrail_logs('s3://…')`.
    pub logs: Vec<NamedLogs>,
}

/// Log files in a bucket that is held here or linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedLogs {
    /// The bucket.
    pub bucket: String,
    /// Where the statement names them, as a sentence goes on: ` at Line: 1, Column: 31`.
    pub place: String,
}

/// What statements may name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// Columns of event data stores of events.
    pub events: Vec<Column>,
    /// Columns of those of Insights events.
    pub insights: Vec<Column>,
    /// Columns of those of events from outside of AWS.
    pub activity: Vec<Column>,
    /// Functions.
    pub functions: Vec<String>,
}

/// A column, or a field within one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as Trino names it: `varchar`, `timestamp`, `array(row)`, `row`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is nested in it, or in the items of its list.
    pub fields: Vec<Column>,
}

/// A row: labels and texts.
pub type QueryRow = Vec<(String, String)>;

/// A query that is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LakeQuery {
    /// Its id: a UUID.
    pub id: String,
    /// The statement.
    pub statement: String,
    /// The event data stores that it names, one view for each name.
    pub views: Vec<StoreView>,
}

/// An event data store, as it is for a query: what of the tables is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreView {
    /// As the statement names it.
    pub named: String,
    /// The events in it; `None`: it is a store of others.
    pub events: Option<Part>,
    /// The Insights events in it. A store of events has them for statements only that ask columns of it which no event has
    /// (`insightDetails.insightContext.…`, `insightType`): on AWS these can but fail, and many a guide has them.
    pub insights: Part,
    /// The events from outside of AWS, if it is a store of these: then it has nothing else.
    pub activity: Option<Part>,
}

/// What a query has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueryStatistics {
    /// Events that its conditions took.
    pub events_matched: u64,
    /// Events that were looked at.
    pub events_scanned: u64,
    /// Bytes that were read of the tables.
    pub bytes_scanned: u64,
}

/// A query that has run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueryDone {
    /// The rows of its result.
    pub rows: u64,
    /// What it has cost.
    pub statistics: QueryStatistics,
}

/// What kind of fault a query ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryFaultKind {
    /// The statement is not understood, or says what cannot be.
    Statement,
    /// It names a store that is not among its views.
    NoStore,
    /// It needs more memory or room than one query may have.
    TooLarge,
    /// It took longer than one query may take.
    TimedOut,
    /// It was cancelled.
    Cancelled,
    /// There is no lake here.
    NoLake,
    /// Too many ask at once.
    Busy,
    /// Anything else: of its rows nothing is known, the tables cannot be read.
    Failed,
}

/// Why a query was not run, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct QueryFault {
    /// Of which kind.
    pub kind: QueryFaultKind,
    /// A sentence for whoever wrote the statement.
    pub text: String,
}

/// How far the tables have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The number of the ledger's last batch whose log files are kept; 0 if there is none.
    pub batch: u64,
    /// The number of the last Insights event that is kept; 0 if there is none.
    pub insight: u64,
    /// The number of the last event from outside of AWS that is kept; 0 if there is none.
    pub activity: u64,
    /// The number of the last part of all imports that is kept; 0 if there is none.
    pub import: u64,
}

/// A log file whose events are to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFile {
    /// Whose events it tells, and of which Region, if its name says so.
    pub account_region: Option<(AccountId, Region)>,
    /// When it was delivered, if its name says so.
    pub delivered: Option<Minute>,
    /// Where it lies.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Its bytes, mostly gzip.
    pub bytes: Vec<u8>,
    /// Records that were not counted, as copies of others or of impossible times, and are not kept either: where they stand in
    /// the file, from 0, in order.
    pub left_out: Vec<u32>,
}

/// Why nothing was kept, or it is not known what is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LakeFault {
    /// There is no lake here: nothing is ever kept.
    #[error("there is no lake here")]
    NoLake,
    /// Anything else; it may be better another time.
    #[error("{0}")]
    Other(String),
}

/// What is said where there is no lake.
const NO_LAKE: &str = "There is no lake here: the service was started with --without-lake, so that SQL cannot be run.";

impl Nothing {
    fn no_lake<T>() -> Result<T, QueryFault> {
        Err(QueryFault { kind: QueryFaultKind::NoLake, text: NO_LAKE.into() })
    }
}

impl Lake for Nothing {
    fn understand(&self, _: &str) -> Result<Named, QueryFault> {
        Nothing::no_lake()
    }

    fn check(&self, _: &LakeQuery) -> Result<(), QueryFault> {
        Nothing::no_lake()
    }

    fn run(
        &self,
        _: &LakeQuery,
        _: &(dyn Fn() -> bool + Sync),
        _: &mut (dyn FnMut(QueryStatistics) + Send),
    ) -> Result<QueryDone, QueryFault> {
        Nothing::no_lake()
    }

    fn ask(&self, _: &LakeQuery, _: usize) -> Result<Vec<QueryRow>, QueryFault> {
        Nothing::no_lake()
    }

    fn rows(&self, _: &str, _: u64, _: usize) -> Result<Vec<QueryRow>, QueryFault> {
        Nothing::no_lake()
    }

    fn result(&self, _: &str) -> Result<File, QueryFault> {
        Nothing::no_lake()
    }

    fn forget(&self, _: &str) {}

    fn kept(&self) -> Result<Kept, LakeFault> {
        Err(LakeFault::NoLake)
    }

    fn keep(&self, _: u64, _: &[KeptFile]) -> Result<(), LakeFault> {
        Err(LakeFault::NoLake)
    }

    fn import(&self, _: u64, _: &[KeptFile]) -> Result<(), LakeFault> {
        Err(LakeFault::NoLake)
    }

    fn keep_insights(&self, _: u64, _: &[String]) -> Result<(), LakeFault> {
        Err(LakeFault::NoLake)
    }

    fn keep_activity(&self, _: u64, _: &[String]) -> Result<(), LakeFault> {
        Err(LakeFault::NoLake)
    }
}
