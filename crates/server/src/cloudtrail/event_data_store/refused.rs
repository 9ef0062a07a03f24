//! What is refused of an event data store, and what is said then.

use record::names::EventCategory;
use wire::ApiError;

use super::{BillingMode, EventDataStore};
use crate::cloudtrail::event_selectors::EventSelectors;
use crate::cloudtrail::insight_selectors::{InsightSelector, invalid as invalid_insight_selectors};

/// AWS's limit on one Region; those that are always there do not count.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
const MOST_A_REGION: usize = 10;

impl EventDataStore {
    /// Refuses one that was deleted.
    pub(crate) fn check_active(&self) -> Result<(), ApiError> {
        if self.deleted_at.is_none() {
            return Ok(());
        }
        let message = format!(
            "The event data store {} is inactive: it was deleted and is pending deletion. RestoreEventDataStore takes that back.",
            self.arn
        );
        Err(ApiError::new("InactiveEventDataStoreException", message))
    }

    /// Refuses to do to a store that is always there what must not be done to it.
    pub(crate) fn check_own(&self, cannot_be: &str) -> Result<(), ApiError> {
        if !self.is_always_there() {
            return Ok(());
        }
        let message = format!(
            "The event data store {} is always there and cannot be {cannot_be}. Create one of your own.",
            self.name
        );
        Err(ApiError::new("OperationNotPermittedException", message))
    }

    /// Refuses a name that another store has.
    pub(crate) fn check_name(&self, all: &[EventDataStore]) -> Result<(), ApiError> {
        if all.iter().any(|other| other.name == self.name && other.id != self.id) {
            let message = format!("An event data store with the name {} already exists.", self.name);
            return Err(ApiError::new("EventDataStoreAlreadyExistsException", message));
        }
        Ok(())
    }

    /// Refuses one more than there may be; those that are pending deletion count.
    pub(crate) fn check_count(all: &[EventDataStore]) -> Result<(), ApiError> {
        if all.iter().filter(|store| !store.is_always_there()).count() < MOST_A_REGION {
            return Ok(());
        }
        let message = format!("There are {MOST_A_REGION} event data stores in this Region, and no more can be made.");
        Err(ApiError::new("EventDataStoreMaxLimitExceededException", message))
    }

    /// Refuses what a store cannot become.
    pub(crate) fn check_change(&self, before: &EventDataStore) -> Result<(), ApiError> {
        let family = |store: &EventDataStore| (store.is_of_insights(), store.is_of_activity());
        if family(self) != family(before) {
            let message = "An event data store stays one of Insight events, of events from outside of AWS, or of AWS's events: \
                           create another.";
            return Err(ApiError::new("InvalidEventSelectorsException", message));
        }
        if (before.billing_mode, self.billing_mode)
            == (BillingMode::ExtendableRetentionPricing, BillingMode::FixedRetentionPricing)
        {
            let message = "BillingMode cannot be changed from EXTENDABLE_RETENTION_PRICING to FIXED_RETENTION_PRICING.";
            return Err(ApiError::new("InvalidParameterException", message));
        }
        self.check_insight_selectors(&self.insight_selectors)
    }

    /// Refuses kinds of insight that cannot be looked for in its events.
    pub(crate) fn check_insight_selectors(&self, selectors: &[InsightSelector]) -> Result<(), ApiError> {
        let logged = EventSelectors::Advanced(self.advanced_event_selectors.clone());
        selectors.iter().try_for_each(|selector| {
            if selector.is_of(EventCategory::Data) {
                let message = "In an event data store, Insights are looked for in management events only.";
                return Err(invalid_insight_selectors(message));
            }
            selector.check(&logged, false, "the event data store")
        })
    }

    /// Refuses a store of Insights, whose events come from other stores and from trails, and one whose events channels bring.
    pub(crate) fn check_takes_events(&self) -> Result<(), ApiError> {
        let of = match (self.is_of_insights(), self.is_of_activity()) {
            (false, false) => return Ok(()),
            (true, _) => "Insight events",
            (false, true) => "events from outside of AWS",
        };
        let message = format!(
            "The event data store {} is one of {of}: ingestion is started and stopped of management, data and network activity events.",
            self.arn
        );
        Err(ApiError::new("InvalidEventDataStoreCategoryException", message))
    }

    /// What is said if it is not in the state that it must be in.
    pub(crate) fn invalid_status(&self, must_be: &str) -> ApiError {
        let message = format!(
            "The status of the event data store {} is {}, and must be {must_be}.",
            self.arn,
            self.status().as_str()
        );
        ApiError::new("InvalidEventDataStoreStatusException", message)
    }
}

/// What is said of a store that is not there.
pub(crate) fn not_found(text: &str) -> ApiError {
    let message = format!("The event data store {text} was not found in this account and Region.");
    ApiError::new("EventDataStoreNotFoundException", message)
}

pub(super) fn invalid_arn(text: &str) -> ApiError {
    let message = format!(
        "{text} is neither the ARN nor the id of an event data store, nor the name of one. ListEventDataStores tells them."
    );
    ApiError::new("EventDataStoreARNInvalidException", message)
}
