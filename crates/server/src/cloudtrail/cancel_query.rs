//! `CancelQuery`: a query that waits is not run any more, one that runs is stopped. It is cancelled from this moment on, though
//! whoever runs it may need one more to stop.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CancelQuery.html>

use serde::{Deserialize, Serialize};
use store::queries::{Query, QueryState};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::event_data_store::EVENT_DATA_STORE;
use super::organization::ACCOUNT_ID;
use super::query::{QUERY_ID, check_owner, find, state_word};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelQuery {
    event_data_store: Option<String>,
    query_id: String,
    event_data_store_owner_account_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct QueryCancelled {
    query_id: String,
    query_status: &'static str,
}

impl Operation for CancelQuery {
    const NAME: &'static str = "CancelQuery";
    const SHAPE: &'static Shape = &Shape::structure(
        "CancelQueryRequest",
        &[
            Member::optional("EventDataStore", EVENT_DATA_STORE),
            Member::required("QueryId", QUERY_ID),
            Member::optional("EventDataStoreOwnerAccountId", ACCOUNT_ID),
        ],
    );
    type Output = QueryCancelled;

    fn run(self, cx: &Context<'_>) -> Result<QueryCancelled, Failure> {
        check_owner(cx, self.event_data_store_owner_account_id.as_deref())?;
        cx.store.try_write(|w| {
            let query = find(w, cx, &self.query_id, self.event_data_store.as_deref())?;
            if !matches!(query.state, QueryState::Queued | QueryState::Running) {
                let message = format!(
                    "The query {} cannot be cancelled, because it is in the {} state.",
                    query.id,
                    state_word(query.state)
                );
                return Err(ApiError::new("InactiveQueryException", message).into());
            }
            let mut cancelled = Query { state: QueryState::Cancelled, ..query.clone() };
            cancelled.details.ended_at = Some(cx.now.as_millisecond());
            if let Some((_, status)) = &mut cancelled.details.delivery {
                "CANCELLED".clone_into(status);
            }
            w.change_query(&cancelled, query.state)?;
            Ok(QueryCancelled { query_id: query.id, query_status: state_word(QueryState::Cancelled) })
        })
    }
}
