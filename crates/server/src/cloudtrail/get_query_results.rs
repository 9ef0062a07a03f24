//! `GetQueryResults`: the rows of a query's result, a page at a time. While it runs there are none, and its status says so.
//!
//! A row is a list of columns, each a map of its label and its value; all values are texts, and NULL is an empty one.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetQueryResults.html>

use serde::{Deserialize, Serialize};
use store::queries::{Query, QueryState};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::event_data_store::EVENT_DATA_STORE;
use super::organization::ACCOUNT_ID;
use super::query::{MAX_RESULTS, NEXT_TOKEN, QUERY_ID, check_owner, find, state_word};
use crate::page::{token_name, token_of};
use crate::world::lake::QueryRow;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueryResults {
    event_data_store: Option<String>,
    query_id: String,
    next_token: Option<String>,
    max_query_results: Option<usize>,
    event_data_store_owner_account_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct QueryResults {
    query_status: &'static str,
    query_statistics: Statistics,
    query_result_rows: Vec<Vec<Column>>,
    next_token: Option<String>,
    error_message: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statistics {
    results_count: usize,
    total_results_count: u64,
    bytes_scanned: u64,
}

/// A label and a text, written as a map.
struct Column(String, String);

impl Serialize for Column {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(&self.0, &self.1)])
    }
}

/// Rows in one answer, unless fewer are asked for.
const PAGE: usize = 1000;
/// Their bytes, give or take some rows: one may hold a whole event.
const PAGE_BYTES: usize = 4 << 20;
/// Rows that are taken from the lake at once.
const AT_ONCE: usize = 100;

impl Operation for GetQueryResults {
    const NAME: &'static str = "GetQueryResults";
    const SHAPE: &'static Shape = &Shape::structure(
        "GetQueryResultsRequest",
        &[
            Member::optional("EventDataStore", EVENT_DATA_STORE),
            Member::required("QueryId", QUERY_ID),
            Member::optional("NextToken", NEXT_TOKEN),
            Member::optional("MaxQueryResults", MAX_RESULTS),
            Member::optional("EventDataStoreOwnerAccountId", ACCOUNT_ID),
        ],
    );
    type Output = QueryResults;

    fn run(self, cx: &Context<'_>) -> Result<QueryResults, Failure> {
        check_owner(cx, self.event_data_store_owner_account_id.as_deref())?;
        let query = cx.store.try_read(|r| find(r, cx, &self.query_id, self.event_data_store.as_deref()))?;
        let from = match &self.next_token {
            None => 0,
            Some(token) => place_of(token, &query)
                .ok_or_else(|| ApiError::new("InvalidNextTokenException", "The token is not one of this query's."))?,
        };
        let rows = match query.state {
            QueryState::Finished => page(cx, &query, from, self.max_query_results.unwrap_or(PAGE))?,
            QueryState::Queued
            | QueryState::Running
            | QueryState::Failed
            | QueryState::Cancelled
            | QueryState::TimedOut => Vec::new(),
        };
        let next = from + rows.len() as u64;
        let has_more = !rows.is_empty() && next < query.details.rows;
        let column = |(label, text)| Column(label, text);
        Ok(QueryResults {
            query_status: state_word(query.state),
            query_statistics: Statistics {
                results_count: rows.len(),
                total_results_count: query.details.rows,
                bytes_scanned: query.details.bytes_scanned,
            },
            query_result_rows: rows.into_iter().map(|row| row.into_iter().map(column).collect()).collect(),
            next_token: has_more.then(|| token_of(&format!("{}/{next}", query.id))),
            error_message: query.details.error,
        })
    }
}

/// The rows of a page: as many as are asked for, or fewer, if they are large.
fn page(cx: &Context<'_>, query: &Query, from: u64, limit: usize) -> Result<Vec<QueryRow>, ApiError> {
    let (mut page, mut bytes): (Vec<QueryRow>, usize) = Default::default();
    while page.len() < limit && bytes < PAGE_BYTES {
        let at_most = AT_ONCE.min(limit - page.len());
        let rows = cx.world.lake.rows(&query.id, from + page.len() as u64, at_most);
        let rows = rows.map_err(|fault| ApiError::internal(fault.text))?;
        let is_last = rows.len() < at_most;
        bytes += rows.iter().flatten().map(|(label, text)| label.len() + text.len()).sum::<usize>();
        page.extend(rows);
        if is_last {
            break;
        }
    }
    Ok(page)
}

/// The row that a token stands for.
fn place_of(token: &str, query: &Query) -> Option<u64> {
    let place = token_name(token)?;
    place.strip_prefix(&query.id)?.strip_prefix('/')?.parse().ok()
}
