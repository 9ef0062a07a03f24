//! `PublishVersion`: what a function is now gets a number, and stays.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html>

use serde::Deserialize;
use wire::Value;
use wire::check::{Member, Shape};

use super::function::{FunctionTold, Progress};
use super::name::Named;
use super::shapes;
use super::versions::{Publishing, publish};
use super::words::not_here;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PublishVersion {
    function_name: String,
    code_sha256: Option<String>,
    description: Option<String>,
    revision_id: Option<String>,
    publish_to: Option<Value>,
}

impl Operation for PublishVersion {
    const NAME: &'static str = "PublishVersion";
    const SHAPE: &'static Shape = &Shape::structure(
        "PublishVersionRequest",
        &[Member::required("FunctionName", shapes::FUNCTION), Member::optional("Description", shapes::DESCRIPTION)],
    );
    type Output = FunctionTold;

    fn run(self, cx: &Context<'_>) -> Result<FunctionTold, Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        if self.publish_to.is_some() {
            return Err(not_here("There is no version $LATEST.PUBLISHED here: leave PublishTo out.").into());
        }
        let (code_sha256, revision_id) = (self.code_sha256.filter(|sha256| !sha256.is_empty()), self.revision_id);
        let publishing = Publishing { description: self.description, code_sha256, revision_id };
        let version = cx.store.try_write(|w| publish(w, cx, &named, Some(publishing)))?;
        let named = Named { qualifier: Some(version.version.clone()), ..named };
        Ok(FunctionTold::of(&named, &version, Progress::Done))
    }
}
