//! `CreateFunction`: makes a function of an archive and of settings.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>

use serde::Deserialize;
use store::tags::Tags;
use wire::Value;
use wire::check::{Member, Shape};

use super::code::{Archive, FunctionCode};
use super::function::{Configuration, Function, FunctionTold, Progress};
use super::name::{LATEST, Named};
use super::settings::{STORAGE_MIB, Settings};
use super::shapes;
use super::tags::few_enough;
use super::versions::publish;
use super::words::{conflict, invalid, not_here};
use crate::{Context, Failure, Operation};

/// Characters of a name.
const MAX_NAME_LENGTH: usize = 64;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateFunction {
    function_name: String,
    code: FunctionCode,
    package_type: Option<String>,
    architectures: Option<Vec<String>>,
    publish: Option<bool>,
    publish_to: Option<Value>,
    tags: Option<Tags>,
    #[serde(flatten)]
    settings: Settings,
}

impl Operation for CreateFunction {
    const NAME: &'static str = "CreateFunction";
    const SHAPE: &'static Shape = &Shape::structure(
        "CreateFunctionRequest",
        &[
            Member::required("FunctionName", shapes::FUNCTION),
            Member::optional("Runtime", Shape::string()),
            Member::required("Role", shapes::ROLE),
            Member::optional("Handler", shapes::HANDLER),
            Member::required(
                "Code",
                Shape::structure(
                    "FunctionCode",
                    &[
                        Member::optional("S3Bucket", shapes::S3_BUCKET),
                        Member::optional("S3Key", shapes::S3_KEY),
                        Member::optional("S3ObjectVersion", shapes::S3_KEY),
                        Member::optional("S3ObjectStorageMode", shapes::S3_STORAGE_MODE),
                    ],
                ),
            ),
            Member::optional("Description", shapes::DESCRIPTION),
            Member::optional("Timeout", shapes::TIMEOUT),
            Member::optional("MemorySize", shapes::MEMORY),
            Member::optional("PackageType", Shape::string().one_of(&["Image", "Zip"])),
            Member::optional("DeadLetterConfig", shapes::DEAD_LETTER_CONFIG),
            Member::optional("Environment", shapes::ENVIRONMENT),
            Member::optional("TracingConfig", shapes::TRACING_CONFIG),
            Member::optional("Tags", shapes::TAGS),
            Member::optional("Architectures", shapes::ARCHITECTURES),
            Member::optional("EphemeralStorage", shapes::EPHEMERAL_STORAGE),
            Member::optional("SnapStart", shapes::SNAP_START),
            Member::optional("LoggingConfig", shapes::LOGGING_CONFIG),
        ],
    );
    type Output = FunctionTold;

    fn run(self, cx: &Context<'_>) -> Result<FunctionTold, Failure> {
        let named = Named::of(cx, &self.function_name, None)?;
        if named.name().len() > MAX_NAME_LENGTH {
            return Err(invalid(format!(
                "1 validation error detected: Value '{}' at 'functionName' failed to satisfy constraint: Member must have \
                 length less than or equal to {MAX_NAME_LENGTH}",
                named.name()
            ))
            .into());
        }
        let named = Named { qualifier: None, ..named };
        if self.package_type.as_deref() == Some("Image") {
            let message = "Container images are not run here: leave PackageType out, or set it to Zip.";
            return Err(not_here(message).into());
        }
        if self.publish_to.is_some() {
            return Err(not_here("There is no version $LATEST.PUBLISHED here: leave PublishTo out.").into());
        }
        if self.settings.runtime.is_none() || self.settings.handler.is_none() {
            let message =
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.";
            return Err(invalid(message).into());
        }
        let archive = self.code.archive(cx)?;
        let mut configuration = configuration(cx, &archive, self.architectures);
        self.settings.put_into(&mut configuration, &*cx.world.functions)?;
        let tags = self.tags.unwrap_or_default();
        few_enough(&tags)?;
        if let Some(sentence) = cx.world.functions.cannot_run(&configuration.runtime) {
            tracing::warn!(function = named.arn, "the function cannot be run here: {sentence}");
        }
        let function =
            Function { latest: configuration.clone(), reserved_concurrency: None, policy: Vec::new(), last_version: 0 };
        let published = cx.store.try_write(|w| {
            if !w.put(&named.key, &function, cx.now)? {
                return Err(conflict(format!("Function already exist: {}", named.name())).into());
            }
            w.put_function_code(&named.arn, &archive.sha256, &archive.bytes)?;
            w.set_tags(&named.arn, &tags)?;
            match self.publish {
                Some(true) => publish(w, cx, &named, None).map(Some),
                Some(false) | None => Ok::<_, Failure>(None),
            }
        })?;
        let told = published.unwrap_or(configuration);
        Ok(FunctionTold::of(&named, &told, Progress::Created))
    }
}

/// What a function is if its owner says nothing of it.
fn configuration(cx: &Context<'_>, archive: &Archive, architectures: Option<Vec<String>>) -> Configuration {
    Configuration {
        version: LATEST.into(),
        description: String::new(),
        role: String::new(),
        runtime: String::new(),
        handler: String::new(),
        timeout_seconds: 3,
        memory_mib: 128,
        storage_mib: STORAGE_MIB,
        environment: None,
        dead_letter_arn: None,
        architecture: architectures.and_then(|all| all.into_iter().next()).unwrap_or_else(|| "x86_64".into()),
        log_group: None,
        code_sha256: archive.sha256.clone(),
        code_bytes: archive.bytes.len() as u64,
        revision_id: cx.world.dice.uuid(),
        run_id: cx.world.dice.uuid(),
        modified_at: cx.now.into(),
    }
}
