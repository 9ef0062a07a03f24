//! `ListInsightsMetricData`: what insights are found in, over time: calls a minute of one API, or its errors of one code.
//!
//! A point of five minutes or an hour is the mean a minute. Minutes are told for 15 days, five minutes for 63, hours for 90.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListInsightsMetricData.html>

use record::insight::Subject;
use record::names::{ErrorCode, EventCategory, EventName, EventSource};
use record::time::{DAY, Minute};
use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};
use wire::{ApiError, Timestamp};

use super::trail::Trail;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInsightsMetricData {
    trail_name: Option<String>,
    event_source: String,
    event_name: String,
    insight_type: String,
    error_code: Option<String>,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    period: Option<i32>,
    data_type: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MetricData {
    #[serde(rename = "TrailARN")]
    trail_arn: Option<String>,
    event_source: String,
    event_name: String,
    insight_type: String,
    error_code: Option<String>,
    timestamps: Vec<Timestamp>,
    values: Vec<f64>,
    next_token: Option<String>,
}

const MOST_RESULTS: usize = 21_600;

impl Operation for ListInsightsMetricData {
    const NAME: &'static str = "ListInsightsMetricData";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListInsightsMetricDataRequest",
        &[
            Member::required(
                "EventSource",
                Shape::string().at_most_long(256).pattern(r"^[a-z0-9_-]+\.amazonaws\.com$"),
            ),
            Member::required("EventName", Shape::string().at_most_long(128).pattern("^[A-Za-z0-9_]+$")),
            Member::required("InsightType", Shape::string().one_of(&["ApiCallRateInsight", "ApiErrorRateInsight"])),
            Member::optional("ErrorCode", Shape::string().at_most_long(128).pattern(r"^[\w\d\s_.,\-:\[\]]+$")),
            Member::optional("Period", Shape::integer().range(60.0, 3600.0)),
            Member::optional("DataType", Shape::string().one_of(&["FillWithZeros", "NonZeroData"])),
            Member::optional("MaxResults", Shape::integer().range(1.0, 21_600.0)),
            Member::optional("NextToken", Shape::string().length(1, 5000)),
        ],
    );
    type Output = MetricData;

    fn run(self, cx: &Context<'_>) -> Result<MetricData, Failure> {
        let trail_arn = self.trail_name.map(|name| Ok::<_, Failure>(find_trail(cx, &name)?.arn)).transpose()?;
        let error_code = match (self.insight_type.as_str(), self.error_code) {
            ("ApiErrorRateInsight", None) => {
                return Err(invalid_parameter("ErrorCode is required for ApiErrorRateInsight.").into());
            }
            ("ApiErrorRateInsight", code) => code,
            _ => None,
        };
        let (step, kept_days) = match self.period.unwrap_or(3600) {
            60 => (1, 15),
            300 => (5, 63),
            3600 => (60, 90),
            _ => return Err(invalid_parameter("Period is 60, 300 or 3600 seconds.").into()),
        };
        let now = minute_of(cx.now.into());
        let (start, end) = (self.start_time.map(minute_of), self.end_time.map(until));
        if start.zip(end).is_some_and(|(start, end)| start >= end) {
            return Err(invalid_parameter("StartTime must be before EndTime.").into());
        }
        let oldest = Minute(now.0 - kept_days * DAY.0);
        let mut from = floor(start.unwrap_or(oldest).max(oldest), step);
        let until = end.unwrap_or(now.next()).min(now.next());
        if let Some(token) = self.next_token {
            let next = token.parse().map(Minute).ok().filter(|next| *next >= from && next.0 % step == 0);
            from = next.ok_or_else(|| invalid_parameter("NextToken does not belong to these parameters."))?;
        }
        let subject = Subject {
            account: cx.account.clone(),
            region: cx.region.clone(),
            source: EventSource::from(self.event_source.as_str()),
            name: EventName::from(self.event_name.as_str()),
            error: error_code.as_deref().map(ErrorCode::from),
            category: if trail_arn.is_some() { EventCategory::Data } else { EventCategory::Management },
        };
        let counts = cx.store.read(|r| r.counts(&subject, from, until))?;
        let with_zeros = self.data_type.as_deref() == Some("FillWithZeros");
        let most = self.max_results.unwrap_or(MOST_RESULTS).clamp(1, MOST_RESULTS);
        let (points, next) = points(&counts, from, until, step, with_zeros, most);
        Ok(MetricData {
            trail_arn,
            event_source: self.event_source,
            event_name: self.event_name,
            insight_type: self.insight_type,
            error_code,
            timestamps: points
                .iter()
                .filter_map(|(minute, _)| Timestamp::of_seconds(minute.seconds() as f64))
                .collect(),
            values: points.iter().map(|(_, value)| *value).collect(),
            next_token: next.map(|minute| minute.0.to_string()),
        })
    }
}

/// At most so many points of `step` minutes within [from, until), and where the next page begins.
fn points(
    counts: &[(Minute, u32)],
    from: Minute,
    until: Minute,
    step: i32,
    with_zeros: bool,
    most: usize,
) -> (Vec<(Minute, f64)>, Option<Minute>) {
    let mut points = Vec::new();
    let mut rest = counts;
    for start in (from.0..until.0).step_by(step as usize).map(Minute) {
        let within = rest.partition_point(|(minute, _)| minute.0 < start.0.saturating_add(step));
        let calls: u64 = rest[..within].iter().map(|(_, calls)| u64::from(*calls)).sum();
        if calls > 0 || with_zeros {
            if points.len() == most {
                return (points, Some(start));
            }
            points.push((start, calls as f64 / f64::from(step)));
        }
        rest = &rest[within..];
    }
    (points, None)
}

fn minute_of(time: Timestamp) -> Minute {
    Minute::of_seconds(time.0.as_millisecond().div_euclid(1000))
}

/// The end is excluded: a minute of which a part is asked for is told.
fn until(time: Timestamp) -> Minute {
    Minute::of_seconds(time.0.as_millisecond().saturating_add(59_999).div_euclid(1000))
}

fn floor(minute: Minute, step: i32) -> Minute {
    Minute(minute.0.div_euclid(step) * step)
}

/// The trail, where only `InvalidParameterException` says that there is none.
pub(crate) fn find_trail(cx: &Context<'_>, name_or_arn: &str) -> Result<Trail, Failure> {
    cx.store.try_read(|r| Trail::find(r, cx, name_or_arn)).map_err(|failure| match failure {
        Failure::Refused(error) if error.code != "InvalidTrailNameException" => invalid_parameter(error.message).into(),
        other => other,
    })
}

/// What is said of a parameter that cannot be.
pub(crate) fn invalid_parameter(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_a_mean_a_minute() {
        let counts = [(Minute(60), 5), (Minute(64), 5), (Minute(66), 1)];
        let told = |step, zeros, most| points(&counts, Minute(60), Minute(75), step, zeros, most);
        assert_eq!(told(5, false, 9), (vec![(Minute(60), 2.0), (Minute(65), 0.2)], None));
        assert_eq!(told(5, true, 9).0.len(), 3);
        assert_eq!(told(1, false, 2), (vec![(Minute(60), 5.0), (Minute(64), 5.0)], Some(Minute(66))));
        assert_eq!(points(&counts[2..], Minute(66), Minute(75), 1, false, 2), (vec![(Minute(66), 1.0)], None));
    }
}
