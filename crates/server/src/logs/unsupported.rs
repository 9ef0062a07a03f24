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
                const SHAPE: &'static Shape = &Shape::structure(concat!(stringify!($name), "Request"), &[]);
                type Output = ();

                fn run(self, _: &Context<'_>) -> Result<(), Failure> {
                    Err(ApiError::new("OperationNotSupportedException", format!("{} is not there: {}", Self::NAME, $why)).into())
                }
            }
        )*
    )*};
}

unsupported! {
    QUERIES: "read logs with FilterLogEvents or GetLogEvents, or with aws logs tail."
        [StartQuery StopQuery GetQueryResults DescribeQueries PutQueryDefinition DescribeQueryDefinitions
         DeleteQueryDefinition GetLogRecord GetLogGroupFields StartLiveTail]
    METRICS: "there are no metrics here. A rule of EventBridge can look at the events of a trail."
        [PutMetricFilter DescribeMetricFilters DeleteMetricFilter TestMetricFilter]
    SUBSCRIPTIONS: "what is logged is not sent on. A rule of EventBridge can have several targets."
        [PutSubscriptionFilter DescribeSubscriptionFilters DeleteSubscriptionFilter PutDestination DescribeDestinations
         DeleteDestination PutDestinationPolicy]
    EXPORTS: "the log files of a trail lie in its bucket already."
        [CreateExportTask DescribeExportTasks CancelExportTask]
    KEYS: "log groups are not encrypted with KMS keys here."
        [AssociateKmsKey DisassociateKmsKey]
    POLICIES: "log groups are neither masked, indexed, transformed nor protected here."
        [PutAccountPolicy DescribeAccountPolicies DeleteAccountPolicy PutDataProtectionPolicy GetDataProtectionPolicy
         DeleteDataProtectionPolicy PutIndexPolicy DescribeIndexPolicies DeleteIndexPolicy PutTransformer GetTransformer
         DeleteTransformer PutLogGroupDeletionProtection]
}
