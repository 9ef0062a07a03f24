//! `ListEventDataStores`: the names of all event data stores of the account in this Region.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListEventDataStores.html>

use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::event_data_store::EventDataStore;
use crate::context::{page_after, token_name};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEventDataStores {
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EventDataStoresListed {
    event_data_stores: Vec<Listed>,
    next_token: Option<String>,
}

/// AWS lists no more of one; what else its model has is not told any longer.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    event_data_store_arn: String,
    name: String,
}

const PAGE: usize = 1000;

impl Operation for ListEventDataStores {
    const NAME: &'static str = "ListEventDataStores";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListEventDataStoresRequest",
        &[
            Member::optional("NextToken", Shape::string().length(4, 1000).pattern(".*")),
            Member::optional("MaxResults", Shape::integer().range(1.0, 1000.0)),
        ],
    );
    type Output = EventDataStoresListed;

    fn run(self, cx: &Context<'_>) -> Result<EventDataStoresListed, Failure> {
        let after =
            match &self.next_token {
                None => None,
                Some(token) => Some(token_name(token).ok_or_else(|| {
                    ApiError::new("InvalidNextTokenException", "The token is not one of this list's.")
                })?),
            };
        let all = cx.store.read(|r| EventDataStore::all(r, cx))?;
        let limit = self.max_results.unwrap_or(PAGE);
        let (page, next_token) = page_after(all, |store| &store.name, after.as_deref(), limit);
        let listed = |store: EventDataStore| Listed { event_data_store_arn: store.arn, name: store.name };
        Ok(EventDataStoresListed { event_data_stores: page.into_iter().map(listed).collect(), next_token })
    }
}
