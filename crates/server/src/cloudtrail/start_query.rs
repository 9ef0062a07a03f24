//! `StartQuery`: asks event data stores something in SQL. It is run as soon as there is room; `DescribeQuery` tells how far it is.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartQuery.html>

use serde::{Deserialize, Serialize};
use store::queries::{Query, QueryDetails, QueryState};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::event_data_store::EventDataStore;
use super::organization::ACCOUNT_ID;
use super::query::{QUERY_ALIAS, check_owner, no_aliases};
use super::trail_settings::{bucket_and_prefix, bucket_name, existing_bucket, key_prefix};
use crate::world::BucketError;
use crate::world::lake::{LakeQuery, Named, NamedLogs, QueryFault, QueryFaultKind, StoreView};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartQuery {
    query_statement: Option<String>,
    query_alias: Option<String>,
    query_parameters: Option<Vec<String>>,
    delivery_s3_uri: Option<String>,
    event_data_store_owner_account_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct QueryStarted {
    query_id: String,
}

/// AWS's limit on the queries of one account that are queued or running.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
const MOST_AT_ONCE: usize = 10;

/// What is said of a delivery that is still to be made.
pub(crate) const PENDING: &str = "PENDING";

impl Operation for StartQuery {
    const NAME: &'static str = "StartQuery";
    const SHAPE: &'static Shape = &Shape::structure(
        "StartQueryRequest",
        &[
            Member::optional("QueryStatement", Shape::string().length(1, 10_000)),
            Member::optional(
                "DeliveryS3Uri",
                Shape::string().at_most_long(1024).pattern("s3://[a-z0-9][\\.\\-a-z0-9]{1,61}[a-z0-9](/.*)?"),
            ),
            Member::optional("QueryAlias", QUERY_ALIAS),
            Member::optional("QueryParameters", Shape::list(&Shape::string()).length(1, 10)),
            Member::optional("EventDataStoreOwnerAccountId", ACCOUNT_ID),
        ],
    );
    type Output = QueryStarted;

    fn run(self, cx: &Context<'_>) -> Result<QueryStarted, Failure> {
        check_owner(cx, self.event_data_store_owner_account_id.as_deref())?;
        if self.query_alias.is_some() || self.query_parameters.is_some() {
            return Err(no_aliases().into());
        }
        let Some(statement) = self.query_statement else {
            let message = "Specify a QueryStatement: what is asked, in SQL.";
            return Err(ApiError::new("InvalidParameterException", message).into());
        };
        let delivery = self.delivery_s3_uri.map(|uri| checked_uri(uri, cx)).transpose()?;
        let Named { stores: named, logs } = cx.world.lake.understand(&statement).map_err(not_understood)?;
        logs.iter().try_for_each(|logs| check_readable(logs, cx))?;
        let id = cx.world.dice.uuid();
        let all = cx.store.read(|r| EventDataStore::all(r, cx))?;
        let views = views(&resolved(&all, named.clone())?, &all, cx);
        let planned = LakeQuery { id: id.clone(), statement: statement.clone(), views };
        cx.world.lake.check(&planned).map_err(not_understood)?;
        cx.store.try_write(|w| {
            let stores = resolved(&EventDataStore::all(w, cx)?, named)?;
            if w.queries_under_way(&cx.account)? >= MOST_AT_ONCE {
                let message = format!(
                    "You are already running the maximum number of concurrent queries. The maximum number of concurrent queries is \
                     {MOST_AT_ONCE}. Wait a minute for some queries to finish, and then run the query again."
                );
                return Err(ApiError::new("MaxConcurrentQueriesException", message).into());
            }
            let details = QueryDetails {
                statement,
                stores,
                delivery: delivery.map(|uri| (uri, PENDING.to_owned())),
                ..QueryDetails::default()
            };
            let query = Query {
                id: id.clone(),
                account: cx.account.clone(),
                region: cx.region.clone(),
                created_at: cx.now,
                state: QueryState::Queued,
                is_delivering: false,
                details,
            };
            Ok::<_, Failure>(w.add_query(&query)?)
        })?;
        Ok(QueryStarted { query_id: id })
    }
}

/// The stores that a statement names, each with its id.
fn resolved(all: &[EventDataStore], named: Vec<String>) -> Result<Vec<(String, String)>, ApiError> {
    let id_of = |name: String| {
        let Some(store) = all.iter().find(|store| store.id == name || store.name == name) else {
            let known: Vec<&str> = all.iter().map(|store| store.name.as_str()).collect();
            let message = format!(
                "There is no event data store {name} in this account and Region. There are: {}.",
                known.join(", ")
            );
            return Err(ApiError::new("EventDataStoreNotFoundException", message));
        };
        store.check_active()?;
        Ok((name, store.id.clone()))
    };
    named.into_iter().map(id_of).collect()
}

/// What each of the stores that a statement names has in it, now.
fn views(stores: &[(String, String)], all: &[EventDataStore], cx: &Context<'_>) -> Vec<StoreView> {
    let view = |(named, id): &(String, String)| {
        let store = all.iter().find(|store| store.id == *id)?;
        Some(store.view(named, all, cx.now))
    };
    stores.iter().filter_map(view).collect()
}

/// Log files are read where this service reads anything: in buckets that it holds, or that its operator linked.
fn check_readable(NamedLogs { bucket, place }: &NamedLogs, cx: &Context<'_>) -> Result<(), ApiError> {
    if !matches!(cx.world.buckets.exists(bucket), Ok(false) | Err(BucketError::NoBucket(_))) {
        return Ok(());
    }
    let message = format!(
        "This service neither holds nor links a bucket `{bucket}`, which is named{place}. Log files that lie elsewhere are read once their \
         bucket or folder is linked: trailsight buckets link {bucket} --url …"
    );
    Err(ApiError::new("InvalidQueryStatementException", message))
}

fn not_understood(fault: QueryFault) -> ApiError {
    let code = match fault.kind {
        QueryFaultKind::Statement | QueryFaultKind::TooLarge => "InvalidQueryStatementException",
        QueryFaultKind::NoStore => "EventDataStoreNotFoundException",
        QueryFaultKind::NoLake => "UnsupportedOperationException",
        QueryFaultKind::Busy => "ThrottlingException",
        QueryFaultKind::TimedOut | QueryFaultKind::Cancelled | QueryFaultKind::Failed => {
            return ApiError::internal(fault.text);
        }
    };
    ApiError::new(code, fault.text)
}

/// A bucket that is there, and what stands before the result's folders in it.
fn checked_uri(uri: String, cx: &Context<'_>) -> Result<String, ApiError> {
    let (bucket, prefix) = bucket_and_prefix(&uri);
    existing_bucket(bucket_name(bucket.to_owned())?, cx)?;
    key_prefix(prefix.trim_end_matches('/').to_owned())?;
    Ok(uri)
}
