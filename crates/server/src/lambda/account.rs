//! What is told of an account and of a function that nobody has set: `GetAccountSettings`, `GetFunctionCodeSigningConfig`,
//! `GetFunctionRecursionConfig`, `GetRuntimeManagementConfig`. Tools that manage functions ask for all of it.

use serde::{Deserialize, Serialize};
use store::List;
use wire::check::{Member, Shape};

use super::code::{MAX_UNZIPPED_BYTES, MAX_ZIPPED_BYTES};
use super::concurrency::ACCOUNT_LIMIT;
use super::function::{Function, function, version};
use super::name::Named;
use super::shapes;
use crate::{Context, Failure, Operation};

/// Bytes of code that AWS keeps for an account. Here it is told, and nothing hangs on it.
const MAX_CODE_BYTES: u64 = 75 << 30;

#[derive(Deserialize)]
pub(crate) struct GetAccountSettings {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccountSettings {
    account_limit: AccountLimit,
    account_usage: AccountUsage,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccountLimit {
    total_code_size: u64,
    code_size_unzipped: u64,
    code_size_zipped: u64,
    concurrent_executions: u32,
    unreserved_concurrent_executions: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccountUsage {
    total_code_size: u64,
    function_count: usize,
}

impl Operation for GetAccountSettings {
    const NAME: &'static str = "GetAccountSettings";
    const SHAPE: &'static Shape = &Shape::structure("GetAccountSettingsRequest", &[]);
    type Output = AccountSettings;

    fn run(self, cx: &Context<'_>) -> Result<AccountSettings, Failure> {
        let (functions, bytes) = cx.store.read(|r| {
            let functions = r.list::<Function>(&List::of(&cx.account, &cx.region))?;
            Ok((functions, r.function_code_bytes(&cx.arn("lambda", "function:"))?))
        })?;
        let reserved: u32 = functions.iter().filter_map(|stored| stored.value.reserved_concurrency).sum();
        Ok(AccountSettings {
            account_limit: AccountLimit {
                total_code_size: MAX_CODE_BYTES,
                code_size_unzipped: MAX_UNZIPPED_BYTES,
                code_size_zipped: MAX_ZIPPED_BYTES,
                concurrent_executions: ACCOUNT_LIMIT,
                unreserved_concurrent_executions: ACCOUNT_LIMIT.saturating_sub(reserved),
            },
            account_usage: AccountUsage { total_code_size: bytes, function_count: functions.len() },
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetFunctionCodeSigningConfig {
    function_name: String,
}

/// No function has one.
#[derive(Serialize)]
pub(crate) struct NoCodeSigningConfig {}

impl Operation for GetFunctionCodeSigningConfig {
    const NAME: &'static str = "GetFunctionCodeSigningConfig";
    const SHAPE: &'static Shape = &Shape::structure(
        "GetFunctionCodeSigningConfigRequest",
        &[Member::required("FunctionName", shapes::ANY_FUNCTION)],
    );
    type Output = NoCodeSigningConfig;

    fn run(self, cx: &Context<'_>) -> Result<NoCodeSigningConfig, Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        cx.store.try_read(|r| function(r, &named))?;
        Ok(NoCodeSigningConfig {})
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetFunctionRecursionConfig {
    function_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RecursionConfig {
    recursive_loop: &'static str,
}

impl Operation for GetFunctionRecursionConfig {
    const NAME: &'static str = "GetFunctionRecursionConfig";
    const SHAPE: &'static Shape =
        &Shape::structure("GetFunctionRecursionConfigRequest", &[Member::required("FunctionName", shapes::FUNCTION)]);
    type Output = RecursionConfig;

    fn run(self, cx: &Context<'_>) -> Result<RecursionConfig, Failure> {
        let named = Named::of_function(cx, &self.function_name)?;
        cx.store.try_read(|r| function(r, &named))?;
        // Functions that call each other without an end are not looked for.
        Ok(RecursionConfig { recursive_loop: "Allow" })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRuntimeManagementConfig {
    function_name: String,
    qualifier: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RuntimeManagementConfig {
    update_runtime_on: &'static str,
    function_arn: String,
}

impl Operation for GetRuntimeManagementConfig {
    const NAME: &'static str = "GetRuntimeManagementConfig";
    const SHAPE: &'static Shape = &Shape::structure(
        "GetRuntimeManagementConfigRequest",
        &[Member::required("FunctionName", shapes::ANY_FUNCTION), Member::optional("Qualifier", shapes::QUALIFIER)],
    );
    type Output = RuntimeManagementConfig;

    fn run(self, cx: &Context<'_>) -> Result<RuntimeManagementConfig, Failure> {
        let named = Named::of(cx, &self.function_name, self.qualifier.as_deref())?;
        cx.store.try_read(|r| version(r, &named))?;
        Ok(RuntimeManagementConfig { update_runtime_on: "Auto", function_arn: named.with_version() })
    }
}
