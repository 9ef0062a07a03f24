//! The lake in the data directory: three Delta tables, and the results of queries.
//!
//! ```text
//!   lake/events/     Parquet, by day; _delta_log/      other engines may read them at any time
//!   lake/insights/
//!   lake/activity/
//!   lake/results/    a file for each query whose result is kept
//! ```
//!
//! The tables may lie in a linked bucket instead ([`TablesIn`]); what queries need, and their results, stay here.
//!
//! Statements run on threads of their own, half as many as there are processors if nothing else is set, and all that the lake does for long goes
//! behind the rest (`behind`): whoever asks of everything holds up no request, and no counting.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use lake::arrivals::Arrivals;
use lake::kept_rows::{self, KeptRows};
use lake::place::{Objects, Place};
use lake::query::{Limits, Query, Statistics, TableProvider};
use lake::results::texts;
use lake::schema::Kind;
use lake::table::{DataFile, Table};
use lake::vocabulary::{self, FUNCTIONS};
use lake::{LakeError, dialect};
use record::api_call::{ApiCall, Record};
use record::log_file::{Limits as FileLimits, Reader};
use server::world::Clock;
use server::world::lake::{
    Column, Kept, KeptFile, LakeFault, LakeQuery, QueryDone, QueryFault, QueryFaultKind, QueryRow, QueryStatistics,
    StoreView, Vocabulary,
};
use tokio::runtime::Runtime;

use crate::allocator;

mod behind;
mod engine;
mod history;

pub use engine::Engine;

/// The lake's folder in a data directory.
const FOLDER: &str = "lake";
/// Bytes of records that are held until they are written; a few times as much is in memory then.
const HELD_BYTES: usize = 24 << 20;
/// Parts that a query has at least, on however few threads, where its files come from an object store: each is waited for more than worked on.
const FETCHED_AT_ONCE: usize = 8;
/// How often it is looked whether a query was cancelled.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// How long somebody waits for an answer.
const ASKING: Duration = Duration::from_secs(20);
/// Days are UTC's.
const SECONDS_A_DAY: i64 = 86_400;
/// From one time that memory is given back to the next.
const BETWEEN_GIVING_BACK: SignedDuration = SignedDuration::from_secs(10);
/// Who waits for an answer at once.
const MOST_ASKERS: usize = 64;
/// From one time that files of nobody are looked for to the next.
const BETWEEN_SWEEPS: SignedDuration = SignedDuration::from_hours(1);

/// Where the tables are.
#[derive(Clone, Debug)]
pub enum TablesIn {
    /// A folder, each in one of its own.
    Folder(PathBuf),
    /// An object store, each under a prefix of its own.
    Objects(Objects),
}

impl TablesIn {
    /// Those of a data directory, if nothing else is said.
    pub fn data_directory(folder: &Path) -> TablesIn {
        TablesIn::Folder(folder.join(FOLDER))
    }

    /// A table's place. `making`: where files are made that are sent away.
    fn place(&self, name: &str, making: &Path) -> Place {
        match self {
            TablesIn::Folder(folder) => Place::Folder(folder.join(name)),
            TablesIn::Objects(objects) => Place::Objects { objects: objects.part(name), making: making.join(name) },
        }
    }
}

/// The tables.
struct Tables {
    events: Arc<Table>,
    insights: Arc<Table>,
    activity: Arc<Table>,
}

impl Tables {
    async fn open(place: impl Fn(&str) -> Place) -> Result<Tables, LakeError> {
        let open = async |name, kind| Table::open_at(place(name), kind).await.map(Arc::new);
        Ok(Tables {
            events: open("events", Kind::Events).await?,
            insights: open("insights", Kind::Insights).await?,
            activity: open("activity", Kind::Activity).await?,
        })
    }

    fn all(&self) -> [&Arc<Table>; 3] {
        [&self.events, &self.insights, &self.activity]
    }
}

/// The tables, and who asks them.
pub struct DataLake {
    /// Not there as long as the object store that they are in was not reached.
    tables: OnceLock<Tables>,
    tables_in: TablesIn,
    making: PathBuf,
    results: PathBuf,
    limits: Limits,
    engine: Engine,
    clock: Box<dyn Clock>,
    runtime: Threads,
    /// Who waits for an answer asks one after the other: all together would need all memory.
    asking: Mutex<()>,
    askers: AtomicUsize,
    /// Events are written, or small files put together, never both: each needs much memory.
    writing: Arc<tokio::sync::Mutex<()>>,
    upkeep: Arc<AtomicBool>,
    swept_at: Mutex<Option<Timestamp>>,
    given_back_at: Mutex<Option<Timestamp>>,
}

/// Threads that nobody waits for when the service stops: it stops on threads that must not wait.
struct Threads(Option<Runtime>);

impl Threads {
    fn get(&self) -> &Runtime {
        self.0.as_ref().expect("it is taken when this is dropped, and not before")
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl DataLake {
    /// Opens the lake of a data directory, with its tables; makes what there is not. `memory_bytes`: what one query may hold; `threads`: how
    /// many it runs on, if not on half of the processors; `engine`: where queries are run.
    ///
    /// An object store that cannot be reached now is tried again whenever it is asked up to where the tables have come; until then queries fail,
    /// and nothing is kept.
    pub fn open(
        folder: &Path,
        tables_in: TablesIn,
        memory_bytes: usize,
        threads: Option<usize>,
        engine: Engine,
        clock: Box<dyn Clock>,
    ) -> Result<DataLake> {
        let half = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get).div_ceil(2);
        let threads = threads.unwrap_or_else(half);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("lake")
            .on_thread_start(behind::go)
            .enable_all()
            .build()
            .context("cannot start threads for the lake")?;
        let folder = folder.join(FOLDER);
        let making = folder.join("making");
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        // What was being made when the process died.
        let _ = std::fs::remove_dir_all(&making);
        let spill_folder = Some(folder.join("spill"));
        let parts = match tables_in {
            TablesIn::Folder(_) => threads,
            TablesIn::Objects(_) => threads.max(FETCHED_AT_ONCE),
        };
        let limits = Limits { memory_bytes, threads: parts, spill_folder, ..Limits::default() };
        let lake = DataLake {
            tables: OnceLock::new(),
            tables_in,
            making,
            results: folder.join("results"),
            limits,
            engine,
            clock,
            runtime: Threads(Some(runtime)),
            asking: Mutex::default(),
            askers: AtomicUsize::default(),
            writing: Arc::default(),
            upkeep: Arc::default(),
            swept_at: Mutex::default(),
            given_back_at: Mutex::default(),
        };
        match (lake.reach(), &lake.tables_in) {
            (Ok(_), _) => {}
            (Err(error), TablesIn::Folder(folder)) => {
                return Err(error).with_context(|| format!("cannot open the lake in {}", folder.display()));
            }
            (Err(error), TablesIn::Objects(_)) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "until the lake's bucket answers there is no SQL"
                );
            }
        }
        Ok(lake)
    }

    /// The tables; opens them, if they were not reached until now.
    fn reach(&self) -> Result<&Tables, LakeError> {
        if self.tables.get().is_none() {
            let place = |name: &str| self.tables_in.place(name, &self.making);
            let tables = self.runtime.get().block_on(Tables::open(place)).map_err(|error| self.not_reached(&error))?;
            // If another was quicker: its tables are the same.
            let _ = self.tables.set(tables);
            // What was left when the last process ended.
            self.keep_up();
        }
        self.tables()
    }

    /// The tables, if they were reached.
    fn tables(&self) -> Result<&Tables, LakeError> {
        self.tables.get().ok_or_else(|| self.not_reached(&"it is tried again every half minute"))
    }

    fn not_reached(&self, why: &dyn std::fmt::Display) -> LakeError {
        match &self.tables_in {
            TablesIn::Folder(_) => LakeError::Failed(why.to_string()),
            TablesIn::Objects(Objects { store, prefix, .. }) => {
                LakeError::Failed(format!("the lake in {store} under `{prefix}` is not reached: {why}"))
            }
        }
    }

    /// What a statement reads where it names this store.
    fn table(tables: &Tables, view: &StoreView, wants_insights: bool, engine: &Engine) -> Arc<dyn TableProvider> {
        let (table, part) = match (&view.activity, &view.events) {
            (Some(activity), _) => (&tables.activity, activity),
            (None, Some(events)) if !wants_insights => (&tables.events, events),
            (None, _) => (&tables.insights, &view.insights),
        };
        match engine.is_here() {
            true => table.part(part.clone()),
            false => table.part_elsewhere(part.clone()),
        }
    }

    async fn plan(
        &self,
        query: &LakeQuery,
        wants_insights: bool,
        limits: Limits,
        engine: &Engine,
    ) -> Result<Query, LakeError> {
        let tables = self.tables()?;
        let find = |name: &str| {
            let view = query.views.iter().find(|view| view.named.eq_ignore_ascii_case(name))?;
            Some(DataLake::table(tables, view, wants_insights, engine))
        };
        Query::plan_in(engine.session(&limits)?, &query.statement, find, limits).await
    }

    /// The plan of a query. If no event has the columns that it asks for, Insights events may.
    async fn plan_it(&self, query: &LakeQuery, engine: &Engine) -> Result<Query, LakeError> {
        match self.plan(query, false, self.limits.clone(), engine).await {
            Err(LakeError::Statement(why)) if query.views.iter().any(|view| view.events.is_some()) => {
                self.plan(query, true, self.limits.clone(), engine).await.map_err(|_| LakeError::Statement(why))
            }
            planned => planned,
        }
    }

    async fn run_it(
        &self,
        query: &LakeQuery,
        planned: &Query,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        progress: &mut (dyn FnMut(QueryStatistics) + Send),
    ) -> Result<QueryDone, LakeError> {
        let mut rows = KeptRows::new(&self.results, &query.id, &planned.schema())?;
        let looking = async {
            loop {
                tokio::time::sleep(BETWEEN_LOOKS).await;
                if is_cancelled() {
                    return;
                }
                progress(said(planned.statistics()));
            }
        };
        let statistics = tokio::select! {
            done = planned.run(|batch| rows.write(&batch)) => done?,
            () = looking => return Err(LakeError::Cancelled),
        };
        Ok(QueryDone { rows: rows.finish()?, statistics: said(statistics) })
    }

    async fn ask_it(&self, query: &LakeQuery, at_most: usize) -> Result<Vec<QueryRow>, LakeError> {
        let limits = Limits { time: ASKING, ..self.limits.clone() };
        let planned = self.plan(query, false, limits, &Engine::default()).await?;
        let schema = planned.schema();
        let labels = || schema.fields().iter().map(|field| field.name().clone());
        let mut rows = Vec::new();
        planned
            .run(|batch| {
                let texts = texts(&batch).map(|row| row.into_iter().map(Option::unwrap_or_default));
                rows.extend(texts.map(|row| labels().zip(row).collect()).take(at_most - rows.len()));
                Ok(())
            })
            .await?;
        Ok(rows)
    }

    /// Writes those calls of these files that are wanted into files that belong to nobody yet.
    fn write(
        &self,
        events: &Table,
        files: &[KeptFile],
        mut arrivals: Arrivals,
        mut is_wanted: impl FnMut(&ApiCall<'_>) -> bool,
    ) -> Result<Vec<DataFile>, LakeError> {
        // Not one for all times: it keeps room for the largest file that it read.
        let mut reader = Reader::new(FileLimits::default());
        let mut written = Vec::new();
        let _one_of_them = self.writing.blocking_lock();
        for file in files {
            each_call(&mut reader, file, |call| {
                if is_wanted(call) {
                    arrivals.add_call(call);
                }
            });
            if arrivals.bytes() >= HELD_BYTES {
                written.extend(self.runtime.get().block_on(events.write(&mut arrivals))?);
            }
        }
        written.extend(self.runtime.get().block_on(events.write(&mut arrivals))?);
        Ok(written)
    }

    /// Keeps what has come, up to the one of this number.
    fn keep_in(&self, table: &Table, through: u64, mut arrivals: Arrivals) -> Result<(), LakeFault> {
        let kept = async {
            let written = table.write(&mut arrivals).await?;
            table.commit(through, &written).await
        };
        self.runtime.get().block_on(kept).map_err(other)?;
        self.keep_up();
        Ok(())
    }

    /// Gives back the memory that writing took, before small files are put together, which takes as much. Not while one batch follows the other:
    /// they would have to ask for it again.
    fn give_back(&self) {
        let now = self.clock.now();
        let mut last = self.given_back_at.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| now.duration_since(last) >= BETWEEN_GIVING_BACK) {
            *last = Some(now);
            allocator::give_back();
        }
    }

    /// Puts small files together, when nobody does already, and deletes what nobody needs: at first, then every hour. It takes as long as it takes,
    /// and holds up nobody.
    fn keep_up(&self) {
        let Some(tables) = self.tables.get() else { return };
        if self.upkeep.swap(true, Ordering::AcqRel) {
            return;
        }
        let (tables, busy) = (tables.all().map(Arc::clone), Arc::clone(&self.upkeep));
        let writing = Arc::clone(&self.writing);
        let now = self.clock.now();
        let today = now.as_second().div_euclid(SECONDS_A_DAY);
        let sweeps = {
            let mut last = self.swept_at.lock().unwrap_or_else(PoisonError::into_inner);
            // Also if the clock was set back.
            let sweeps = last.is_none_or(|last| now.duration_since(last).abs() >= BETWEEN_SWEEPS);
            *last = if sweeps { Some(now) } else { *last };
            sweeps
        };
        self.runtime.get().spawn(async move {
            let _busy = Busy(busy);
            for table in tables {
                // At first: it may be that there is no room to put anything together.
                if sweeps {
                    sweep(&table, now).await;
                }
                if let Err(error) = keep_up(&table, today, &writing).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the lake's files cannot be put together");
                }
            }
        });
    }
}

/// One of those who ask, until this is dropped.
struct Asker<'a>(&'a AtomicUsize);

impl<'a> Asker<'a> {
    /// `None`: there are too many.
    fn of(askers: &'a AtomicUsize) -> Option<Asker<'a>> {
        let asker = Asker(askers);
        (askers.fetch_add(1, Ordering::AcqRel) < MOST_ASKERS).then_some(asker)
    }
}

impl Drop for Asker<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Somebody puts files together, until this is dropped: also if that breaks down.
struct Busy(Arc<AtomicBool>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

async fn sweep(table: &Table, now: Timestamp) {
    match table.delete_unused_files(now.as_microsecond()).await {
        Ok(files) => tracing::debug!(files, table = ?table.kind(), "files of the lake that nobody needs were deleted"),
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the lake's files that nobody needs cannot be deleted"
            );
        }
    }
}

async fn keep_up(table: &Table, today: i64, writing: &tokio::sync::Mutex<()>) -> Result<(), LakeError> {
    loop {
        // Whoever waits to keep what is new is let in between.
        let one_of_them = writing.lock().await;
        let together = table.merge_small_files(today).await?;
        drop(one_of_them);
        match together {
            0 => break,
            files => tracing::debug!(files, table = ?table.kind(), "small files of the lake were put together"),
        }
    }
    Ok(())
}

impl server::world::Lake for DataLake {
    fn understand(&self, statement: &str) -> Result<Vec<String>, QueryFault> {
        Ok(dialect::understand(statement).map_err(fault)?.stores.into_iter().collect())
    }

    fn vocabulary(&self) -> Vocabulary {
        let of = |kind| vocabulary::columns(kind).into_iter().map(column_of).collect();
        let functions = FUNCTIONS.iter().map(|name| (*name).to_owned()).collect();
        let (events, insights, activity) = (of(Kind::Events), of(Kind::Insights), of(Kind::Activity));
        Vocabulary { events, insights, activity, functions }
    }

    fn check(&self, query: &LakeQuery) -> Result<(), QueryFault> {
        let mut query = query.clone();
        for view in &mut query.views {
            // Of no moment at all: no file is looked for.
            let parts = [Some(&mut view.insights), view.events.as_mut(), view.activity.as_mut()];
            parts.into_iter().flatten().for_each(|part| part.windows.clear());
        }
        self.runtime.get().block_on(self.plan_it(&query, &Engine::default())).map(drop).map_err(fault)
    }

    fn run(
        &self,
        query: &LakeQuery,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        progress: &mut (dyn FnMut(QueryStatistics) + Send),
    ) -> Result<QueryDone, QueryFault> {
        let planned = self.runtime.get().block_on(self.plan_it(query, &self.engine)).map_err(fault)?;
        let (ended, goes_on) = channel::<()>();
        let stopper = planned.stopper();
        let watch = move || {
            while goes_on.recv_timeout(BETWEEN_LOOKS) == Err(RecvTimeoutError::Timeout) {
                if is_cancelled() {
                    return stopper.stop();
                }
            }
        };
        // From a thread of its own: a statement may be so busy that nothing else on its threads comes to look.
        std::thread::scope(|scope| {
            scope.spawn(watch);
            let run = || self.runtime.get().block_on(self.run_it(query, &planned, is_cancelled, progress));
            let done = behind::run(run);
            drop(ended);
            done.map_err(fault)
        })
    }

    fn ask(&self, query: &LakeQuery, at_most: usize) -> Result<Vec<QueryRow>, QueryFault> {
        // Each of them holds a thread of the service while it waits.
        let _asker = Asker::of(&self.askers).ok_or_else(|| QueryFault {
            kind: QueryFaultKind::Busy,
            text: format!("{MOST_ASKERS} ask the lake already, one after the other: ask again in a moment."),
        })?;
        let _one_at_a_time = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        self.runtime.get().block_on(self.ask_it(query, at_most)).map_err(fault)
    }

    fn rows(&self, id: &str, from: u64, at_most: usize) -> Result<Vec<QueryRow>, QueryFault> {
        kept_rows::read(&self.results, id, from, at_most).map_err(fault)
    }

    fn forget(&self, id: &str) {
        kept_rows::forget(&self.results, id);
    }

    fn kept(&self) -> Result<Kept, LakeFault> {
        let tables = self.reach().map_err(other)?;
        let [batch, insight, activity] = tables.all().map(|table| table.snapshot().kept);
        Ok(Kept { batch, insight, activity, import: tables.events.snapshot().imported })
    }

    fn expire(&self, before: Timestamp) -> Result<(), LakeFault> {
        for table in self.tables().map_err(other)?.all() {
            let files = self.runtime.get().block_on(table.expire(before.as_microsecond())).map_err(other)?;
            tracing::debug!(files, table = ?table.kind(), %before, "the lake's oldest days are in no store any more");
        }
        Ok(())
    }

    fn keep(&self, through_batch: u64, files: &[KeptFile]) -> Result<(), LakeFault> {
        let events = &self.tables().map_err(other)?.events;
        let written = behind::run(|| {
            let written = self.write(events, files, Arrivals::new(Kind::Events), |_| true);
            self.give_back();
            written
        });
        let written = written.map_err(other)?;
        self.runtime.get().block_on(events.commit(through_batch, &written)).map_err(other)?;
        self.keep_up();
        Ok(())
    }

    fn import(&self, part: u64, files: &[KeptFile]) -> Result<(), LakeFault> {
        behind::run(|| self.import_part(part, files)).map_err(other)
    }

    fn keep_insights(&self, through: u64, records: &[String]) -> Result<(), LakeFault> {
        let mut arrivals = Arrivals::new(Kind::Insights);
        records.iter().for_each(|record| arrivals.add_insight(record));
        self.keep_in(&self.tables().map_err(other)?.insights, through, arrivals)
    }

    fn keep_activity(&self, through: u64, records: &[String]) -> Result<(), LakeFault> {
        let mut arrivals = Arrivals::new(Kind::Activity);
        records.iter().for_each(|record| arrivals.add_activity(record));
        self.keep_in(&self.tables().map_err(other)?.activity, through, arrivals)
    }
}

fn column_of(column: vocabulary::Column) -> Column {
    let vocabulary::Column { name, kind, fields } = column;
    Column { name, kind, fields: fields.into_iter().map(column_of).collect() }
}

/// The calls of a file that are to be kept, as far as it can be read: what cannot be was told when it was counted, or by the import.
fn each_call(reader: &mut Reader, file: &KeptFile, mut each: impl FnMut(&ApiCall<'_>)) {
    let account = file.account_region.as_ref().map(|(account, _)| account.as_str());
    let (mut place, mut left_out) = (0, file.left_out.iter().copied().peekable());
    let read = reader.read(&file.bytes, account, |record| {
        let is_left_out = left_out.next_if_eq(&place).is_some();
        place += 1;
        if let Ok(Record::Call(call)) = record
            && !is_left_out
        {
            each(&call);
        }
    });
    if let Err(why) = read {
        tracing::debug!(bucket = file.bucket, key = file.key, %why, "a log file is kept as far as it can be read");
    }
}

fn said(statistics: Statistics) -> QueryStatistics {
    let Statistics { events_matched, events_scanned, bytes_scanned } = statistics;
    QueryStatistics { events_matched, events_scanned, bytes_scanned }
}

fn fault(error: LakeError) -> QueryFault {
    let kind = match &error {
        LakeError::Statement(_) => QueryFaultKind::Statement,
        LakeError::NoStore(_) => QueryFaultKind::NoStore,
        LakeError::OutOfMemory(_) => QueryFaultKind::TooLarge,
        LakeError::TimedOut(_) => QueryFaultKind::TimedOut,
        LakeError::Cancelled => QueryFaultKind::Cancelled,
        LakeError::Failed(_) | LakeError::Table(_) => QueryFaultKind::Failed,
    };
    QueryFault { kind, text: error.to_string() }
}

fn other(error: LakeError) -> LakeFault {
    LakeFault::Other(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::clock::SystemClock;

    /// It may have ended before small files were put together, and nothing may come any more.
    #[test]
    fn small_files_that_were_left_are_put_together_after_a_start() {
        let folder = tempfile::tempdir().expect("there is room");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a thread");
        runtime.block_on(async {
            let table = Table::open(&folder.path().join("lake/insights"), Kind::Insights).await.expect("it is made");
            for through in 1..=3 {
                let mut arrivals = Arrivals::new(Kind::Insights);
                arrivals.add_insight(&format!(r#"{{"eventTime":"2020-02-10T12:00:00Z","eventID":"id-{through}"}}"#));
                let written = table.write(&mut arrivals).await.expect("there is room");
                table.commit(through, &written).await.expect("there is room");
            }
            assert_eq!(table.snapshot().files.len(), 3);
        });
        let tables = TablesIn::data_directory(folder.path());
        let lake = DataLake::open(folder.path(), tables, 64 << 20, None, Engine::default(), Box::new(SystemClock))
            .expect("it is there");
        let insights = &lake.tables().expect("they are here").insights;
        while insights.snapshot().files.len() > 1 {
            std::thread::yield_now();
        }
        assert_eq!(insights.snapshot().files[0].span.rows, 3);
    }
}
