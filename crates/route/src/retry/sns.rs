//! SNS delivery policies: four phases of retries, and the function that says how the third slows down.
//!
//!   failed ─► no delay ─► minimum delay ─► backoff: minimum … maximum ─► maximum delay ─► give up
//!
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>

use super::PolicyError;
use crate::json::Value;

/// How the deliveries to one kind of endpoint are retried. Only that of HTTP/S can be set.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryPolicy {
    no_delay_retries: u32,
    min_delay_retries: u32,
    backoff_retries: u32,
    max_delay_retries: u32,
    min_delay: u32,
    max_delay: u32,
    backoff: BackoffFunction,
}

/// How the delay grows from the minimum to the maximum in the backoff phase.
///
/// AWS shows their curves in a picture, without formulas. Ours, from the one that grows first to the one that grows
/// last:
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BackoffFunction {
    /// By the same number of seconds each time.
    #[default]
    Linear,
    /// By a number of seconds that itself grows evenly.
    Arithmetic,
    /// By the same factor each time.
    Geometric,
    /// By a number of seconds that doubles each time.
    Exponential,
}

/// A policy may not take longer in all.
const LONGEST_HTTP: f64 = 3600.0;

impl DeliveryPolicy {
    /// HTTP/S unless set otherwise: 3 retries, 20 seconds apart.
    pub const HTTP: DeliveryPolicy = DeliveryPolicy {
        no_delay_retries: 0,
        min_delay_retries: 0,
        backoff_retries: 3,
        max_delay_retries: 0,
        min_delay: 20,
        max_delay: 20,
        backoff: BackoffFunction::Linear,
    };
    /// SQS, Lambda and Firehose: 100,015 retries over 23 days.
    pub const AWS_MANAGED: DeliveryPolicy = DeliveryPolicy {
        no_delay_retries: 3,
        min_delay_retries: 2,
        backoff_retries: 10,
        max_delay_retries: 100_000,
        min_delay: 1,
        max_delay: 20,
        backoff: BackoffFunction::Exponential,
    };
    /// SMTP (and SMS, and mobile push): 50 retries over 6 hours.
    pub const SMTP: DeliveryPolicy = DeliveryPolicy {
        no_delay_retries: 0,
        min_delay_retries: 2,
        backoff_retries: 10,
        max_delay_retries: 38,
        min_delay: 10,
        max_delay: 600,
        backoff: BackoffFunction::Exponential,
    };

    /// Reads the `healthyRetryPolicy` of a subscription, or the `defaultHealthyRetryPolicy` of a topic. `name` is how
    /// it is called in faults: `healthyRetryPolicy`, `http.defaultHealthyRetryPolicy`. What is not given is as in
    /// [`Self::HTTP`].
    pub fn of_http(policy: &Value<'_>, name: &str) -> Result<DeliveryPolicy, PolicyError> {
        let fault = |text: String| PolicyError { text: format!("{name}{text}") };
        let count = |field: &str, default: u32, least: u32, most: u32| match policy.get(field) {
            None | Some(Value::Null) => Ok(default),
            Some(Value::Number(number)) if number.parse::<i64>().is_ok() => {
                let number = number.parse::<i64>().unwrap_or_default();
                if number < least.into() {
                    return Err(fault(format!(".{field} must be greater than or equal to {least}")));
                }
                if number > most.into() {
                    return Err(fault(format!(".{field} must be less than or equal to {most}")));
                }
                Ok(number as u32)
            }
            Some(_) => Err(fault(format!(".{field} must be an integer"))),
        };
        if !matches!(policy, Value::Object(_)) {
            return Err(fault(" must be an object".into()));
        }
        let min_delay = count("minDelayTarget", 20, 1, 3600)?;
        let max_delay = count("maxDelayTarget", 20.max(min_delay), 1, 3600)?;
        if max_delay < min_delay {
            return Err(fault(".maxDelayTarget must be greater than or equal to minDelayTarget".into()));
        }
        let retries = count("numRetries", 3, 0, 100)?;
        let [no_delay_retries, min_delay_retries, max_delay_retries] = [
            count("numNoDelayRetries", 0, 0, u32::MAX)?,
            count("numMinDelayRetries", 0, 0, u32::MAX)?,
            count("numMaxDelayRetries", 0, 0, u32::MAX)?,
        ];
        let backoff_retries = [no_delay_retries, min_delay_retries, max_delay_retries]
            .into_iter()
            .try_fold(retries, u32::checked_sub)
            .ok_or_else(|| fault(".numRetries must be greater than or equal to the retries of its phases".into()))?;
        let backoff = match policy.get("backoffFunction") {
            None | Some(Value::Null) => BackoffFunction::Linear,
            Some(Value::String(function)) => BackoffFunction::of_name(function).ok_or_else(|| {
                fault(".backoffFunction must be one of linear, arithmetic, geometric, exponential".into())
            })?,
            Some(_) => return Err(fault(".backoffFunction must be a string".into())),
        };
        let policy = DeliveryPolicy {
            no_delay_retries,
            min_delay_retries,
            backoff_retries,
            max_delay_retries,
            min_delay,
            max_delay,
            backoff,
        };
        if policy.total_seconds() > LONGEST_HTTP {
            return Err(fault(": Total policy retry time cannot be greater than 3600 seconds".into()));
        }
        Ok(policy)
    }

    /// How many retries there are, after the first attempt.
    pub fn retry_count(&self) -> u32 {
        self.no_delay_retries + self.min_delay_retries + self.backoff_retries + self.max_delay_retries
    }

    /// How long all retries take, in seconds, if every attempt fails at once.
    pub fn total_seconds(&self) -> f64 {
        let backoff: f64 = (0..self.backoff_retries).map(|step| self.backoff_delay(step)).sum();
        f64::from(self.min_delay) * f64::from(self.min_delay_retries)
            + backoff
            + f64::from(self.max_delay) * f64::from(self.max_delay_retries)
    }

    /// Seconds before the `retry`-th retry, which counts from 1.
    pub(super) fn delay(&self, retry: u32) -> f64 {
        let mut step = retry.saturating_sub(1);
        for (retries, delay) in [(self.no_delay_retries, 0.0), (self.min_delay_retries, f64::from(self.min_delay))] {
            if step < retries {
                return delay;
            }
            step -= retries;
        }
        if step < self.backoff_retries { self.backoff_delay(step) } else { self.max_delay.into() }
    }

    fn backoff_delay(&self, step: u32) -> f64 {
        let (min, max) = (f64::from(self.min_delay), f64::from(self.max_delay));
        let Some(last) = self.backoff_retries.checked_sub(1).filter(|last| *last > 0) else { return min };
        let (k, n) = (f64::from(step), f64::from(last));
        match self.backoff {
            BackoffFunction::Linear => min + (max - min) * k / n,
            BackoffFunction::Arithmetic => min + (max - min) * (k * (k + 1.0)) / (n * (n + 1.0)),
            BackoffFunction::Geometric => min * (max / min).powf(k / n),
            BackoffFunction::Exponential => min + (max - min) * (k.exp2() - 1.0) / (n.exp2() - 1.0),
        }
    }
}

impl BackoffFunction {
    /// By the name that delivery policies use.
    pub fn of_name(name: &str) -> Option<BackoffFunction> {
        Some(match name {
            "linear" => BackoffFunction::Linear,
            "arithmetic" => BackoffFunction::Arithmetic,
            "geometric" => BackoffFunction::Geometric,
            "exponential" => BackoffFunction::Exponential,
            _ => return None,
        })
    }
}
