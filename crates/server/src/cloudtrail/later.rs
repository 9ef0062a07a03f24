//! What CloudTrail can do on AWS and not here, or not yet: each operation says so in a sentence.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Operations.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::Shape;

use crate::{Context, Failure, Operation};

macro_rules! refused {
    ($($why:ident: $sentence:literal [$($name:ident)*])*) => {$(
        const $why: &str = $sentence;
        $(
            #[derive(Deserialize)]
            pub(crate) struct $name {}

            impl Operation for $name {
                const NAME: &'static str = stringify!($name);
                const REFUSED: Option<&'static str> = Some($why);
                const SHAPE: &'static Shape = &Shape::structure(stringify!($name), &[]);
                type Output = ();

                fn run(self, _: &Context<'_>) -> Result<(), Failure> {
                    Err(unsupported($why).into())
                }
            }
        )*
    )*};
}

refused! {
    EVENT_DATA_STORES: "Event data stores come with a later version of Trailsight."
        [CreateEventDataStore GetEventDataStore ListEventDataStores UpdateEventDataStore DeleteEventDataStore
         RestoreEventDataStore StartEventDataStoreIngestion StopEventDataStoreIngestion]
    QUERIES: "Queries come with a later version of Trailsight."
        [StartQuery DescribeQuery GetQueryResults CancelQuery ListQueries]
    IMPORTS: "Imports come with a later version of Trailsight. Log files in a trail's bucket are read without one."
        [StartImport GetImport StopImport ListImports ListImportFailures]
    CHANNELS: "Channels come with a later version of Trailsight."
        [CreateChannel GetChannel ListChannels UpdateChannel DeleteChannel]
    DASHBOARDS: "Dashboards of CloudTrail Lake are not there. Trailsight has a console of its own."
        [CreateDashboard GetDashboard ListDashboards UpdateDashboard DeleteDashboard StartDashboardRefresh]
    FEDERATION: "Event data stores are not shared with Athena."
        [EnableFederation DisableFederation]
    SAMPLES: "Queries are neither written nor suggested here: write them in SQL."
        [GenerateQuery SearchSampleQueries]
    POLICIES: "Resource policies are not there: whoever may reach this service may use all of it."
        [PutResourcePolicy GetResourcePolicy DeleteResourcePolicy]
    CONFIGURATION: "Neither larger events nor aggregated events are made here, so there is nothing to configure."
        [PutEventConfiguration GetEventConfiguration]
}

fn unsupported(sentence: &str) -> ApiError {
    ApiError::new("UnsupportedOperationException", sentence)
}

/// What is said where an event data store is meant.
pub(crate) fn event_data_stores() -> ApiError {
    unsupported(EVENT_DATA_STORES)
}
