//! Tables: all events, all Insights events, and all events from outside of AWS, as Delta tables in a folder or an object store, which other engines
//! read too.
//!
//! ```text
//!   arrivals ──► Parquet files ──► one commit, with the number up to which all is there ──► snapshot ──► queries
//!                                                  upkeep: small files together, old ones gone ──┘
//! ```
//!
//! A commit and its number (an application transaction of Delta's) are there together or not at all, so whoever hands events on
//! asks how far the table has come, and goes on from there: each is there once, wherever the process died. A file that no commit
//! names is nobody's; upkeep deletes it. <https://github.com/delta-io/delta/blob/master/PROTOCOL.md>

use std::fs;
use std::io::{self, Write};
use std::path::{self, Path};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::object_store::Error as StoreError;
use datafusion::object_store::path::Path as Key;
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties, TableReference};
use deltalake_core::kernel::{Action, Transaction};
use deltalake_core::operations::vacuum::{Clock, VacuumMode};
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableBuilder, DeltaTableError, ensure_table_uri};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::LakeError;
use crate::arrivals::{Arrivals, DayFile, Span};
use crate::moments::{DAY_MICROS, shown};
use crate::place::Place;
use crate::schema::Kind;

mod log;

use log::{added, create, drop_torn_commit, hold_on_to, removed, span};

/// By what names the numbers of what is kept stand in a table.
const KEPT: &str = "trailsight";
const IMPORTED: &str = "trailsight-imports";

/// A table. One process writes it; within it, one thread at a time.
#[derive(Debug)]
pub struct Table {
    kind: Kind,
    place: Place,
    delta: tokio::sync::Mutex<DeltaTable>,
    newest: Mutex<Arc<Snapshot>>,
}

/// The files of a table at some moment. They stay for a while after others have taken their place.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Every file.
    pub files: Vec<DataFile>,
    /// The number up to which all is there; 0 if nothing is.
    pub kept: u64,
    /// The number of the last part of imports that is there, too.
    pub imported: u64,
}

/// A Parquet file of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Where it lies within the table's folder.
    pub path: String,
    /// How large it is.
    pub bytes: u64,
    /// What is in it.
    pub span: Span,
}

impl DataFile {
    /// The UTC day of its events, since 1970.
    pub fn day(&self) -> i64 {
        self.span.first.div_euclid(DAY_MICROS)
    }
}

impl Span {
    /// What is known of these together.
    pub(crate) fn of(files: &[DataFile]) -> Span {
        let both =
            |a: Span, b: Span| Span { rows: a.rows + b.rows, first: a.first.min(b.first), last: a.last.max(b.last) };
        files.iter().map(|file| file.span).reduce(both).unwrap_or(Span { rows: 0, first: 0, last: 0 })
    }
}

impl Table {
    /// Opens the table in a folder; makes it if there is none.
    pub async fn open(folder: &Path, kind: Kind) -> Result<Table, LakeError> {
        Table::open_at(Place::Folder(folder.to_owned()), kind).await
    }

    /// Opens the table in a place; makes it if there is none.
    pub async fn open_at(place: Place, kind: Kind) -> Result<Table, LakeError> {
        let (place, builder) = match place {
            Place::Folder(folder) => {
                fs::create_dir_all(&folder).map_err(failed_in(&folder))?;
                let folder = folder.canonicalize().map_err(failed_in(&folder))?;
                drop_torn_commit(&folder).map_err(failed_in(&folder))?;
                let builder = DeltaTableBuilder::from_url(ensure_table_uri(folder.to_string_lossy())?)?;
                (Place::Folder(folder), builder)
            }
            Place::Objects { objects, making } => {
                // A file that is made in it is told by its whole path.
                let making = path::absolute(&making).map_err(failed_in(&making))?;
                // It asks no more of a store than that it can put what is not there, whatever the URL calls it.
                let url = ensure_table_uri(format!("memory:///{}/", objects.prefix))?;
                let builder = DeltaTableBuilder::from_url(url.clone())?;
                let builder = builder.with_storage_backend(Arc::clone(&objects.store), url);
                (Place::Objects { objects, making }, builder)
            }
        };
        let mut delta = builder.build()?;
        if delta.verify_deltatable_existence().await? {
            delta.load().await?;
        } else {
            delta = create(&delta, kind).await?;
        }
        let table = Table { kind, place, delta: tokio::sync::Mutex::new(delta), newest: Mutex::default() };
        let delta = table.delta.lock().await;
        table.see(&delta).await?;
        drop(delta);
        Ok(table)
    }

    /// What is in it.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Where it lies.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// As it is now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.newest.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes these events into files that belong to nobody yet. [`Table::commit`] makes them part of the table.
    pub async fn write(&self, arrivals: &mut Arrivals) -> Result<Vec<DataFile>, LakeError> {
        let files = arrivals.take().map_err(|error| LakeError::Table(error.to_string()))?;
        let mut written = Vec::with_capacity(files.len());
        for DayFile { day, bytes, span } in files {
            let mut file = self.new_file(day)?;
            file.write_all(&bytes).map_err(failed_in(file.path()))?;
            written.push(self.keep(file, span).await?);
        }
        Ok(written)
    }

    /// A new file for events of this day.
    pub(crate) fn new_file(&self, day: i64) -> Result<NamedTempFile, LakeError> {
        let day = shown(day.saturating_mul(DAY_MICROS));
        let folder = self.place.making().join(day.split(' ').next().unwrap_or_default());
        fs::create_dir_all(&folder).map_err(failed_in(&folder))?;
        let file = tempfile::Builder::new().prefix("events-").rand_bytes(16).suffix(".parquet").tempfile_in(&folder);
        file.map_err(failed_in(&folder))
    }

    /// A file that was written stays. It belongs to nobody until a commit names it.
    pub(crate) async fn keep(&self, file: NamedTempFile, span: Span) -> Result<DataFile, LakeError> {
        let (path, bytes) = self.place.keep(file).await?;
        Ok(DataFile { path, bytes, span })
    }

    /// Makes these files part of the table, with all that came up to this number: both or nothing. If that much is kept
    /// already, nothing is done.
    pub async fn commit(&self, through: u64, files: &[DataFile]) -> Result<(), LakeError> {
        self.add(KEPT, |snapshot| snapshot.kept, through, files).await
    }

    /// The same for a part of an import, which are numbered for themselves.
    pub async fn commit_import(&self, part: u64, files: &[DataFile]) -> Result<(), LakeError> {
        self.add(IMPORTED, |snapshot| snapshot.imported, part, files).await
    }

    async fn add(
        &self,
        whose: &str,
        reached: impl Fn(&Snapshot) -> u64,
        through: u64,
        files: &[DataFile],
    ) -> Result<(), LakeError> {
        let mut delta = self.delta.lock().await;
        if reached(&self.snapshot()) >= through {
            return Ok(());
        }
        let actions = files.iter().map(|file| Action::Add(added(file, true))).collect();
        let operation = DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None };
        let number = i64::try_from(through).unwrap_or(i64::MAX);
        let kept = CommitProperties::default().with_application_transaction(Transaction::new(whose, number));
        self.finish(&mut delta, kept, actions, operation).await
    }

    /// Puts files in the place of others that have the same events.
    pub(crate) async fn replace(&self, old: &[DataFile], new: &[DataFile]) -> Result<(), LakeError> {
        let mut delta = self.delta.lock().await;
        let gone = old.iter().map(|file| Action::Remove(removed(file, false)));
        let actions = gone.chain(new.iter().map(|file| Action::Add(added(file, false)))).collect();
        let operation = DeltaOperation::Optimize { predicate: None, target_size: crate::upkeep::LARGE_BYTES as i64 };
        self.finish(&mut delta, CommitProperties::default(), actions, operation).await
    }

    /// Takes files out of the table.
    pub(crate) async fn remove(&self, files: &[DataFile]) -> Result<(), LakeError> {
        let mut delta = self.delta.lock().await;
        let actions = files.iter().map(|file| Action::Remove(removed(file, true))).collect();
        self.finish(&mut delta, CommitProperties::default(), actions, DeltaOperation::Delete { predicate: None }).await
    }

    /// Deletes files that were taken out hours ago, and those that no commit names, as old. Says how many. `now`: in microseconds since 1970.
    ///
    /// It goes by what lies there, not by what the log says was taken out: the log forgets that at its next checkpoint, and never knew of what a
    /// death left. Nobody waits for it, neither who asks nor who commits: it commits nothing.
    pub async fn delete_unused_files(&self, now: i64) -> Result<usize, LakeError> {
        let delta = self.delta.lock().await.clone();
        let files = delta.log_store().object_store(None);
        // By the clock that the files have, as the newest commit tells it: one that is ahead of it would take for old what is just being
        // written.
        let times = files.list(Some(&Key::from("_delta_log"))).map_ok(|file| file.last_modified.timestamp_micros());
        let newest = times.try_fold(i64::MIN, async |newest, time| Ok(newest.max(time))).await;
        let now = newest.map_err(DeltaTableError::from)?.min(now);
        let clock = Arc::new(Moment(now.div_euclid(1000)));
        let looked = delta.vacuum().with_mode(VacuumMode::Full).with_clock(clock).with_dry_run(true).await?;
        let unused = looked.1.files_deleted.into_iter().map(|path| Ok(Key::parse(path)?));
        let unused: Vec<_> = unused.collect::<Result<_, StoreError>>().map_err(DeltaTableError::from)?;
        let gone = files.delete_stream(stream::iter(unused).map(Ok).boxed()).map(|gone| match gone {
            Ok(_) => Ok(1),
            Err(StoreError::NotFound { .. }) => Ok(0),
            Err(error) => Err(error),
        });
        Ok(gone.try_fold(0, async |all, gone| Ok(all + gone)).await.map_err(DeltaTableError::from)?)
    }

    async fn finish(
        &self,
        delta: &mut DeltaTable,
        properties: CommitProperties,
        actions: Vec<Action>,
        operation: DeltaOperation,
    ) -> Result<(), LakeError> {
        let state = delta.snapshot()?.clone();
        let reference: &dyn TableReference = &state;
        let done = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(reference), delta.log_store(), operation)
            .await;
        let done = match done {
            Ok(done) => done,
            Err(error) => {
                // It may be there all the same, and only the answer was lost: whoever tries again must know.
                delta.update_state().await?;
                self.see(delta).await?;
                return Err(error.into());
            }
        };
        if let Place::Folder(folder) = &self.place {
            hold_on_to(folder, done.version()).map_err(failed_in(folder))?;
        }
        delta.update_state().await?;
        self.see(delta).await
    }

    /// Reads what the table is now.
    async fn see(&self, delta: &DeltaTable) -> Result<(), LakeError> {
        let state = delta.snapshot()?;
        let kept = state.snapshot().transaction_version(delta.log_store().as_ref(), KEPT).await?;
        let imported = state.snapshot().transaction_version(delta.log_store().as_ref(), IMPORTED).await?;
        let log = state.log_data();
        let files = log.iter().map(|file| DataFile {
            path: file.path().into_owned(),
            bytes: file.size().try_into().unwrap_or(0),
            span: span(file.stats().as_deref()),
        });
        let mut files: Vec<DataFile> = files.collect();
        files.sort_unstable_by(|a, b| (a.span.first, &a.path).cmp(&(b.span.first, &b.path)));
        let number = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0);
        let (kept, imported) = (number(kept), number(imported));
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(Snapshot { files, kept, imported });
        Ok(())
    }
}

/// Now, in milliseconds since 1970.
#[derive(Debug)]
struct Moment(i64);

impl Clock for Moment {
    fn current_timestamp_millis(&self) -> i64 {
        self.0
    }
}

pub(crate) fn failed_in(place: &Path) -> impl Fn(io::Error) -> LakeError {
    let place = place.display().to_string();
    move |error| LakeError::Table(format!("{place}: {error}"))
}
