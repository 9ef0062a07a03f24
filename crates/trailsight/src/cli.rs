//! The command line, as a table: help, completions and manual pages are made from it. What a command is told stands in a file of
//! its own, or with those that are told the like.

mod analyze;
mod cluster;
mod data_directory;
mod events;
mod examples;
mod query;
mod reading;
mod serve;
mod service_asks;
mod simulate;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser, Subcommand};

use crate::stdout::stdout;

pub use analyze::{AnalyzeArgs, Color, Format};
pub use cluster::{ClusterCommand, ExecutorArgs};
pub use data_directory::{
    BackupArgs, BucketsCommand, CredentialsCommand, DataDirArgs, InstallArgs, LinkArgs, PushKeysCommand, RestoreArgs,
    RuntimesCommand,
};
pub use events::{AnswerFormat, EventsCommand, EventsMatchArgs, EventsTestArgs, MatchFormat};
use examples::{
    ANALYZE_EXAMPLES, BACKUP_EXAMPLES, EXPECTED_EXAMPLES, QUERY_EXAMPLES, SERVE_EXAMPLES, STATUS_EXAMPLES, const_format,
};
pub use query::{QueryArgs, QueryFormat};
pub use reading::ReadingArgs;
pub use serve::{ConfigCommand, DoorArgs, FunctionsArgs, FunctionsSandbox, LogFilter, LogFormat, MailArgs, ServeArgs};
pub use service_asks::{
    ApisArgs, EndpointArgs, ExpectedCommand, InsightsCommand, SendTestArgs, StatusArgs, Verdict, Way,
};
pub use simulate::{SimulateArgs, Size};

/// An open, self-hosted CloudTrail Insights.
///
/// Learns the usual rate of calls and of errors of every API in every account and Region, and says when one becomes unusual:
/// since when, by how much, who was behind it, from where, and why it says so.
#[derive(Debug, Parser)]
#[command(name = "trailsight", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find unusual API activity in CloudTrail log files.
    #[command(after_help = const_format(ANALYZE_EXAMPLES))]
    Analyze(Box<AnalyzeArgs>),
    /// Run the service: AWS's API for trails, rules, topics and buckets, on this machine.
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Box<ServeArgs>),
    /// Check the settings of the service, or print those that are in force.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Install and list what Lambda functions are run with.
    #[command(subcommand)]
    Runtimes(RuntimesCommand),
    /// What the service starts for each function: reads on stdin what to do.
    #[command(hide = true)]
    RunSandboxed,
    /// Link buckets of the service to real storage: S3, what speaks as it does, Google Cloud, Azure, a folder.
    #[command(subcommand)]
    Buckets(BucketsCommand),
    /// Say on one screen how the running service is getting on.
    #[command(after_help = STATUS_EXAMPLES)]
    Status(StatusArgs),
    /// Copy what the service remembers, its keys and its settings into a new folder; also while it runs.
    #[command(after_help = BACKUP_EXAMPLES)]
    Backup(BackupArgs),
    /// Put a backup into an empty data directory, once all of it was found to be whole.
    #[command(after_help = BACKUP_EXAMPLES)]
    Restore(RestoreArgs),
    /// Try what is told of insights.
    #[command(subcommand)]
    Insights(InsightsCommand),
    /// Say what is expected, so that nobody is told of it: mute APIs, announce changes, call insights false alarms.
    #[command(subcommand, after_help = EXPECTED_EXAMPLES)]
    Expected(ExpectedCommand),
    /// Make and delete the credentials that clients sign with where they are demanded; also while the service runs.
    #[command(subcommand)]
    Credentials(CredentialsCommand),
    /// Make and delete the keys that EventBridge of other accounts pushes events with; also while the service runs.
    #[command(subcommand)]
    PushKeys(PushKeysCommand),
    /// Try EventBridge event patterns: on one event, on many, on what has happened.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Ask every event of the running service in SQL, or log files: one SELECT, as CloudTrail Lake understands it.
    #[command(after_help = QUERY_EXAMPLES)]
    Query(Box<QueryArgs>),
    /// Run Lake queries on many machines: a scheduler, and executors that work for it.
    #[command(subcommand)]
    Cluster(ClusterCommand),
    /// Make up AWS accounts as CloudTrail log files, with incidents and the truth beside them.
    Simulate(SimulateArgs),
    /// List the operations of AWS's API that the service answers, and those that it refuses in a sentence.
    Operations {
        /// As JSON, one object an operation: service, operation, refused (why), limit (how far it is answered).
        #[arg(long)]
        json: bool,
    },
    /// Print a script that completes commands and options in your shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder.
    Man {
        /// The folder.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// Prints the completions for a shell.
pub fn print_completions(shell: clap_complete::Shell) -> Result<ExitCode> {
    // Printed at once: whoever stops reading is no error, and clap_complete would panic.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "trailsight", &mut script);
    stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes one manual page a command.
pub fn write_man_pages(folder: &Path) -> Result<ExitCode> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    clap_mangen::generate_to(Cli::command(), folder)
        .with_context(|| format!("cannot write manual pages into {}", folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Where something answers on the web.
fn web_url(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).map_err(|error| format!("{error}: it is like https://host.example.com"))?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    if is_web { Ok(text.to_owned()) } else { Err("it is like https://host.example.com".into()) }
}

fn time(text: &str) -> Result<i64, String> {
    record::time::parse_seconds(text).map_err(|error| error.to_string())
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err("a number above 0 is needed".to_owned()),
    }
}
