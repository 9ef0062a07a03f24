//! Lambda: functions that are run when they are invoked, and told of what happened.
//! <https://docs.aws.amazon.com/lambda/latest/api/>
//!
//! ```text
//!  Invoke ─────────────────────────────► invocation::run ──► world.functions ──► the answer, and its log
//!  Invoke, Event ──┐                          ▲
//!  a rule's target ├─► a delivery row ──► target/function.rs ──► again, or a destination is told
//!  a topic ────────┘
//! ```
//!
//! What a function is lies in the store; who runs it is the world's affair.

use crate::operation::OperationEntry;

mod account;
mod aliases;
mod archive;
mod asynchronous;
mod code;
mod code_link;
mod concurrency;
mod create_function;
mod delete_function;
mod event_invoke_config;
mod function;
mod get_function;
mod get_function_configuration;
mod invocation;
mod invoke;
mod list_functions;
mod list_versions_by_function;
mod name;
mod page;
mod permissions;
mod policy;
mod publish_version;
mod settings;
mod shapes;
mod tags;
mod unsupported;
mod update_function_code;
mod update_function_configuration;
mod versions;
mod words;

pub(crate) use asynchronous::{ASYNCHRONOUS, AsyncInvocation, Condition, Telling, hand_over};
pub(crate) use code_link::archive_at;
pub(crate) use event_invoke_config::event_invoke_config;
pub(crate) use function::find_version;
pub(crate) use invocation::run;
pub(crate) use name::Named;

/// Every operation of Lambda. To add one: write its file, then name it here.
pub(crate) static OPERATIONS: &[OperationEntry] = &[
    OperationEntry::of::<create_function::CreateFunction>(),
    OperationEntry::of::<get_function::GetFunction>(),
    OperationEntry::of::<get_function_configuration::GetFunctionConfiguration>(),
    OperationEntry::of::<list_functions::ListFunctions>(),
    OperationEntry::of::<update_function_code::UpdateFunctionCode>(),
    OperationEntry::of::<update_function_configuration::UpdateFunctionConfiguration>(),
    OperationEntry::of::<delete_function::DeleteFunction>(),
    OperationEntry::of::<invoke::Invoke>(),
    OperationEntry::of::<publish_version::PublishVersion>(),
    OperationEntry::of::<list_versions_by_function::ListVersionsByFunction>(),
    OperationEntry::of::<aliases::CreateAlias>(),
    OperationEntry::of::<aliases::GetAlias>(),
    OperationEntry::of::<aliases::UpdateAlias>(),
    OperationEntry::of::<aliases::DeleteAlias>(),
    OperationEntry::of::<aliases::ListAliases>(),
    OperationEntry::of::<permissions::AddPermission>(),
    OperationEntry::of::<permissions::GetPolicy>(),
    OperationEntry::of::<permissions::RemovePermission>(),
    OperationEntry::of::<concurrency::PutFunctionConcurrency>(),
    OperationEntry::of::<concurrency::GetFunctionConcurrency>(),
    OperationEntry::of::<concurrency::DeleteFunctionConcurrency>(),
    OperationEntry::of::<event_invoke_config::PutFunctionEventInvokeConfig>(),
    OperationEntry::of::<event_invoke_config::UpdateFunctionEventInvokeConfig>(),
    OperationEntry::of::<event_invoke_config::GetFunctionEventInvokeConfig>(),
    OperationEntry::of::<event_invoke_config::DeleteFunctionEventInvokeConfig>(),
    OperationEntry::of::<event_invoke_config::ListFunctionEventInvokeConfigs>(),
    OperationEntry::of::<tags::TagResource>(),
    OperationEntry::of::<tags::UntagResource>(),
    OperationEntry::of::<tags::ListTags>(),
    OperationEntry::of::<account::GetAccountSettings>(),
    OperationEntry::of::<account::GetFunctionCodeSigningConfig>(),
    OperationEntry::of::<account::GetFunctionRecursionConfig>(),
    OperationEntry::of::<account::GetRuntimeManagementConfig>(),
    // Known, and refused.
    OperationEntry::of::<unsupported::InvokeAsync>(),
    OperationEntry::of::<unsupported::InvokeWithResponseStream>(),
    OperationEntry::of::<unsupported::AddLayerVersionPermission>(),
    OperationEntry::of::<unsupported::DeleteLayerVersion>(),
    OperationEntry::of::<unsupported::GetLayerVersion>(),
    OperationEntry::of::<unsupported::GetLayerVersionByArn>(),
    OperationEntry::of::<unsupported::GetLayerVersionPolicy>(),
    OperationEntry::of::<unsupported::ListLayerVersions>(),
    OperationEntry::of::<unsupported::ListLayers>(),
    OperationEntry::of::<unsupported::PublishLayerVersion>(),
    OperationEntry::of::<unsupported::RemoveLayerVersionPermission>(),
    OperationEntry::of::<unsupported::CreateEventSourceMapping>(),
    OperationEntry::of::<unsupported::DeleteEventSourceMapping>(),
    OperationEntry::of::<unsupported::GetEventSourceMapping>(),
    OperationEntry::of::<unsupported::ListEventSourceMappings>(),
    OperationEntry::of::<unsupported::UpdateEventSourceMapping>(),
    OperationEntry::of::<unsupported::CreateFunctionUrlConfig>(),
    OperationEntry::of::<unsupported::DeleteFunctionUrlConfig>(),
    OperationEntry::of::<unsupported::GetFunctionUrlConfig>(),
    OperationEntry::of::<unsupported::ListFunctionUrlConfigs>(),
    OperationEntry::of::<unsupported::UpdateFunctionUrlConfig>(),
    OperationEntry::of::<unsupported::CreateCodeSigningConfig>(),
    OperationEntry::of::<unsupported::DeleteCodeSigningConfig>(),
    OperationEntry::of::<unsupported::GetCodeSigningConfig>(),
    OperationEntry::of::<unsupported::ListCodeSigningConfigs>(),
    OperationEntry::of::<unsupported::ListFunctionsByCodeSigningConfig>(),
    OperationEntry::of::<unsupported::UpdateCodeSigningConfig>(),
    OperationEntry::of::<unsupported::PutFunctionCodeSigningConfig>(),
    OperationEntry::of::<unsupported::DeleteFunctionCodeSigningConfig>(),
    OperationEntry::of::<unsupported::PutProvisionedConcurrencyConfig>(),
    OperationEntry::of::<unsupported::GetProvisionedConcurrencyConfig>(),
    OperationEntry::of::<unsupported::DeleteProvisionedConcurrencyConfig>(),
    OperationEntry::of::<unsupported::ListProvisionedConcurrencyConfigs>(),
    OperationEntry::of::<unsupported::PutFunctionScalingConfig>(),
    OperationEntry::of::<unsupported::GetFunctionScalingConfig>(),
    OperationEntry::of::<unsupported::CreateCapacityProvider>(),
    OperationEntry::of::<unsupported::DeleteCapacityProvider>(),
    OperationEntry::of::<unsupported::GetCapacityProvider>(),
    OperationEntry::of::<unsupported::ListCapacityProviders>(),
    OperationEntry::of::<unsupported::UpdateCapacityProvider>(),
    OperationEntry::of::<unsupported::ListFunctionVersionsByCapacityProvider>(),
    OperationEntry::of::<unsupported::CheckpointDurableExecution>(),
    OperationEntry::of::<unsupported::DeleteDurableExecution>(),
    OperationEntry::of::<unsupported::GetDurableExecution>(),
    OperationEntry::of::<unsupported::GetDurableExecutionHistory>(),
    OperationEntry::of::<unsupported::GetDurableExecutionState>(),
    OperationEntry::of::<unsupported::ListDurableExecutionsByFunction>(),
    OperationEntry::of::<unsupported::PauseDurableExecution>(),
    OperationEntry::of::<unsupported::ResumeDurableExecution>(),
    OperationEntry::of::<unsupported::SendDurableExecutionCallbackFailure>(),
    OperationEntry::of::<unsupported::SendDurableExecutionCallbackHeartbeat>(),
    OperationEntry::of::<unsupported::SendDurableExecutionCallbackSuccess>(),
    OperationEntry::of::<unsupported::StopDurableExecution>(),
    OperationEntry::of::<unsupported::PutFunctionRecursionConfig>(),
    OperationEntry::of::<unsupported::PutRuntimeManagementConfig>(),
    OperationEntry::of::<unsupported::PutResourcePolicy>(),
    OperationEntry::of::<unsupported::GetResourcePolicy>(),
    OperationEntry::of::<unsupported::DeleteResourcePolicy>(),
];
