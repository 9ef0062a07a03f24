//! Object keys: where CloudTrail puts its files, read and written.
//!
//! ```text
//! PREFIX/AWSLogs/[o-ORG/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_UNIQUE.json.gz
//!                                CloudTrail-Insight, CloudTrail-NetworkActivity, CloudTrail-Aggregated: likewise
//!                                CloudTrail-Digest/…/ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOME_YYYYMMDDTHHmmSSZ.json.gz
//! ```
//!
//! What is read is written back the same. On import less is asked for: a log file that was copied somewhere else still has its
//! name, and the name alone says nearly all ([`LogKey::of_path`]).
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>

use std::fmt;
use std::str::FromStr;

use crate::time::Minute;

mod reading;

use reading::{LogName, key};

/// What kind of records a log file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogKind {
    /// Management and data events.
    CloudTrail,
    /// Insight records.
    Insight,
    /// Calls through VPC endpoints.
    NetworkActivity,
    /// Sums over data events.
    Aggregated,
}

impl LogKind {
    /// All of them.
    pub const ALL: [LogKind; 4] =
        [LogKind::CloudTrail, LogKind::Insight, LogKind::NetworkActivity, LogKind::Aggregated];

    /// The folder, and the middle of the name.
    pub fn as_str(self) -> &'static str {
        match self {
            LogKind::CloudTrail => "CloudTrail",
            LogKind::Insight => "CloudTrail-Insight",
            LogKind::NetworkActivity => "CloudTrail-NetworkActivity",
            LogKind::Aggregated => "CloudTrail-Aggregated",
        }
    }

    /// Whether its records are single events of any kind: what the lake has, and not what was found or summed up.
    pub fn is_of_events(self) -> bool {
        matches!(self, LogKind::CloudTrail | LogKind::NetworkActivity)
    }

    fn of(text: &str) -> Option<LogKind> {
        LogKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

const DIGEST: &str = "CloudTrail-Digest";

/// The key of a log file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogKey {
    /// What comes before `/AWSLogs`: the trail's key prefix, or any folder.
    pub prefix: Option<String>,
    /// `o-…`, in the bucket of an organization's trail.
    pub organization: Option<String>,
    /// The account whose calls are told: twelve digits.
    pub account: String,
    /// Their Region.
    pub region: String,
    /// 00:00 UTC of the day whose folder it is in.
    pub day: Minute,
    /// What kind of records it has.
    pub kind: LogKind,
    /// When it was delivered.
    pub time: Minute,
    /// What sets it apart from others of the same minute: 16 letters and digits.
    pub unique: String,
    /// Named as in 2014, without an underscore before the unique part.
    pub is_of_2014: bool,
}

/// The key of a digest of log files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DigestKey {
    /// What comes before `/AWSLogs`: the trail's key prefix, or any folder.
    pub prefix: Option<String>,
    /// `o-…`, in the bucket of an organization's trail.
    pub organization: Option<String>,
    /// The account whose calls are told: twelve digits.
    pub account: String,
    /// Their Region.
    pub region: String,
    /// 00:00 UTC of the day whose folder it is in.
    pub day: Minute,
    /// The trail whose files it lists.
    pub trail: String,
    /// The Region where the trail was made.
    pub home_region: String,
    /// The end of the hour that it covers, in seconds since 1970-01-01T00:00:00Z.
    pub time: i64,
    /// It was made afterwards.
    pub is_backfill: bool,
}

/// The key of one of the files that CloudTrail writes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKey {
    /// Of a log file.
    Log(LogKey),
    /// Of a digest.
    Digest(DigestKey),
}

/// Why a key was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not the key of a CloudTrail file: it should look like PREFIX/AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/NAME.json.gz"
)]
pub struct NotAKey(pub String);

impl LogKey {
    /// What a path on disk, or a key under whatever folders, says of the log file: by its last folders, or else by its name
    /// alone. Inflated ones (`.json`) are known too.
    pub fn of_path(path: &str) -> Option<LogKey> {
        let path = path.replace('\\', "/");
        let compressed = if path.ends_with(".json") { format!("{path}.gz") } else { path };
        if let Some(ObjectKey::Log(key)) = key(&compressed) {
            return Some(key);
        }
        LogKey::of_file_name(compressed.rsplit_once('/').map_or(&*compressed, |(_, name)| name))
    }

    /// What the name alone says, without any folder: the key that it would have in a bucket without prefix.
    pub fn of_file_name(name: &str) -> Option<LogKey> {
        let name = LogName::of(name.strip_suffix(".json.gz").or_else(|| name.strip_suffix(".json"))?)?;
        Some(LogKey {
            prefix: None,
            organization: None,
            account: name.account.to_owned(),
            region: name.region.to_owned(),
            day: name.time.day_start(),
            kind: name.kind,
            time: name.time,
            unique: name.unique.to_owned(),
            is_of_2014: name.is_of_2014,
        })
    }
}

impl FromStr for LogKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<LogKey, NotAKey> {
        match text.parse()? {
            ObjectKey::Log(key) => Ok(key),
            ObjectKey::Digest(_) => Err(NotAKey(text.to_owned())),
        }
    }
}

impl FromStr for ObjectKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<ObjectKey, NotAKey> {
        key(text).ok_or_else(|| NotAKey(text.to_owned()))
    }
}

/// With this format of jiff's; times that it cannot show (beyond the year 9999) as their seconds.
fn shown(seconds: i64, format: &str) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(at) => at.strftime(format).to_string(),
        Err(_) => seconds.to_string(),
    }
}

/// What log files and digests have in common, down to the time or trail in the name.
fn write_folder(
    f: &mut fmt::Formatter<'_>,
    prefix: Option<&str>,
    organization: Option<&str>,
    account: &str,
    kind: &str,
    region: &str,
    day: Minute,
) -> fmt::Result {
    if let Some(prefix) = prefix {
        write!(f, "{prefix}/")?;
    }
    f.write_str("AWSLogs/")?;
    if let Some(organization) = organization {
        write!(f, "{organization}/")?;
    }
    let day = shown(day.seconds(), "%Y/%m/%d");
    write!(f, "{account}/{kind}/{region}/{day}/{account}_{kind}_{region}_")
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LogKey { account, kind, region, .. } = self;
        write_folder(
            f,
            self.prefix.as_deref(),
            self.organization.as_deref(),
            account,
            kind.as_str(),
            region,
            self.day,
        )?;
        let separator = if self.is_of_2014 { "" } else { "_" };
        write!(f, "{}{separator}{}.json.gz", shown(self.time.seconds(), "%Y%m%dT%H%MZ"), self.unique)
    }
}

impl fmt::Display for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DigestKey { account, region, trail, home_region, .. } = self;
        write_folder(f, self.prefix.as_deref(), self.organization.as_deref(), account, DIGEST, region, self.day)?;
        let time = shown(self.time, "%Y%m%dT%H%M%SZ");
        let backfill = if self.is_backfill { "_backfill" } else { "" };
        write!(f, "{trail}_{home_region}_{time}{backfill}.json.gz")
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ObjectKey::Log(key) => key.fmt(f),
            ObjectKey::Digest(key) => key.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
