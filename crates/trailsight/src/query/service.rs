//! A statement over the event data stores of the service that runs: started and watched by AWS's own operations, and its result fetched
//! as it is kept, with the types of its columns.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lake::kept_rows::Rows;
use record::words::clean;
use serde_json::{Value, json};
use server::own_api::PATH;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::Target;
use crate::cli::QueryArgs;
use crate::client::{NoAnswer, Service};

/// How long it is waited before it is looked again how far a query is: at first, and at most.
const PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// So often one after the other nobody may answer who is asked how far it is: a service that is started again goes on with what waits.
const MOST_UNANSWERED: usize = 60;
/// Whoever interrupts a query does not wait long for a service that says nothing.
const CANCELLING: Duration = Duration::from_secs(2);
/// What shells say of who was interrupted.
const INTERRUPTED: u8 = 130;

pub(super) fn run(arguments: &QueryArgs) -> Result<ExitCode> {
    let service = Service::at(&arguments.endpoint)?;
    // What is wrong with where it goes is said before anything is asked.
    let target = Target::create(arguments.format, arguments.out.as_deref())?;
    let statement = json!({ "QueryStatement": arguments.statement });
    let timeout = arguments.timeout.map_or(Duration::MAX, Duration::from_secs);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let code = runtime.block_on(async {
        // Whoever interrupts it is heard from here on.
        let mut interrupts = signal(SignalKind::interrupt())?;
        let started = on_a_thread(&service, move |service| service.operate("StartQuery", &statement)).await?;
        let id = started["QueryId"].as_str().context("the service did not say which query it has started")?.to_owned();
        tokio::select! {
            end = end_of(&service, &id) => finished(&end?)?,
            _ = interrupts.recv() => {
                cancel(&service, &id).await;
                return Ok(ExitCode::from(INTERRUPTED));
            }
            () = sleep(timeout) => {
                cancel(&service, &id).await;
                bail!("the query took longer than {} s, and was cancelled", timeout.as_secs());
            }
        }
        let shown = on_a_thread(&service, move |service| {
            let mut result = tempfile::tempfile().context("there is no room for the result")?;
            service.fetch(&format!("{PATH}query-results/{id}"), &mut result)?;
            show(result, target)
        });
        tokio::select! {
            shown = shown => shown.map(|()| ExitCode::SUCCESS),
            _ = interrupts.recv() => Ok(ExitCode::from(INTERRUPTED)),
        }
    });
    // What was interrupted is not waited for.
    runtime.shutdown_background();
    code
}

/// The service is asked by who waits for it.
async fn on_a_thread<T: Send + 'static>(
    service: &Service,
    work: impl FnOnce(&Service) -> Result<T> + Send + 'static,
) -> Result<T> {
    let service = service.clone();
    spawn_blocking(move || work(&service)).await?
}

/// Asks again and again how far a query is, until it has ended.
async fn end_of(service: &Service, id: &str) -> Result<Value> {
    let (mut pause, mut unanswered) = (PAUSE, 0);
    loop {
        let asked = json!({ "QueryId": id });
        match on_a_thread(service, move |service| service.operate("DescribeQuery", &asked)).await {
            Ok(told) if matches!(told["QueryStatus"].as_str(), Some("QUEUED" | "RUNNING")) => unanswered = 0,
            Ok(told) => return Ok(told),
            Err(error) if error.is::<NoAnswer>() && unanswered < MOST_UNANSWERED => unanswered += 1,
            Err(error) => return Err(error.context(format!("it is not known what became of the query {id}"))),
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Of a query that has ended, whether it has a result.
fn finished(end: &Value) -> Result<()> {
    match end["QueryStatus"].as_str().unwrap_or_default() {
        "FINISHED" => Ok(()),
        status => {
            let why = end["ErrorMessage"].as_str().map_or_else(|| format!("the query ended {status}"), clean);
            bail!("{why}")
        }
    }
}

/// Nobody waits for its result any more. If it cannot be cancelled, it has ended, or will.
async fn cancel(service: &Service, id: &str) {
    let asked = json!({ "QueryId": id });
    let cancelled =
        on_a_thread(service, move |service| service.operate_within(CANCELLING, "CancelQuery", &asked)).await;
    if let Err(error) = cancelled {
        let _ = writeln!(io::stderr(), "trailsight: the query {id} was not cancelled: {error:#}");
    }
}

fn show(mut result: File, mut target: Target) -> Result<()> {
    result.rewind()?;
    let rows = Rows::of(result).context("what the service has answered is no result")?;
    let mut output = target.begin(rows.schema())?;
    for batch in rows {
        output.write(&batch?)?;
    }
    output.finish()?;
    target.finish()
}
