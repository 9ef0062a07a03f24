//! `trailsight query`: one SELECT in CloudTrail Lake's SQL: of the service that runs, or over log files where they lie.
//!
//! `lake` understands and runs it, here or in the service; here is where its rows come from (`service`, `log_files`), and how they are
//! shown (`output`): a table on a terminal, CSV, JSON lines or Parquet elsewhere. Both are shown alike.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use lake::arrow::datatypes::SchemaRef;

use crate::cli::{QueryArgs, QueryFormat};
use crate::out_file::OutFile;
use crate::stdout::stdout;

mod log_files;
mod output;
mod service;

use output::Output;

/// Runs the command.
pub fn run(arguments: &QueryArgs) -> Result<ExitCode> {
    match arguments.logs.is_empty() {
        true => service::run(arguments),
        false => log_files::run(arguments),
    }
}

/// Where a result goes.
struct Target {
    format: QueryFormat,
    file: Option<OutFile>,
}

impl Target {
    /// As it was asked for. What is there under the file's name stays as it is until all of the result is.
    fn create(format: Option<QueryFormat>, out: Option<&Path>) -> Result<Target> {
        let is_for_eyes = out.is_none() && stdout().is_terminal();
        let format = format.unwrap_or(if is_for_eyes { QueryFormat::Table } else { QueryFormat::Csv });
        if format == QueryFormat::Parquet && is_for_eyes {
            bail!("Parquet is nothing for a terminal: name a file with --out");
        }
        Ok(Target { format, file: out.map(OutFile::create).transpose()? })
    }

    /// Begins to write rows of these columns.
    fn begin(&mut self, schema: SchemaRef) -> Result<Output<BufWriter<Box<dyn Write + Send + '_>>>> {
        let out: Box<dyn Write + Send + '_> = match &mut self.file {
            Some(file) => Box::new(file),
            None => Box::new(stdout()),
        };
        Output::new(self.format, schema, BufWriter::new(out))
    }

    /// All was written.
    fn finish(self) -> Result<()> {
        Ok(self.file.map(OutFile::finish).transpose().map(drop)?)
    }
}
