//! What can be set of an event data store, when it is made and later.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateEventDataStore.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::Shape;

use super::super::event_selectors::{ADVANCED_EVENT_SELECTOR, AdvancedEventSelector};
use super::super::trail_settings::kms_key_arn;
use super::{BillingMode, EventDataStore};
use crate::Context;

/// What is to be set; what is not named stays as it is.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct EventDataStoreSettings {
    name: Option<String>,
    advanced_event_selectors: Option<Vec<AdvancedEventSelector>>,
    multi_region_enabled: Option<bool>,
    organization_enabled: Option<bool>,
    retention_period: Option<u32>,
    termination_protection_enabled: Option<bool>,
    kms_key_id: Option<String>,
    billing_mode: Option<BillingMode>,
}

pub(crate) const NAME: Shape = Shape::string().length(3, 128).pattern(r"^[a-zA-Z0-9._\-]+$");
pub(crate) const SELECTORS: Shape = Shape::list(&ADVANCED_EVENT_SELECTOR);
pub(crate) const RETENTION_PERIOD: Shape = Shape::integer().range(7.0, 3653.0);
pub(crate) const KMS_KEY_ID: Shape = Shape::string().length(1, 350).pattern(r"^[a-zA-Z0-9._/\-:]+$");
pub(crate) const BILLING_MODE: Shape =
    Shape::string().one_of(&["EXTENDABLE_RETENTION_PRICING", "FIXED_RETENTION_PRICING"]);

/// Of extendable retention, which is the usual one.
pub(crate) const DEFAULT_RETENTION_DAYS: u32 = 366;
/// Of fixed retention: the default, and the most.
const FIXED_RETENTION_DAYS: u32 = 2557;

impl EventDataStoreSettings {
    /// Whether nothing is to be set.
    pub(crate) fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.advanced_event_selectors.is_none()
            && self.multi_region_enabled.is_none()
            && self.organization_enabled.is_none()
            && self.retention_period.is_none()
            && self.termination_protection_enabled.is_none()
            && self.kms_key_id.is_none()
            && self.billing_mode.is_none()
    }

    /// Sets them, if all of them may be.
    pub(crate) fn set(self, store: &mut EventDataStore, cx: &Context<'_>) -> Result<(), ApiError> {
        if let Some(name) = self.name {
            store.name = name;
        }
        if let Some(selectors) = self.advanced_event_selectors {
            AdvancedEventSelector::check_of_store(&selectors)?;
            store.advanced_event_selectors = selectors;
        }
        if let Some(is_multi_region) = self.multi_region_enabled {
            store.is_multi_region = is_multi_region;
        }
        if let Some(is_organization) = self.organization_enabled {
            store.is_organization = is_organization;
        }
        if let Some(is_protected) = self.termination_protection_enabled {
            store.is_termination_protected = is_protected;
        }
        if let Some(key) = self.kms_key_id {
            store.kms_key_id = Some(kms_key_arn(key, cx)?);
        }
        if let Some(mode) = self.billing_mode {
            store.billing_mode = mode;
        }
        if let Some(days) = self.retention_period {
            store.retention_days = days;
        }
        if store.billing_mode == BillingMode::FixedRetentionPricing && store.retention_days > FIXED_RETENTION_DAYS {
            let message = format!(
                "RetentionPeriod is at most {FIXED_RETENTION_DAYS} days where BillingMode is FIXED_RETENTION_PRICING, and this is {}.",
                store.retention_days
            );
            return Err(ApiError::new("InvalidParameterException", message));
        }
        Ok(())
    }

    /// How long a new store keeps events, if that is not said.
    pub(crate) fn default_retention_days(&self) -> u32 {
        match self.billing_mode {
            Some(BillingMode::FixedRetentionPricing) => FIXED_RETENTION_DAYS,
            Some(BillingMode::ExtendableRetentionPricing) | None => DEFAULT_RETENTION_DAYS,
        }
    }

    /// Whether something is to be set that cannot be of a store that is always there.
    pub(crate) fn is_more_than_retention(&self) -> bool {
        self.name.is_some()
            || self.advanced_event_selectors.is_some()
            || self.multi_region_enabled.is_some()
            || self.organization_enabled.is_some()
            || self.termination_protection_enabled == Some(false)
            || self.kms_key_id.is_some()
    }
}
