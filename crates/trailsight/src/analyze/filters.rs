//! Filters: what of the logs is looked at.

use globset::{Glob, GlobMatcher};
use record::time::Minute;

/// Where a record was found.
pub struct Place<'a> {
    /// The file, as the user knows it.
    pub name: &'a str,
    /// The account that the object's key names.
    pub account: Option<&'a str>,
    /// When the file was delivered, if its name tells.
    pub delivered: Option<Minute>,
}

/// What the user chose; nothing: everything.
#[derive(Default)]
pub struct Filters {
    /// Accounts.
    pub accounts: Choice,
    /// Regions.
    pub regions: Choice,
    /// Event sources.
    pub sources: Choice,
    /// Event names.
    pub names: Choice,
}

/// Some patterns, of which one must match; no pattern: all match.
#[derive(Default)]
pub struct Choice(Vec<GlobMatcher>);

impl Choice {
    /// Reads patterns like `Delete*`.
    pub fn new(patterns: &[String]) -> Result<Choice, globset::Error> {
        patterns.iter().map(|pattern| Ok(Glob::new(pattern)?.compile_matcher())).collect::<Result<_, _>>().map(Choice)
    }

    /// Whether this name is chosen.
    pub fn covers(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.is_match(name))
    }
}

impl Filters {
    /// Whether this account and Region are looked at.
    pub fn covers_place(&self, account: &str, region: &str) -> bool {
        self.accounts.covers(account) && self.regions.covers(region)
    }

    /// Whether this API is looked at. `ec2` stands for `ec2.amazonaws.com`.
    pub fn covers_api(&self, source: &str, name: &str) -> bool {
        let short = source.strip_suffix(".amazonaws.com").unwrap_or(source);
        (self.sources.covers(source) || self.sources.covers(short)) && self.names.covers(name)
    }
}
