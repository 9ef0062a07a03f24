//! A statement over log files where they lie: folders, files, buckets.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use lake::logs::{LogFiles, LogSource};
use lake::query::{Limits, Query};

use super::Target;
use crate::analyze::inputs::Inputs;
use crate::analyze::logs::{Logs, s3_options};
use crate::cli::QueryArgs;
use crate::world::objects::Objects;

pub(super) fn run(arguments: &QueryArgs) -> Result<ExitCode> {
    let mut objects = Objects::new(s3_options(&arguments.reading))?;
    let mut logs = Logs::open(&arguments.logs, &arguments.reading, &mut objects)?;
    logs.hide_progress();
    let (limits, threads) = (logs.limits, logs.threads);
    // What reads them has threads of its own, which end where nothing is asked any more: not with a part of the statement that was let go last.
    let source = Arc::new(Named { inputs: std::mem::take(&mut logs.inputs), objects });
    let files = LogFiles::new(Arc::clone(&source) as Arc<dyn LogSource>, limits);
    let limits = Limits {
        memory_bytes: (arguments.memory as usize) << 20,
        time: arguments.timeout.map_or(Duration::MAX, Duration::from_secs),
        threads,
        ..Limits::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let unread = files.unread();
    let table: Arc<dyn lake::query::TableProvider> = Arc::new(files);
    let target = runtime.block_on(async {
        // Whatever the statement calls the one table that there is.
        let query = Query::plan(&arguments.statement, |_| Some(Arc::clone(&table)), limits).await?;
        let mut target = Target::create(arguments.format, arguments.out.as_deref())?;
        let mut output = target.begin(query.schema())?;
        query.run(|batch| output.write(&batch).map_err(|error| lake::LakeError::Failed(format!("{error:#}")))).await?;
        output.finish()?;
        anyhow::Ok(target)
    })?;
    for (why, count) in unread.reasons() {
        let _ = writeln!(io::stderr(), "trailsight: not read: {count} × {why}");
    }
    ensure!(!unread.is_every_file(), "no file could be read");
    target.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// The log files that the user named.
struct Named {
    inputs: Inputs,
    objects: Objects,
}

impl fmt::Debug for Named {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} log files", self.inputs.len())
    }
}

impl LogSource for Named {
    fn count(&self) -> usize {
        self.inputs.len()
    }

    fn read(&self, at: usize) -> Result<(Vec<u8>, Option<String>), String> {
        let file = self.inputs.file(at);
        let mut read = Err("it was not read".to_owned());
        self.objects.read_each(std::slice::from_ref(&file), |_, bytes| {
            read = bytes.map(<[u8]>::to_vec).map_err(|error| format!("{error:#}"));
        });
        Ok((read?, file.account))
    }
}
