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
use tokio::signal::ctrl_c;
use tokio::time::sleep;

use super::Target;
use crate::cli::QueryArgs;
use crate::client::Service;

/// How long it is waited before it is looked again how far a query is: at first, and at most.
const PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// What shells say of who was interrupted.
const INTERRUPTED: u8 = 130;

pub(super) fn run(arguments: &QueryArgs) -> Result<ExitCode> {
    let service = Service::at(&arguments.endpoint)?;
    let started = service.operate("StartQuery", &json!({ "QueryStatement": arguments.statement }))?;
    let id = started["QueryId"].as_str().context("the service did not say which query it has started")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let timeout = arguments.timeout.map_or(Duration::MAX, Duration::from_secs);
    let came = runtime.block_on(async {
        tokio::select! {
            ended = end_of(&service, id) => ended.map(Came::End),
            interrupted = ctrl_c() => Ok(interrupted.map(|()| Came::Interrupt)?),
            () = sleep(timeout) => Ok(Came::Timeout),
        }
    });
    let end = match came {
        Ok(Came::End(end)) => end,
        Ok(Came::Interrupt) => {
            cancel(&service, id);
            return Ok(ExitCode::from(INTERRUPTED));
        }
        Ok(Came::Timeout) => {
            cancel(&service, id);
            bail!("the query took longer than {} s, and was cancelled", timeout.as_secs());
        }
        Err(error) => {
            cancel(&service, id);
            return Err(error);
        }
    };
    let status = end["QueryStatus"].as_str().unwrap_or_default();
    if status != "FINISHED" {
        let why = end["ErrorMessage"].as_str().map_or_else(|| format!("the query ended {status}"), str::to_owned);
        bail!("{}", clean(&why));
    }
    let mut result = tempfile::tempfile().context("there is no room for the result")?;
    service.fetch(&format!("{PATH}query-results/{id}"), &mut result)?;
    show(result, arguments)?;
    Ok(ExitCode::SUCCESS)
}

/// What was waited for.
enum Came {
    /// What is told of the query that has ended.
    End(Value),
    Interrupt,
    Timeout,
}

/// Asks again and again how far a query is, until it has ended.
async fn end_of(service: &Service, id: &str) -> Result<Value> {
    let mut pause = PAUSE;
    loop {
        let (service, asked) = (service.clone(), json!({ "QueryId": id }));
        let told = tokio::task::spawn_blocking(move || service.operate("DescribeQuery", &asked)).await??;
        if !matches!(told["QueryStatus"].as_str(), Some("QUEUED" | "RUNNING")) {
            return Ok(told);
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Nobody waits for its result any more. If it cannot be cancelled, it has ended, or will.
fn cancel(service: &Service, id: &str) {
    if let Err(error) = service.operate("CancelQuery", &json!({ "QueryId": id })) {
        let _ = writeln!(io::stderr(), "trailsight: the query {id} was not cancelled: {error:#}");
    }
}

fn show(mut result: File, arguments: &QueryArgs) -> Result<()> {
    result.rewind()?;
    let rows = Rows::of(result).context("what the service has answered is no result")?;
    let mut target = Target::create(arguments.format, arguments.out.as_deref())?;
    let mut output = target.begin(rows.schema())?;
    for batch in rows {
        output.write(&batch?)?;
    }
    output.finish()?;
    target.finish()
}
