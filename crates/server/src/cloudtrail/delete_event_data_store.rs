//! `DeleteEventDataStore`: deletes an event data store; for seven days that can be taken back.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteEventDataStore.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::channel::Channel;
use super::done::Done;
use super::event_data_store::{EVENT_DATA_STORE, EventDataStore};
use super::import::Import;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteEventDataStore {
    event_data_store: String,
}

impl Operation for DeleteEventDataStore {
    const NAME: &'static str = "DeleteEventDataStore";
    const SHAPE: &'static Shape =
        &Shape::structure("DeleteEventDataStoreRequest", &[Member::required("EventDataStore", EVENT_DATA_STORE)]);
    type Output = Done;

    fn run(self, cx: &Context<'_>) -> Result<Done, Failure> {
        EventDataStore::change(cx, &self.event_data_store, |r, store| {
            store.check_own("deleted")?;
            store.check_active()?;
            if store.is_termination_protected {
                let message = format!(
                    "The event data store {} cannot be deleted, because termination protection is enabled for it. \
                     UpdateEventDataStore disables it: --no-termination-protection-enabled.",
                    store.arn
                );
                return Err(ApiError::new("EventDataStoreTerminationProtectedException", message).into());
            }
            if let Some(channel) = Channel::into(r, cx, store)? {
                let message = format!(
                    "The event data store {} cannot be deleted, because the channel {} sends events to it. \
                     UpdateChannel gives that one another destination, DeleteChannel deletes it.",
                    store.arn,
                    channel.arn()
                );
                return Err(ApiError::new("ChannelExistsForEDSException", message).into());
            }
            let goes_on = |import: &Import| import.status.is_going_on() && import.destination == store.arn;
            if Import::all(r, cx)?.iter().any(goes_on) {
                let message =
                    format!("An import into the event data store {} is still going on. StopImport ends it.", store.arn);
                return Err(ApiError::new("EventDataStoreHasOngoingImportException", message).into());
            }
            store.deleted_at = Some(cx.now.into());
            Ok(Done {})
        })
    }
}
