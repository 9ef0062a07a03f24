//! `PutAuditEvents`: events from outside of AWS, for the event data stores of a channel. Each is taken or refused by itself.
//!
//! ```text
//!   events ──► each held against AWS's schema ──► one transaction, on the disk ──► told to be successful
//!                                                    └── the lake's follower keeps them, each once, and forgets them here
//! ```
//!
//! An event's `eventID` is made of its channel, its `id` and its data. So what is sent again within a day, because an answer was
//! lost, is told the same `eventID` and is there once.
//! <https://docs.aws.amazon.com/awscloudtraildata/latest/APIReference/API_PutAuditEvents.html>

use std::collections::BTreeSet;

use record::event_id::EventId;
use serde::{Deserialize, Serialize};
use store::Key;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::audit_event::{Facts, Refusal, read};
use crate::cloudtrail::EventDataStore;
use crate::cloudtrail::channel::{Channel, of_arn};
use crate::world::lake::LakeFault;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutAuditEvents {
    audit_events: Vec<AuditEvent>,
    channel_arn: String,
    /// Resource policies, which could ask for one, are not there: any is let in, as where a policy asks for none.
    #[serde(rename = "externalId")]
    _external_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditEvent {
    pub(super) id: String,
    pub(super) event_data: String,
    pub(super) event_data_checksum: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct PutAuditEventsResponse {
    successful: Vec<Successful>,
    failed: Vec<Failed>,
}

#[derive(Serialize)]
struct Successful {
    id: String,
    #[serde(rename = "eventID")]
    event_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failed {
    id: String,
    error_code: &'static str,
    error_message: String,
}

/// AWS's limit on one request: 1 MB.
const MAX_BYTES: usize = 1 << 20;
/// Bytes that may wait for the lake. It takes them every half minute; if it cannot, more would only fill the disk.
const MOST_WAITING_BYTES: u64 = 128 << 20;

const AUDIT_EVENT: Shape = Shape::structure(
    "AuditEvent",
    &[
        Member::required("eventData", Shape::string()),
        Member::optional("eventDataChecksum", Shape::string()),
        Member::required("id", Shape::string().length(1, 128).pattern(r"^[-_A-Za-z0-9]+$")),
    ],
);

impl Operation for PutAuditEvents {
    const NAME: &'static str = "PutAuditEvents";
    const SHAPE: &'static Shape = &Shape::structure(
        "PutAuditEventsRequest",
        &[
            Member::required("auditEvents", Shape::list(&AUDIT_EVENT).length(1, 100)),
            Member::required("channelArn", Shape::string().pattern(r"^arn:.*$")),
            Member::optional("externalId", Shape::string().length(2, 1224).pattern(r"^[\w+=,.@:\/-]*$")),
        ],
    );
    type Output = PutAuditEventsResponse;

    fn run(self, cx: &Context<'_>) -> Result<PutAuditEventsResponse, Failure> {
        self.check()?;
        let above = kept(cx)?;
        let key = key_of(cx, &self.channel_arn)?;
        let (channel, stores) = cx.store.try_read(|r| {
            let channel = r.get::<Channel>(&key)?.ok_or_else(|| not_found(&self.channel_arn))?.value;
            let stores = EventDataStore::of(r, &cx.account, &cx.region, cx.now)?;
            Ok::<_, Failure>((channel, stores))
        })?;
        let into = |store: &&EventDataStore| channel.destinations.contains(&store.arn);
        let facts = Facts {
            channel_arn: channel.arn(),
            account: &cx.account,
            region: &cx.region,
            stores: stores.iter().filter(into).map(|store| store.id.as_str()).collect(),
            oldest: stores.iter().filter(into).map(|store| store.oldest(cx.now)).min().unwrap_or(cx.now),
            now: cx.now,
        };
        let mut taken: Vec<(EventId, String)> = Vec::new();
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for event in self.audit_events {
            match read(&event, &facts) {
                Ok((id, record)) => {
                    successful.push(Successful { id: event.id, event_id: id.to_string() });
                    taken.push((id, record));
                }
                Err(Refusal { code, message }) => {
                    failed.push(Failed { id: event.id, error_code: code, error_message: message });
                }
            }
        }
        let last = successful.last().map(|event: &Successful| event.event_id.clone());
        let error = failed.last().map(|event: &Failed| event.error_code.to_owned());
        // What is told to be safe must be on the disk.
        cx.store.write_through(|w| {
            let Some(mut channel) = w.get::<Channel>(&key)?.map(|stored| stored.value) else {
                return Err(Failure::Refused(not_found(&self.channel_arn)));
            };
            let events = taken.iter().map(|(id, record)| (*id, record.as_str()));
            let new = w.add_audit_events(above, events, cx.now)?;
            if new > 0 && w.audit_events_waiting()?.bytes > MOST_WAITING_BYTES {
                return Err(throttled().into());
            }
            let mut ingestion = channel.ingestion.unwrap_or_default();
            ingestion.latest_ingestion_attempt_time = Some(cx.now.into());
            if last.is_some() {
                ingestion.latest_ingestion_success_time = Some(cx.now.into());
                ingestion.latest_ingestion_success_event_id.clone_from(&last);
                ingestion.latest_ingestion_attempt_event_id = last;
            }
            ingestion.latest_ingestion_error_code = error.or(ingestion.latest_ingestion_error_code);
            channel.ingestion = Some(ingestion);
            w.put(&key, &channel, cx.now)?;
            Ok(())
        })?;
        Ok(PutAuditEventsResponse { successful, failed })
    }
}

impl PutAuditEvents {
    /// Refuses all of it, for what no event is to blame for alone.
    fn check(&self) -> Result<(), ApiError> {
        let mut ids = BTreeSet::new();
        if let Some(twice) = self.audit_events.iter().find(|event| !ids.insert(&event.id)) {
            let message = format!("Two or more entries in the request have the same event ID: {}.", twice.id);
            return Err(ApiError::new("DuplicatedAuditEventId", message));
        }
        let bytes: usize = self.audit_events.iter().map(|event| event.event_data.len()).sum();
        if bytes > MAX_BYTES {
            let message = format!(
                "The events of a request have at most {MAX_BYTES} bytes, and these have {bytes}: put fewer at a time."
            );
            return Err(ApiError::new("ValidationException", message));
        }
        Ok(())
    }
}

/// The number of the last event that the lake has; refused where there is none, or it cannot say.
fn kept(cx: &Context<'_>) -> Result<u64, ApiError> {
    match cx.world.lake.kept() {
        Ok(kept) => Ok(kept.activity),
        Err(LakeFault::NoLake) => {
            let message = "There is no lake here, so that events cannot be kept.";
            Err(ApiError::new("UnsupportedOperationException", message))
        }
        Err(LakeFault::Other(_)) => {
            let message = "The lake cannot be asked now; see the service's log. Try again.";
            Err(ApiError::new("ServiceUnavailable", message).with_status(503))
        }
    }
}

fn key_of(cx: &Context<'_>, text: &str) -> Result<Key, ApiError> {
    let Some((arn, id)) = of_arn(text) else {
        let message = format!("The specified channel ARN is not a valid channel ARN: {text}.");
        return Err(ApiError::new("InvalidChannelARN", message));
    };
    if arn.account != cx.account.as_str() {
        let message = format!("The caller's account, {}, must be the same as the channel owner's account.", cx.account);
        return Err(ApiError::new("ChannelInsufficientPermission", message));
    }
    if arn.region != cx.region.as_str() {
        return Err(not_found(text));
    }
    Ok(cx.key(id))
}

fn not_found(text: &str) -> ApiError {
    ApiError::new("ChannelNotFound", format!("The channel could not be found: {text}."))
}

fn throttled() -> ApiError {
    let message = "More comes in than the lake can keep now: send it again later.";
    ApiError::new("ThrottlingException", message).with_status(429)
}
