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
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex, OnceLock};

use anyhow::{Context, Result};
use lake::LakeError;
use lake::place::Objects;
use lake::query::Limits;
use server::world::Clock;
use tokio::runtime::Runtime;

mod asking;
mod behind;
mod engine;
mod history;
mod log_files;
mod plugged_in;
mod tables;
mod upkeep;
mod writing;

pub use engine::Engine;
pub use tables::{LOG, TablesIn, has_kept};

use tables::Tables;
use upkeep::Rhythm;

use super::all_buckets::AllBuckets;

/// The lake's folder in a data directory.
pub const FOLDER: &str = "lake";
/// Parts that a query has at least, on however few threads, where its files come from an object store: each is waited for more than worked on.
const FETCHED_AT_ONCE: usize = 8;

/// The tables, and who asks them.
pub struct DataLake {
    /// Not there as long as the object store that they are in was not reached.
    tables: OnceLock<Tables>,
    tables_in: TablesIn,
    making: PathBuf,
    results: PathBuf,
    /// Where log files lie that are read as they lie.
    buckets: AllBuckets,
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
    sweeps: Rhythm,
    gives_back: Rhythm,
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
    /// many it runs on, if not on half of the processors; `engine`: where queries are run; `buckets`: where log files may lie that these read.
    ///
    /// An object store that cannot be reached now is tried again whenever it is asked up to where the tables have come; until then queries fail,
    /// and nothing is kept.
    pub fn open(
        folder: &Path,
        tables_in: TablesIn,
        buckets: AllBuckets,
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
            buckets,
            limits,
            engine,
            clock,
            runtime: Threads(Some(runtime)),
            asking: Mutex::default(),
            askers: AtomicUsize::default(),
            writing: Arc::default(),
            upkeep: Arc::default(),
            sweeps: Rhythm::default(),
            gives_back: Rhythm::default(),
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
}
