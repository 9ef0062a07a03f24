//! Operations of CloudWatch Logs that are known and not there: the refusal says so, and what to do instead.

use serde::Deserialize;
use wire::ApiError;
use wire::check::Shape;

use crate::{Context, Failure, Operation};

macro_rules! unsupported {
    ($($why:ident: $sentence:literal [$($name:ident)*])*) => {$(
        const $why: &str = $sentence;
        $(
            #[derive(Deserialize)]
            pub(crate) struct $name {}

            impl Operation for $name {
                const NAME: &'static str = stringify!($name);
                const REFUSED: Option<&'static str> = Some($why);
                const SHAPE: &'static Shape = &Shape::structure(concat!(stringify!($name), "Request"), &[]);
                type Output = ();

                fn run(self, _: &Context<'_>) -> Result<(), Failure> {
                    Err(ApiError::new("OperationNotSupportedException", format!("{} is not there. {}", Self::NAME, $why)).into())
                }
            }
        )*
    )*};
}

unsupported! {
    QUERIES: "Read logs with FilterLogEvents or GetLogEvents, or with aws logs tail."
        [StartQuery StopQuery GetQueryResults DescribeQueries PutQueryDefinition DescribeQueryDefinitions
         DeleteQueryDefinition GetLogRecord GetLogGroupFields StartLiveTail]
    METRICS: "There are no metrics here. A rule of EventBridge can look at the events of a trail."
        [PutMetricFilter DescribeMetricFilters DeleteMetricFilter TestMetricFilter]
    SUBSCRIPTIONS: "What is logged is not sent on. A rule of EventBridge can have several targets."
        [PutSubscriptionFilter DescribeSubscriptionFilters DeleteSubscriptionFilter PutDestination DescribeDestinations
         DeleteDestination PutDestinationPolicy]
    EXPORTS: "The log files of a trail lie in its bucket already."
        [CreateExportTask DescribeExportTasks CancelExportTask]
    KEYS: "Log groups are not encrypted with KMS keys here."
        [AssociateKmsKey DisassociateKmsKey]
    POLICIES: "Log groups are neither masked, indexed, transformed nor protected here."
        [PutAccountPolicy DescribeAccountPolicies DeleteAccountPolicy PutDataProtectionPolicy GetDataProtectionPolicy
         DeleteDataProtectionPolicy PutIndexPolicy DescribeIndexPolicies DeleteIndexPolicy PutTransformer GetTransformer
         DeleteTransformer PutLogGroupDeletionProtection]
}
