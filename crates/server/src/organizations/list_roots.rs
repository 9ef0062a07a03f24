//! `ListRoots`: the root, under which all accounts are.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListRoots.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::page::{MAX_RESULTS, NEXT_TOKEN};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRoots {
    /// There is one root.
    #[serde(rename = "NextToken")]
    _next_token: Option<String>,
    #[serde(rename = "MaxResults")]
    _max_results: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedRoots {
    roots: [Root; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Root {
    id: String,
    arn: String,
    name: &'static str,
    policy_types: [(); 0],
}

impl Operation for ListRoots {
    const NAME: &'static str = "ListRoots";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListRootsRequest",
        &[Member::optional("NextToken", NEXT_TOKEN), Member::optional("MaxResults", MAX_RESULTS)],
    );
    type Output = ListedRoots;

    fn run(self, cx: &Context<'_>) -> Result<ListedRoots, Failure> {
        let (account, organization, id) = (&cx.account, &cx.place.organization_id, cx.place.root_id());
        let arn = format!("arn:aws:organizations::{account}:root/{organization}/{id}");
        Ok(ListedRoots { roots: [Root { id, arn, name: "Root", policy_types: [] }] })
    }
}
