//! `trailsight serve` and `trailsight config`: the settings of the service. Each is a flag, an environment variable and a key of
//! trailsight.toml; docs/CONFIGURATION.md is printed from what stands here.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use record::names::AccountId;

use super::data_directory::DataDirArgs;
use super::examples::CONFIG_EXAMPLES;
use super::web_url;
use crate::world::web::Allowed;

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
    /// The account that the service is: its trails, topics and functions are named by it, and event data stores show it unless
    /// they are an organization's. Said at the first start, it is kept; 123456789012, if nothing is said.
    #[arg(long, value_name = "ID", value_parser = account_id, env = "TRAILSIGHT_ACCOUNT_ID")]
    pub account_id: Option<String>,
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

/// What is done where not all of the functions' sandbox can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FunctionsSandbox {
    /// Run functions in what holds, and say what does not.
    BestEffort,
    /// Run no functions.
    Require,
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

fn account_id(text: &str) -> Result<String, String> {
    if !AccountId::is_one(text) {
        return Err("an account's id has twelve digits, as in 111122223333".into());
    }
    Ok(text.to_owned())
}

fn member_account(text: &str) -> Result<(String, String), String> {
    let (id, name) = text.split_once('=').unwrap_or((text, text));
    account_id(id).map_err(|error| format!("{error}=shop"))?;
    if name.is_empty() || name.chars().count() > 128 {
        return Err("an account's name has 1 to 128 characters".into());
    }
    Ok((id.to_owned(), name.to_owned()))
}
