//! What the text of a key says, and the name of a file alone.

use super::{DIGEST, DigestKey, LogKey, LogKind, ObjectKey};
use crate::names::AccountId;
use crate::time::{self, Minute};

/// From the end, because a prefix may look like anything.
pub(super) fn key(text: &str) -> Option<ObjectKey> {
    let (rest, name) = text.rsplit_once('/')?;
    let (rest, day) = rest.rsplit_once('/')?;
    let (rest, month) = rest.rsplit_once('/')?;
    let (rest, year) = rest.rsplit_once('/')?;
    let (rest, region) = rest.rsplit_once('/')?;
    let (rest, kind) = rest.rsplit_once('/')?;
    let (rest, account) = rest.rsplit_once('/')?;
    let (rest, organization) = match rest.rsplit_once('/') {
        Some((above, last)) if is_organization(last) => (above, Some(last.to_owned())),
        _ => (rest, None),
    };
    let prefix = match rest.strip_suffix("AWSLogs")? {
        "" => None,
        above => Some(above.strip_suffix('/')?.to_owned()),
    };
    if [year.len(), month.len(), day.len()] != [4, 2, 2] || !AccountId::is_one(account) || !is_region(region) {
        return None;
    }
    let day = minute(&format!("{year}{month}{day}T000000Z"))?;
    let (account, region) = (account.to_owned(), region.to_owned());
    let name = name.strip_suffix(".json.gz")?;
    if kind == DIGEST {
        let name = name
            .strip_prefix(&*account)?
            .strip_prefix("_CloudTrail-Digest_")?
            .strip_prefix(&*region)?
            .strip_prefix('_')?;
        let DigestName { trail, home_region, time, is_backfill } = DigestName::of(name)?;
        let (trail, home_region) = (trail.to_owned(), home_region.to_owned());
        let key = DigestKey { prefix, organization, account, region, day, trail, home_region, time, is_backfill };
        return Some(ObjectKey::Digest(key));
    }
    let name = LogName::of(name)?;
    if name.account != account || name.kind.as_str() != kind || name.region != region {
        return None;
    }
    let LogName { kind, time, is_of_2014, .. } = name;
    let unique = name.unique.to_owned();
    Some(ObjectKey::Log(LogKey { prefix, organization, account, region, day, kind, time, unique, is_of_2014 }))
}

/// What the name of a digest says behind its own Region.
struct DigestName<'t> {
    trail: &'t str,
    home_region: &'t str,
    time: i64,
    is_backfill: bool,
}

impl<'t> DigestName<'t> {
    fn of(name: &'t str) -> Option<DigestName<'t>> {
        let (name, is_backfill) = name.strip_suffix("_backfill").map_or((name, false), |name| (name, true));
        let (name, time) = name.rsplit_once('_')?;
        // The trail's name may have underscores, Regions have none.
        let (trail, home_region) = name.rsplit_once('_')?;
        let time = seconds(time)?;
        (!trail.is_empty() && is_region(home_region)).then_some(DigestName { trail, home_region, time, is_backfill })
    }
}

/// What the name of a log file says, without its ending.
pub(super) struct LogName<'t> {
    pub(super) account: &'t str,
    pub(super) kind: LogKind,
    pub(super) region: &'t str,
    pub(super) time: Minute,
    pub(super) unique: &'t str,
    pub(super) is_of_2014: bool,
}

impl<'t> LogName<'t> {
    pub(super) fn of(name: &'t str) -> Option<LogName<'t>> {
        let (account, rest) = name.split_once('_')?;
        let (kind, rest) = rest.split_once('_')?;
        let (region, rest) = rest.split_once('_')?;
        let (time, rest) = rest.split_at_checked("20230710T1240Z".len())?;
        let time = minute(&format!("{}00Z", time.strip_suffix('Z')?))?;
        let (unique, is_of_2014) = match rest.strip_prefix('_') {
            Some(unique) => (unique, false),
            None => (rest, true),
        };
        let is_unique = (1..=64).contains(&unique.len()) && unique.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (AccountId::is_one(account) && is_region(region) && is_unique).then_some(LogName {
            account,
            kind: LogKind::of(kind)?,
            region,
            time,
            unique,
            is_of_2014,
        })
    }
}

/// `[a-z0-9-]+`: whichever Regions there will be.
fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// `o-[a-z0-9]{10,32}`.
fn is_organization(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|id| {
        (10..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// The minute of `20230710T124000Z`; none beyond the year 6053, which is where minutes end.
fn minute(text: &str) -> Option<Minute> {
    i32::try_from(seconds(text)?.div_euclid(60)).ok().map(Minute)
}

/// Seconds since 1970-01-01T00:00:00Z of `20230710T124000Z`.
fn seconds(text: &str) -> Option<i64> {
    let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
    let mut usual = *b"0000-00-00T00:00:00Z";
    for (to, from) in [(0, 0), (1, 1), (2, 2), (3, 3), (5, 4), (6, 5), (8, 6), (9, 7), (10, 8)] {
        usual[to] = bytes[from];
    }
    for (to, from) in [(11, 9), (12, 10), (14, 11), (15, 12), (17, 13), (18, 14), (19, 15)] {
        usual[to] = bytes[from];
    }
    time::usual_event_time(&usual)
}
