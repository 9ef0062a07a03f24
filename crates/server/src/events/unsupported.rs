//! Operations of EventBridge that are known and not answered yet: the refusal says so, and what to do instead.

use serde::Deserialize;
use wire::ApiError;
use wire::check::Shape;

use crate::{Context, Failure, Operation};

macro_rules! unsupported {
    ($($name:ident: $instead:expr;)*) => {
        $(
            #[derive(Deserialize)]
            pub(crate) struct $name {}

            impl Operation for $name {
                const NAME: &'static str = stringify!($name);
                const REFUSED: Option<&'static str> = Some($instead);
                const SHAPE: &'static Shape = &Shape::structure(concat!(stringify!($name), "Request"), &[]);
                type Output = ();

                fn run(self, _: &Context<'_>) -> Result<(), Failure> {
                    let message = format!("{} is not answered here yet. {}", Self::NAME, $instead);
                    Err(ApiError::new("UnsupportedOperationException", message).into())
                }
            }
        )*
    };
}

const ARCHIVES: &str = "The records that events are made of lie in the trail's bucket.";
const ENDPOINTS: &str = "There is one Region's service here: put events on its bus.";
const PARTNERS: &str = "Partners' events can be put on a bus with PutEvents.";
const BUSES: &str = "Delete the bus and create it again.";

unsupported! {
    CreateArchive: ARCHIVES;
    DescribeArchive: ARCHIVES;
    ListArchives: ARCHIVES;
    UpdateArchive: ARCHIVES;
    DeleteArchive: ARCHIVES;
    StartReplay: ARCHIVES;
    DescribeReplay: ARCHIVES;
    ListReplays: ARCHIVES;
    CancelReplay: ARCHIVES;
    CreateEndpoint: ENDPOINTS;
    DescribeEndpoint: ENDPOINTS;
    ListEndpoints: ENDPOINTS;
    UpdateEndpoint: ENDPOINTS;
    DeleteEndpoint: ENDPOINTS;
    CreatePartnerEventSource: PARTNERS;
    DescribePartnerEventSource: PARTNERS;
    ListPartnerEventSources: PARTNERS;
    ListPartnerEventSourceAccounts: PARTNERS;
    DeletePartnerEventSource: PARTNERS;
    PutPartnerEvents: PARTNERS;
    ActivateEventSource: PARTNERS;
    DeactivateEventSource: PARTNERS;
    DescribeEventSource: PARTNERS;
    ListEventSources: PARTNERS;
    UpdateEventBus: BUSES;
}
