//! `UpdateEventDataStore`: changes what is set of an event data store.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateEventDataStore.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::event_data_store::settings::{BILLING_MODE, KMS_KEY_ID, NAME, RETENTION_PERIOD, SELECTORS};
use super::event_data_store::{EVENT_DATA_STORE, EventDataStore, EventDataStoreSettings, EventDataStoreTold};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateEventDataStore {
    event_data_store: String,
    #[serde(flatten)]
    settings: EventDataStoreSettings,
}

impl Operation for UpdateEventDataStore {
    const NAME: &'static str = "UpdateEventDataStore";
    const SHAPE: &'static Shape = &Shape::structure(
        "UpdateEventDataStoreRequest",
        &[
            Member::required("EventDataStore", EVENT_DATA_STORE),
            Member::optional("Name", NAME),
            Member::optional("AdvancedEventSelectors", SELECTORS),
            Member::optional("RetentionPeriod", RETENTION_PERIOD),
            Member::optional("KmsKeyId", KMS_KEY_ID),
            Member::optional("BillingMode", BILLING_MODE),
        ],
    );
    type Output = EventDataStoreTold;

    fn run(self, cx: &Context<'_>) -> Result<EventDataStoreTold, Failure> {
        if self.settings.is_empty() {
            let message = "Say what is to be changed: at least one parameter besides EventDataStore.";
            return Err(ApiError::new("InvalidParameterException", message).into());
        }
        EventDataStore::change(cx, &self.event_data_store, |r, store| {
            store.check_active()?;
            if self.settings.is_more_than_retention() {
                store.check_own("changed, but for its RetentionPeriod")?;
            }
            let before = store.clone();
            self.settings.set(store, cx)?;
            store.check_name(&EventDataStore::all(r, cx)?)?;
            store.check_change(&before)?;
            store.updated_at = Some(cx.now.into());
            Ok(store.clone().into())
        })
    }
}
