//! `GetEventDataStore`: one event data store.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventDataStore.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::event_data_store::{EVENT_DATA_STORE, EventDataStore, EventDataStoreTold};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetEventDataStore {
    event_data_store: String,
}

impl Operation for GetEventDataStore {
    const NAME: &'static str = "GetEventDataStore";
    const SHAPE: &'static Shape =
        &Shape::structure("GetEventDataStoreRequest", &[Member::required("EventDataStore", EVENT_DATA_STORE)]);
    type Output = EventDataStoreTold;

    fn run(self, cx: &Context<'_>) -> Result<EventDataStoreTold, Failure> {
        let store = cx.store.try_read(|r| EventDataStore::find(r, cx, &self.event_data_store))?;
        Ok(store.into())
    }
}
