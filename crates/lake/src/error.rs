//! What can go wrong, as whoever wrote the statement is told it.

use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use deltalake_core::DeltaTableError;
use dialect::{Places, Refused};
use thiserror::Error;

use crate::schema::{Kind, each_name};
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
            DataFusionError::Plan(why) => {
                LakeError::Statement(no_field(why, places).unwrap_or_else(|| wording::of(why, places)))
            }
            DataFusionError::NotImplemented(why) => LakeError::Statement(wording::of(why, places)),
            DataFusionError::SchemaError(why, _) => LakeError::Statement(no_column(why, error, places)),
            root => LakeError::Failed(wording::of_root(root, places)),
        }
    }
}

/// A column that is not there is told by the name that was written and its place, with those that are most like it.
fn no_column(why: &SchemaError, error: &DataFusionError, places: &Places) -> String {
    let SchemaError::FieldNotFound { field, valid_fields } = why else { return why.to_string() };
    let span = field.spans.first().or_else(|| error.diagnostic().and_then(|told| told.span));
    let place = span.map(|span| places.as_written(span.start.line, span.start.column));
    let mut there: Vec<&str> = valid_fields.iter().map(|column| column.name()).collect();
    like_first(field.name(), &mut there);
    let otherwise = format!("there are {}", there.join(", "));
    not_there("column", field.name(), place, &there, &otherwise)
}

/// The same of a field of a column, of which DataFusion tells the name alone.
fn no_field(why: &str, places: &Places) -> Option<String> {
    let written = why.strip_prefix("Field ")?.strip_suffix(" not found in struct")?;
    let mut known = Vec::new();
    for kind in Kind::ALL {
        each_name(kind.schema().fields(), &mut |name| known.push(name.to_owned()));
    }
    let mut there: Vec<&str> = known.iter().map(String::as_str).collect();
    like_first(written, &mut there);
    Some(not_there("field", written, places.of_part(written), &there, "no field of any column is like it"))
}

fn likeness(name: &str, written: &str) -> f64 {
    strsim::jaro_winkler(&name.to_lowercase(), &written.to_lowercase())
}

/// Puts the names first that are most like this one.
pub(crate) fn like_first(written: &str, names: &mut Vec<&str>) {
    names.sort_by(|a, b| likeness(b, written).total_cmp(&likeness(a, written)).then(a.cmp(b)));
    names.dedup();
}

/// Where something is, as a sentence goes on.
pub(crate) fn place_of(place: Option<(u64, u64)>) -> String {
    place.map(|(line, column)| format!(" at Line: {line}, Column: {column}")).unwrap_or_default()
}

/// Says that nothing has this name, and what has one like it.
pub(crate) fn not_there(
    what: &str,
    written: &str,
    place: Option<(u64, u64)>,
    there: &[&str],
    otherwise: &str,
) -> String {
    let place = place_of(place);
    match there.first().filter(|name| likeness(name, written) > 0.8) {
        Some(nearest) => format!("there is no {what} `{written}`{place}; did you mean `{nearest}`?"),
        None => format!("there is no {what} `{written}`{place}; {otherwise}"),
    }
}

impl From<DeltaTableError> for LakeError {
    fn from(error: DeltaTableError) -> LakeError {
        LakeError::Table(error.to_string())
    }
}
