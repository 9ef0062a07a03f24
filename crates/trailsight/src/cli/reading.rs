//! How log files are read, by every command that reads them.

use clap::Args;

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
