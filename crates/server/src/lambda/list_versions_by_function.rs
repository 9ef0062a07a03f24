//! `ListVersionsByFunction`: `$LATEST`, and what was published.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::function::{FunctionTold, Progress, function};
use super::name::Named;
use super::page::page;
use super::shapes;
use super::versions::all_versions;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListVersionsByFunction {
    function_name: String,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedVersions {
    next_marker: Option<String>,
    versions: Vec<FunctionTold>,
}

impl Operation for ListVersionsByFunction {
    const NAME: &'static str = "ListVersionsByFunction";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListVersionsByFunctionRequest",
        &[Member::required("FunctionName", shapes::ANY_FUNCTION), Member::optional("MaxItems", shapes::MAX_ITEMS)],
    );
    type Output = ListedVersions;

    fn run(self, cx: &Context<'_>) -> Result<ListedVersions, Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        let all = cx.store.try_read(|r| {
            let function = function(r, &named)?;
            Ok::<_, Failure>(all_versions(r, &named, &function)?)
        })?;
        let (page, next_marker) = page(all, |version| version.version.clone(), self.marker.as_deref(), self.max_items)?;
        let told = page.iter().map(|version| {
            let named = Named { qualifier: Some(version.version.clone()), ..named.clone() };
            FunctionTold::of(&named, version, Progress::Untold)
        });
        Ok(ListedVersions { next_marker, versions: told.collect() })
    }
}
