//! Operations of CloudWatch Logs that are known and not there: the refusal says so, and what to do instead.

use wire::ApiError;

use crate::refusal::refused;

/// The refusal of an operation.
fn refuse(name: &str, instead: &str) -> ApiError {
    ApiError::new("OperationNotSupportedException", format!("{name} is not there. {instead}"))
}

refused! {
    "Read logs with FilterLogEvents or GetLogEvents, or with aws logs tail." => [
        StartQuery, StopQuery, GetQueryResults, DescribeQueries, PutQueryDefinition, DescribeQueryDefinitions,
        DeleteQueryDefinition, GetLogRecord, GetLogGroupFields, StartLiveTail,
    ]
    "There are no metrics here. A rule of EventBridge can look at the events of a trail." => [
        PutMetricFilter, DescribeMetricFilters, DeleteMetricFilter, TestMetricFilter,
    ]
    "What is logged is not sent on. A rule of EventBridge can have several targets." => [
        PutSubscriptionFilter, DescribeSubscriptionFilters, DeleteSubscriptionFilter, PutDestination,
        DescribeDestinations, DeleteDestination, PutDestinationPolicy,
    ]
    "The log files of a trail lie in its bucket already." => [CreateExportTask, DescribeExportTasks, CancelExportTask]
    "Log groups are not encrypted with KMS keys here." => [AssociateKmsKey, DisassociateKmsKey]
    "Log groups are neither masked, indexed, transformed nor protected here." => [
        PutAccountPolicy, DescribeAccountPolicies, DeleteAccountPolicy, PutDataProtectionPolicy,
        GetDataProtectionPolicy, DeleteDataProtectionPolicy, PutIndexPolicy, DescribeIndexPolicies, DeleteIndexPolicy,
        PutTransformer, GetTransformer, DeleteTransformer, PutLogGroupDeletionProtection,
    ]
}
