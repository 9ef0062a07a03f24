//! EventBridge: rules, and whom they tell. <https://docs.aws.amazon.com/eventbridge/latest/APIReference/>

use crate::operation::OperationEntry;

pub(crate) mod api_destination;
mod bus_policy;
pub(crate) mod connection;
mod create_api_destination;
mod create_connection;
mod create_event_bus;
mod deauthorize_connection;
mod delete_api_destination;
mod delete_connection;
mod delete_event_bus;
mod delete_rule;
mod describe_api_destination;
mod describe_connection;
mod describe_event_bus;
mod describe_rule;
mod disable_rule;
mod enable_rule;
mod event_bus;
mod failed_targets;
mod http_parameters;
mod list_api_destinations;
mod list_connections;
mod list_event_buses;
mod list_rule_names_by_target;
mod list_rules;
mod list_tags_for_resource;
mod list_targets_by_rule;
mod page;
mod put_events;
mod put_permission;
mod put_rule;
mod put_targets;
mod remove_permission;
mod remove_targets;
mod rule;
mod shapes;
mod tag_resource;
mod tags;
mod target;
mod test_event_pattern;
mod unsupported;
mod untag_resource;
mod update_api_destination;
mod update_connection;

pub(crate) use event_bus::has_bus;
pub(crate) use http_parameters::HttpValues;
pub(crate) use rule::{DEFAULT_BUS, Rule};
pub(crate) use target::Target;

/// Every operation of EventBridge that is answered. To add one: write its file, then name it here.
pub(crate) static OPERATIONS: &[OperationEntry] = &[
    OperationEntry::of::<put_rule::PutRule>(),
    OperationEntry::of::<describe_rule::DescribeRule>(),
    OperationEntry::of::<list_rules::ListRules>(),
    OperationEntry::of::<delete_rule::DeleteRule>(),
    OperationEntry::of::<enable_rule::EnableRule>(),
    OperationEntry::of::<disable_rule::DisableRule>(),
    OperationEntry::of::<put_targets::PutTargets>(),
    OperationEntry::of::<list_targets_by_rule::ListTargetsByRule>(),
    OperationEntry::of::<remove_targets::RemoveTargets>(),
    OperationEntry::of::<list_rule_names_by_target::ListRuleNamesByTarget>(),
    OperationEntry::of::<tag_resource::TagResource>(),
    OperationEntry::of::<untag_resource::UntagResource>(),
    OperationEntry::of::<list_tags_for_resource::ListTagsForResource>(),
    OperationEntry::of::<put_events::PutEvents>(),
    OperationEntry::of::<test_event_pattern::TestEventPattern>(),
    OperationEntry::of::<describe_event_bus::DescribeEventBus>(),
    OperationEntry::of::<list_event_buses::ListEventBuses>(),
    OperationEntry::of::<create_event_bus::CreateEventBus>(),
    OperationEntry::of::<delete_event_bus::DeleteEventBus>(),
    OperationEntry::of::<put_permission::PutPermission>(),
    OperationEntry::of::<remove_permission::RemovePermission>(),
    OperationEntry::of::<create_connection::CreateConnection>(),
    OperationEntry::of::<describe_connection::DescribeConnection>(),
    OperationEntry::of::<list_connections::ListConnections>(),
    OperationEntry::of::<update_connection::UpdateConnection>(),
    OperationEntry::of::<delete_connection::DeleteConnection>(),
    OperationEntry::of::<deauthorize_connection::DeauthorizeConnection>(),
    OperationEntry::of::<create_api_destination::CreateApiDestination>(),
    OperationEntry::of::<describe_api_destination::DescribeApiDestination>(),
    OperationEntry::of::<list_api_destinations::ListApiDestinations>(),
    OperationEntry::of::<update_api_destination::UpdateApiDestination>(),
    OperationEntry::of::<delete_api_destination::DeleteApiDestination>(),
    // Known, and refused.
    OperationEntry::of::<unsupported::CreateArchive>(),
    OperationEntry::of::<unsupported::DescribeArchive>(),
    OperationEntry::of::<unsupported::ListArchives>(),
    OperationEntry::of::<unsupported::UpdateArchive>(),
    OperationEntry::of::<unsupported::DeleteArchive>(),
    OperationEntry::of::<unsupported::StartReplay>(),
    OperationEntry::of::<unsupported::DescribeReplay>(),
    OperationEntry::of::<unsupported::ListReplays>(),
    OperationEntry::of::<unsupported::CancelReplay>(),
    OperationEntry::of::<unsupported::CreateEndpoint>(),
    OperationEntry::of::<unsupported::DescribeEndpoint>(),
    OperationEntry::of::<unsupported::ListEndpoints>(),
    OperationEntry::of::<unsupported::UpdateEndpoint>(),
    OperationEntry::of::<unsupported::DeleteEndpoint>(),
    OperationEntry::of::<unsupported::CreatePartnerEventSource>(),
    OperationEntry::of::<unsupported::DescribePartnerEventSource>(),
    OperationEntry::of::<unsupported::ListPartnerEventSources>(),
    OperationEntry::of::<unsupported::ListPartnerEventSourceAccounts>(),
    OperationEntry::of::<unsupported::DeletePartnerEventSource>(),
    OperationEntry::of::<unsupported::PutPartnerEvents>(),
    OperationEntry::of::<unsupported::ActivateEventSource>(),
    OperationEntry::of::<unsupported::DeactivateEventSource>(),
    OperationEntry::of::<unsupported::DescribeEventSource>(),
    OperationEntry::of::<unsupported::ListEventSources>(),
    OperationEntry::of::<unsupported::UpdateEventBus>(),
];
