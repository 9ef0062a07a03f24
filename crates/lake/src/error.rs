//! What can go wrong, as whoever wrote the statement is told it.

use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use deltalake_core::DeltaTableError;
use thiserror::Error;

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

impl From<DataFusionError> for LakeError {
    fn from(error: DataFusionError) -> LakeError {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(why) => LakeError::OutOfMemory(why.clone()),
            DataFusionError::SQL(why, _) => LakeError::Statement(why.to_string()),
            DataFusionError::Plan(why) => LakeError::Statement(why.clone()),
            DataFusionError::NotImplemented(why) => LakeError::Statement(why.clone()),
            DataFusionError::SchemaError(why, _) => LakeError::Statement(in_the_users_words(why)),
            _ => LakeError::Failed(error.strip_backtrace()),
        }
    }
}

/// A column that is not there is told by the name that was written, with those that are most like it.
fn in_the_users_words(why: &SchemaError) -> String {
    let SchemaError::FieldNotFound { field, valid_fields } = why else { return why.to_string() };
    let written = field.name();
    let likeness = |name: &str| strsim::jaro_winkler(&name.to_lowercase(), &written.to_lowercase());
    let mut like: Vec<&str> = valid_fields.iter().map(|column| column.name()).collect();
    like.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)).then(a.cmp(b)));
    like.dedup();
    match like.first().filter(|name| likeness(name) > 0.8) {
        Some(nearest) => format!("there is no column `{written}`; did you mean `{nearest}`?"),
        None => format!("there is no column `{written}`; there are {}", like.join(", ")),
    }
}

impl From<DeltaTableError> for LakeError {
    fn from(error: DeltaTableError) -> LakeError {
        LakeError::Table(error.to_string())
    }
}
