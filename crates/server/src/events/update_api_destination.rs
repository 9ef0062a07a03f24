//! `UpdateApiDestination`: changes what is given. What is left out stays.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateApiDestination.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::api_destination::{ApiDestinationChanged, METHOD, api_destination, connected};
use super::connection::{CONNECTION_ARN, DESCRIPTION, ENDPOINT, NAME, web_address};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateApiDestination {
    name: String,
    description: Option<String>,
    connection_arn: Option<String>,
    invocation_endpoint: Option<String>,
    http_method: Option<String>,
    invocation_rate_limit_per_second: Option<u32>,
}

impl Operation for UpdateApiDestination {
    const NAME: &'static str = "UpdateApiDestination";
    const SHAPE: &'static Shape = &Shape::structure(
        "UpdateApiDestinationRequest",
        &[
            Member::required("Name", NAME),
            Member::optional("Description", DESCRIPTION),
            Member::optional("ConnectionArn", CONNECTION_ARN),
            Member::optional("InvocationEndpoint", ENDPOINT),
            Member::optional("HttpMethod", METHOD),
            Member::optional("InvocationRateLimitPerSecond", Shape::integer().range(1.0, 2_147_483_647.0)),
        ],
    );
    type Output = ApiDestinationChanged;

    fn run(self, cx: &Context<'_>) -> Result<ApiDestinationChanged, Failure> {
        if let Some(endpoint) = &self.invocation_endpoint {
            web_address("InvocationEndpoint", endpoint)?;
        }
        cx.store.try_write(|w| {
            let mut found = api_destination(w, cx, &self.name, "update")?;
            let changed = &mut found.value;
            if let Some(connection_arn) = self.connection_arn {
                connected(w, &connection_arn)?;
                changed.connection_arn = connection_arn;
            }
            changed.description = self.description.or(changed.description.take());
            if let Some(endpoint) = self.invocation_endpoint {
                changed.invocation_endpoint = endpoint;
            }
            if let Some(method) = self.http_method {
                changed.http_method = method;
            }
            if let Some(limit) = self.invocation_rate_limit_per_second {
                changed.invocation_rate_limit_per_second = limit;
            }
            w.put(&found.key, &found.value, cx.now)?;
            Ok(ApiDestinationChanged::of(w, &found.value, found.created_at, cx.now)?)
        })
    }
}
