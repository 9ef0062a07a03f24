//! What is asked to be said, and what may be: one of muted, expected, falseAlarm, real, with what belongs to it.

use detect::said::{Apis, Identities, Keys};
use record::insight::Direction;
use record::names::{AccountId, Region};
use record::time::{DAY, Minute};
use serde::Deserialize;
use store::insights::{Origin, StoredInsight};

use super::{BACK, wrong};
use crate::Failure;
use crate::console_api::query::minute_of;
use crate::sayings::What;

/// Letters of APIs, and of identities.
const APIS: usize = 1_000;
/// Days that a change may be expected for.
const LONGEST: i32 = 92;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Given {
    kind: String,
    account: Option<String>,
    region: Option<String>,
    apis: Option<String>,
    error: Option<String>,
    by: Option<String>,
    direction: Option<String>,
    from: Option<Moment>,
    until: Option<Moment>,
    pub(super) insight: Option<String>,
    pub(super) why: Option<String>,
}

/// Seconds since 1970, or RFC 3339.
#[derive(Deserialize)]
#[serde(untagged)]
enum Moment {
    Seconds(i64),
    Text(String),
}

impl Moment {
    fn minute(&self, name: &str) -> Result<Minute, Failure> {
        match self {
            Moment::Seconds(seconds) => minute_of(name, &seconds.to_string()),
            Moment::Text(text) => minute_of(name, text),
        }
    }
}

impl Given {
    pub(super) fn what(&self, of: Option<&StoredInsight>, now: Minute) -> Result<What, Failure> {
        match self.kind.as_str() {
            "muted" => {
                self.has_none(&[("direction", self.direction.is_some()), ("from", self.from.is_some())])?;
                let until = self.until.as_ref().map(|until| until.minute("until")).transpose()?;
                if until.is_some_and(|until| until <= now) {
                    return Err(wrong("until is over already."));
                }
                Ok(What::Muted { keys: self.keys()?, by: self.by()?, since: now, until })
            }
            "expected" => {
                self.has_none(&[("by", self.by.is_some())])?;
                let from = self.from.as_ref().map_or(Ok(now), |from| from.minute("from"))?;
                let until = self
                    .until
                    .as_ref()
                    .ok_or_else(|| wrong("until is missing: what is never over is muted, and not expected."))?;
                let until = until.minute("until")?;
                if until <= from {
                    return Err(wrong("until must be after from."));
                }
                if (until - from).0 > LONGEST * DAY.0 {
                    return Err(wrong(format!("From from to until are {LONGEST} days at most.")));
                }
                if (now - from).0 > BACK * DAY.0 {
                    return Err(wrong(format!("from is {BACK} days back at most: nothing older is kept.")));
                }
                let direction = match self.direction.as_deref() {
                    None | Some("both") => None,
                    Some("increase") => Some(Direction::Increase),
                    Some("decrease") => Some(Direction::Decrease),
                    Some(_) => return Err(wrong("direction is one of increase, decrease, both.")),
                };
                Ok(What::Expected { keys: self.keys()?, from, until, direction })
            }
            "falseAlarm" | "real" => {
                self.has_none(&[
                    ("account", self.account.is_some()),
                    ("region", self.region.is_some()),
                    ("apis", self.apis.is_some()),
                    ("error", self.error.is_some()),
                    ("by", self.by.is_some()),
                    ("direction", self.direction.is_some()),
                    ("from", self.from.is_some()),
                    ("until", self.until.is_some()),
                ])?;
                let of = of.ok_or_else(|| wrong("insight is missing: the id of the one that is meant."))?;
                if of.origin == Origin::Test {
                    return Err(wrong("This insight is a test: nothing is learned of it."));
                }
                let insight = &of.insight;
                Ok(What::Called {
                    subject: insight.subject.clone(),
                    direction: insight.direction,
                    start: insight.start,
                    end: insight.end,
                    is_real: self.kind == "real",
                })
            }
            _ => Err(wrong("kind is one of muted, expected, falseAlarm, real.")),
        }
    }

    fn has_none(&self, fields: &[(&str, bool)]) -> Result<(), Failure> {
        match fields.iter().find(|(_, is_said)| *is_said) {
            Some((name, _)) => Err(wrong(format!("{name} means nothing where kind is {}.", self.kind))),
            None => Ok(()),
        }
    }

    /// Whose doing is meant, if not anybody's.
    fn by(&self) -> Result<Option<Identities>, Failure> {
        let Some(by) = self.by.as_deref().filter(|by| !by.trim().is_empty()) else { return Ok(None) };
        let read = Some(by).filter(|by| by.len() <= APIS).and_then(Identities::read);
        read.map(Some).ok_or_else(|| {
            wrong("by is identities' ARNs with blanks between, as arn:aws:iam::*:role/scanner; leave it out for all.")
        })
    }

    fn keys(&self) -> Result<Keys, Failure> {
        let said =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let (account, region, error) = (said(&self.account), said(&self.region), said(&self.error));
        if account.as_ref().is_some_and(|account| !AccountId::is_one(account)) {
            return Err(wrong("account is twelve digits; leave it out for all."));
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._*:".contains(&byte);
        if region
            .as_ref()
            .is_some_and(|region| region.len() > 64 || !region.bytes().all(is_name) || region.contains('*'))
        {
            return Err(wrong("region is a Region, as us-east-1; leave it out for all."));
        }
        if error.as_ref().is_some_and(|error| error.len() > 200 || !error.bytes().all(is_name)) {
            return Err(wrong(
                "error is an error code, as AccessDenied or Throttl*; leave it out for calls and whatever fails.",
            ));
        }
        let apis =
            self.apis.as_deref().ok_or_else(|| wrong("apis is missing: as ec2/RunInstances, or iam/Get* sts."))?;
        let read = Some(apis).filter(|apis| apis.len() <= APIS).and_then(Apis::read);
        let apis = read.ok_or_else(|| {
            wrong("apis are services or APIs with blanks between, as sts, ec2.amazonaws.com/RunInstances or iam/Get*.")
        })?;
        Ok(Keys {
            account: account.map(|id| AccountId::from(&*id)),
            region: region.map(|name| Region::from(&*name)),
            apis,
            error,
        })
    }
}
