//! Tags of rules and buses, found by their ARNs.

use serde::{Deserialize, Serialize};
use store::Reader;
use store::tags::Tags;

use super::event_bus::{event_bus, no_bus};
use super::rule::{DEFAULT_BUS, invalid, limit_exceeded, rule};
use crate::arn::Arn;
use crate::bus::BusName;
use crate::{Context, Failure};

/// Tags of one resource.
const MAX_TAGS: usize = 50;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// Tags as they are remembered; of those of the same key the last.
pub(crate) fn tags_of(tags: Vec<Tag>) -> Tags {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// A resource has no more tags than it may have.
pub(crate) fn few_enough(tags: &Tags) -> Result<(), Failure> {
    if tags.len() > MAX_TAGS { Err(limit_exceeded().into()) } else { Ok(()) }
}

/// Whether there is a rule or a bus with this ARN; what AWS says if there is none.
pub(crate) fn be_there(r: &Reader<'_>, cx: &Context<'_>, arn: &str) -> Result<(), Failure> {
    let wrong = || invalid("Parameter ResourceARN is not valid. Reason: Provided Arn is not in correct format.");
    let parts = Arn::of(arn).filter(|arn| arn.service == "events").ok_or_else(wrong)?;
    let (kind, name) = parts.resource.split_once('/').ok_or_else(wrong)?;
    let is_ours = parts.account == cx.account.as_str() && parts.region == cx.region.as_str();
    let bus = |name: &str| BusName { account: cx.account.clone(), region: cx.region.clone(), name: name.into() };
    match kind {
        "rule" => {
            let (on, name) = name.rsplit_once('/').unwrap_or((DEFAULT_BUS, name));
            if !is_ours {
                return Err(no_bus(on).into());
            }
            rule(r, &bus(on), name).map(drop)
        }
        "event-bus" if is_ours => event_bus(r, &bus(name)).map(drop),
        "event-bus" => Err(no_bus(name).into()),
        _ => Err(wrong().into()),
    }
}
