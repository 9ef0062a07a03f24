//! Lambda's operations: all of them, so that what is not answered is at least called by its name.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html>

use super::route::{Names, Route, delete, get, post, put};

const QUALIFIER: Names = &[("Qualifier", "Qualifier")];
const REVISION: Names = &[("RevisionId", "RevisionId")];
const PAGE: Names = &[("Marker", "Marker"), ("MaxItems", "MaxItems")];

/// The operation that everything is about has members everywhere.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
const INVOKE: Route = Route {
    headers: &[
        ("x-amz-invocation-type", "InvocationType"),
        ("x-amz-log-type", "LogType"),
        ("x-amz-client-context", "ClientContext"),
        ("x-amz-durable-execution-name", "DurableExecutionName"),
        ("x-amz-tenant-id", "TenantId"),
    ],
    reply_status: Some("StatusCode"),
    reply_headers: &[
        ("x-amz-function-error", "FunctionError"),
        ("x-amz-log-result", "LogResult"),
        ("x-amz-executed-version", "ExecutedVersion"),
        ("x-amz-durable-execution-arn", "DurableExecutionArn"),
    ],
    reply_payload: Some("Payload"),
    ..post("Invoke", "/2015-03-31/functions/{FunctionName}/invocations").query(QUALIFIER).payload("Payload")
};

pub(super) static ROUTES: &[Route] = &[
    INVOKE,
    get("GetLayerVersionByArn", "/2018-10-31/layers").marked("find", "LayerVersion").query(&[("Arn", "Arn")]),
    get("ListProvisionedConcurrencyConfigs", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency")
        .marked("List", "ALL")
        .query(PAGE),
    post("AddLayerVersionPermission", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy")
        .query(REVISION)
        .answers(201),
    post("AddPermission", "/2015-03-31/functions/{FunctionName}/policy").query(QUALIFIER).answers(201),
    post("CheckpointDurableExecution", "/2025-12-01/durable-executions/{DurableExecutionArn}/checkpoint"),
    post("CreateAlias", "/2015-03-31/functions/{FunctionName}/aliases").answers(201),
    post("CreateCapacityProvider", "/2025-11-30/capacity-providers").answers(202),
    post("CreateCodeSigningConfig", "/2020-04-22/code-signing-configs").answers(201),
    post("CreateEventSourceMapping", "/2015-03-31/event-source-mappings").answers(202),
    post("CreateFunction", "/2015-03-31/functions").answers(201),
    post("CreateFunctionUrlConfig", "/2021-10-31/functions/{FunctionName}/url").query(QUALIFIER).answers(201),
    delete("DeleteAlias", "/2015-03-31/functions/{FunctionName}/aliases/{Name}").answers(204),
    delete("DeleteCapacityProvider", "/2025-11-30/capacity-providers/{CapacityProviderName}").answers(202),
    delete("DeleteCodeSigningConfig", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}").answers(204),
    delete("DeleteDurableExecution", "/2025-12-01/durable-executions/{DurableExecutionArn}").answers(202),
    delete("DeleteEventSourceMapping", "/2015-03-31/event-source-mappings/{UUID}").answers(202),
    delete("DeleteFunction", "/2015-03-31/functions/{FunctionName}").query(QUALIFIER).answers(204),
    delete("DeleteFunctionCodeSigningConfig", "/2020-06-30/functions/{FunctionName}/code-signing-config").answers(204),
    delete("DeleteFunctionConcurrency", "/2017-10-31/functions/{FunctionName}/concurrency").answers(204),
    delete("DeleteFunctionEventInvokeConfig", "/2019-09-25/functions/{FunctionName}/event-invoke-config")
        .query(QUALIFIER)
        .answers(204),
    delete("DeleteFunctionUrlConfig", "/2021-10-31/functions/{FunctionName}/url").query(QUALIFIER).answers(204),
    delete("DeleteLayerVersion", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}").answers(204),
    delete("DeleteProvisionedConcurrencyConfig", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency")
        .query(QUALIFIER)
        .answers(204),
    delete("DeleteResourcePolicy", "/2026-07-09/resource-policy/{ResourceArn}").query(REVISION).answers(204),
    get("GetAccountSettings", "/2016-08-19/account-settings"),
    get("GetAlias", "/2015-03-31/functions/{FunctionName}/aliases/{Name}"),
    get("GetCapacityProvider", "/2025-11-30/capacity-providers/{CapacityProviderName}"),
    get("GetCodeSigningConfig", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}"),
    get("GetDurableExecution", "/2025-12-01/durable-executions/{DurableExecutionArn}")
        .query(&[("IncludeExecutionData", "IncludeExecutionData")]),
    get("GetDurableExecutionHistory", "/2025-12-01/durable-executions/{DurableExecutionArn}/history").query(&[
        ("IncludeExecutionData", "IncludeExecutionData"),
        ("MaxItems", "MaxItems"),
        ("Marker", "Marker"),
        ("ReverseOrder", "ReverseOrder"),
    ]),
    get("GetDurableExecutionState", "/2025-12-01/durable-executions/{DurableExecutionArn}/state").query(&[
        ("CheckpointToken", "CheckpointToken"),
        ("Marker", "Marker"),
        ("MaxItems", "MaxItems"),
    ]),
    get("GetEventSourceMapping", "/2015-03-31/event-source-mappings/{UUID}"),
    get("GetFunction", "/2015-03-31/functions/{FunctionName}").query(QUALIFIER),
    get("GetFunctionCodeSigningConfig", "/2020-06-30/functions/{FunctionName}/code-signing-config"),
    get("GetFunctionConcurrency", "/2019-09-30/functions/{FunctionName}/concurrency"),
    get("GetFunctionConfiguration", "/2015-03-31/functions/{FunctionName}/configuration").query(QUALIFIER),
    get("GetFunctionEventInvokeConfig", "/2019-09-25/functions/{FunctionName}/event-invoke-config").query(QUALIFIER),
    get("GetFunctionRecursionConfig", "/2024-08-31/functions/{FunctionName}/recursion-config"),
    get("GetFunctionScalingConfig", "/2025-11-30/functions/{FunctionName}/function-scaling-config").query(QUALIFIER),
    get("GetFunctionUrlConfig", "/2021-10-31/functions/{FunctionName}/url").query(QUALIFIER),
    get("GetLayerVersion", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}"),
    get("GetLayerVersionPolicy", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy"),
    get("GetPolicy", "/2015-03-31/functions/{FunctionName}/policy").query(QUALIFIER),
    get("GetProvisionedConcurrencyConfig", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency")
        .query(QUALIFIER),
    get("GetResourcePolicy", "/2026-07-09/resource-policy/{ResourceArn}"),
    get("GetRuntimeManagementConfig", "/2021-07-20/functions/{FunctionName}/runtime-management-config")
        .query(QUALIFIER),
    post("InvokeAsync", "/2014-11-13/functions/{FunctionName}/invoke-async").payload("InvokeArgs").answers(202),
    post("InvokeWithResponseStream", "/2021-11-15/functions/{FunctionName}/response-streaming-invocations")
        .query(QUALIFIER)
        .payload("Payload"),
    get("ListAliases", "/2015-03-31/functions/{FunctionName}/aliases").query(&[
        ("FunctionVersion", "FunctionVersion"),
        ("Marker", "Marker"),
        ("MaxItems", "MaxItems"),
    ]),
    get("ListCapacityProviders", "/2025-11-30/capacity-providers").query(&[
        ("State", "State"),
        ("Marker", "Marker"),
        ("MaxItems", "MaxItems"),
    ]),
    get("ListCodeSigningConfigs", "/2020-04-22/code-signing-configs").query(PAGE),
    get("ListDurableExecutionsByFunction", "/2025-12-01/functions/{FunctionName}/durable-executions").query(&[
        ("Qualifier", "Qualifier"),
        ("DurableExecutionName", "DurableExecutionName"),
        ("Statuses", "Statuses"),
        ("StartedAfter", "StartedAfter"),
        ("StartedBefore", "StartedBefore"),
        ("ReverseOrder", "ReverseOrder"),
        ("Marker", "Marker"),
        ("MaxItems", "MaxItems"),
    ]),
    get("ListEventSourceMappings", "/2015-03-31/event-source-mappings").query(&[
        ("EventSourceArn", "EventSourceArn"),
        ("FunctionName", "FunctionName"),
        ("Marker", "Marker"),
        ("MaxItems", "MaxItems"),
    ]),
    get("ListFunctionEventInvokeConfigs", "/2019-09-25/functions/{FunctionName}/event-invoke-config/list").query(PAGE),
    get("ListFunctionUrlConfigs", "/2021-10-31/functions/{FunctionName}/urls").query(PAGE),
    get(
        "ListFunctionVersionsByCapacityProvider",
        "/2025-11-30/capacity-providers/{CapacityProviderName}/function-versions",
    )
    .query(PAGE),
    get("ListFunctions", "/2015-03-31/functions").query(&[
        ("MasterRegion", "MasterRegion"),
        ("FunctionVersion", "FunctionVersion"),
        ("Marker", "Marker"),
        ("MaxItems", "MaxItems"),
    ]),
    get("ListFunctionsByCodeSigningConfig", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}/functions")
        .query(PAGE),
    get("ListLayerVersions", "/2018-10-31/layers/{LayerName}/versions").query(&[
        ("CompatibleArchitecture", "CompatibleArchitecture"),
        ("CompatibleRuntime", "CompatibleRuntime"),
        ("Marker", "Marker"),
        ("MaxItems", "MaxItems"),
    ]),
    get("ListLayers", "/2018-10-31/layers").query(&[
        ("CompatibleArchitecture", "CompatibleArchitecture"),
        ("CompatibleRuntime", "CompatibleRuntime"),
        ("Marker", "Marker"),
        ("MaxItems", "MaxItems"),
    ]),
    get("ListTags", "/2017-03-31/tags/{Resource}"),
    get("ListVersionsByFunction", "/2015-03-31/functions/{FunctionName}/versions").query(PAGE),
    post("PauseDurableExecution", "/2025-12-01/durable-executions/{DurableExecutionArn}/pause").answers(202),
    post("PublishLayerVersion", "/2018-10-31/layers/{LayerName}/versions").answers(201),
    post("PublishVersion", "/2015-03-31/functions/{FunctionName}/versions").answers(201),
    put("PutFunctionCodeSigningConfig", "/2020-06-30/functions/{FunctionName}/code-signing-config"),
    put("PutFunctionConcurrency", "/2017-10-31/functions/{FunctionName}/concurrency"),
    put("PutFunctionEventInvokeConfig", "/2019-09-25/functions/{FunctionName}/event-invoke-config").query(QUALIFIER),
    put("PutFunctionRecursionConfig", "/2024-08-31/functions/{FunctionName}/recursion-config"),
    put("PutFunctionScalingConfig", "/2025-11-30/functions/{FunctionName}/function-scaling-config")
        .query(QUALIFIER)
        .answers(202),
    put("PutProvisionedConcurrencyConfig", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency")
        .query(QUALIFIER)
        .answers(202),
    put("PutResourcePolicy", "/2026-07-09/resource-policy/{ResourceArn}"),
    put("PutRuntimeManagementConfig", "/2021-07-20/functions/{FunctionName}/runtime-management-config")
        .query(QUALIFIER),
    delete(
        "RemoveLayerVersionPermission",
        "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}",
    )
    .query(REVISION)
    .answers(204),
    delete("RemovePermission", "/2015-03-31/functions/{FunctionName}/policy/{StatementId}")
        .query(&[("Qualifier", "Qualifier"), ("RevisionId", "RevisionId")])
        .answers(204),
    post("ResumeDurableExecution", "/2025-12-01/durable-executions/{DurableExecutionArn}/resume").answers(202),
    post("SendDurableExecutionCallbackFailure", "/2025-12-01/durable-execution-callbacks/{CallbackId}/fail")
        .payload("Error"),
    post("SendDurableExecutionCallbackHeartbeat", "/2025-12-01/durable-execution-callbacks/{CallbackId}/heartbeat"),
    post("SendDurableExecutionCallbackSuccess", "/2025-12-01/durable-execution-callbacks/{CallbackId}/succeed")
        .payload("Result"),
    post("StopDurableExecution", "/2025-12-01/durable-executions/{DurableExecutionArn}/stop").payload("Error"),
    post("TagResource", "/2017-03-31/tags/{Resource}").answers(204),
    delete("UntagResource", "/2017-03-31/tags/{Resource}").query(&[("tagKeys", "TagKeys")]).answers(204),
    put("UpdateAlias", "/2015-03-31/functions/{FunctionName}/aliases/{Name}"),
    put("UpdateCapacityProvider", "/2025-11-30/capacity-providers/{CapacityProviderName}").answers(202),
    put("UpdateCodeSigningConfig", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}"),
    put("UpdateEventSourceMapping", "/2015-03-31/event-source-mappings/{UUID}").answers(202),
    put("UpdateFunctionCode", "/2015-03-31/functions/{FunctionName}/code"),
    put("UpdateFunctionConfiguration", "/2015-03-31/functions/{FunctionName}/configuration"),
    post("UpdateFunctionEventInvokeConfig", "/2019-09-25/functions/{FunctionName}/event-invoke-config")
        .query(QUALIFIER),
    put("UpdateFunctionUrlConfig", "/2021-10-31/functions/{FunctionName}/url").query(QUALIFIER),
];

/// Errors that have a `Message`. Those of functions that keep their state for days are left out.
pub(super) static CAPITAL: &[&str] = &[
    "CodeSigningConfigNotFoundException",
    "CodeVerificationFailedException",
    "EC2AccessDeniedException",
    "EC2ThrottledException",
    "EC2UnexpectedException",
    "EFSIOException",
    "EFSMountConnectivityException",
    "EFSMountFailureException",
    "EFSMountTimeoutException",
    "ENILimitReachedException",
    "ENINotReadyException",
    "InvalidCodeSignatureException",
    "InvalidRuntimeException",
    "InvalidSecurityGroupIDException",
    "InvalidSubnetIDException",
    "InvalidZipFileException",
    "KMSAccessDeniedException",
    "KMSDisabledException",
    "KMSInvalidStateException",
    "KMSNotFoundException",
    "NoPublishedVersionException",
    "PublicPolicyException",
    "RecursiveInvocationException",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "S3FilesMountConnectivityException",
    "S3FilesMountFailureException",
    "S3FilesMountTimeoutException",
    "ServiceException",
    "ServiceQuotaExceededException",
    "SnapStartException",
    "SnapStartNotReadyException",
    "SnapStartRegenerationFailureException",
    "SnapStartTimeoutException",
    "SubnetIPAddressLimitReachedException",
];

/// Errors that have a `message`.
pub(super) static SMALL: &[&str] = &[
    "AliasLimitExceededException",
    "CapacityProviderLimitExceededException",
    "CodeArtifactUserDeletedException",
    "CodeArtifactUserFailedException",
    "CodeArtifactUserPendingException",
    "CodeStorageExceededException",
    "FunctionVersionsPerCapacityProviderLimitExceededException",
    "InvalidParameterValueException",
    "InvalidRequestContentException",
    "ModeNotSupportedException",
    "PolicyLengthExceededException",
    "PreconditionFailedException",
    "ProvisionedConcurrencyConfigNotFoundException",
    "RequestTooLargeException",
    "ResourceConflictException",
    "ResourceNotReadyException",
    "RuntimeAliasDeletedException",
    "RuntimeVersionDeletedException",
    "SerializedRequestEntityTooLargeException",
    "TooManyRequestsException",
    "UnsupportedMediaTypeException",
];
