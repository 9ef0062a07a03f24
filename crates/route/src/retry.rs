//! Retries: given what was tried so far, when to try again, or why to give up.
//!
//! Pure: times and dice are arguments. One question, [`next_attempt`], for every kind of delivery:
//!
//! | policy | retries | between them |
//! |---|---|---|
//! | [`Policy::Target`] | 185 within 24 h, both settable | exponential, with jitter |
//! | [`Policy::Sns`], HTTP/S | 3, settable | four phases |
//! | [`Policy::Sns`], SQS and Lambda | 100,015, which take some 23 days | four phases |
//! | [`Policy::Sns`], e-mail | 50, which take some 6 hours | four phases |
//! | [`Policy::Function`] | 2 after a failed run; throttled ones for 6 h | 1 and 2 minutes; 1 s to 5 min |
//!
//! What cannot get better by itself is not retried: no permission, no such resource, a refused request; of HTTP
//! answers, client errors but 429 (and, from API destinations, 401, 407 and 409).
//!
//! Pages: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html>,
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>,
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html>,
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>.
//!
//! AWS tells the limits, not the curves: how fast EventBridge backs off, how much jitter there is, and the formulas
//! behind SNS's four backoff functions (a picture only) are ours, and said where they are.

use jiff::{SignedDuration, Timestamp};

mod sns;

pub use sns::{BackoffFunction, DeliveryPolicy};

/// How a delivery is retried.
#[derive(Clone, Debug, PartialEq)]
pub enum Policy {
    /// The target of an EventBridge rule, API destinations among them.
    Target(TargetPolicy),
    /// A subscription of an SNS topic.
    Sns(DeliveryPolicy),
    /// A Lambda function that was invoked asynchronously.
    Function(FunctionPolicy),
}

/// How an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// We may not.
    NoPermissions,
    /// There is no such queue, topic, function, or host name.
    NoResource,
    /// The event is not the JSON that this target wants.
    InvalidJson,
    /// The target refuses what it was asked.
    InvalidParameter,
    /// Too many at once.
    Throttling,
    /// No answer in time.
    Timeout,
    /// Nobody answers.
    ConnectionFailure,
    /// Something is wrong on our side or the target's.
    InternalError,
    /// The function ran, and failed: an exception, a time-out, a crash.
    FunctionError,
    /// An HTTP answer that is no success, and what its `Retry-After` asks for (see [`retry_after`]).
    Status(u16, Option<SignedDuration>),
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Try again then.
    At(Timestamp),
    /// To the dead-letter queue, or dropped.
    GiveUp(GiveUp),
}

/// Why there is no further attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveUp {
    /// All attempts are used up.
    MaximumRetryAttempts,
    /// It is too old.
    MaximumEventAgeInSeconds,
    /// What failed so is not retried at all.
    NotRetried,
}

/// A setting out of its bounds, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct PolicyError {
    text: String,
}

/// Says what comes after a failed attempt.
///
/// `attempts` counts those made so far, the failed one included. Lambda counts apart: after [`Failure::FunctionError`]
/// it is the number of runs, after a throttle or a system error the number of attempts that did not come to a run.
/// `first_attempt_at` is when the first attempt was due, from which the age counts. `dice` is a number from 0 to 1.
pub fn next_attempt(
    policy: &Policy,
    attempts: u32,
    first_attempt_at: Timestamp,
    now: Timestamp,
    failure: Failure,
    dice: f64,
) -> Next {
    if !policy.retries(failure) {
        return Next::GiveUp(GiveUp::NotRetried);
    }
    let retry = attempts.max(1);
    if policy.max_retries(failure).is_some_and(|max| retry > max) {
        return Next::GiveUp(GiveUp::MaximumRetryAttempts);
    }
    let wanted = failure.wait_asked_for().unwrap_or(SignedDuration::ZERO);
    let at = later(now, policy.delay(retry, failure, dice).max(wanted));
    let Some(max_age) = policy.max_age() else { return Next::At(at) };
    let deadline = later(first_attempt_at, max_age);
    if now >= deadline || later(now, wanted) > deadline {
        return Next::GiveUp(GiveUp::MaximumEventAgeInSeconds);
    }
    // The last stretch is not wasted: one more attempt as the time runs out.
    Next::At(at.min(deadline))
}

impl Policy {
    fn retries(&self, failure: Failure) -> bool {
        match (self, failure) {
            (_, Failure::NoPermissions | Failure::NoResource | Failure::InvalidJson | Failure::InvalidParameter) => {
                false
            }
            (
                _,
                Failure::Throttling
                | Failure::Timeout
                | Failure::ConnectionFailure
                | Failure::InternalError
                | Failure::FunctionError,
            ) => true,
            // A negative Retry-After asks to stop.
            (Policy::Target(_), Failure::Status(status, wait)) => {
                matches!(status, 401 | 407 | 409 | 429 | 500..=599) && !wait.is_some_and(|wait| wait.is_negative())
            }
            (Policy::Sns(_) | Policy::Function(_), Failure::Status(status, _)) => {
                !(200..500).contains(&status) || status == 429
            }
        }
    }

    fn max_retries(&self, failure: Failure) -> Option<u32> {
        match self {
            Policy::Target(policy) => Some(policy.max_attempts),
            Policy::Sns(policy) => Some(policy.retry_count()),
            Policy::Function(policy) => (failure == Failure::FunctionError).then_some(policy.max_attempts),
        }
    }

    fn max_age(&self) -> Option<SignedDuration> {
        match self {
            Policy::Target(policy) => Some(policy.max_age),
            Policy::Sns(_) => None,
            Policy::Function(policy) => Some(policy.max_age),
        }
    }

    /// How long before the `retry`-th retry, which counts from 1.
    fn delay(&self, retry: u32, failure: Failure, dice: f64) -> SignedDuration {
        let dice = if dice.is_finite() { dice.clamp(0.0, 1.0) } else { 0.0 };
        match self {
            // 1, 2, 4 … 640 s, of which the dice decide half. The mean of the longest is 8 minutes, so 185 retries take
            // nearly the 24 hours that AWS grants them: neither limit makes the other idle.
            Policy::Target(_) => jittered(doubling(retry, 640.0), 0.5, dice),
            Policy::Sns(policy) => jittered(policy.delay(retry), 0.1, dice),
            Policy::Function(_) if failure == Failure::FunctionError => {
                SignedDuration::from_mins(if retry == 1 { 1 } else { 2 })
            }
            Policy::Function(_) => jittered(doubling(retry, 300.0), 0.1, dice),
        }
    }
}

/// Seconds: 1, 2, 4 … up to a longest.
fn doubling(retry: u32, longest: f64) -> f64 {
    2f64.powi(retry.saturating_sub(1).min(30) as i32).min(longest)
}

/// Less by up to this part of it, as the dice say: jitter never goes beyond a limit.
fn jittered(seconds: f64, part: f64, dice: f64) -> SignedDuration {
    SignedDuration::from_millis((seconds * (1.0 - part * (1.0 - dice)) * 1000.0) as i64)
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The retry policy of a rule's target.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetPolicy {
    max_age: SignedDuration,
    max_attempts: u32,
}

impl Default for TargetPolicy {
    fn default() -> TargetPolicy {
        TargetPolicy { max_age: SignedDuration::from_hours(24), max_attempts: 185 }
    }
}

impl TargetPolicy {
    /// From `MaximumEventAgeInSeconds` (60 to 86,400) and `MaximumRetryAttempts` (0 to 185); what is not given is the
    /// most.
    pub fn new(max_age_seconds: Option<i64>, max_attempts: Option<i64>) -> Result<TargetPolicy, PolicyError> {
        let max_age = within("retryPolicy.maximumEventAgeInSeconds", max_age_seconds.unwrap_or(86_400), 60, 86_400)?;
        let max_attempts = within("retryPolicy.maximumRetryAttempts", max_attempts.unwrap_or(185), 0, 185)?;
        Ok(TargetPolicy { max_age: SignedDuration::from_secs(max_age), max_attempts: max_attempts as u32 })
    }
}

/// How a function's asynchronous invocations are retried.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionPolicy {
    max_age: SignedDuration,
    max_attempts: u32,
}

impl Default for FunctionPolicy {
    fn default() -> FunctionPolicy {
        FunctionPolicy { max_age: SignedDuration::from_hours(6), max_attempts: 2 }
    }
}

impl FunctionPolicy {
    /// From `MaximumEventAgeInSeconds` (60 to 21,600) and `MaximumRetryAttempts` (0 to 2); what is not given is the
    /// most.
    pub fn new(max_age_seconds: Option<i64>, max_attempts: Option<i64>) -> Result<FunctionPolicy, PolicyError> {
        let max_age = within("maximumEventAgeInSeconds", max_age_seconds.unwrap_or(21_600), 60, 21_600)?;
        let max_attempts = within("maximumRetryAttempts", max_attempts.unwrap_or(2), 0, 2)?;
        Ok(FunctionPolicy { max_age: SignedDuration::from_secs(max_age), max_attempts: max_attempts as u32 })
    }
}

fn within(name: &str, value: i64, least: i64, most: i64) -> Result<i64, PolicyError> {
    let asked = match value {
        _ if value < least => format!("greater than or equal to {least}"),
        _ if value > most => format!("less than or equal to {most}"),
        _ => return Ok(value),
    };
    let text = format!("Value '{value}' at '{name}' failed to satisfy constraint: Member must have value {asked}");
    Err(PolicyError { text })
}

impl Failure {
    /// `ERROR_CODE` of a message in a dead-letter queue.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>
    pub fn error_code(self) -> &'static str {
        match self {
            Failure::NoPermissions => "NO_PERMISSIONS",
            Failure::NoResource => "NO_RESOURCE",
            Failure::InvalidJson => "INVALID_JSON",
            Failure::InvalidParameter => "INVALID_PARAMETER",
            Failure::Throttling | Failure::Status(429, _) => "THROTTLING",
            Failure::Timeout => "TIMEOUT",
            Failure::ConnectionFailure => "CONNECTION_FAILURE",
            Failure::InternalError => "INTERNAL_ERROR",
            Failure::FunctionError | Failure::Status(..) => "ERROR_FROM_TARGET",
        }
    }

    fn wait_asked_for(self) -> Option<SignedDuration> {
        match self {
            Failure::Status(_, wait) => wait,
            _ => None,
        }
    }
}

impl GiveUp {
    /// `EXHAUSTED_RETRY_CONDITION` of a message in a dead-letter queue; none if nothing was exhausted.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>
    pub fn exhausted_retry_condition(self) -> Option<&'static str> {
        match self {
            GiveUp::MaximumRetryAttempts => Some("MaximumRetryAttempts"),
            GiveUp::MaximumEventAgeInSeconds => Some("MaximumEventAgeInSeconds"),
            GiveUp::NotRetried => None,
        }
    }
}

/// How long a `Retry-After` header asks to wait: seconds, or a date. Negative seconds ask to stop; a date gone by asks
/// for nothing. None: it cannot be read.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html>
pub fn retry_after(header: &str, now: Timestamp) -> Option<SignedDuration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<i64>() {
        return Some(SignedDuration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(header).ok()?;
    Some(date.duration_since(now).max(SignedDuration::ZERO))
}
