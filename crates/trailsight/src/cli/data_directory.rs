//! The commands that work on the service's data directory, whether it runs or not: links of buckets, backups, keys, runtimes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::examples::{LINK_EXAMPLES, RUNTIMES_EXAMPLES};
use super::web_url;

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
