//! The commands that ask a service that runs: how it is getting on, for a test insight, and what is said of insights.

use clap::{Args, Subcommand, ValueEnum};

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

/// What can be done with insights.
#[derive(Debug, Subcommand)]
pub enum InsightsCommand {
    /// Send a test insight, its Start and its End, the whole way: files in the trails' buckets, topics, EventBridge and the
    /// targets of its rules.
    SendTest(SendTestArgs),
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
    #[arg(long, value_name = "TEXT", required = true)]
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
