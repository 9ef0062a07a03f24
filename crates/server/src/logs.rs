//! CloudWatch Logs: what functions, rules and trails log, kept in groups and streams and read again.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/>

use crate::operation::OperationEntry;

mod create_log_group;
mod create_log_stream;
mod delete_log_group;
mod delete_log_stream;
mod delete_resource_policy;
mod delete_retention_policy;
mod describe_log_groups;
mod describe_log_streams;
mod describe_resource_policies;
mod filter_log_events;
mod filter_pattern;
mod get_log_events;
mod group;
mod list_tags_for_resource;
mod list_tags_log_group;
mod page;
mod put_log_events;
mod put_resource_policy;
mod put_retention_policy;
mod resource_policy;
mod tag_log_group;
mod tag_resource;
mod tags;
mod token;
mod unsupported;
mod untag_log_group;
mod untag_resource;

pub(crate) use group::group_of_arn;

/// Every operation of CloudWatch Logs that is answered. To add one: write its file, then name it here.
pub(crate) static OPERATIONS: &[OperationEntry] = &[
    OperationEntry::of::<create_log_group::CreateLogGroup>(),
    OperationEntry::of::<delete_log_group::DeleteLogGroup>(),
    OperationEntry::of::<describe_log_groups::DescribeLogGroups>(),
    OperationEntry::of::<create_log_stream::CreateLogStream>(),
    OperationEntry::of::<delete_log_stream::DeleteLogStream>(),
    OperationEntry::of::<describe_log_streams::DescribeLogStreams>(),
    OperationEntry::of::<put_log_events::PutLogEvents>(),
    OperationEntry::of::<get_log_events::GetLogEvents>(),
    OperationEntry::of::<filter_log_events::FilterLogEvents>(),
    OperationEntry::of::<put_retention_policy::PutRetentionPolicy>(),
    OperationEntry::of::<delete_retention_policy::DeleteRetentionPolicy>(),
    OperationEntry::of::<tag_resource::TagResource>(),
    OperationEntry::of::<untag_resource::UntagResource>(),
    OperationEntry::of::<list_tags_for_resource::ListTagsForResource>(),
    OperationEntry::of::<tag_log_group::TagLogGroup>(),
    OperationEntry::of::<untag_log_group::UntagLogGroup>(),
    OperationEntry::of::<list_tags_log_group::ListTagsLogGroup>(),
    OperationEntry::of::<put_resource_policy::PutResourcePolicy>(),
    OperationEntry::of::<describe_resource_policies::DescribeResourcePolicies>(),
    OperationEntry::of::<delete_resource_policy::DeleteResourcePolicy>(),
    // These say why not.
    OperationEntry::of::<unsupported::StartQuery>(),
    OperationEntry::of::<unsupported::StopQuery>(),
    OperationEntry::of::<unsupported::GetQueryResults>(),
    OperationEntry::of::<unsupported::DescribeQueries>(),
    OperationEntry::of::<unsupported::PutQueryDefinition>(),
    OperationEntry::of::<unsupported::DescribeQueryDefinitions>(),
    OperationEntry::of::<unsupported::DeleteQueryDefinition>(),
    OperationEntry::of::<unsupported::GetLogRecord>(),
    OperationEntry::of::<unsupported::GetLogGroupFields>(),
    OperationEntry::of::<unsupported::StartLiveTail>(),
    OperationEntry::of::<unsupported::PutMetricFilter>(),
    OperationEntry::of::<unsupported::DescribeMetricFilters>(),
    OperationEntry::of::<unsupported::DeleteMetricFilter>(),
    OperationEntry::of::<unsupported::TestMetricFilter>(),
    OperationEntry::of::<unsupported::PutSubscriptionFilter>(),
    OperationEntry::of::<unsupported::DescribeSubscriptionFilters>(),
    OperationEntry::of::<unsupported::DeleteSubscriptionFilter>(),
    OperationEntry::of::<unsupported::PutDestination>(),
    OperationEntry::of::<unsupported::DescribeDestinations>(),
    OperationEntry::of::<unsupported::DeleteDestination>(),
    OperationEntry::of::<unsupported::PutDestinationPolicy>(),
    OperationEntry::of::<unsupported::CreateExportTask>(),
    OperationEntry::of::<unsupported::DescribeExportTasks>(),
    OperationEntry::of::<unsupported::CancelExportTask>(),
    OperationEntry::of::<unsupported::AssociateKmsKey>(),
    OperationEntry::of::<unsupported::DisassociateKmsKey>(),
    OperationEntry::of::<unsupported::PutAccountPolicy>(),
    OperationEntry::of::<unsupported::DescribeAccountPolicies>(),
    OperationEntry::of::<unsupported::DeleteAccountPolicy>(),
    OperationEntry::of::<unsupported::PutDataProtectionPolicy>(),
    OperationEntry::of::<unsupported::GetDataProtectionPolicy>(),
    OperationEntry::of::<unsupported::DeleteDataProtectionPolicy>(),
    OperationEntry::of::<unsupported::PutIndexPolicy>(),
    OperationEntry::of::<unsupported::DescribeIndexPolicies>(),
    OperationEntry::of::<unsupported::DeleteIndexPolicy>(),
    OperationEntry::of::<unsupported::PutTransformer>(),
    OperationEntry::of::<unsupported::GetTransformer>(),
    OperationEntry::of::<unsupported::DeleteTransformer>(),
    OperationEntry::of::<unsupported::PutLogGroupDeletionProtection>(),
];
