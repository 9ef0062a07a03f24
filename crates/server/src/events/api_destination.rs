//! An API destination as it is remembered: a web address, and the connection that proves who asks there.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html>

use serde::{Deserialize, Serialize};
use store::{Reader, Resource, StoreError, Stored};
use wire::check::Shape;
use wire::{ApiError, Timestamp};

use super::connection::{connection_by_arn, key_of};
use crate::{Context, Failure};

/// API destinations of one account and Region.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
pub(crate) const MAX_API_DESTINATIONS: usize = 3000;
/// Requests a second, if nobody says otherwise.
pub(crate) const RATE_LIMIT: u32 = 300;
/// Their methods.
pub(crate) const METHOD: Shape = Shape::string().one_of(&["HEAD", "POST", "PATCH", "DELETE", "PUT", "GET", "OPTIONS"]);

/// An API destination. Its key: its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ApiDestination {
    pub(crate) arn: String,
    pub(crate) description: Option<String>,
    pub(crate) connection_arn: String,
    pub(crate) invocation_endpoint: String,
    pub(crate) http_method: String,
    pub(crate) invocation_rate_limit_per_second: u32,
}

impl Resource for ApiDestination {
    const KIND: &'static str = "api-destination";
}

/// Whether requests can be sent: whether its connection is authorized.
pub(crate) fn state(r: &Reader<'_>, destination: &ApiDestination) -> Result<&'static str, StoreError> {
    let connection = connection_by_arn(r, &destination.connection_arn)?;
    Ok(if connection.is_some_and(|found| found.value.is_authorized()) { "ACTIVE" } else { "INACTIVE" })
}

/// An API destination as it is told.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ApiDestinationTold {
    api_destination_arn: String,
    name: String,
    api_destination_state: &'static str,
    connection_arn: String,
    invocation_endpoint: String,
    http_method: String,
    invocation_rate_limit_per_second: u32,
    creation_time: Timestamp,
    last_modified_time: Timestamp,
}

impl ApiDestinationTold {
    pub(crate) fn of(r: &Reader<'_>, stored: Stored<ApiDestination>) -> Result<ApiDestinationTold, StoreError> {
        let Stored { key, value: destination, created_at, changed_at } = stored;
        Ok(ApiDestinationTold {
            api_destination_state: state(r, &destination)?,
            api_destination_arn: destination.arn,
            name: key.name,
            connection_arn: destination.connection_arn,
            invocation_endpoint: destination.invocation_endpoint,
            http_method: destination.http_method,
            invocation_rate_limit_per_second: destination.invocation_rate_limit_per_second,
            creation_time: created_at.into(),
            last_modified_time: changed_at.into(),
        })
    }
}

/// What is told of one that was changed.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ApiDestinationChanged {
    api_destination_arn: String,
    api_destination_state: &'static str,
    creation_time: Timestamp,
    last_modified_time: Timestamp,
}

impl ApiDestinationChanged {
    pub(crate) fn of(
        r: &Reader<'_>,
        destination: &ApiDestination,
        created_at: jiff::Timestamp,
        now: jiff::Timestamp,
    ) -> Result<ApiDestinationChanged, StoreError> {
        Ok(ApiDestinationChanged {
            api_destination_arn: destination.arn.clone(),
            api_destination_state: state(r, destination)?,
            creation_time: created_at.into(),
            last_modified_time: now.into(),
        })
    }
}

/// The API destination of this name. `doing` is what AWS failed to do if there is none.
pub(crate) fn api_destination(
    r: &Reader<'_>,
    cx: &Context<'_>,
    name: &str,
    doing: &str,
) -> Result<Stored<ApiDestination>, Failure> {
    let found = r.get(&cx.key(name))?;
    let message = || format!("Failed to {doing} the api-destination(s). An api-destination '{name}' does not exist.");
    Ok(found.ok_or_else(|| ApiError::new("ResourceNotFoundException", message()))?)
}

/// The API destination of this ARN, wherever it is.
pub(crate) fn api_destination_by_arn(r: &Reader<'_>, arn: &str) -> Result<Option<Stored<ApiDestination>>, StoreError> {
    let Some(key) = key_of(arn, "api-destination/") else { return Ok(None) };
    Ok(r.get::<ApiDestination>(&key)?.filter(|found| found.value.arn == arn))
}

/// Whether there is this connection.
pub(crate) fn connected(r: &Reader<'_>, connection_arn: &str) -> Result<(), Failure> {
    match connection_by_arn(r, connection_arn)? {
        Some(_) => Ok(()),
        None => {
            let message = format!("Connection '{connection_arn}' does not exist.");
            Err(ApiError::new("ResourceNotFoundException", message).into())
        }
    }
}
