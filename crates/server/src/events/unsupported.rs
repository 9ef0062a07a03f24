//! Operations of EventBridge that are known and not answered yet: the refusal says so, and what to do instead.

use wire::ApiError;

use crate::refusal::refused;

/// The refusal of an operation.
fn refuse(name: &str, instead: &str) -> ApiError {
    ApiError::new("UnsupportedOperationException", format!("{name} is not answered here yet. {instead}"))
}

refused! {
    "The records that events are made of lie in the trail's bucket." => [
        CreateArchive, DescribeArchive, ListArchives, UpdateArchive, DeleteArchive, StartReplay, DescribeReplay,
        ListReplays, CancelReplay,
    ]
    "There is one Region's service here: put events on its bus." => [
        CreateEndpoint, DescribeEndpoint, ListEndpoints, UpdateEndpoint, DeleteEndpoint,
    ]
    "Partners' events can be put on a bus with PutEvents." => [
        CreatePartnerEventSource, DescribePartnerEventSource, ListPartnerEventSources, ListPartnerEventSourceAccounts,
        DeletePartnerEventSource, PutPartnerEvents, ActivateEventSource, DeactivateEventSource, DescribeEventSource,
        ListEventSources,
    ]
    "Delete the bus and create it again." => [UpdateEventBus]
}
