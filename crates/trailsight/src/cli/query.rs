//! `trailsight query`: a statement, of the service that runs or over log files.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::EndpointArgs;
use super::reading::ReadingArgs;

/// `trailsight query`.
#[derive(Debug, Args)]
#[command(mut_group("ReadingArgs", |reading| reading.requires("logs")))]
pub struct QueryArgs {
    /// The SELECT.
    // It may begin with a comment.
    #[arg(value_name = "SQL", allow_hyphen_values = true)]
    pub statement: String,
    /// Read these instead of asking the service: log files, folders of them, or s3://bucket/prefix. Can be given more than once.
    #[arg(long, value_name = "PATH")]
    pub logs: Vec<String>,
    /// The service.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
    /// How the result is shown (a table on a terminal, CSV elsewhere). JSON: one object a row.
    #[arg(long, value_enum)]
    pub format: Option<QueryFormat>,
    /// Write the result into this file.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// MiB of memory that the statement may hold over log files; what sorts and groups need beyond that goes to disk.
    #[arg(long, value_name = "MIB", requires = "logs", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(16..))]
    pub memory: u32,
    /// Give up after so many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: Option<u64>,
    /// How logs are read.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// How a result is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QueryFormat {
    /// Columns beside each other.
    Table,
    /// Comma-separated, with a head line; each value as CloudTrail Lake shows it.
    Csv,
    /// One object a row.
    Json,
    /// Apache Parquet.
    Parquet,
}
