//! `ListQueries`: the queries of an event data store that were started within seven days, the newest first.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListQueries.html>

use serde::{Deserialize, Serialize};
use store::queries::QueryList;
use wire::check::{Member, Shape};
use wire::{ApiError, Timestamp};

use super::event_data_store::{EVENT_DATA_STORE, EventDataStore};
use super::query::{MAX_RESULTS, NEXT_TOKEN, state_of, state_word, token_of_list};
use crate::page::{cut, token_name, token_of};
use crate::upkeep::QUERIES;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListQueries {
    event_data_store: String,
    next_token: Option<String>,
    max_results: Option<usize>,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    query_status: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct QueriesListed {
    queries: Vec<QueryListed>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct QueryListed {
    query_id: String,
    query_status: &'static str,
    creation_time: Timestamp,
}

const PAGE: usize = 1000;

impl Operation for ListQueries {
    const NAME: &'static str = "ListQueries";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListQueriesRequest",
        &[
            Member::required("EventDataStore", EVENT_DATA_STORE),
            Member::optional("NextToken", NEXT_TOKEN),
            Member::optional("MaxResults", MAX_RESULTS),
        ],
    );
    type Output = QueriesListed;

    fn run(self, cx: &Context<'_>) -> Result<QueriesListed, Failure> {
        if self.start_time.zip(self.end_time).is_some_and(|(start, end)| start > end) {
            let message = "StartTime is after EndTime.";
            return Err(ApiError::new("InvalidDateRangeException", message).into());
        }
        let state = match &self.query_status {
            None => None,
            Some(word) => Some(state_of(word).ok_or_else(|| {
                let message = format!(
                    "The query status {word} is not valid: QUEUED, RUNNING, FINISHED, FAILED, CANCELLED or TIMED_OUT."
                );
                ApiError::new("InvalidQueryStatusException", message)
            })?),
        };
        let before = token_of_list(self.next_token.as_deref(), number_of)?;
        let limit = self.max_results.unwrap_or(PAGE);
        let oldest = cx.now - QUERIES;
        let queries = cx.store.try_read(|r| {
            let store = EventDataStore::find_active(r, cx, &self.event_data_store)?;
            let list = QueryList {
                account: Some(cx.account.clone()),
                store: Some(store.id),
                from: Some(self.start_time.map_or(oldest, |start| start.0.max(oldest))),
                to: self.end_time.map(|end| end.0),
                state,
                before,
                limit: limit + 1,
            };
            Ok::<_, Failure>(r.queries(&list)?)
        })?;
        let (page, next_token) = cut(queries, limit, |(number, _)| token_of(&format!("{number:08}")));
        let listed = |(_, query): (u64, store::queries::Query)| QueryListed {
            query_id: query.id,
            query_status: state_word(query.state),
            creation_time: query.created_at.into(),
        };
        Ok(QueriesListed { queries: page.into_iter().map(listed).collect(), next_token })
    }
}

fn number_of(token: &str) -> Option<u64> {
    token_name(token)?.parse().ok()
}
