//! `ListEventDataStores`: the names of all event data stores of the account in this Region.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListEventDataStores.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::event_data_store::EventDataStore;
use super::query::{MAX_RESULTS, NEXT_TOKEN, token_of_list};
use crate::page::{page_after, token_name};
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
        &[Member::optional("NextToken", NEXT_TOKEN), Member::optional("MaxResults", MAX_RESULTS)],
    );
    type Output = EventDataStoresListed;

    fn run(self, cx: &Context<'_>) -> Result<EventDataStoresListed, Failure> {
        let after = token_of_list(self.next_token.as_deref(), token_name)?;
        let all = cx.store.read(|r| EventDataStore::all(r, cx))?;
        let limit = self.max_results.unwrap_or(PAGE);
        let (page, next_token) = page_after(all, |store| &store.name, after.as_deref(), limit);
        let listed = |store: EventDataStore| Listed { event_data_store_arn: store.arn, name: store.name };
        Ok(EventDataStoresListed { event_data_stores: page.into_iter().map(listed).collect(), next_token })
    }
}
