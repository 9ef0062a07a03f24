//! `GetFunctionConfiguration`: a function's settings.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::function::{FunctionTold, Progress, version};
use super::name::Named;
use super::shapes;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetFunctionConfiguration {
    function_name: String,
    qualifier: Option<String>,
}

impl Operation for GetFunctionConfiguration {
    const NAME: &'static str = "GetFunctionConfiguration";
    const SHAPE: &'static Shape = &Shape::structure(
        "GetFunctionConfigurationRequest",
        &[Member::required("FunctionName", shapes::ANY_FUNCTION), Member::optional("Qualifier", shapes::QUALIFIER)],
    );
    type Output = FunctionTold;

    fn run(self, cx: &Context<'_>) -> Result<FunctionTold, Failure> {
        let named = Named::of(cx, &self.function_name, self.qualifier.as_deref())?;
        let (_, version) = cx.store.try_read(|r| version(r, &named))?;
        Ok(FunctionTold::of(&named, &version, Progress::Done))
    }
}
