//! `GetFunction`: a function, where its code can be fetched, its tags and how many may run at once.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html>

use serde::{Deserialize, Serialize};
use store::tags::Tags;
use wire::check::{Member, Shape};

use super::code_link::code_url;
use super::concurrency::Concurrency;
use super::function::{FunctionTold, Progress, version};
use super::name::Named;
use super::shapes;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetFunction {
    function_name: String,
    qualifier: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GotFunction {
    configuration: FunctionTold,
    code: CodeLocation,
    tags: Option<Tags>,
    concurrency: Option<Concurrency>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CodeLocation {
    repository_type: &'static str,
    location: String,
}

impl Operation for GetFunction {
    const NAME: &'static str = "GetFunction";
    const SHAPE: &'static Shape = &Shape::structure(
        "GetFunctionRequest",
        &[Member::required("FunctionName", shapes::ANY_FUNCTION), Member::optional("Qualifier", shapes::QUALIFIER)],
    );
    type Output = GotFunction;

    fn run(self, cx: &Context<'_>) -> Result<GotFunction, Failure> {
        let named = Named::of(cx, &self.function_name, self.qualifier.as_deref())?;
        let (function, version, tags) = cx.store.try_read(|r| {
            let (function, version) = version(r, &named)?;
            Ok::<_, Failure>((function, version, r.tags(&named.arn)?))
        })?;
        Ok(GotFunction {
            code: CodeLocation { repository_type: "S3", location: code_url(&cx.public_url, &named, &version) },
            configuration: FunctionTold::of(&named, &version, Progress::Done),
            tags: (!tags.is_empty()).then_some(tags),
            concurrency: function.reserved_concurrency.map(|reserved| Concurrency::of(Some(reserved))),
        })
    }
}
