//! What a function finds in its environment.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use std::path::Path;

use crate::{Credentials, Function};

/// Where things are, as the function sees them.
#[derive(Clone, Debug)]
pub(crate) struct Places<'a> {
    pub(crate) task: &'a Path,
    pub(crate) lang: Option<&'a Path>,
    pub(crate) runtime: Option<&'a Path>,
    /// Where it may write, if that is not `/tmp`.
    pub(crate) scratch: Option<&'a Path>,
}

/// All of them: what a function may choose itself, then its own, then what nobody may change.
pub(crate) fn variables(
    function: &Function,
    places: &Places<'_>,
    runtime_api: &str,
    endpoint_url: &str,
    log_stream: &str,
) -> Vec<(String, String)> {
    let shown = |path: &Path| path.to_string_lossy().into_owned();
    let task = shown(places.task);
    let runtime = places.runtime.map_or_else(|| "/var/runtime".to_owned(), shown);
    let lang = places.lang.map(shown);
    let path = ["/usr/local/bin", "/usr/bin", "/bin", "/opt/bin"].join(":");
    let libraries = format!("/lib64:/usr/lib64:{runtime}:{runtime}/lib:{task}:{task}/lib:/opt/lib");
    let mut variables = vec![
        ("LANG", "en_US.UTF-8".to_owned()),
        ("TZ", ":UTC".to_owned()),
        ("PATH", lang.as_ref().map_or_else(|| path.clone(), |lang| format!("{lang}/bin:{path}"))),
        ("LD_LIBRARY_PATH", lang.as_ref().map_or_else(|| libraries.clone(), |lang| format!("{lang}/lib:{libraries}"))),
        ("AWS_ENDPOINT_URL", endpoint_url.to_owned()),
        // Nobody here tells credentials by the metadata service; asking for them takes seconds.
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ];
    if lang.is_some() {
        variables.push(("PYTHONPATH", runtime.clone()));
    }
    if let Some(scratch) = places.scratch {
        variables.push(("TMPDIR", shown(scratch)));
    }
    let mut all: Vec<(String, String)> = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    all.extend(
        function
            .environment
            .iter()
            .filter(|(name, value)| !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0'))
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    let Credentials { access_key, secret_key, session_token } = function.credentials.clone();
    let fixed = [
        ("_HANDLER", function.handler.clone()),
        ("AWS_DEFAULT_REGION", function.region.clone()),
        ("AWS_REGION", function.region.clone()),
        ("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", function.runtime)),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", function.version.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mib.to_string()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", function.log_group.clone()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", log_stream.to_owned()),
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_owned()),
        ("AWS_ACCESS_KEY_ID", access_key),
        ("AWS_SECRET_ACCESS_KEY", secret_key),
        ("AWS_SESSION_TOKEN", session_token),
        ("LAMBDA_TASK_ROOT", task.clone()),
        ("LAMBDA_RUNTIME_DIR", runtime),
        ("PWD", task),
    ];
    all.extend(
        fixed.into_iter().filter(|(_, value)| !value.contains('\0')).map(|(name, value)| (name.to_owned(), value)),
    );
    all
}
