//! `CreateApiDestination`: a web address that rules can tell.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateApiDestination.html>
//!
//! AWS takes `https://` only. Here `http://` is an address too, for what lies in one's own network.

use serde::Deserialize;
use store::List;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::api_destination::{
    ApiDestination, ApiDestinationChanged, MAX_API_DESTINATIONS, METHOD, RATE_LIMIT, connected,
};
use super::connection::{CONNECTION_ARN, DESCRIPTION, ENDPOINT, NAME, web_address};
use super::rule::limit_exceeded;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateApiDestination {
    name: String,
    description: Option<String>,
    connection_arn: String,
    invocation_endpoint: String,
    http_method: String,
    invocation_rate_limit_per_second: Option<u32>,
}

impl Operation for CreateApiDestination {
    const NAME: &'static str = "CreateApiDestination";
    const SHAPE: &'static Shape = &Shape::structure(
        "CreateApiDestinationRequest",
        &[
            Member::required("Name", NAME),
            Member::optional("Description", DESCRIPTION),
            Member::required("ConnectionArn", CONNECTION_ARN),
            Member::required("InvocationEndpoint", ENDPOINT),
            Member::required("HttpMethod", METHOD),
            Member::optional("InvocationRateLimitPerSecond", Shape::integer().range(1.0, 2_147_483_647.0)),
        ],
    );
    type Output = ApiDestinationChanged;

    fn run(self, cx: &Context<'_>) -> Result<ApiDestinationChanged, Failure> {
        web_address("InvocationEndpoint", &self.invocation_endpoint)?;
        let destination = ApiDestination {
            arn: cx.arn("events", format_args!("api-destination/{}/{}", self.name, cx.world.dice.uuid())),
            description: self.description,
            connection_arn: self.connection_arn,
            invocation_endpoint: self.invocation_endpoint,
            http_method: self.http_method,
            invocation_rate_limit_per_second: self.invocation_rate_limit_per_second.unwrap_or(RATE_LIMIT),
        };
        let key = cx.key(&*self.name);
        cx.store.try_write(|w| {
            connected(w, &destination.connection_arn)?;
            if w.get::<ApiDestination>(&key)?.is_some() {
                let message = format!("An api-destination '{}' already exists.", self.name);
                return Err(ApiError::new("ResourceAlreadyExistsException", message).into());
            }
            if w.count::<ApiDestination>(&List::of(&cx.account, &cx.region))? >= MAX_API_DESTINATIONS {
                return Err(limit_exceeded().into());
            }
            w.put(&key, &destination, cx.now)?;
            Ok(ApiDestinationChanged::of(w, &destination, cx.now, cx.now)?)
        })
    }
}
