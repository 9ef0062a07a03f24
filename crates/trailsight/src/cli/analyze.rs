//! `trailsight analyze`: what is looked at in log files, and how it is told.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::reading::ReadingArgs;
use super::{positive, time};

/// `trailsight analyze`.
#[derive(Debug, Args)]
pub struct AnalyzeArgs {
    /// Log files, folders of them, patterns like 'logs/**/*.json.gz', or s3://bucket/prefix.
    #[arg(value_name = "PATH", required_unless_present = "counts")]
    pub paths: Vec<String>,
    /// Take counts from a CSV instead of log files: minute, account, region, source, name, error_code, count.
    #[arg(long, value_name = "FILE.csv", conflicts_with = "paths")]
    pub counts: Vec<PathBuf>,

    /// How to print what was found.
    #[arg(long, value_enum, default_value = "text", help_heading = "Output")]
    pub format: Format,
    /// Write CloudTrail Insight files below this folder or s3://bucket/prefix, each at its CloudTrail-Insight key.
    #[arg(long, value_name = "DIR|s3://…", help_heading = "Output")]
    pub out: Option<String>,
    /// Write one page with a chart for every insight; it opens offline.
    #[arg(long, value_name = "FILE.html", help_heading = "Output")]
    pub report: Option<PathBuf>,
    /// Insight records have AWS's fields only, without our documented additions.
    #[arg(long, help_heading = "Output")]
    pub strict: bool,
    /// Colours in the report.
    #[arg(long, value_enum, default_value = "auto", help_heading = "Output")]
    pub color: Color,

    /// Report only what goes on at this time or later (RFC 3339, or a UTC day). What came before is learned from.
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = "What is looked at")]
    pub from: Option<i64>,
    /// Report only what started before this time.
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = "What is looked at")]
    pub to: Option<i64>,
    /// Only this account (or pattern). Can be given more than once, like the next three.
    #[arg(long, value_name = "ID", value_parser = pattern, help_heading = "What is looked at")]
    pub account: Vec<String>,
    /// Only this Region (or pattern).
    #[arg(long, value_name = "REGION", value_parser = pattern, help_heading = "What is looked at")]
    pub region: Vec<String>,
    /// Only this event source (or pattern): ec2, or ec2.amazonaws.com.
    #[arg(long, value_name = "SOURCE", value_parser = pattern, help_heading = "What is looked at")]
    pub source: Vec<String>,
    /// Only this event name (or pattern): 'Delete*'.
    #[arg(long, value_name = "NAME", value_parser = pattern, help_heading = "What is looked at")]
    pub name: Vec<String>,
    /// Watch the call rates of APIs that only read, too. (Their errors are always watched.)
    #[arg(long, help_heading = "What is looked at")]
    pub reads: bool,
    /// Watch data events, too.
    #[arg(long, help_heading = "What is looked at")]
    pub data_events: bool,

    /// False alarms that you accept, an account and month: the one setting of sensitivity.
    #[arg(long, value_name = "N", default_value_t = 3.0, value_parser = positive, help_heading = "Sensitivity")]
    pub false_alarms_per_month: f64,

    /// How logs are read.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A report to read.
    Text,
    /// An array of findings.
    Json,
    /// One finding a line.
    Ndjson,
    /// CloudTrail Insight records, one a line.
    Insights,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

fn pattern(text: &str) -> Result<String, String> {
    globset::Glob::new(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}
