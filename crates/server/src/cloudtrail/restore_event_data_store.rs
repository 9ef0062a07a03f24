//! `RestoreEventDataStore`: takes the deletion of an event data store back.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RestoreEventDataStore.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::event_data_store::{EVENT_DATA_STORE, EventDataStore, EventDataStoreTold};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RestoreEventDataStore {
    event_data_store: String,
}

impl Operation for RestoreEventDataStore {
    const NAME: &'static str = "RestoreEventDataStore";
    const SHAPE: &'static Shape =
        &Shape::structure("RestoreEventDataStoreRequest", &[Member::required("EventDataStore", EVENT_DATA_STORE)]);
    type Output = EventDataStoreTold;

    fn run(self, cx: &Context<'_>) -> Result<EventDataStoreTold, Failure> {
        EventDataStore::change(cx, &self.event_data_store, |_, store| {
            if store.deleted_at.is_none() {
                return Err(store.invalid_status("PENDING_DELETION").into());
            }
            store.deleted_at = None;
            store.updated_at = Some(cx.now.into());
            Ok(store.clone().into())
        })
    }
}
