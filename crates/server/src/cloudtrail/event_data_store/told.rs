//! An event data store as operations tell it.

use serde::Serialize;
use wire::Timestamp;

use super::super::event_selectors::AdvancedEventSelector;
use super::super::tags::Tag;
use super::{BillingMode, EventDataStore, EventDataStoreStatus};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EventDataStoreTold {
    event_data_store_arn: String,
    name: String,
    status: &'static str,
    advanced_event_selectors: Vec<AdvancedEventSelector>,
    multi_region_enabled: bool,
    organization_enabled: bool,
    retention_period: u32,
    termination_protection_enabled: bool,
    /// Only told of one that was just made.
    tags_list: Option<Vec<Tag>>,
    created_timestamp: Option<Timestamp>,
    updated_timestamp: Option<Timestamp>,
    kms_key_id: Option<String>,
    billing_mode: BillingMode,
}

impl EventDataStoreTold {
    /// One that was just made.
    pub(crate) fn created(store: EventDataStore, tags_list: Option<Vec<Tag>>) -> EventDataStoreTold {
        EventDataStoreTold { status: EventDataStoreStatus::Created.as_str(), tags_list, ..store.into() }
    }
}

impl From<EventDataStore> for EventDataStoreTold {
    fn from(store: EventDataStore) -> EventDataStoreTold {
        EventDataStoreTold {
            status: store.status().as_str(),
            event_data_store_arn: store.arn,
            name: store.name,
            advanced_event_selectors: store.advanced_event_selectors,
            multi_region_enabled: store.is_multi_region,
            organization_enabled: store.is_organization,
            retention_period: store.retention_days,
            termination_protection_enabled: store.is_termination_protected,
            tags_list: None,
            created_timestamp: store.created_at,
            updated_timestamp: store.updated_at,
            kms_key_id: store.kms_key_id,
            billing_mode: store.billing_mode,
        }
    }
}
