//! `ListFunctions`: the functions of this account and Region, and all of their versions if that is asked for.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>

use serde::{Deserialize, Serialize};
use store::List;
use wire::check::{Member, Shape};

use super::function::{Function, FunctionTold, Progress};
use super::name::Named;
use super::page::{hold_marker, limit};
use super::shapes;
use super::versions::all_versions;
use crate::page::{stored_page, token_name};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListFunctions {
    function_version: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedFunctions {
    next_marker: Option<String>,
    functions: Vec<FunctionTold>,
}

impl Operation for ListFunctions {
    const NAME: &'static str = "ListFunctions";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListFunctionsRequest",
        &[
            Member::optional(
                "MasterRegion",
                Shape::string().length(1, 50).pattern(r"ALL|(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}"),
            ),
            Member::optional("FunctionVersion", Shape::string().one_of(&["ALL"])),
            Member::optional("MaxItems", shapes::MAX_ITEMS),
        ],
    );
    type Output = ListedFunctions;

    fn run(self, cx: &Context<'_>) -> Result<ListedFunctions, Failure> {
        let after = hold_marker(self.marker.as_deref())?.and_then(token_name);
        let list = List::of(&cx.account, &cx.region);
        let (page, next_marker) = stored_page::<Function>(cx, list, after, limit(self.max_items))?;
        let mut functions = Vec::new();
        for stored in page {
            let named = Named::of(cx, &stored.key.name, None)?;
            if self.function_version.is_some() {
                // Whole functions come in a page: a version more than a page has is no harm.
                let versions = cx.store.read(|r| all_versions(r, &named, &stored.value))?;
                functions.extend(versions.iter().map(|version| {
                    let named = Named { qualifier: Some(version.version.clone()), ..named.clone() };
                    FunctionTold::of(&named, version, Progress::Untold)
                }));
            } else {
                functions.push(FunctionTold::of(&named, &stored.value.latest, Progress::Untold));
            }
        }
        Ok(ListedFunctions { next_marker, functions })
    }
}
