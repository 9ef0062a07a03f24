//! An event data store as it is remembered, and how it is found: by its ARN, by its id, or by its name.
//!
//! ```text
//!   arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/6f5c…     key (account, us-east-1, 6f5c…)
//! ```
//!
//! A store holds nothing itself: it says which of all events that are kept are in it ([`view`]). So what was kept before it was
//! made is in it at once, as far as its retention reaches; on AWS an import would have to bring it in. And a store that is
//! restored is as if it had never been deleted.
//!
//! | state | when |
//! |---|---|
//! | `CREATED` | in the answer that makes it, as on AWS |
//! | `ENABLED`, `STOPPED_INGESTION` | as it was started and stopped, at once |
//! | `PENDING_DELETION` | for seven days after it was deleted; then it is gone |
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store.html>

use jiff::{SignedDuration, Timestamp};
use record::insight::Subject;
use record::names::{AccountId, EventCategory, Region};
use serde::{Deserialize, Serialize};
use store::{Key, List, Reader, Resource, StoreError, Writer};
use wire::ApiError;
use wire::check::Shape;

use super::event_selectors::{AdvancedEventSelector, ApiFacts};
use super::insight_selectors::InsightSelector;
use crate::arn::Arn;
use crate::context::Place;
use crate::{Context, Failure};

mod always_there;
mod refused;
pub(crate) mod settings;
mod told;
mod view;

use refused::invalid_arn;

pub(crate) use refused::not_found;
pub(crate) use settings::EventDataStoreSettings;
pub(crate) use told::EventDataStoreTold;

/// An event data store. Its key: its id, in its Region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EventDataStore {
    /// A UUID.
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) advanced_event_selectors: Vec<AdvancedEventSelector>,
    pub(crate) is_multi_region: bool,
    pub(crate) is_organization: bool,
    pub(crate) retention_days: u32,
    pub(crate) is_termination_protected: bool,
    pub(crate) kms_key_id: Option<String>,
    pub(crate) billing_mode: BillingMode,
    /// When events were taken in, in order.
    pub(crate) ingestion: Vec<Ingestion>,
    /// Times of which imports brought events in.
    #[serde(default)]
    pub(crate) imported: Vec<Ingestion>,
    /// When it was deleted.
    pub(crate) deleted_at: Option<wire::Timestamp>,
    /// Kinds of insight that are looked for in its events; none: Insights are off.
    pub(crate) insight_selectors: Vec<InsightSelector>,
    /// The ARN of the store that these are in.
    pub(crate) insights_destination: Option<String>,
    /// None of a store that is always there.
    pub(crate) created_at: Option<wire::Timestamp>,
    pub(crate) updated_at: Option<wire::Timestamp>,
}

impl Resource for EventDataStore {
    const KIND: &'static str = "event-data-store";
}

/// What a store costs on AWS, which limits how long it keeps events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum BillingMode {
    #[default]
    ExtendableRetentionPricing,
    FixedRetentionPricing,
}

/// A stretch of time in which events are taken in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ingestion {
    /// `None`: whatever was kept before, too.
    pub(crate) from: Option<wire::Timestamp>,
    /// `None`: it goes on.
    pub(crate) until: Option<wire::Timestamp>,
}

/// AWS's names of its states; those that pass here are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventDataStoreStatus {
    Created,
    Enabled,
    StoppedIngestion,
    PendingDeletion,
}

impl EventDataStoreStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            EventDataStoreStatus::Created => "CREATED",
            EventDataStoreStatus::Enabled => "ENABLED",
            EventDataStoreStatus::StoppedIngestion => "STOPPED_INGESTION",
            EventDataStoreStatus::PendingDeletion => "PENDING_DELETION",
        }
    }
}

/// An event data store, by ARN or the end of it.
pub(crate) const EVENT_DATA_STORE: Shape = Shape::string().length(3, 256).pattern(r"^[a-zA-Z0-9._/\-:]+$");

/// From a deletion until it cannot be taken back.
const PENDING: SignedDuration = SignedDuration::from_hours(7 * 24);

impl EventDataStore {
    pub(crate) fn status(&self) -> EventDataStoreStatus {
        if self.deleted_at.is_some() {
            return EventDataStoreStatus::PendingDeletion;
        }
        match self.ingestion.last() {
            Some(Ingestion { until: None, .. }) => EventDataStoreStatus::Enabled,
            Some(Ingestion { until: Some(_), .. }) | None => EventDataStoreStatus::StoppedIngestion,
        }
    }

    /// Whether it is one of Insights events; if not, it is one of events.
    pub(crate) fn is_of_insights(&self) -> bool {
        self.advanced_event_selectors.iter().any(|selector| selector.is_of(EventCategory::Insight))
    }

    /// Whether it is one of events from outside of AWS, which channels bring.
    pub(crate) fn is_of_activity(&self) -> bool {
        self.advanced_event_selectors.iter().any(AdvancedEventSelector::is_of_activity)
    }

    /// The oldest moment that it shows.
    pub(crate) fn oldest(&self, now: Timestamp) -> Timestamp {
        now - SignedDuration::from_hours(24 * i64::from(self.retention_days))
    }

    fn is_gone(&self, now: Timestamp) -> bool {
        self.deleted_at.is_some_and(|at| at.0 + PENDING <= now)
    }

    fn account(&self) -> AccountId {
        Arn::of(&self.arn).map_or_else(|| AccountId::from(""), |arn| AccountId::from(arn.account))
    }

    fn region(&self) -> Region {
        Arn::of(&self.arn).map_or_else(|| Region::from(""), |arn| Region::from(arn.region))
    }

    pub(crate) fn key(&self) -> Key {
        Key::new(&self.account(), &self.region(), &*self.id)
    }

    /// The stores of this account and Region, in the order of their names.
    pub(crate) fn all(r: &Reader<'_>, cx: &Context<'_>) -> Result<Vec<EventDataStore>, StoreError> {
        EventDataStore::of(r, &cx.account, &cx.region, cx.now)
    }

    /// The stores of an account and Region, in the order of their names.
    pub(crate) fn of(
        r: &Reader<'_>,
        account: &AccountId,
        region: &Region,
        now: Timestamp,
    ) -> Result<Vec<EventDataStore>, StoreError> {
        let stored = r.list::<EventDataStore>(&List::of(account, region))?;
        let mut all: Vec<EventDataStore> = stored.into_iter().map(|stored| stored.value).collect();
        all.retain(|store| !store.is_gone(now));
        let always =
            always_there::stores(account, region).filter(|always| all.iter().all(|store| store.id != always.id));
        let always: Vec<EventDataStore> = always.collect();
        all.extend(always);
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    }

    /// The store that is meant: by ARN or id, as AWS has it, or by its name.
    pub(crate) fn find(r: &Reader<'_>, cx: &Context<'_>, text: &str) -> Result<EventDataStore, Failure> {
        let id = meant(cx, text)?;
        let found = EventDataStore::all(r, cx)?.into_iter().find(|store| store.id == id || store.name == id);
        match found {
            Some(store) => Ok(store),
            None if is_uuid(id) => Err(not_found(text).into()),
            None => Err(invalid_arn(text).into()),
        }
    }

    /// The same, if it was not deleted.
    pub(crate) fn find_active(r: &Reader<'_>, cx: &Context<'_>, text: &str) -> Result<EventDataStore, Failure> {
        let store = EventDataStore::find(r, cx, text)?;
        store.check_active()?;
        Ok(store)
    }

    /// Changes the store that is meant, all or nothing.
    pub(crate) fn change<T>(
        cx: &Context<'_>,
        text: &str,
        change: impl FnOnce(&Reader<'_>, &mut EventDataStore) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        cx.store.try_write(|w| {
            let mut store = EventDataStore::find(w, cx, text)?;
            let before = store.clone();
            let changed = change(w, &mut store)?;
            if store != before {
                store.updated_at = Some(cx.now.into());
                w.put(&store.key(), &store, cx.now)?;
            }
            Ok(changed)
        })
    }

    /// Whether insights are looked for in its events.
    pub(crate) fn looks_for_insights(&self) -> bool {
        !self.insight_selectors.is_empty() && self.status() == EventDataStoreStatus::Enabled
    }

    /// Whether it looks at the rate of this API: of management events, and where calls are counted, of those that write.
    pub(crate) fn looks_at(&self, subject: &Subject, writes: bool) -> bool {
        let Subject { category, source, name, .. } = subject;
        let api = ApiFacts { category: *category, read_only: !writes, source: source.as_str(), name: name.as_str() };
        *category == EventCategory::Management
            && (writes || subject.error.is_some())
            && self.insight_selectors.iter().any(|selector| selector.looks_for(subject.insight_type(), *category))
            && (self.is_organization || self.account() == subject.account)
            && (self.is_multi_region || self.region() == subject.region)
            && self.advanced_event_selectors.iter().any(|selector| selector.may_take_api(&api))
    }

    /// The oldest moment that is still shown by some store that was made or changed, or by one of the two that are always there, in
    /// the service's own Region: in other Regions these show what is left.
    pub(crate) fn oldest_shown(r: &Reader<'_>, place: &Place, now: Timestamp) -> Result<Timestamp, StoreError> {
        // Those of other Regions, and what is always there.
        let mut all = EventDataStore::of(r, &place.account, &place.region, now)?;
        all.extend(r.list::<EventDataStore>(&List::default())?.into_iter().map(|stored| stored.value));
        let oldest = all.iter().filter(|store| !store.is_gone(now)).map(|store| store.oldest(now)).min();
        Ok(oldest.unwrap_or(now))
    }

    /// Forgets those that were deleted long enough ago, with their tags. Says how many.
    pub(crate) fn expire(w: &Writer<'_>, now: Timestamp) -> Result<usize, StoreError> {
        let stored = w.list::<EventDataStore>(&List::default())?.into_iter();
        let gone: Vec<EventDataStore> = stored.map(|stored| stored.value).filter(|store| store.is_gone(now)).collect();
        for store in &gone {
            w.delete::<EventDataStore>(&store.key())?;
            w.remove_all_tags(&store.arn)?;
        }
        Ok(gone.len())
    }
}

/// The id, or the name, that is meant.
fn meant<'t>(cx: &Context<'_>, text: &'t str) -> Result<&'t str, ApiError> {
    if !text.starts_with("arn:") {
        return Ok(text.strip_prefix("eventdatastore/").unwrap_or(text));
    }
    let arn = Arn::of(text).filter(|arn| arn.service == "cloudtrail").ok_or_else(|| invalid_arn(text))?;
    let id = arn.resource.strip_prefix("eventdatastore/").ok_or_else(|| invalid_arn(text))?;
    if (arn.account, arn.region) != (cx.account.as_str(), cx.region.as_str()) {
        return Err(not_found(text));
    }
    Ok(id)
}

/// `6f5c0000-0000-4000-8000-000000000001`.
fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uuids_are_ids() {
        assert!(is_uuid("2a8f2138-0caa-46c8-a194-0123456789ab"));
        for text in ["", "events", "2a8f2138-0caa-46c8-a194-0123456789a", "2a8f2138-0caa-46c8-a194-0123456789aX"] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
