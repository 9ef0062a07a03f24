//! `trailsight simulate`: which accounts are made up.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::positive;

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
    #[arg(long, value_parser = days)]
    pub days: Option<f64>,
    /// Traffic that makes about so many records.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000_000_000))]
    pub records: Option<u64>,
}

/// Days that can be made up: ten years at most.
fn days(text: &str) -> Result<f64, String> {
    positive(text)
        .ok()
        .filter(|days| *days <= 3660.0)
        .ok_or_else(|| "a number above 0 is needed, 3660 at most".to_owned())
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
