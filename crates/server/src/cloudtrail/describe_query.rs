//! `DescribeQuery`: how far a query has come, and what it has cost.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeQuery.html>

use serde::{Deserialize, Serialize};
use store::queries::{Query, QueryState};
use wire::check::{Member, Shape};
use wire::{ApiError, Timestamp};

use super::event_data_store::EVENT_DATA_STORE;
use super::organization::ACCOUNT_ID;
use super::query::{QUERY_ALIAS, QUERY_ID, check_owner, find, no_aliases, state_word};
use crate::{Context, Failure, Operation};

/// Of a dashboard's refresh.
const REFRESH_ID: Shape = Shape::string().length(10, 20).pattern(r"\d+");

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeQuery {
    event_data_store: Option<String>,
    query_id: Option<String>,
    query_alias: Option<String>,
    refresh_id: Option<String>,
    event_data_store_owner_account_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct QueryDescribed {
    query_id: String,
    query_string: String,
    query_status: &'static str,
    query_statistics: Statistics,
    error_message: Option<String>,
    delivery_s3_uri: Option<String>,
    delivery_status: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statistics {
    events_matched: u64,
    events_scanned: u64,
    bytes_scanned: u64,
    execution_time_in_millis: i32,
    creation_time: Timestamp,
}

impl Operation for DescribeQuery {
    const NAME: &'static str = "DescribeQuery";
    const SHAPE: &'static Shape = &Shape::structure(
        "DescribeQueryRequest",
        &[
            Member::optional("EventDataStore", EVENT_DATA_STORE),
            Member::optional("QueryId", QUERY_ID),
            Member::optional("QueryAlias", QUERY_ALIAS),
            Member::optional("RefreshId", REFRESH_ID),
            Member::optional("EventDataStoreOwnerAccountId", ACCOUNT_ID),
        ],
    );
    type Output = QueryDescribed;

    fn run(self, cx: &Context<'_>) -> Result<QueryDescribed, Failure> {
        check_owner(cx, self.event_data_store_owner_account_id.as_deref())?;
        if self.query_alias.is_some() {
            return Err(no_aliases().into());
        }
        if self.refresh_id.is_some() {
            let message = "Dashboards, whose refreshes have ids, are not there. Specify the QueryId alone.";
            return Err(ApiError::new("InvalidParameterException", message).into());
        }
        let Some(id) = self.query_id else {
            let message = "Specify the QueryId that StartQuery answered.";
            return Err(ApiError::new("InvalidParameterException", message).into());
        };
        let query = cx.store.try_read(|r| find(r, cx, &id, self.event_data_store.as_deref()))?;
        let details = &query.details;
        let statistics = Statistics {
            events_matched: details.events_matched,
            events_scanned: details.events_scanned,
            bytes_scanned: details.bytes_scanned,
            execution_time_in_millis: execution_millis(&query, cx.now),
            creation_time: query.created_at.into(),
        };
        let (delivery_s3_uri, delivery_status) = query.details.delivery.unzip();
        Ok(QueryDescribed {
            query_id: query.id,
            query_string: query.details.statement,
            query_status: state_word(query.state),
            query_statistics: statistics,
            error_message: query.details.error,
            delivery_s3_uri,
            delivery_status,
        })
    }
}

/// How long it ran, or has been running.
fn execution_millis(query: &Query, now: jiff::Timestamp) -> i32 {
    let end = match query.state {
        QueryState::Queued => None,
        QueryState::Running => Some(now.as_millisecond()),
        QueryState::Finished | QueryState::Failed | QueryState::Cancelled | QueryState::TimedOut => {
            query.details.ended_at
        }
    };
    let millis = query.details.begun_at.zip(end).map_or(0, |(begun, end)| end - begun);
    i32::try_from(millis.max(0)).unwrap_or(i32::MAX)
}
