//! Laws of retries: never beyond a limit, never back in time, as many attempts as promised.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use route::json::Value;
use route::retry::{
    DeliveryPolicy, Failure, FunctionPolicy, GiveUp, Next, Policy, TargetPolicy, next_attempt, retry_after,
};

const START: Timestamp = Timestamp::constant(1_770_906_600, 0);

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// How many retries there are if every attempt fails at once, how long they take, and why they end.
fn exhausted(policy: &Policy, failure: Failure, dice: impl Fn(u32) -> f64) -> (u32, SignedDuration, GiveUp) {
    let (mut attempts, mut now) = (1, START);
    loop {
        match next_attempt(policy, attempts, START, now, failure, dice(attempts)) {
            Next::At(at) => {
                assert!(at >= now, "attempt {attempts} goes back in time");
                now = at;
            }
            Next::GiveUp(why) => return (attempts - 1, now.duration_since(START), why),
        }
        attempts += 1;
    }
}

/// The time until the next attempt.
fn wait(policy: &Policy, attempts: u32, failure: Failure, dice: f64) -> Option<SignedDuration> {
    match next_attempt(policy, attempts, START, START, failure, dice) {
        Next::At(at) => Some(at.duration_since(START)),
        Next::GiveUp(_) => None,
    }
}

fn target(max_age: i64, max_attempts: i64) -> Policy {
    Policy::Target(TargetPolicy::new(Some(max_age), Some(max_attempts)).unwrap())
}

fn http(policy: &str) -> Result<DeliveryPolicy, String> {
    DeliveryPolicy::of_http(&Value::parse(policy).unwrap(), "healthyRetryPolicy").map_err(|error| error.to_string())
}

#[test]
fn a_target_has_185_retries_that_nearly_fill_24_hours() {
    let policy = Policy::Target(TargetPolicy::default());
    // Dice that are fair, though not by chance.
    let (retries, took, why) = exhausted(&policy, Failure::Timeout, |attempt| f64::from(attempt * 7 % 11) / 10.0);
    assert_eq!((retries, why), (185, GiveUp::MaximumRetryAttempts));
    assert!(took > SignedDuration::from_hours(22) && took < SignedDuration::from_hours(24), "{took}");
}

#[test]
fn a_target_that_gets_no_retries_gets_none() {
    assert_eq!(exhausted(&target(86_400, 0), Failure::Timeout, |_| 0.5).0, 0);
    assert_eq!(exhausted(&target(86_400, 1), Failure::Timeout, |_| 0.5).0, 1);
}

#[test]
fn the_last_attempt_is_at_the_deadline() {
    let (retries, took, why) = exhausted(&target(60, 185), Failure::Throttling, |_| 1.0);
    assert_eq!((retries, took, why), (6, seconds(60), GiveUp::MaximumEventAgeInSeconds));
    assert_eq!(why.exhausted_retry_condition(), Some("MaximumEventAgeInSeconds"));
}

#[test]
fn what_cannot_get_better_is_not_retried() {
    let policies = [
        Policy::Target(TargetPolicy::default()),
        Policy::Sns(DeliveryPolicy::AWS_MANAGED),
        Policy::Function(FunctionPolicy::default()),
    ];
    for policy in &policies {
        for (failure, code) in [
            (Failure::NoPermissions, "NO_PERMISSIONS"),
            (Failure::NoResource, "NO_RESOURCE"),
            (Failure::InvalidJson, "INVALID_JSON"),
            (Failure::InvalidParameter, "INVALID_PARAMETER"),
            (Failure::Status(403, None), "ERROR_FROM_TARGET"),
            (Failure::Status(404, None), "ERROR_FROM_TARGET"),
            (Failure::Status(301, None), "ERROR_FROM_TARGET"),
        ] {
            let next = next_attempt(policy, 1, START, START, failure, 0.5);
            assert_eq!(next, Next::GiveUp(GiveUp::NotRetried), "{failure:?}");
            assert_eq!(failure.error_code(), code);
        }
        for failure in [Failure::Throttling, Failure::Timeout, Failure::ConnectionFailure, Failure::InternalError] {
            assert!(wait(policy, 1, failure, 0.5).is_some(), "{failure:?}");
        }
    }
    assert_eq!(GiveUp::NotRetried.exhausted_retry_condition(), None);
}

#[test]
fn api_destinations_and_topics_retry_other_answers() {
    let (target, topic) = (Policy::Target(TargetPolicy::default()), Policy::Sns(DeliveryPolicy::HTTP));
    for (status, by_target, by_topic) in [
        (100, false, true),
        (200, false, false),
        (302, false, false),
        (400, false, false),
        (401, true, false),
        (407, true, false),
        (408, false, false),
        (409, true, false),
        (429, true, true),
        (500, true, true),
        (599, true, true),
        (600, false, true),
    ] {
        let failure = Failure::Status(status, None);
        assert_eq!(wait(&target, 1, failure, 0.5).is_some(), by_target, "{status}");
        assert_eq!(wait(&topic, 1, failure, 0.5).is_some(), by_topic, "{status}");
    }
}

#[test]
fn the_more_patient_of_policy_and_retry_after_counts() {
    let policy = target(3600, 185);
    let asked = |wait| Failure::Status(503, Some(seconds(wait)));
    assert_eq!(wait(&policy, 1, asked(120), 1.0), Some(seconds(120)));
    assert_eq!(wait(&policy, 9, asked(120), 1.0), Some(seconds(256)));
    assert_eq!(wait(&policy, 1, asked(0), 1.0), Some(seconds(1)));
    assert_eq!(wait(&policy, 1, asked(3600), 1.0), Some(seconds(3600)));
    let next = |wait| next_attempt(&policy, 1, START, START, asked(wait), 1.0);
    assert_eq!(next(3601), Next::GiveUp(GiveUp::MaximumEventAgeInSeconds));
    assert_eq!(next(-1), Next::GiveUp(GiveUp::NotRetried));
    assert_eq!(next(i64::MAX), Next::GiveUp(GiveUp::MaximumEventAgeInSeconds));
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    assert_eq!(retry_after(" 120 ", START), Some(seconds(120)));
    assert_eq!(retry_after("-1", START), Some(seconds(-1)));
    assert_eq!(retry_after("Thu, 12 Feb 2026 14:31:00 GMT", START), Some(seconds(60)));
    assert_eq!(retry_after("Thu, 12 Feb 2026 14:29:00 GMT", START), Some(seconds(0)));
    assert_eq!(retry_after("soon", START), None);
    assert_eq!(retry_after("", START), None);
}

#[test]
fn settings_have_aws_s_bounds() {
    for (max_age, max_attempts, fault) in [
        (60, 0, None),
        (86_400, 185, None),
        (
            59,
            0,
            Some(
                "Value '59' at 'retryPolicy.maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60",
            ),
        ),
        (
            86_401,
            0,
            Some(
                "Value '86401' at 'retryPolicy.maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value less than or equal to 86400",
            ),
        ),
        (
            60,
            -1,
            Some(
                "Value '-1' at 'retryPolicy.maximumRetryAttempts' failed to satisfy constraint: Member must have value greater than or equal to 0",
            ),
        ),
        (
            60,
            186,
            Some(
                "Value '186' at 'retryPolicy.maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 185",
            ),
        ),
    ] {
        let told = TargetPolicy::new(Some(max_age), Some(max_attempts)).err().map(|error| error.to_string());
        assert_eq!(told.as_deref(), fault);
    }
    assert_eq!(TargetPolicy::new(None, None), Ok(TargetPolicy::default()));
    assert_eq!(FunctionPolicy::new(None, None), Ok(FunctionPolicy::default()));
    assert!(FunctionPolicy::new(Some(21_600), Some(2)).is_ok());
    assert!(FunctionPolicy::new(Some(21_601), None).is_err());
    assert!(FunctionPolicy::new(None, Some(3)).is_err());
}

#[test]
fn a_failed_function_runs_twice_more_after_one_minute_and_two() {
    let policy = Policy::Function(FunctionPolicy::default());
    let waits: Vec<_> = (1..4).map(|runs| wait(&policy, runs, Failure::FunctionError, 0.5)).collect();
    assert_eq!(waits, [Some(seconds(60)), Some(seconds(120)), None]);
}

#[test]
fn a_throttled_function_is_tried_for_six_hours() {
    let policy = Policy::Function(FunctionPolicy::default());
    let (retries, took, why) = exhausted(&policy, Failure::Throttling, |_| 1.0);
    assert_eq!((took, why), (SignedDuration::from_hours(6), GiveUp::MaximumEventAgeInSeconds));
    assert!(retries > 72, "{retries}");
    assert_eq!(wait(&policy, 1, Failure::Throttling, 1.0), Some(seconds(1)));
    assert_eq!(wait(&policy, 1000, Failure::Throttling, 1.0), Some(seconds(300)));
}

#[test]
fn topics_retry_as_often_as_their_table_says() {
    for (policy, retries, least_hours, most_hours) in [
        (DeliveryPolicy::HTTP, 3, 0, 1),
        (DeliveryPolicy::SMTP, 50, 6, 7),
        (DeliveryPolicy::AWS_MANAGED, 100_015, 23 * 24, 24 * 24),
    ] {
        let (made, took, why) = exhausted(&Policy::Sns(policy.clone()), Failure::Status(500, None), |_| 1.0);
        assert_eq!((made, why), (retries, GiveUp::MaximumRetryAttempts));
        assert_eq!(policy.retry_count(), retries);
        assert!(took >= SignedDuration::from_hours(least_hours) && took < SignedDuration::from_hours(most_hours));
        assert!((took.as_secs_f64() - policy.total_seconds()).abs() < 1.0);
    }
    let http: Vec<_> = (1..5).map(|n| wait(&Policy::Sns(DeliveryPolicy::HTTP), n, Failure::Timeout, 1.0)).collect();
    assert_eq!(http, [Some(seconds(20)), Some(seconds(20)), Some(seconds(20)), None]);
}

#[test]
fn a_policy_passes_its_four_phases() {
    let policy = http(
        r#"{"minDelayTarget": 1, "maxDelayTarget": 60, "numRetries": 50, "numNoDelayRetries": 3, "numMinDelayRetries": 2,
            "numMaxDelayRetries": 35, "backoffFunction": "exponential"}"#,
    );
    let policy = Policy::Sns(policy.unwrap());
    let waits: Vec<_> = (1..=51).map(|n| wait(&policy, n, Failure::Timeout, 1.0)).collect();
    let wait = |n: usize| waits[n - 1].map(|wait| wait.as_millis());
    assert_eq!([wait(1), wait(3), wait(4), wait(5)], [Some(0), Some(0), Some(1000), Some(1000)]);
    assert_eq!(
        [wait(6), wait(15), wait(16), wait(50), wait(51)],
        [Some(1000), Some(60_000), Some(60_000), Some(60_000), None]
    );
    assert!(waits[..50].is_sorted());
}

#[test]
fn backoff_functions_differ_between_the_same_ends() {
    let at = |function: &str, n| {
        let policy = format!(
            r#"{{"minDelayTarget": 5, "maxDelayTarget": 260, "numRetries": 10, "backoffFunction": "{function}"}}"#
        );
        wait(&Policy::Sns(http(&policy).unwrap()), n, Failure::Timeout, 1.0).unwrap().as_secs()
    };
    let functions = ["linear", "arithmetic", "geometric", "exponential"];
    assert_eq!(functions.map(|function| at(function, 1)), [5; 4]);
    assert_eq!(functions.map(|function| at(function, 10)), [260; 4]);
    assert_eq!(functions.map(|function| at(function, 6)), [146, 90, 44, 20]);
}

#[test]
fn a_policy_out_of_bounds_is_refused_and_says_why() {
    for (policy, fault) in [
        (r#"{"minDelayTarget": 0}"#, ".minDelayTarget must be greater than or equal to 1"),
        (r#"{"maxDelayTarget": 3601}"#, ".maxDelayTarget must be less than or equal to 3600"),
        (
            r#"{"minDelayTarget": 9, "maxDelayTarget": 8}"#,
            ".maxDelayTarget must be greater than or equal to minDelayTarget",
        ),
        (r#"{"numRetries": 101}"#, ".numRetries must be less than or equal to 100"),
        (r#"{"numRetries": -1}"#, ".numRetries must be greater than or equal to 0"),
        (r#"{"numRetries": 2.5}"#, ".numRetries must be an integer"),
        (
            r#"{"numRetries": 3, "numNoDelayRetries": 4}"#,
            ".numRetries must be greater than or equal to the retries of its phases",
        ),
        (
            r#"{"numMaxDelayRetries": 4294967295, "numMinDelayRetries": 4294967295}"#,
            ".numRetries must be greater than or equal to the retries of its phases",
        ),
        (
            r#"{"backoffFunction": "quick"}"#,
            ".backoffFunction must be one of linear, arithmetic, geometric, exponential",
        ),
        (r#"{"maxDelayTarget": 3000}"#, ": Total policy retry time cannot be greater than 3600 seconds"),
        ("[]", " must be an object"),
    ] {
        assert_eq!(http(policy).unwrap_err(), format!("healthyRetryPolicy{fault}"), "{policy}");
    }
    assert_eq!(http("{}"), Ok(DeliveryPolicy::HTTP));
}

fn policies() -> impl Strategy<Value = Policy> {
    prop_oneof![
        (60..=86_400i64, 0..=185i64).prop_map(|(age, attempts)| target(age, attempts)),
        (60..=21_600i64, 0..=2i64)
            .prop_map(|(age, attempts)| Policy::Function(FunctionPolicy::new(Some(age), Some(attempts)).unwrap())),
        Just(Policy::Sns(DeliveryPolicy::HTTP)),
        Just(Policy::Sns(DeliveryPolicy::SMTP)),
        (1..30u32, 0..30u32, 0..6u32, 0..6u32, 0..6u32, 0..6u32, 0..4usize).prop_map(|(min, more, a, b, c, d, f)| {
            let function = ["linear", "arithmetic", "geometric", "exponential"][f];
            let policy = format!(
                r#"{{"minDelayTarget":{min},"maxDelayTarget":{},"numRetries":{},"numNoDelayRetries":{a},
                    "numMinDelayRetries":{b},"numMaxDelayRetries":{d},"backoffFunction":"{function}"}}"#,
                min + more,
                a + b + c + d,
            );
            Policy::Sns(http(&policy).unwrap())
        }),
    ]
}

fn failures() -> impl Strategy<Value = Failure> {
    prop_oneof![
        Just(Failure::Throttling),
        Just(Failure::FunctionError),
        Just(Failure::Timeout),
        (0..700u16, prop::option::of(-10..100_000i64))
            .prop_map(|(status, wait)| Failure::Status(status, wait.map(seconds))),
    ]
}

proptest! {
    #[test]
    fn the_next_attempt_is_in_the_future_and_in_time(
        policy in policies(), failure in failures(), attempts: u32, age in 0..100_000i64, dice: f64,
    ) {
        let now = START + seconds(age);
        if let Next::At(at) = next_attempt(&policy, attempts, START, now, failure, dice) {
            prop_assert!(at >= now);
            let limit = match policy {
                Policy::Target(_) => 86_400,
                Policy::Function(_) => 21_600,
                Policy::Sns(_) => i64::MAX,
            };
            prop_assert!(at.duration_since(START) <= seconds(limit));
        }
    }

    #[test]
    fn a_later_attempt_waits_no_less(policy in policies(), attempts in 1..200u32, dice in 0.0..=1.0f64) {
        let (sooner, later) = (attempts, attempts + 1);
        if let (Some(sooner), Some(later)) =
            (wait(&policy, sooner, Failure::Timeout, dice), wait(&policy, later, Failure::Timeout, dice))
        {
            prop_assert!(sooner <= later);
        }
    }

    #[test]
    fn dice_only_shorten(policy in policies(), attempts in 1..200u32, dice: f64) {
        if let Some(longest) = wait(&policy, attempts, Failure::Timeout, 1.0) {
            let wait = wait(&policy, attempts, Failure::Timeout, dice).unwrap();
            prop_assert!(wait <= longest && wait.as_millis() * 2 >= longest.as_millis() - 1);
        }
    }

    #[test]
    fn extreme_times_do_not_panic(policy in policies(), failure in failures(), attempts: u32, dice: f64) {
        for (first, now) in [
            (Timestamp::MIN, Timestamp::MAX), (Timestamp::MAX, Timestamp::MIN), (Timestamp::MAX, Timestamp::MAX),
        ] {
            next_attempt(&policy, attempts, first, now, failure, dice);
        }
    }

    #[test]
    fn no_header_panics(header: String) {
        retry_after(&header, START);
    }
}
