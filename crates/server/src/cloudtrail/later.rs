//! What CloudTrail can do on AWS and not here, or not yet: each operation says so in a sentence.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Operations.html>

use wire::ApiError;

use crate::refusal::refused;

/// The refusal of an operation.
fn refuse(_: &str, sentence: &str) -> ApiError {
    ApiError::new("UnsupportedOperationException", sentence)
}

refused! {
    "Dashboards of CloudTrail Lake are not there. `trailsight status` says how the service is getting on." => [
        CreateDashboard, GetDashboard, ListDashboards, UpdateDashboard, DeleteDashboard, StartDashboardRefresh,
    ]
    "Event data stores are not shared with Athena." => [EnableFederation, DisableFederation]
    "Queries are neither written nor suggested here: write them in SQL." => [GenerateQuery, SearchSampleQueries]
    "Resource policies are not there: whoever is let in may use all of this service." => [
        PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy,
    ]
    "Neither larger events nor aggregated events are made here, so there is nothing to configure." => [
        PutEventConfiguration, GetEventConfiguration,
    ]
}
