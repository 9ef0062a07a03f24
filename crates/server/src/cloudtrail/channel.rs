//! A channel: where events from outside of AWS come in (`PutAuditEvents`), and the event data stores that they go to.
//!
//! ```text
//!   arn:aws:cloudtrail:us-east-1:123456789012:channel/6f5c…     key (account, us-east-1, 6f5c…)
//! ```
//!
//! An event is in the stores that its channel named when it came. So what came stays where it is when the channel is given other
//! destinations, and when it is deleted.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store-integration.html>

use record::names::{AccountId, Region};
use serde::{Deserialize, Serialize};
use store::{Key, List, Reader, Resource, StoreError};
use wire::check::{Member, Shape};
use wire::{ApiError, Timestamp};

use super::event_data_store::{EventDataStore, EventDataStoreStatus};
use crate::arn::Arn;
use crate::{Context, Failure};

/// A channel. Its key: its id, in its account and Region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Channel {
    /// A UUID.
    pub(crate) id: String,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
    /// `Custom`, or AWS's name of a partner.
    pub(crate) source: String,
    /// The ARNs of the stores that its events go to.
    pub(crate) destinations: Vec<String>,
    /// `None`: nobody tried to put an event.
    pub(crate) ingestion: Option<IngestionStatus>,
}

impl Resource for Channel {
    const KIND: &'static str = "channel";
}

/// What came of the last tries to put events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct IngestionStatus {
    pub(crate) latest_ingestion_success_time: Option<Timestamp>,
    #[serde(rename = "LatestIngestionSuccessEventID")]
    pub(crate) latest_ingestion_success_event_id: Option<String>,
    pub(crate) latest_ingestion_error_code: Option<String>,
    pub(crate) latest_ingestion_attempt_time: Option<Timestamp>,
    #[serde(rename = "LatestIngestionAttemptEventID")]
    pub(crate) latest_ingestion_attempt_event_id: Option<String>,
}

/// Where a channel's events go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Destination {
    #[serde(rename = "Type")]
    kind: String,
    location: String,
}

/// A channel, by ARN or the end of it.
pub(crate) const CHANNEL: Shape = Shape::string().length(3, 256).pattern(r"^[a-zA-Z0-9._/\-:]+$");
pub(crate) const NAME: Shape = Shape::string().length(3, 128).pattern(r"^[a-zA-Z0-9._\-]+$");
pub(crate) const DESTINATIONS: Shape = Shape::list(&DESTINATION).length(1, 200);
const DESTINATION: Shape = Shape::structure(
    "Destination",
    &[
        Member::required("Type", Shape::string().one_of(&[EVENT_DATA_STORE, "AWS_SERVICE"])),
        Member::required("Location", Shape::string().length(3, 1024).pattern(r"^[a-zA-Z0-9._/\-:*]+$")),
    ],
);

const EVENT_DATA_STORE: &str = "EVENT_DATA_STORE";
const CUSTOM: &str = "Custom";

/// AWS's names of its partners. <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store-integration.html#cloudtrail-lake-partner-information>
const PARTNERS: &[&str] = &[
    "CloudStorageSecurityConsole",
    "Clumio",
    "CrowdStrike",
    "CyberArk",
    "GitHub",
    "IBMMulticloud",
    "KongGatewayEnterprise",
    "LaunchDarkly",
    "MontyCloud",
    "NetskopeCloudExchange",
    "OktaSystemLogEvents",
    "OneLogin",
    "Shoreline",
    "Snyk",
    "WizAuditLogs",
];

/// AWS's limit on one Region.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
const MOST_A_REGION: usize = 25;

impl Channel {
    pub(crate) fn key(&self) -> Key {
        Key::new(&self.account, &self.region, &*self.id)
    }

    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:cloudtrail:{}:{}:channel/{}", self.region, self.account, self.id)
    }

    /// Those of this account and Region, in the order of their names.
    pub(crate) fn all(r: &Reader<'_>, cx: &Context<'_>) -> Result<Vec<Channel>, StoreError> {
        let stored = r.list::<Channel>(&List::of(&cx.account, &cx.region))?;
        let mut all: Vec<Channel> = stored.into_iter().map(|stored| stored.value).collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    }

    /// The channel that is meant, by its ARN or its id.
    pub(crate) fn find(r: &Reader<'_>, cx: &Context<'_>, text: &str) -> Result<Channel, Failure> {
        let id = if text.starts_with("arn:") {
            let (arn, id) = of_arn(text).ok_or_else(|| invalid_arn(text))?;
            if (arn.account, arn.region) != (cx.account.as_str(), cx.region.as_str()) {
                return Err(not_found(text).into());
            }
            id
        } else {
            text.strip_prefix("channel/").unwrap_or(text)
        };
        if id.contains([':', '/']) {
            return Err(invalid_arn(text).into());
        }
        let found = r.get::<Channel>(&Key::new(&cx.account, &cx.region, id))?;
        Ok(found.map(|stored| stored.value).ok_or_else(|| not_found(text))?)
    }

    /// The one whose events go to this store, if there is one.
    pub(crate) fn into(
        r: &Reader<'_>,
        cx: &Context<'_>,
        store: &EventDataStore,
    ) -> Result<Option<Channel>, StoreError> {
        Ok(Channel::all(r, cx)?.into_iter().find(|channel| channel.destinations.contains(&store.arn)))
    }

    /// Its destinations, as operations tell them.
    pub(crate) fn destinations_told(&self) -> Vec<Destination> {
        let told = |arn: &String| Destination { kind: EVENT_DATA_STORE.into(), location: arn.clone() };
        self.destinations.iter().map(told).collect()
    }

    /// Refuses what a new one cannot be beside the others.
    pub(crate) fn check_new(&self, all: &[Channel]) -> Result<(), ApiError> {
        self.check_name(all)?;
        if self.source != CUSTOM && !PARTNERS.contains(&&*self.source) {
            let message = format!(
                "The source {} is not valid: it is {CUSTOM}, for events of your own, or one of {}.",
                self.source,
                PARTNERS.join(", ")
            );
            return Err(ApiError::new("InvalidSourceException", message));
        }
        if self.source != CUSTOM
            && let Some(other) = all.iter().find(|other| other.source == self.source)
        {
            let message = format!("The source {} has a channel already: {}.", self.source, other.arn());
            return Err(ApiError::new("ChannelAlreadyExistsException", message));
        }
        if all.len() >= MOST_A_REGION {
            let message = format!("There are {MOST_A_REGION} channels in this Region, and no more can be made.");
            return Err(ApiError::new("ChannelMaxLimitExceededException", message));
        }
        Ok(())
    }

    /// Refuses a name that another has.
    pub(crate) fn check_name(&self, all: &[Channel]) -> Result<(), ApiError> {
        if all.iter().any(|other| other.name == self.name && other.id != self.id) {
            let message = format!("A channel with the name {} already exists.", self.name);
            return Err(ApiError::new("ChannelAlreadyExistsException", message));
        }
        Ok(())
    }
}

/// The ARNs of stores that events may go to: they are there, take events in, and are of events from outside of AWS.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/lake-cli-create-integration.html>
pub(crate) fn check_destinations(
    r: &Reader<'_>,
    cx: &Context<'_>,
    destinations: &[Destination],
) -> Result<Vec<String>, Failure> {
    let invalid = |message: String| ApiError::new("InvalidParameterException", message);
    let mut arns: Vec<String> = Vec::with_capacity(destinations.len());
    for Destination { kind, location } in destinations {
        if kind != EVENT_DATA_STORE {
            let message = format!("The destination {location} cannot be of the type {kind}: {EVENT_DATA_STORE} is.");
            return Err(invalid(message).into());
        }
        let store = EventDataStore::find_active(r, cx, location)?;
        if !store.is_of_activity() {
            let message = format!(
                "The event data store {} is not one of events from outside of AWS: its advanced event selector must be \
                 eventCategory Equals ActivityAuditLog.",
                store.arn
            );
            return Err(ApiError::new("InvalidEventDataStoreCategoryException", message).into());
        }
        if store.status() != EventDataStoreStatus::Enabled {
            let message = format!("The event data store {} is inactive: it takes no events in.", store.arn);
            return Err(ApiError::new("InactiveEventDataStoreException", message).into());
        }
        if store.is_multi_region || store.is_organization {
            let message = format!(
                "The event data store {} must be of one Region and of one account: UpdateEventDataStore makes it so \
                 (--no-multi-region-enabled --no-organization-enabled).",
                store.arn
            );
            return Err(invalid(message).into());
        }
        if arns.contains(&store.arn) {
            return Err(invalid(format!("The event data store {} is named twice.", store.arn)).into());
        }
        arns.push(store.arn);
    }
    Ok(arns)
}

/// The parts of a channel's ARN, and its id.
pub(crate) fn of_arn(text: &str) -> Option<(Arn<'_>, &str)> {
    let arn = Arn::of(text).filter(|arn| arn.service == "cloudtrail")?;
    let id = arn.resource.strip_prefix("channel/").filter(|id| !id.is_empty())?;
    Some((arn, id))
}

fn not_found(text: &str) -> ApiError {
    let message = format!("The channel {text} was not found in this account and Region.");
    ApiError::new("ChannelNotFoundException", message)
}

fn invalid_arn(text: &str) -> ApiError {
    let message = format!("{text} is neither the ARN nor the id of a channel. ListChannels tells them.");
    ApiError::new("ChannelARNInvalidException", message)
}
