//! `StartEventDataStoreIngestion`: an event data store takes events in again, from now on.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartEventDataStoreIngestion.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::done::Done;
use super::event_data_store::{EVENT_DATA_STORE, EventDataStore, EventDataStoreStatus, Ingestion};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartEventDataStoreIngestion {
    event_data_store: String,
}

impl Operation for StartEventDataStoreIngestion {
    const NAME: &'static str = "StartEventDataStoreIngestion";
    const SHAPE: &'static Shape = &Shape::structure(
        "StartEventDataStoreIngestionRequest",
        &[Member::required("EventDataStore", EVENT_DATA_STORE)],
    );
    type Output = Done;

    fn run(self, cx: &Context<'_>) -> Result<Done, Failure> {
        EventDataStore::change(cx, &self.event_data_store, |_, store| {
            store.check_takes_events()?;
            if store.status() != EventDataStoreStatus::StoppedIngestion {
                return Err(store.invalid_status("STOPPED_INGESTION").into());
            }
            store.ingestion.push(Ingestion { from: Some(cx.now.into()), until: None });
            Ok(Done {})
        })
    }
}
