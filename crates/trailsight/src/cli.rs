//! The command line, as a table: help, completions and manual pages are made from it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::world::web::Allowed;
use anyhow::{Context, Result};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

/// Exit codes of `analyze`.
const EXIT_CODES: &str = "Exit codes:
  0   nothing unusual (whatever stands out or was rejected)
  10  at least one insight
  2   wrong usage
  1   failure";

const ANALYZE_EXAMPLES: &str = "Examples:
  What was unusual in a folder of log files, as AWS delivers them:
      trailsight analyze ./AWSLogs
  The same, straight from the bucket (keys and Region from the environment or ~/.aws):
      trailsight analyze s3://my-trail-bucket/AWSLogs/123456789012
  Last week only; everything before it is learned from:
      trailsight analyze ./AWSLogs --from 2026-11-16
  Reads too, ten false alarms a month are fine, and a page for the incident channel:
      trailsight analyze ./AWSLogs --reads --false-alarms-per-month 10 --report insights.html
  One line of JSON a finding, for a pipeline:
      trailsight analyze ./AWSLogs --format ndjson | jq 'select(.direction == \"increase\")'
  CloudTrail Insight records, written where AWS would put them:
      trailsight analyze ./AWSLogs --out s3://my-trail-bucket
  Counts you already have (minute, account, region, source, name, error_code, count):
      trailsight analyze --counts counts.csv";

const QUERY_EXAMPLES: &str = "Examples:
  Who was refused most often, and what:
      trailsight query --logs ./AWSLogs \"SELECT userIdentity.arn, eventName, count(*) AS n FROM logs
          WHERE errorCode LIKE '%Denied%' GROUP BY 1, 2 ORDER BY n DESC LIMIT 20\"
  From which addresses each access key was used in a night, straight from the bucket, as CSV:
      trailsight query --logs s3://my-trail-bucket/AWSLogs/123456789012 --format csv \"SELECT userIdentity.accessKeyId AS key,
          array_agg(DISTINCT sourceIPAddress) AS addresses FROM logs
          WHERE eventTime BETWEEN '2026-02-10 00:00:00' AND '2026-02-10 06:00:00' GROUP BY 1\"
  All events of a user as Parquet, for other engines:
      trailsight query --logs ./AWSLogs --out ann.parquet --format parquet \"SELECT * FROM logs WHERE userIdentity.userName = 'ann'\"

The table may have any name. Its columns are those of CloudTrail Lake:
<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-supported-event-schemas.html>";

/// Exit codes of `events`.
const EVENTS_EXIT_CODES: &str = "Exit codes:
  0   it matches (with --cases: all is as expected)
  1   it does not match (with --cases: something is not as expected)
  2   wrong usage, or an error: a bad pattern, a bad event, a file that cannot be read";

const EVENTS_TEST_EXAMPLES: &str = "Examples:
  Why does my rule not match?
      trailsight events test --pattern rule.json --event event.json
  The same, without files:
      trailsight events test --pattern '{\"source\": [\"aws.ec2\"]}' --event '{\"source\": \"aws.s3\"}'
  Many at once, for CI: lines of {\"pattern\": …, \"event\": …, \"expected\": true}
      trailsight events test --cases cases.jsonl";

const EVENTS_MATCH_EXAMPLES: &str = "Examples:
  Would this rule have fired, and how often a day?
      trailsight events match --pattern rule.json ./AWSLogs
  The events that it would have been told of:
      trailsight events match --pattern rule.json s3://my-trail-bucket/AWSLogs --format ndjson | jq .detail";

const SERVE_EXAMPLES: &str = "Examples:
  Run it, and let the AWS CLI talk to it (any key pair will do):
      trailsight serve
      export AWS_ENDPOINT_URL=http://127.0.0.1:4580 AWS_DEFAULT_REGION=us-east-1
      aws s3 mb s3://my-trail
  Data somewhere else, on another port, with more in the log:
      TRAILSIGHT_LOG=debug trailsight serve --data-dir ./data --listen 127.0.0.1:5000

Every option is also a key of trailsight.toml (docs/CONFIGURATION.md) and the environment variable that stands beside it.
It ends with 0 when it is told to stop (Ctrl-C, SIGTERM), with 1 if it cannot run, and with 2 if a setting is wrong.";

const CONFIG_EXAMPLES: &str = "Examples:
  Before the service is started again with other settings:
      trailsight config check --config /etc/trailsight/trailsight.toml
  What is in force, and who says so:
      trailsight config show

A flag goes before an environment variable, that before the file, and the file before the default. docs/CONFIGURATION.md lists
all settings. Exit code 2: something is wrong with them.";

const RUNTIMES_EXAMPLES: &str = "Examples:
  Once, and functions of Python run:
      trailsight runtimes install python3.11
  Without a network, from wheels that were brought:
      pip download --only-binary :all: --dest wheels awslambdaric==4.2.2 boto3==1.44.8
      trailsight runtimes install python3.11 --wheels wheels";
const BACKUP_EXAMPLES: &str = "Examples:
  Every night, of the service that runs here:
      trailsight backup --data-dir /var/lib/trailsight /backup/trailsight-$(date +%F)
  And back, on a machine where nothing is yet:
      trailsight restore --data-dir /var/lib/trailsight /backup/trailsight-2026-11-28

It must be run by the user of the service, or by root; what root restores belongs to whoever the data directory belongs to. What is
counted, told and put while it copies is in the backup or is not; log files that are still in their buckets are counted after a restore,
each once. What lies outside of the data directory is not in it: /etc/trailsight/trailsight.toml, the mail server's password, the
certificate and its key. Keep copies of those.";

const STATUS_EXAMPLES: &str = "Examples:
  Of the service on this machine:
      trailsight status
  Of one that demands credentials, with a certificate that its own authority signed:
      AWS_CA_BUNDLE=/etc/trailsight/authority.pem trailsight status --endpoint https://trails.example.com:4580

It signs with the keys of the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), or else with those of the profile in ~/.aws.";

const EXPECTED_EXAMPLES: &str = "Examples:
  A deployment announces itself:
      trailsight expected announce 'ec2/Run*' 'ec2/Terminate*' --until \"$(date -ud '+1 hour' +%FT%TZ)\" --why 'release 4.2'
  Nobody needs to know of a gateway that asks all day:
      trailsight expected mute sts/GetCallerIdentity --account 123456789012 --why 'ticket 12'
  This was nothing:
      trailsight expected call 3f2a8c51-0c1e-4b0a-9a55-0123456789ab false-alarm
  What was said, and what it held back:
      trailsight expected list

docs/CONSOLE.md says what each of them does. It signs as `trailsight status` does.";

const LINK_EXAMPLES: &str = "Examples:
  The bucket that CloudTrail delivers to, read as ourselves, and told of new files by a queue:
      trailsight buckets link my-trail --url s3://my-trail \\
          --sqs-queue-url https://sqs.us-east-1.amazonaws.com/123456789012/notices
  One of another account, that may only be read:
      trailsight buckets link org-trail --url s3://org-trail --read-only \\
          --role-arn arn:aws:iam::210987654321:role/trailsight --external-id 6f5c1d2e
  MinIO, Ceph, R2 and the like:
      trailsight buckets link my-trail --url s3://my-trail --endpoint https://minio.example.com";

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
    /// Ask log files in SQL: one SELECT, as CloudTrail Lake understands it.
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

/// What can be done with settings. Both take what `serve` takes, and the environment.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say whether `serve` would take these settings, or all that is wrong with them, and where.
    #[command(after_help = CONFIG_EXAMPLES)]
    Check(Box<ServeArgs>),
    /// Print the settings in force as a file of settings, and where each comes from; secrets as `…`.
    #[command(after_help = CONFIG_EXAMPLES)]
    Show(Box<ServeArgs>),
}

/// What can be done with links. A running service sees a change within seconds.
#[derive(Debug, Subcommand)]
pub enum BucketsCommand {
    /// Say that a bucket of the service is storage elsewhere. Whoever names the bucket in a trail means that storage then.
    #[command(after_help = LINK_EXAMPLES)]
    Link(Box<LinkArgs>),
    /// Tell the links.
    List(DataDirArgs),
    /// Forget a link. Nothing in the storage changes.
    Unlink {
        /// The bucket's name in the service.
        name: String,
        /// Where the service keeps its data.
        #[command(flatten)]
        data: DataDirArgs,
    },
}

/// Where the service keeps its data.
#[derive(Debug, Args)]
pub struct DataDirArgs {
    /// Where the service keeps its data ($XDG_DATA_HOME/trailsight, or ~/.local/share/trailsight).
    #[arg(long, value_name = "DIR", env = "TRAILSIGHT_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// The file of settings (trailsight.toml in the data directory, or /etc/trailsight/trailsight.toml, where there is one).
    #[arg(long, value_name = "FILE", env = "TRAILSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// `trailsight buckets link`.
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// The bucket's name in the service: most often the same as there.
    pub name: String,
    /// Where it is: s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX, file:///FOLDER.
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// The bucket's Region; asked of S3 if it is not said.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Where S3 answers, if not at AWS.
    #[arg(long, value_name = "URL", value_parser = web_url)]
    pub endpoint: Option<String>,
    /// A role to take on, for a bucket of another account.
    #[arg(long, value_name = "ARN")]
    pub role_arn: Option<String>,
    /// The external id that the role's trust policy asks for.
    #[arg(long, value_name = "ID", requires = "role_arn")]
    pub external_id: Option<String>,
    /// Where STS answers, if not at AWS.
    #[arg(long, value_name = "URL", requires = "role_arn", value_parser = web_url)]
    pub sts_endpoint: Option<String>,
    /// Write nothing there; Insight files then go where the trail's tag trailsight:insights-bucket says.
    #[arg(long)]
    pub read_only: bool,
    /// The queue that is told of new objects: by S3 itself, by EventBridge, or by a topic.
    #[arg(long, value_name = "URL", value_parser = web_url)]
    pub sqs_queue_url: Option<String>,
    /// Do not look whether it can be read.
    #[arg(long)]
    pub no_check: bool,
    /// Where the service keeps its data.
    #[command(flatten)]
    pub data: DataDirArgs,
}

/// `trailsight backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The folder to make. It holds secrets: nobody but its owner may look into it.
    #[arg(value_name = "FOLDER")]
    pub to: PathBuf,
    /// Copy the objects in the buckets too, which may be much. Without it, the buckets are there after a restore, and empty.
    #[arg(long)]
    pub with_objects: bool,
    /// Where the service keeps its data.
    #[command(flatten)]
    pub data: DataDirArgs,
}

/// `trailsight restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The folder that `trailsight backup` made.
    #[arg(value_name = "FOLDER")]
    pub from: PathBuf,
    /// Where the service keeps its data.
    #[command(flatten)]
    pub data: DataDirArgs,
}

/// What can be done with the keys that events are pushed with.
#[derive(Debug, Subcommand)]
pub enum PushKeysCommand {
    /// Make a key and print it, once: only its hash is kept.
    Create {
        /// What it is called: letters, digits, `.`, `_` and `-`.
        name: String,
        /// Where the service keeps its data.
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Print the keys' names, and when they were made.
    List(DataDirArgs),
    /// Delete a key: nobody is let in by it any more.
    Delete {
        /// What it is called.
        name: String,
        /// Where the service keeps its data.
        #[command(flatten)]
        data: DataDirArgs,
    },
}

/// What can be done with credentials.
#[derive(Debug, Subcommand)]
pub enum CredentialsCommand {
    /// Make an access key id and its secret and print them, once: the secret is kept sealed.
    Create {
        /// What they are called: letters, digits, `.`, `_` and `-` (else, by their access key id).
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Where the service keeps its data.
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Print access key ids, names, and when they were made.
    List(DataDirArgs),
    /// Delete credentials: nobody is let in by them any more.
    Delete {
        /// Their name, or access key id.
        name: String,
        /// Where the service keeps its data.
        #[command(flatten)]
        data: DataDirArgs,
    },
}

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

/// What can be done with runtimes.
#[derive(Debug, Subcommand)]
pub enum RuntimesCommand {
    /// Install a runtime: a copy of a Python of this machine, with AWS's runtime client and boto3.
    #[command(after_help = RUNTIMES_EXAMPLES)]
    Install(InstallArgs),
    /// Say which runtimes are installed.
    List(DataDirArgs),
}

/// `trailsight runtimes install`.
#[derive(Debug, Args)]
pub struct InstallArgs {
    /// Which: python3.10 to python3.15. Functions of another Python are run by what is there.
    #[arg(default_value = functions::runtimes::USUAL)]
    pub name: String,
    /// Take the packages from this folder, without a network.
    #[arg(long, value_name = "FOLDER")]
    pub wheels: Option<PathBuf>,
    /// The interpreter to copy; else it is looked for on the PATH.
    #[arg(long, value_name = "FILE")]
    pub python: Option<PathBuf>,
    /// Where the service keeps its data.
    #[command(flatten)]
    pub data: DataDirArgs,
}

/// What is done where not all of the functions' sandbox can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FunctionsSandbox {
    /// Run functions in what holds, and say what does not.
    BestEffort,
    /// Run no functions.
    Require,
}

/// How functions are run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Functions")]
pub struct FunctionsArgs {
    /// What is done where a layer of the functions' sandbox cannot hold; the log says which do.
    #[arg(long, value_enum, env = "TRAILSIGHT_FUNCTIONS_SANDBOX", default_value = "best-effort")]
    pub functions_sandbox: FunctionsSandbox,
    /// A TCP port that functions may connect to, on any machine, besides the service's own: 443, for example. May be given more
    /// than once.
    #[arg(long, value_name = "PORT", value_delimiter = ',', env = "TRAILSIGHT_FUNCTIONS_PORT")]
    pub functions_port: Vec<u16>,
    /// Functions may talk to anybody, in any protocol: names are looked up by UDP.
    #[arg(long, env = "TRAILSIGHT_FUNCTIONS_ONLINE")]
    pub functions_online: bool,
    /// Execution environments at once, of all functions together.
    #[arg(long, value_name = "N", env = "TRAILSIGHT_FUNCTIONS_AT_ONCE", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub functions_at_once: u32,
}

/// What can be done with insights.
#[derive(Debug, Subcommand)]
pub enum InsightsCommand {
    /// Send a test insight, its Start and its End, the whole way: files in the trails' buckets, topics, EventBridge and the
    /// targets of its rules.
    SendTest(SendTestArgs),
}

/// What is said of insights, and asked of it.
#[derive(Debug, Subcommand)]
pub enum ExpectedCommand {
    /// List what was said, what is in force first, and what it held back.
    List {
        /// All of it, as JSON.
        #[arg(long)]
        json: bool,
        /// The service.
        #[command(flatten)]
        endpoint: EndpointArgs,
    },
    /// Tell nobody of these APIs any more. Their insights are found, kept and shown as ever.
    Mute {
        /// Which.
        #[command(flatten)]
        apis: ApisArgs,
        /// Only what identities like this one do with them, as 'arn:aws:iam::*:role/scanner': those whose calls, or calls that they
        /// make no more, are nine tenths of a change.
        #[arg(long, value_name = "ARN")]
        by: Vec<String>,
        /// The moment at which it ends by itself: 2026-02-12T18:00:00Z.
        #[arg(long, value_name = "MOMENT")]
        until: Option<String>,
    },
    /// Announce a change: what is unusual then is learned, and told to nobody.
    Announce {
        /// Of which APIs.
        #[command(flatten)]
        apis: ApisArgs,
        /// Whether there will be more calls or fewer; both if it is left out.
        #[arg(long, value_enum)]
        direction: Option<Way>,
        /// The moment at which it begins; now if it is left out.
        #[arg(long, value_name = "MOMENT")]
        from: Option<String>,
        /// The moment at which it is over: 2026-02-12T18:00:00Z.
        #[arg(long, value_name = "MOMENT")]
        until: String,
    },
    /// Call an insight a false alarm, so that its like becomes usual, or real, so that nothing is learned of it.
    Call {
        /// The insight's id: its sharedEventID.
        insight: String,
        /// What it was.
        #[arg(value_enum)]
        verdict: Verdict,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
        /// The service.
        #[command(flatten)]
        endpoint: EndpointArgs,
    },
    /// End what is in force, or take back what an insight was called.
    End {
        /// The id that list tells.
        id: String,
        /// The service.
        #[command(flatten)]
        endpoint: EndpointArgs,
    },
}

/// Which APIs something is said of.
#[derive(Debug, Args)]
pub struct ApisArgs {
    /// Services or APIs, with * for any letters: sts, ec2/RunInstances, 'iam/Get*'.
    #[arg(required = true, value_name = "API")]
    pub apis: Vec<String>,
    /// In this account; all if it is left out.
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// In this Region; all if it is left out.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Only calls that fail with this code, as AccessDenied or 'Throttl*'.
    #[arg(long, value_name = "CODE")]
    pub error: Option<String>,
    /// Why: whoever looks for what was not told wants to know.
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
    /// The service.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
}

/// Which way a rate goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// More calls.
    Increase,
    /// Fewer.
    Decrease,
    /// Either.
    Both,
}

impl Way {
    /// As it is asked for.
    pub fn as_str(self) -> &'static str {
        match self {
            Way::Increase => "increase",
            Way::Decrease => "decrease",
            Way::Both => "both",
        }
    }
}

/// What an insight was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Verdict {
    /// Nothing that anybody need know.
    FalseAlarm,
    /// What it seemed.
    Real,
}

/// Which service is asked.
#[derive(Debug, Args)]
pub struct EndpointArgs {
    /// Where the service answers.
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL", default_value = "http://127.0.0.1:4580")]
    pub endpoint: String,
}

/// `trailsight status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The service.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
    /// All of it, as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `trailsight insights send-test`.
#[derive(Debug, Args)]
pub struct SendTestArgs {
    /// The trail that is told, by name or ARN; all that look for insights.
    #[arg(long, value_name = "NAME")]
    pub trail: Option<String>,
    /// The service.
    #[command(flatten)]
    pub endpoint: EndpointArgs,
}

/// Examples, then exit codes.
fn const_format(examples: &'static str) -> String {
    format!("{examples}\n\n{EXIT_CODES}")
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

/// How it is told whether a pattern matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AnswerFormat {
    /// To read.
    Text,
    /// The same as one JSON object.
    Json,
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

/// `trailsight query`.
#[derive(Debug, Args)]
pub struct QueryArgs {
    /// The SELECT.
    // It may begin with a comment.
    #[arg(value_name = "SQL", allow_hyphen_values = true)]
    pub statement: String,
    /// Log files, folders of them, or s3://bucket/prefix. Can be given more than once.
    #[arg(long, value_name = "PATH", required = true)]
    pub logs: Vec<String>,
    /// How the result is shown (a table on a terminal, CSV elsewhere). JSON: one object a row.
    #[arg(long, value_enum)]
    pub format: Option<QueryFormat>,
    /// Write the result into this file.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// MiB of memory that the statement may hold; what sorts and groups need beyond that goes to disk.
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(16..))]
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

/// How logs are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadingArgs {
    /// Where S3 answers, if not at AWS (or AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL).
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// The Region of the bucket (or AWS_REGION, AWS_DEFAULT_REGION, the profile's).
    #[arg(long, value_name = "REGION")]
    pub bucket_region: Option<String>,
    /// Do not sign requests: for public buckets.
    #[arg(long)]
    pub no_sign_request: bool,
    /// A file that inflates to more than this many MiB is rejected.
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..4096))]
    pub max_file_size: u32,
    /// Threads that read (all cores).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
}

/// `trailsight serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where the service keeps its data, and its settings.
    #[command(flatten)]
    pub data: DataDirArgs,
    /// Where to listen. On this machine's own addresses every access key is let in; on others credentials and TLS are demanded.
    #[arg(long, value_name = "HOST:PORT", env = "TRAILSIGHT_LISTEN", default_value = "127.0.0.1:4580")]
    pub listen: String,
    /// Start with the clock at this time (RFC 3339), and let it go on from there: to live through a day that is over, with its
    /// log files.
    #[arg(long, value_name = "TIME", env = "TRAILSIGHT_NOW")]
    pub now: Option<jiff::Timestamp>,
    /// Deliver to this host, address or network (10.0.0.7, 127.0.0.0/8, hooks.local) although it is this machine, on its link, or a
    /// metadata service. Can be given more than once. Other addresses, private ones too, need no leave.
    #[arg(long, value_name = "HOST|CIDR", env = "TRAILSIGHT_ALLOW_DELIVERY_TO", value_delimiter = ',')]
    pub allow_delivery_to: Vec<Allowed>,
    /// Believe servers of subscriptions and API destinations whose certificates these authorities signed (PEM), besides those that
    /// the system believes. For mail servers, queues and linked buckets, SSL_CERT_FILE names what the system believes.
    #[arg(long, value_name = "FILE", env = "TRAILSIGHT_CA_FILE")]
    pub ca_file: Option<PathBuf>,
    // Options without a heading stand here: clap prints what follows a flattened struct under the heading of that struct.
    /// Another account of the organization, and its name; can be given several times. Accounts in log files are known anyway.
    #[arg(
        long = "member-account",
        value_name = "ID[=NAME]",
        value_parser = member_account,
        env = "TRAILSIGHT_MEMBER_ACCOUNT",
        value_delimiter = ','
    )]
    pub member_accounts: Vec<(String, String)>,
    /// Who is let in.
    #[command(flatten)]
    pub doors: DoorArgs,
    /// How functions are run.
    #[command(flatten)]
    pub functions: FunctionsArgs,
    /// How mails are sent.
    #[command(flatten)]
    pub mail: MailArgs,
    /// What is logged: a level (error, warn, info, debug, trace), or levels of parts, as in info,server=debug.
    #[arg(long, value_name = "FILTER", env = "TRAILSIGHT_LOG", default_value = "info", value_parser = log_filter, help_heading = "Log")]
    pub log: LogFilter,
    /// How the log is written: a line to read, or an object of JSON a line.
    #[arg(long, value_enum, env = "TRAILSIGHT_LOG_FORMAT", default_value = "text", help_heading = "Log")]
    pub log_format: LogFormat,
    /// Keep no lake: events are counted and told as ever, and there is no SQL over them.
    #[arg(long, env = "TRAILSIGHT_WITHOUT_LAKE", help_heading = "Queries")]
    pub without_lake: bool,
    /// The linked bucket in which the lake's tables lie, if not in the data directory (docs/LAKE.md).
    #[arg(long, value_name = "NAME", env = "TRAILSIGHT_LAKE_BUCKET", help_heading = "Queries")]
    pub lake_bucket: Option<String>,
    /// MiB of memory that one query of event data stores may hold; what sorts and groups need beyond that goes to disk. Two queries
    /// run at once.
    #[arg(long, value_name = "MIB", env = "TRAILSIGHT_QUERY_MEMORY", default_value_t = 512, value_parser = clap::value_parser!(u32).range(64..), help_heading = "Queries")]
    pub query_memory: u32,
    /// Threads that queries of event data stores run on; half as many as there are processors, if nothing is said.
    #[arg(long, value_name = "N", env = "TRAILSIGHT_QUERY_THREADS", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Queries")]
    pub query_threads: Option<u16>,
    /// The scheduler whose executors run Lake queries, instead of this process (docs/CLUSTER.md): df://HOST:PORT.
    #[arg(long, value_name = "URL", env = "TRAILSIGHT_CLUSTER", help_heading = "Queries")]
    pub cluster: Option<String>,
    /// Where SQS answers, if not at AWS: queues are never held here. (AWS_ENDPOINT_URL is not heeded, it is our own.)
    #[arg(long, value_name = "URL", env = "TRAILSIGHT_SQS_ENDPOINT_URL", value_parser = web_url, help_heading = "Queues")]
    pub sqs_endpoint_url: Option<String>,
}

/// `trailsight cluster`.
#[derive(Debug, Subcommand)]
pub enum ClusterCommand {
    /// Plan what services ask, and share it out to executors. It asks nobody who he is: keep it in a network of its own.
    Scheduler {
        /// Where it listens; port 0 is any that is free.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:50050")]
        listen: std::net::SocketAddr,
    },
    /// Work for a scheduler. It must see the lake's files (DIR/lake of the service) under the path that the service sees them.
    Executor(ExecutorArgs),
}

/// What an executor is told.
#[derive(Args, Debug)]
pub struct ExecutorArgs {
    /// Whom it works for: df://HOST:PORT.
    #[arg(long, value_name = "URL", default_value = "df://127.0.0.1:50050")]
    pub scheduler: String,
    /// Where others fetch what it made.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:50051")]
    pub listen: std::net::SocketAddr,
    /// The address that others are told, if it is not the one it listens on.
    #[arg(long, value_name = "ADDRESS")]
    pub known_as: Option<std::net::IpAddr>,
    /// Where it puts what it made, for an hour.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Pieces of work that it does at once; as many as there are processors, if nothing is said.
    #[arg(long, value_name = "N")]
    pub threads: Option<std::num::NonZeroUsize>,
    /// MiB of memory for all of them together; what sorts and groups need beyond that goes to disk.
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(64..))]
    pub memory: u32,
}

/// What is logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter(pub String);

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// To read.
    Text,
    /// One object a line.
    Json,
}

fn log_filter(text: &str) -> Result<LogFilter, String> {
    tracing_subscriber::EnvFilter::try_new(text).map_err(|error| error.to_string())?;
    Ok(LogFilter(text.to_owned()))
}

fn member_account(text: &str) -> Result<(String, String), String> {
    let (id, name) = text.split_once('=').unwrap_or((text, text));
    if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("an account's id has twelve digits, as in 111122223333=shop".into());
    }
    if name.is_empty() || name.chars().count() > 128 {
        return Err("an account's name has 1 to 128 characters".into());
    }
    Ok((id.to_owned(), name.to_owned()))
}

/// Who is let in.
#[derive(Debug, Args)]
#[command(next_help_heading = "Security")]
pub struct DoorArgs {
    /// How others reach the service: in links of mails, and where the certificate of signed messages is. Without a path.
    #[arg(long, value_name = "URL", env = "TRAILSIGHT_PUBLIC_URL", value_parser = crate::listening::public_url)]
    pub public_url: Option<url::Url>,
    /// Speak TLS, with this certificate and those that vouch for it (PEM); read again when it has changed.
    #[arg(long, value_name = "FILE", env = "TRAILSIGHT_TLS_CERT_FILE", requires = "tls_key_file")]
    pub tls_cert_file: Option<PathBuf>,
    /// The certificate's private key (PEM).
    #[arg(long, value_name = "FILE", env = "TRAILSIGHT_TLS_KEY_FILE", requires = "tls_cert_file")]
    pub tls_key_file: Option<PathBuf>,
    /// A proxy in front of the service speaks TLS, and passes requests on with their Host header as it is.
    #[arg(long, env = "TRAILSIGHT_BEHIND_PROXY")]
    pub behind_proxy: bool,
    /// Demand credentials on this machine's own addresses, too.
    #[arg(long, env = "TRAILSIGHT_REQUIRE_CREDENTIALS")]
    pub require_credentials: bool,
    /// Requests a second that each key is allowed, and twice as many at once; 0 is no limit.
    #[arg(long, value_name = "N", env = "TRAILSIGHT_REQUESTS_PER_SECOND", default_value_t = 2000)]
    pub requests_per_second: u32,
    /// Connections at once: with so many, who has been idle longest makes room for who comes. One address of another machine has a
    /// quarter at most, if there is no proxy.
    #[arg(long, value_name = "N", env = "TRAILSIGHT_MAX_CONNECTIONS", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(16..=100_000))]
    pub max_connections: u32,
}

/// How mails are sent.
#[derive(Debug, Args)]
#[command(next_help_heading = "Mail")]
pub struct MailArgs {
    /// The mail server: smtps://USER:PASSWORD@HOST (TLS), smtp://USER:PASSWORD@HOST (STARTTLS, or nothing is sent), smtp://HOST
    /// (STARTTLS if it is offered); ?tls=required, opportunistic or none says otherwise. Without one, mails are files in
    /// DIR/outbox.
    #[arg(long, value_name = "URL", env = "TRAILSIGHT_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// A file that holds the mail server's password, instead of the URL.
    #[arg(long, value_name = "FILE", env = "TRAILSIGHT_SMTP_PASSWORD_FILE", requires = "smtp_url")]
    pub smtp_password_file: Option<PathBuf>,
    /// Who mails are from: 'Alerts <alerts@example.com>' (the mail server's user, if that is an address).
    #[arg(long, value_name = "ADDRESS", env = "TRAILSIGHT_MAIL_FROM")]
    pub mail_from: Option<String>,
}

/// What `simulate` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "`sim::Tier` says it")]
pub enum Size {
    /// A company's account, and a stolen key in its last night.
    Demo,
    /// Three accounts for a month, and four incidents.
    Organization,
    #[value(name = "T0")]
    T0,
    #[value(name = "T1")]
    T1,
    #[value(name = "T2")]
    T2,
    #[value(name = "T3")]
    T3,
}

/// `trailsight simulate`.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// T0: 20 thousand records, T1: 150 thousand, T2: 26 million, T3: 50 million in large files; demo: a stolen key; organization: three
    /// accounts for a month, and four incidents.
    #[arg(long, value_enum, ignore_case = true, default_value = "demo")]
    pub tier: Size,
    /// Another seed, other accounts; the same seed, the same bytes.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Where the bucket's content goes, and truth.json beside it.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Other so many days.
    #[arg(long, value_parser = positive)]
    pub days: Option<f64>,
    /// Traffic that makes about so many records.
    #[arg(long)]
    pub records: Option<u64>,
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

fn pattern(text: &str) -> Result<String, String> {
    globset::Glob::new(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err("a number above 0 is needed".to_owned()),
    }
}

/// Prints the completions for a shell.
pub fn print_completions(shell: clap_complete::Shell) -> Result<ExitCode> {
    // Printed at once: whoever stops reading is no error, and clap_complete would panic.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "trailsight", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes one manual page a command.
pub fn write_man_pages(folder: &Path) -> Result<ExitCode> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    clap_mangen::generate_to(Cli::command(), folder)
        .with_context(|| format!("cannot write manual pages into {}", folder.display()))?;
    Ok(ExitCode::SUCCESS)
}
