//! `DeleteFunction`: deletes a function with all that belongs to it, or one of its versions.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::event_invoke_config::EventInvokeConfig;
use super::function::{Function, function};
use super::name::{LATEST, Named};
use super::shapes;
use super::versions::{FunctionAlias, FunctionVersion, delete_version, is_number};
use super::words::{invalid, no_function};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteFunction {
    function_name: String,
    qualifier: Option<String>,
}

impl Operation for DeleteFunction {
    const NAME: &'static str = "DeleteFunction";
    const SHAPE: &'static Shape = &Shape::structure(
        "DeleteFunctionRequest",
        &[Member::required("FunctionName", shapes::ANY_FUNCTION), Member::optional("Qualifier", shapes::QUALIFIER)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let named = Named::of(cx, &self.function_name, self.qualifier.as_deref())?;
        cx.store.try_write(|w| match named.qualifier.as_deref() {
            None => {
                if !w.delete::<Function>(&named.key)? {
                    return Err(no_function(&named.arn).into());
                }
                let (account, region) = (&named.key.account, &named.key.region);
                w.delete_under::<EventInvokeConfig>(account, region, named.name())?;
                w.delete_under::<FunctionVersion>(account, region, named.name())?;
                w.delete_under::<FunctionAlias>(account, region, named.name())?;
                w.keep_function_code(&named.arn, &[])?;
                Ok::<_, Failure>(w.remove_all_tags(&named.arn)?)
            }
            Some(LATEST) => {
                let message = "$LATEST version cannot be deleted without deleting the function.";
                Err(invalid(message).into())
            }
            Some(number) if is_number(number) => {
                let function = function(w, &named)?;
                delete_version(w, &named, &function, number)
            }
            Some(_) if w.get::<Function>(&named.key)?.is_none() => Err(no_function(&named.arn).into()),
            Some(_) => Err(invalid("Deletion of aliases is not currently supported.").into()),
        })?;
        cx.world.functions.forget(&named.arn);
        Ok(())
    }
}
