//! What Lambda can do on AWS and not here: each operation says so, and what to do instead.

use wire::ApiError;

use crate::refusal::refused;

/// The refusal of an operation.
fn refuse(name: &str, instead: &str) -> ApiError {
    ApiError::new("UnsupportedOperationException", format!("{name} is not answered here. {instead}"))
}

refused! {
    "Invoke the function with InvocationType Event." => [InvokeAsync]
    "Invoke the function with Invoke: what it returns comes as a whole." => [InvokeWithResponseStream]
    "Put what a layer holds into the function's archive." => [
        AddLayerVersionPermission, DeleteLayerVersion, GetLayerVersion, GetLayerVersionByArn, GetLayerVersionPolicy,
        ListLayerVersions, ListLayers, PublishLayerVersion, RemoveLayerVersionPermission,
    ]
    "Let an EventBridge rule or an SNS topic invoke the function." => [
        CreateEventSourceMapping, DeleteEventSourceMapping, GetEventSourceMapping, ListEventSourceMappings,
        UpdateEventSourceMapping,
    ]
    "Functions have no web addresses of their own: invoke them with Invoke." => [
        CreateFunctionUrlConfig, DeleteFunctionUrlConfig, GetFunctionUrlConfig, ListFunctionUrlConfigs,
        UpdateFunctionUrlConfig,
    ]
    "Signatures of code are not looked at." => [
        CreateCodeSigningConfig, DeleteCodeSigningConfig, GetCodeSigningConfig, ListCodeSigningConfigs,
        ListFunctionsByCodeSigningConfig, UpdateCodeSigningConfig, PutFunctionCodeSigningConfig,
        DeleteFunctionCodeSigningConfig,
    ]
    "A function that was started is kept for the next invocation." => [
        PutProvisionedConcurrencyConfig, GetProvisionedConcurrencyConfig, DeleteProvisionedConcurrencyConfig,
        ListProvisionedConcurrencyConfigs, PutFunctionScalingConfig, GetFunctionScalingConfig,
    ]
    "Functions run on this machine." => [
        CreateCapacityProvider, DeleteCapacityProvider, GetCapacityProvider, ListCapacityProviders,
        UpdateCapacityProvider, ListFunctionVersionsByCapacityProvider,
    ]
    "A function's invocation is not kept for days." => [
        CheckpointDurableExecution, DeleteDurableExecution, GetDurableExecution, GetDurableExecutionHistory,
        GetDurableExecutionState, ListDurableExecutionsByFunction, PauseDurableExecution, ResumeDurableExecution,
        SendDurableExecutionCallbackFailure, SendDurableExecutionCallbackHeartbeat, SendDurableExecutionCallbackSuccess,
        StopDurableExecution,
    ]
    "Functions that call each other without an end are not looked for." => [PutFunctionRecursionConfig]
    "The runtime is whichever of its kind is installed on this machine." => [PutRuntimeManagementConfig]
    "Permissions are given with AddPermission." => [PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy]
}
