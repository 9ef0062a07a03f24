//! SQL over events, from records to values, through one door.

mod among;
mod any_text;
mod between;
mod elsewhere;
mod faults;
mod functions_page;
mod hostile;
mod insights_function;
mod joins;
mod killed;
mod labels;
mod log_files;
mod sample_queries;
mod statements;
mod stores;
mod tables;
mod trino_answers;
mod trino_functions;
mod trino_lambdas;
mod upkeep;
mod wholes;
mod zones;

use std::path::Path;
use std::sync::Arc;

use lake::arrivals::Arrivals;
use lake::arrow::array::RecordBatch;
use lake::arrow::datatypes::Schema;
use lake::kept_rows::{self, KeptRows, Rows};
use lake::logs::{LogFiles, LogSource};
use lake::query::{Limits, Query, TableProvider};
use lake::schema::Kind;
use lake::table::Table;
use lake::{LakeError, results};
use record::api_call::Record;
use record::log_file::{Limits as FileLimits, Reader};
use record::selection::Part;
use tokio::runtime::Runtime;

const ACCOUNT: &str = "123456789012";

/// Log files in memory.
#[derive(Debug)]
struct InMemory(Vec<String>);

impl LogSource for InMemory {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn read(&self, at: usize) -> Result<(Vec<u8>, Option<String>), String> {
        Ok((self.0[at].clone().into_bytes(), Some(ACCOUNT.into())))
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads")
}

fn log_files(records: &[String]) -> Vec<String> {
    records.chunks(3).map(|records| format!("{{\"Records\":[{}]}}", records.join(","))).collect()
}

/// What a statement gives over these records: labels, then rows, each value as Lake shows it. Whether they are read from log files or
/// from a table that has kept them, it is the same.
fn ask(records: &[String], statement: &str) -> Result<Vec<String>, LakeError> {
    let files = log_files(records);
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Events).await?;
        for (number, file) in (1..).zip(&files) {
            keep(&table, number, std::slice::from_ref(file)).await?;
        }
        let from_table = answer(table.part(Part::all()), statement).await;
        let from_files =
            answer(Arc::new(LogFiles::new(Arc::new(InMemory(files)), FileLimits::default())), statement).await;
        if let (Ok(table), Ok(files)) = (&from_table, &from_files) {
            // Where nothing is said of their order, it may be any.
            let sorted = |rows: &[String]| {
                let mut rows = rows.to_vec();
                rows.sort();
                rows
            };
            assert_eq!(sorted(table), sorted(files), "{statement}");
        }
        assert_eq!(from_table.is_ok(), from_files.is_ok(), "{statement}: {from_table:?}, {from_files:?}");
        from_files
    })
}

async fn answer(table: Arc<dyn TableProvider>, statement: &str) -> Result<Vec<String>, LakeError> {
    let limits = Limits { threads: 2, ..Limits::default() };
    let query = Query::plan(statement, |name| (name != "nowhere").then(|| Arc::clone(&table)), limits).await?;
    let labels: Vec<String> = query.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut rows = vec![labels.join(" | ")];
    let mut batches = Vec::new();
    query
        .run(|batch| {
            batches.push(batch);
            Ok(())
        })
        .await?;
    rows.extend(kept_texts(&query, &batches).iter().map(|row| row.join(" | ")));
    Ok(rows)
}

/// The texts of these rows. What is kept of them has the same.
fn kept_texts(query: &Query, batches: &[RecordBatch]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().expect("there is room");
    let mut kept = KeptRows::new(folder.path(), "it", &query.schema()).expect("there is room");
    batches.iter().for_each(|batch| kept.write(batch).expect("its columns are of kinds that can be kept"));
    let rows = kept.finish().expect("there is room");
    let of = |batches: &[RecordBatch]| batches.iter().flat_map(results::texts).collect::<Vec<_>>();
    let texts = of(batches);
    let read = Rows::of(kept_rows::open(folder.path(), "it").expect("it is kept")).expect("it can be read");
    let labels = |of: &Schema| of.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
    assert_eq!((rows, labels(&read.schema())), (texts.len() as u64, labels(&query.schema())));
    let read: Vec<RecordBatch> = read.collect::<Result<_, _>>().expect("it can be read");
    assert_eq!(of(&read), texts);
    let shown = |row: Vec<Option<String>>| row.into_iter().map(|text| text.unwrap_or_else(|| "NULL".into())).collect();
    texts.into_iter().map(shown).collect()
}

/// Keeps log files, as far as this number.
async fn keep(table: &Table, through: u64, files: &[String]) -> Result<(), LakeError> {
    let mut arrivals = Arrivals::new(table.kind());
    let mut reader = Reader::new(FileLimits::default());
    for file in files {
        let read = reader.read(file.as_bytes(), Some(ACCOUNT), |record| {
            if let Ok(Record::Call(call)) = record {
                arrivals.add_call(&call);
            }
        });
        read.expect("it is a log file");
    }
    let written = table.write(&mut arrivals).await?;
    table.commit(through, &written).await
}

/// Now, in microseconds since 1970: what lies on a disk is as old as the machine says.
#[expect(clippy::disallowed_methods, reason = "the disk's clock is the machine's")]
fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

fn files_in(folder: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("it is there") {
            let path = entry.expect("it can be read").path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.to_string_lossy().ends_with(ending) => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}
