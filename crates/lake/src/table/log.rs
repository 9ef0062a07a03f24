//! What stands in a table's log, which is Delta's: what is said of a file, when it was taken out, how long it stays then; and that what was
//! committed is on the disk.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use arrow::error::ArrowError;
use deltalake_core::DeltaTable;
use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake_core::kernel::{Add, Remove, StructType};
use deltalake_core::operations::create::CreateBuilder;
use serde::{Deserialize, Serialize};

use super::DataFile;
use crate::LakeError;
use crate::arrivals::Span;
use crate::moments::{micros, written};
use crate::schema::Kind;

/// Who asks for a table must have read its log within this time: then old files may go. A query runs for an hour at most; and from the making of a
/// file to the commit that names it there are minutes, also where it is sent away, and as old as the moment that sending it began.
const OLD_FILES_KEPT: &str = "interval 2 hours";

/// Begins the log of a table that is not there yet.
pub(super) async fn create(delta: &DeltaTable, kind: Kind) -> Result<DeltaTable, LakeError> {
    let failed = |error: ArrowError| LakeError::Table(error.to_string());
    let columns: StructType = kind.schema().as_ref().try_into_kernel().map_err(failed)?;
    let name = match kind {
        Kind::Events => "events",
        Kind::Insights => "insights",
        Kind::Activity => "activity",
    };
    Ok(CreateBuilder::new()
        .with_log_store(delta.log_store())
        .with_table_name(name)
        .with_columns(columns.fields().cloned())
        .with_configuration([
            ("delta.deletedFileRetentionDuration", Some(OLD_FILES_KEPT)),
            ("delta.logRetentionDuration", Some("interval 1 days")),
            ("delta.dataSkippingStatsColumns", Some("eventTime")),
        ])
        .await?)
}

/// What Delta's log says of a file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Stats {
    num_records: u64,
    min_values: HashMap<String, String>,
    max_values: HashMap<String, String>,
    null_count: HashMap<String, u64>,
}

/// What it says of a file's events. What says nothing may be of any time.
pub(super) fn span(stats: Option<&str>) -> Span {
    let stats: Stats = stats.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let moment = |text: Option<&String>, otherwise| text.and_then(|text| micros(text)).unwrap_or(otherwise);
    Span {
        rows: stats.num_records,
        first: moment(stats.min_values.get("eventTime"), i64::MIN),
        last: moment(stats.max_values.get("eventTime"), i64::MAX),
    }
}

/// A file is one of the table's. `is_new`: nobody had its events before.
pub(super) fn added(file: &DataFile, is_new: bool) -> Add {
    // To the last digit: who asks for the last event of a file is answered by this.
    let stats = Stats {
        num_records: file.span.rows,
        min_values: HashMap::from([("eventTime".into(), written(file.span.first))]),
        max_values: HashMap::from([("eventTime".into(), written(file.span.last))]),
        null_count: HashMap::from([("eventTime".into(), 0)]),
    };
    Add {
        path: file.path.clone(),
        size: file.bytes as i64,
        data_change: is_new,
        stats: serde_json::to_string(&stats).ok(),
        modification_time: file.span.last.div_euclid(1000),
        ..Add::default()
    }
}

/// A file is none any more. `is_change`: nobody has its events from then on.
pub(super) fn removed(file: &DataFile, is_change: bool) -> Remove {
    Remove {
        path: file.path.clone(),
        data_change: is_change,
        extended_file_metadata: Some(true),
        partition_values: Some(HashMap::new()),
        size: Some(file.bytes as i64),
        deletion_timestamp: Some(now_millis()),
        ..Remove::default()
    }
}

/// From then on, files that were taken out are kept for those who still read them.
#[expect(clippy::disallowed_methods, reason = "Delta's log tells when a file was taken out, to all who read it")]
fn now_millis() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// A commit that was made stays, whatever happens to the machine.
pub(super) fn hold_on_to(folder: &Path, version: u64) -> io::Result<()> {
    let log = folder.join("_delta_log");
    File::open(log.join(format!("{version:020}.json")))?.sync_all()?;
    File::open(log)?.sync_all()
}

/// After a power loss the last commit may be a file of nothing: it was never told to be done.
pub(super) fn drop_torn_commit(folder: &Path) -> io::Result<()> {
    let log = folder.join("_delta_log");
    let Ok(entries) = fs::read_dir(&log) else { return Ok(()) };
    let names = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let last = names.filter(|path| path.extension().is_some_and(|of| of == "json")).max();
    match last {
        Some(last) if fs::metadata(&last)?.len() == 0 => fs::remove_file(last),
        _ => Ok(()),
    }
}
