//! Stores that are there without being made: `events`, all events of all accounts, and `insights`, all Insights events. So SQL
//! works from the first start. How long they keep can be changed; nothing else can, and they are never deleted.

use record::names::{AccountId, Region};

use super::super::event_selectors::AdvancedEventSelector;
use super::settings::DEFAULT_RETENTION_DAYS;
use super::{BillingMode, EventDataStore, Ingestion};
use crate::hashed_uuid::hashed_uuid;

/// Their names, and the categories of their events.
const ALWAYS: [(&str, &[&str]); 2] =
    [("events", &["Management", "Data", "NetworkActivity"]), ("insights", &["Insight"])];

/// As they are unless somebody changed them.
pub(super) fn stores(account: &AccountId, region: &Region) -> impl Iterator<Item = EventDataStore> {
    ALWAYS.iter().map(move |(name, categories)| {
        let id = id(account.as_str(), name);
        EventDataStore {
            arn: format!("arn:aws:cloudtrail:{region}:{account}:eventdatastore/{id}"),
            id,
            name: (*name).to_owned(),
            advanced_event_selectors: categories.iter().map(|of| AdvancedEventSelector::all_of(of)).collect(),
            is_multi_region: true,
            is_organization: true,
            retention_days: DEFAULT_RETENTION_DAYS,
            is_termination_protected: true,
            kms_key_id: None,
            billing_mode: BillingMode::default(),
            ingestion: vec![Ingestion { from: None, until: None }],
            imported: Vec::new(),
            deleted_at: None,
            insight_selectors: Vec::new(),
            insights_destination: None,
            created_at: None,
            updated_at: None,
        }
    })
}

impl EventDataStore {
    /// Whether it is one of these.
    pub(crate) fn is_always_there(&self) -> bool {
        ALWAYS.iter().any(|(name, _)| self.id == id(self.account().as_str(), name))
    }
}

/// The same for the same account and name, for ever.
fn id(account: &str, name: &str) -> String {
    hashed_uuid(&format!("event data store {name} of {account}")).to_string()
}
