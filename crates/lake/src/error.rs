//! What can go wrong, as whoever wrote the statement is told it.

use datafusion::error::DataFusionError;
use deltalake_core::DeltaTableError;
use dialect::{Places, Refused};
use thiserror::Error;

use crate::wording;

/// Why a statement has no result.
#[derive(Debug, Error)]
pub enum LakeError {
    /// It is no statement that is understood, or it asks for what is not there; in the words of the statement.
    #[error("{0}")]
    Statement(String),
    /// An event data store is named that is not there.
    #[error("event data store `{0}` is not there")]
    NoStore(String),
    /// It was understood, and failed.
    #[error("{0}")]
    Failed(String),
    /// A table cannot be read or written.
    #[error("the lake's table: {0}")]
    Table(String),
    /// It asked for more memory than one statement may have.
    #[error("the statement needs more memory than it may have: {0}")]
    OutOfMemory(String),
    /// It ran for so many seconds, and was not done.
    #[error("the statement was not done after {0} s")]
    TimedOut(u64),
    /// It was cancelled.
    #[error("the statement was cancelled")]
    Cancelled,
}

impl From<Refused> for LakeError {
    fn from(Refused(why): Refused) -> LakeError {
        LakeError::Statement(why)
    }
}

impl From<DataFusionError> for LakeError {
    fn from(error: DataFusionError) -> LakeError {
        LakeError::told_at(&error, &Places::default())
    }
}

impl LakeError {
    /// What went wrong, with its place in the statement as it was written.
    pub(crate) fn told_at(error: &DataFusionError, places: &Places) -> LakeError {
        match error.find_root() {
            // What goes to disk says so within an error of its own.
            root if root.to_string().contains("exceeded the allowable limit") => {
                LakeError::OutOfMemory(root.strip_backtrace())
            }
            DataFusionError::ResourcesExhausted(why) => LakeError::OutOfMemory(why.clone()),
            DataFusionError::SQL(why, _) => LakeError::Statement(why.to_string()),
            DataFusionError::Plan(why) => LakeError::Statement(wording::of_plan(why, error, places)),
            DataFusionError::NotImplemented(why) => LakeError::Statement(wording::of_plan(why, error, places)),
            DataFusionError::SchemaError(why, _) => LakeError::Statement(wording::no_column(why, error, places)),
            root => LakeError::Failed(wording::of_root(root, places)),
        }
    }
}

impl From<DeltaTableError> for LakeError {
    fn from(error: DeltaTableError) -> LakeError {
        LakeError::Table(error.to_string())
    }
}
