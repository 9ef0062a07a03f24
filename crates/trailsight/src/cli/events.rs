//! `trailsight events`: event patterns, tried on one event, on many, and on log files.

use clap::{Args, Subcommand, ValueEnum};

use super::examples::{EVENTS_EXIT_CODES, EVENTS_MATCH_EXAMPLES, EVENTS_TEST_EXAMPLES};
use super::reading::ReadingArgs;

/// What can be done with event patterns.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Say whether a pattern matches an event and, if not, which field failed and what it held.
    #[command(after_help = format!("{EVENTS_TEST_EXAMPLES}\n\n{EVENTS_EXIT_CODES}"))]
    Test(EventsTestArgs),
    /// Say which CloudTrail records a rule would have matched: would it have fired?
    ///
    /// Each record is put into the envelope in which EventBridge would have had it, and matched. A record that was delivered
    /// twice counts once; Insight records are left out.
    #[command(after_help = format!("{EVENTS_MATCH_EXAMPLES}\n\n{EVENTS_EXIT_CODES}"))]
    Match(Box<EventsMatchArgs>),
}

/// `trailsight events test`.
#[derive(Debug, Args)]
pub struct EventsTestArgs {
    /// The event pattern: a file, - for standard input, or the text itself, which begins with {.
    #[arg(long, value_name = "FILE", required_unless_present = "cases")]
    pub pattern: Option<String>,
    /// The EventBridge event, given likewise.
    #[arg(long, value_name = "FILE", required_unless_present = "cases")]
    pub event: Option<String>,
    /// Many: a file (or -) with a line {"pattern": …, "event": …, "expected": …} a case. Patterns and events are objects, or
    /// texts that hold them. Prints {"verdict": true}, false or "error" (with "error": why) a case, in order; where that is
    /// not what is expected, that too.
    #[arg(long, value_name = "FILE.jsonl", conflicts_with_all = ["pattern", "event", "format"])]
    pub cases: Option<String>,
    /// How to print the answer.
    #[arg(long, value_enum, default_value = "text")]
    pub format: AnswerFormat,
}

/// How it is told whether a pattern matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AnswerFormat {
    /// To read.
    Text,
    /// The same as one JSON object.
    Json,
}

/// `trailsight events match`.
#[derive(Debug, Args)]
pub struct EventsMatchArgs {
    /// The event pattern: a file, - for standard input, or the text itself, which begins with {. Can be given more than once:
    /// a record is told if one of them matches.
    #[arg(long, value_name = "FILE", required = true)]
    pub pattern: Vec<String>,
    /// Log files, folders of them, patterns like 'logs/**/*.json.gz', or s3://bucket/prefix.
    #[arg(value_name = "LOGS", required = true)]
    pub paths: Vec<String>,
    /// How to print what matches.
    #[arg(long, value_enum, default_value = "text")]
    pub format: MatchFormat,
    /// Show so many records, the earliest ones. All are counted.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// How logs are read.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// How matched records are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MatchFormat {
    /// The first ones, and how many a day.
    Text,
    /// The same as one JSON object.
    Json,
    /// The EventBridge event of every matched record, one a line, in the order of the files (which is not quite that of time).
    Ndjson,
}
