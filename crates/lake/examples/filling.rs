//! How fast the lake is filled, and in how much memory: log files read, written as they come, and put together.
//!
//! `cargo run --release -p lake --example filling LOGS TABLE [questions | STATEMENT …]`. LOGS is a folder of log files (`trailsight simulate`), TABLE a
//! folder that is not there yet. Seconds of processor time; memory is the most that was held by then.

#![expect(clippy::disallowed_methods, reason = "it measures")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use lake::arrivals::Arrivals;
use lake::query::{Limits, Query};
use lake::schema::Kind;
use lake::table::{DataFile, Table};
use record::api_call::Record;
use record::log_file::{Limits as FileLimits, Reader};
use record::selection::Part;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bytes of records that are held, as the service holds them.
const HELD_BYTES: usize = 24 << 20;
/// Bytes of log files of a commit, as of a service under 5,000 records a second.
const COMMIT_BYTES: usize = 20 << 20;

const QUESTIONS: &[&str] = &[
    "SELECT count(*) AS n, max(calls) AS most FROM (SELECT date_trunc('minute', eventTime) AS minute, eventSource, eventName, count(*) AS calls FROM events GROUP BY 1, 2, 3)",
    "SELECT userIdentity.arn AS who, count(*) AS n FROM events WHERE errorCode IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10",
    "SELECT count(*) AS n FROM events WHERE eventJson LIKE '%i-0abc%'",
    "SELECT userIdentity.arn AS who, count(DISTINCT sourceIPAddress) AS n FROM events GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10",
    "SELECT eventName FROM events WHERE eventID = '7a0b3c1e-0000-4000-8000-000000000001'",
];

fn log_files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of log files").flatten() {
        let path = entry.path();
        if path.is_dir() {
            log_files(&path, all);
        } else if path.extension().is_some_and(|of| of == "gz") {
            all.push(path);
        }
    }
}

/// Seconds of this process's processor time, and the most memory that it held, in MB.
fn taken() -> (f64, u64) {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks: f64 = [11, 12].map(|at| fields[at].parse::<f64>().unwrap_or_default()).iter().sum();
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let most =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<u64>().ok());
    (ticks / 100.0, most.unwrap_or_default() / 1024)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [logs, folder, rest @ ..] = &*arguments else { panic!("LOGS TABLE [questions]") };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("threads");
    runtime.block_on(async {
        let table = Table::open(Path::new(folder), Kind::Events).await.expect("a table");
        if table.snapshot().kept == 0 {
            fill(&table, Path::new(logs)).await;
        }
        let bytes: u64 = table.snapshot().files.iter().map(|file| file.bytes).sum();
        let rows: u64 = table.snapshot().files.iter().map(|file| file.span.rows).sum();
        println!(
            "{rows} events, {} files, {:.1} bytes an event",
            table.snapshot().files.len(),
            bytes as f64 / rows as f64
        );
        if rest.is_empty() {
            return;
        }
        let asked: Vec<&str> = match rest {
            [word] if word == "questions" => QUESTIONS.to_vec(),
            statements => statements.iter().map(String::as_str).collect(),
        };
        for statement in asked {
            let mut best = f64::MAX;
            for _ in 0..5 {
                let limits = Limits { threads: 1, ..Limits::default() };
                let part = table.part(Part::all());
                let began = Instant::now();
                let query = Query::plan(statement, |_| Some(Arc::clone(&part)), limits).await.expect("a statement");
                query.run(|_| Ok(())).await.expect("an answer");
                best = best.min(began.elapsed().as_secs_f64());
            }
            println!("{:8.1} ms  {statement:.90}", 1000.0 * best);
        }
    });
}

async fn fill(table: &Table, logs: &Path) {
    let mut files = Vec::new();
    log_files(logs, &mut files);
    // In the order of their delivery.
    files.sort_by_key(|path| path.file_name().map(|name| name.to_string_lossy().split('_').nth(3).map(str::to_owned)));
    let mut reader = Reader::new(FileLimits::default());
    let mut arrivals = Arrivals::new(Kind::Events);
    let (mut written, mut through, mut bytes) = (Vec::new(), 0, 0);
    let (mut writing, mut joining) = (0.0, 0.0);
    let (mut events, mut before) = (0, taken().0);
    for (at, path) in files.iter().enumerate() {
        let content = std::fs::read(path).expect("it is there");
        bytes += content.len();
        let read = reader.read(&content, None, |record| {
            if let Ok(Record::Call(call)) = record {
                arrivals.add_call(&call);
                events += 1;
            }
        });
        read.expect("it can be read");
        let is_enough = bytes >= COMMIT_BYTES || at + 1 == files.len();
        if arrivals.bytes() >= HELD_BYTES || is_enough {
            written.extend(table.write(&mut arrivals).await.expect("there is room"));
        }
        if is_enough {
            through += 1;
            table.commit(through, &written).await.expect("there is room");
            (written, bytes) = (Vec::new(), 0);
        }
        if is_enough {
            let (now, most) = taken();
            writing += now - before;
            // As on the day itself: it goes on.
            let today = table.snapshot().files.iter().map(DataFile::day).max().unwrap_or_default();
            while table.merge_small_files(today).await.expect("there is room") > 0 {}
            before = taken().0;
            joining += before - now;
            println!(
                "  {events} events, {writing:.1} s written, {joining:.1} s put together, {most} MB, then {} MB",
                taken().1
            );
        }
    }
    println!(
        "{events} events: {writing:.1} s to read and write them, {joining:.1} s to put them together, {} MB",
        taken().1
    );
}
