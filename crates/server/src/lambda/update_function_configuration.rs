//! `UpdateFunctionConfiguration`: changes a function's settings; what is not said stays as it is.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::function::{FunctionTold, Progress, function};
use super::name::Named;
use super::settings::Settings;
use super::shapes;
use super::words::hold_revision;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateFunctionConfiguration {
    function_name: String,
    revision_id: Option<String>,
    #[serde(flatten)]
    settings: Settings,
}

impl Operation for UpdateFunctionConfiguration {
    const NAME: &'static str = "UpdateFunctionConfiguration";
    const SHAPE: &'static Shape = &Shape::structure(
        "UpdateFunctionConfigurationRequest",
        &[
            Member::required("FunctionName", shapes::FUNCTION),
            Member::optional("Role", shapes::ROLE),
            Member::optional("Handler", shapes::HANDLER),
            Member::optional("Description", shapes::DESCRIPTION),
            Member::optional("Timeout", shapes::TIMEOUT),
            Member::optional("MemorySize", shapes::MEMORY),
            Member::optional("Environment", shapes::ENVIRONMENT),
            Member::optional("DeadLetterConfig", shapes::DEAD_LETTER_CONFIG),
            Member::optional("TracingConfig", shapes::TRACING_CONFIG),
            Member::optional("EphemeralStorage", shapes::EPHEMERAL_STORAGE),
            Member::optional("SnapStart", shapes::SNAP_START),
            Member::optional("LoggingConfig", shapes::LOGGING_CONFIG),
        ],
    );
    type Output = FunctionTold;

    fn run(self, cx: &Context<'_>) -> Result<FunctionTold, Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        let told = cx.store.try_write(|w| {
            let mut function = function(w, &named)?;
            let latest = &mut function.latest;
            hold_revision(self.revision_id.as_deref(), &latest.revision_id)?;
            self.settings.put_into(latest, &*cx.world.functions)?;
            latest.revision_id = cx.world.dice.uuid();
            latest.run_id = cx.world.dice.uuid();
            latest.modified_at = cx.now.into();
            w.put(&named.key, &function, cx.now)?;
            Ok::<_, Failure>(function.latest)
        })?;
        cx.world.functions.forget(&named.arn);
        Ok(FunctionTold::of(&named, &told, Progress::Updated))
    }
}
