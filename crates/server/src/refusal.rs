//! What a service of AWS's can do and is not done here: the refusal says so in a sentence, and what to do instead.
//!
//! Services that have tables of their own (CloudTrail, EventBridge, CloudWatch Logs, Lambda) refuse there, by [`refused!`],
//! what is known of them; services of which nothing is known are refused by `wire`.

/// Operations that are known and not there, by the sentence that says what to do instead. Where it stands, `refuse` makes the
/// service's refusal of an operation's name and its sentence.
macro_rules! refused {
    ($($sentence:expr => [$($name:ident),* $(,)?])*) => {$($(
        #[derive(serde::Deserialize)]
        pub(crate) struct $name {}

        impl $crate::Operation for $name {
            const NAME: &'static str = stringify!($name);
            const REFUSED: Option<&'static str> = Some($sentence);
            const SHAPE: &'static wire::check::Shape =
                &wire::check::Shape::structure(concat!(stringify!($name), "Request"), &[]);
            type Output = ();

            fn run(self, _: &$crate::Context<'_>) -> Result<(), $crate::Failure> {
                Err(refuse(Self::NAME, $sentence).into())
            }
        }
    )*)*};
}

pub(crate) use refused;
use wire::{ApiError, Call, Service};

/// What to say where an operation is not in its service's table.
pub(crate) fn of(call: &Call) -> ApiError {
    let operation = &call.operation;
    let (code, sentence) = match call.service {
        Service::Iam => (
            "UnsupportedOperation",
            format!(
                "Trailsight stores roles and policies so that guides run, and enforces none; {operation} is not kept."
            ),
        ),
        Service::Sts => (
            "UnsupportedOperation",
            format!("Trailsight gives out credentials by AssumeRole and GetSessionToken; {operation} is not there."),
        ),
        Service::Organizations => (
            "UnsupportedAPIEndpointException",
            format!(
                "Trailsight tells of one organization, whose accounts are set when it is started (--member-account) or seen in \
                 log files; {operation} is not there."
            ),
        ),
        Service::Kms => (
            "UnsupportedOperationException",
            format!(
                "Trailsight does not encrypt with KMS keys, so {operation} is not there: leave --kms-key-id and the like out. \
                 Encrypt the disk that its data directory is on."
            ),
        ),
        Service::Sqs => (
            "AWS.SimpleQueueService.UnsupportedOperation",
            format!(
                "Trailsight sends to queues elsewhere and holds none; {operation} is not there. Ask where the queue is."
            ),
        ),
        _ => return call.unknown_operation(),
    };
    // An operation's name is letters and digits: `wire` has seen to that.
    ApiError::new(code, sentence)
}
