//! `ListApiDestinations`: the API destinations of this account and Region.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListApiDestinations.html>

use serde::{Deserialize, Serialize};
use store::List;
use wire::check::{Member, Shape};

use super::api_destination::{ApiDestination, ApiDestinationTold};
use super::connection::{CONNECTION_ARN, NAME};
use super::page::page;
use super::shapes::{LIMIT, NEXT_TOKEN};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListApiDestinations {
    name_prefix: Option<String>,
    connection_arn: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedApiDestinations {
    api_destinations: Vec<ApiDestinationTold>,
    next_token: Option<String>,
}

impl Operation for ListApiDestinations {
    const NAME: &'static str = "ListApiDestinations";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListApiDestinationsRequest",
        &[
            Member::optional("NamePrefix", NAME),
            Member::optional("ConnectionArn", CONNECTION_ARN),
            Member::optional("NextToken", NEXT_TOKEN),
            Member::optional("Limit", LIMIT),
        ],
    );
    type Output = ListedApiDestinations;

    fn run(self, cx: &Context<'_>) -> Result<ListedApiDestinations, Failure> {
        let list = List { prefix: self.name_prefix.unwrap_or_default(), ..List::of(&cx.account, &cx.region) };
        cx.store.try_read(|r| {
            let mut all = r.list::<ApiDestination>(&list)?;
            if let Some(connection_arn) = &self.connection_arn {
                all.retain(|found| found.value.connection_arn == *connection_arn);
            }
            let (page, next_token) = page(all, |found| &found.key.name, self.next_token.as_deref(), self.limit)?;
            let told: Result<Vec<_>, _> = page.into_iter().map(|found| ApiDestinationTold::of(r, found)).collect();
            Ok(ListedApiDestinations { api_destinations: told?, next_token })
        })
    }
}
