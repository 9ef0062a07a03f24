//! `UpdateFunctionCode`: puts another archive in the place of a function's code.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html>

use serde::Deserialize;
use wire::Value;
use wire::check::{Member, Shape};

use super::code::FunctionCode;
use super::function::{FunctionTold, Progress, function};
use super::name::Named;
use super::shapes;
use super::versions::{forget_old_code, publish};
use super::words::{hold_revision, invalid, not_here};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateFunctionCode {
    function_name: String,
    #[serde(flatten)]
    code: FunctionCode,
    architectures: Option<Vec<String>>,
    publish: Option<bool>,
    publish_to: Option<Value>,
    dry_run: Option<bool>,
    revision_id: Option<String>,
}

impl Operation for UpdateFunctionCode {
    const NAME: &'static str = "UpdateFunctionCode";
    const SHAPE: &'static Shape = &Shape::structure(
        "UpdateFunctionCodeRequest",
        &[
            Member::required("FunctionName", shapes::FUNCTION),
            Member::optional("S3Bucket", shapes::S3_BUCKET),
            Member::optional("S3Key", shapes::S3_KEY),
            Member::optional("S3ObjectVersion", shapes::S3_KEY),
            Member::optional("S3ObjectStorageMode", shapes::S3_STORAGE_MODE),
            Member::optional("Architectures", shapes::ARCHITECTURES),
        ],
    );
    type Output = FunctionTold;

    fn run(self, cx: &Context<'_>) -> Result<FunctionTold, Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        if self.code.image_uri.is_some() {
            let message = "Please don't provide ImageUri when updating a function with packageType Zip.";
            return Err(invalid(message).into());
        }
        if self.publish_to.is_some() {
            return Err(not_here("There is no version $LATEST.PUBLISHED here: leave PublishTo out.").into());
        }
        // Whether there is such a function is said before anything of its code.
        cx.store.try_read(|r| function(r, &named))?;
        let archive = self.code.archive(cx)?;
        let is_tried_only = self.dry_run == Some(true);
        let told = cx.store.try_write(|w| {
            let mut function = function(w, &named)?;
            let latest = &mut function.latest;
            hold_revision(self.revision_id.as_deref(), &latest.revision_id)?;
            latest.code_sha256 = archive.sha256.clone();
            latest.code_bytes = archive.bytes.len() as u64;
            if let Some(architecture) = self.architectures.and_then(|all| all.into_iter().next()) {
                latest.architecture = architecture;
            }
            latest.revision_id = cx.world.dice.uuid();
            latest.run_id = cx.world.dice.uuid();
            latest.modified_at = cx.now.into();
            let told = latest.clone();
            if is_tried_only {
                return Ok(told);
            }
            w.put_function_code(&named.arn, &archive.sha256, &archive.bytes)?;
            w.put(&named.key, &function, cx.now)?;
            let published = match self.publish {
                Some(true) => Some(publish(w, cx, &named, None)?),
                Some(false) | None => None,
            };
            forget_old_code(w, &named, &function)?;
            Ok::<_, Failure>(published.unwrap_or(told))
        })?;
        if !is_tried_only {
            cx.world.functions.forget(&named.arn);
        }
        Ok(FunctionTold::of(&named, &told, Progress::Updated))
    }
}
