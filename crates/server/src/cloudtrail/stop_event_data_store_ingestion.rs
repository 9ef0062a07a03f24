//! `StopEventDataStoreIngestion`: an event data store takes no more events in. What is in it stays.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopEventDataStoreIngestion.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::done::Done;
use super::event_data_store::{EVENT_DATA_STORE, EventDataStore};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StopEventDataStoreIngestion {
    event_data_store: String,
}

impl Operation for StopEventDataStoreIngestion {
    const NAME: &'static str = "StopEventDataStoreIngestion";
    const SHAPE: &'static Shape = &Shape::structure(
        "StopEventDataStoreIngestionRequest",
        &[Member::required("EventDataStore", EVENT_DATA_STORE)],
    );
    type Output = Done;

    fn run(self, cx: &Context<'_>) -> Result<Done, Failure> {
        EventDataStore::change(cx, &self.event_data_store, |_, store| {
            store.check_own("stopped")?;
            store.check_takes_events()?;
            match store.ingestion.last_mut() {
                Some(ingestion) if ingestion.until.is_none() && store.deleted_at.is_none() => {
                    ingestion.until = Some(cx.now.into());
                    Ok(Done {})
                }
                _ => Err(store.invalid_status("ENABLED").into()),
            }
        })
    }
}
