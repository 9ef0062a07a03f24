//! A test insight: made up, and sent the whole way, so that somebody can try at once whether they are told.
//!
//! Its Start and End are told like any other's: files in the trails' buckets, an event each on the bus, topics. Whoever reads
//! one sees what it is: the API is called `TrailsightTest`, and the event has `"trailsightTest": true`. It is kept as a test,
//! and nothing is learned of it.

use record::insight::{
    Attribute, Attribution, Direction, Evidence, Explanation, Insight, Share, Statistics, Subject, Timeline,
};
use record::insight_record::{State, shared_event_id};
use record::names::{AccountId, EventCategory, Region};
use record::time::{Minute, Minutes, WEEK};
use serde::Serialize;
use store::insights::Origin;
use wire::ApiError;

use crate::context::Place;
use crate::deliver::Delivering;
use crate::operation::Failure;
use crate::pipeline::{Audience, begin, end};
use crate::watchers::{Watcher, Watchers};

/// The API that it is about.
pub const NAME: &str = "TrailsightTest";
/// How long it lasts.
const LENGTH: Minutes = Minutes(5);
/// Tests of one minute, at most: each begins a minute before the other.
const MOST: i32 = 30;

/// What was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// The insight's id.
    #[serde(rename = "sharedEventID")]
    pub shared_event_id: String,
    /// The ARNs of the trails that are told.
    pub trails: Vec<String>,
    /// The buckets that its files are written to.
    pub buckets: Vec<String>,
}

/// Sends one to this trail, by name or ARN, or to all that look for insights.
pub fn send_test(cx: &Delivering<'_>, trail: Option<&str>) -> Result<Sent, Failure> {
    cx.store.try_write(|w| {
        let watchers = Watchers::read(w, cx.place, Default::default())?;
        let told = chosen(&watchers, trail)?;
        let region = told.first().map_or(&cx.place.region, |watcher| &watcher.trail.home_region).clone();
        let now = Minute::of_seconds(cx.now.as_second());
        let mut fresh = None;
        for back in 0..MOST {
            let insight = made_up(cx.place, &region, now - LENGTH - Minutes(back));
            if w.insight(&shared_event_id(&insight))?.is_none() {
                fresh = Some(insight);
                break;
            }
        }
        let Some(insight) = fresh else {
            let message =
                "So many tests were sent within half an hour that another would not be told apart: try later.";
            return Err(ApiError::new("ThrottlingException", message).into());
        };
        let audience = Audience::of(&watchers, told.iter().copied(), &insight, &cx.place.organization_id);
        w.put_insight(&insight, Origin::Test, cx.now)?;
        w.cut_insight_event(&insight, State::Start, cx.now)?;
        begin(w, cx, &audience, &insight, Origin::Test)?;
        w.cut_insight_event(&insight, State::End, cx.now)?;
        end(w, cx, &insight, Origin::Test)?;
        Ok(Sent {
            shared_event_id: shared_event_id(&insight),
            trails: told.iter().map(|watcher| watcher.trail.arn.clone()).collect(),
            buckets: audience.places.iter().map(|place| place.bucket.clone()).collect(),
        })
    })
}

/// The trails that are to be told, or why there is none.
fn chosen<'w>(watchers: &'w Watchers, named: Option<&str>) -> Result<Vec<&'w Watcher>, ApiError> {
    let is_meant = |watcher: &&Watcher| {
        named.is_none_or(|named| [&watcher.trail.name, &watcher.trail.arn].contains(&&named.to_owned()))
    };
    let meant: Vec<&Watcher> = watchers.all.iter().filter(is_meant).collect();
    let name = || named.or(meant.first().map(|watcher| &*watcher.trail.name)).unwrap_or("my-trail").to_owned();
    if meant.is_empty() {
        let message = match named {
            Some(name) => format!("There is no trail {name}."),
            None => "There is no trail: make one with `aws cloudtrail create-trail`.".to_owned(),
        };
        return Err(ApiError::new("TrailNotFoundException", message));
    }
    let logging: Vec<&Watcher> = meant.iter().copied().filter(|watcher| watcher.trail.is_logging).collect();
    if logging.is_empty() {
        let message =
            format!("The trail is not logging: `aws cloudtrail start-logging --name {}` switches it on.", name());
        return Err(ApiError::new("InvalidTrailStatus", message));
    }
    let looking: Vec<&Watcher> =
        logging.iter().copied().filter(|watcher| !watcher.trail.insight_selectors.is_empty()).collect();
    if looking.is_empty() {
        let message = format!(
            "The trail looks for no insights: `aws cloudtrail put-insight-selectors --trail-name {} --insight-selectors \
             '[{{\"InsightType\": \"ApiCallRateInsight\"}}]'` switches them on.",
            name()
        );
        return Err(ApiError::new("InsightNotEnabledException", message));
    }
    Ok(looking)
}

fn made_up(place: &Place, region: &Region, start: Minute) -> Insight {
    let calls = 60;
    let baseline_minutes = start - (start.day_start() - WEEK);
    let share = |value: String| vec![Share { value, calls }];
    let attribution = |attribute, value: String| Attribution {
        attribute,
        start: share(value.clone()),
        insight: share(value),
        baseline: Vec::new(),
        insight_other: 0,
        baseline_other: 0,
    };
    Insight {
        subject: subject(&place.account, region),
        direction: Direction::Increase,
        start,
        end: Some(start + LENGTH),
        called: start + LENGTH - Minutes(1),
        statistics: Statistics {
            baseline_calls: 0,
            baseline_minutes,
            start_calls: calls,
            insight_calls: calls,
            insight_minutes: LENGTH,
        },
        attributions: vec![
            attribution(Attribute::UserIdentityArn, format!("arn:aws:iam::{}:user/trailsight-test", place.account)),
            attribution(Attribute::UserAgent, "trailsight".to_owned()),
            attribution(Attribute::ErrorCode, "null".to_owned()),
        ],
        differences: Vec::new(),
        explanation: Explanation {
            kind: Evidence::Window,
            minute: start + LENGTH - Minutes(1),
            window: LENGTH,
            calls: calls as f64,
            expected: 0.0,
            expected_low: 0.0,
            expected_high: 0.0,
            ratio: calls as f64,
            rarity: 0.0,
            account_rarity: 0.0,
            series_count: 0,
            false_alarms_per_month: 0.0,
            threshold: 0.0,
            correction: 1.0,
            minutes_learned: Minutes(0),
            mean_per_minute: 0.0,
            hour_factor: 1.0,
            level_factor: 1.0,
            clumpiness: 1.0,
            past_exceedances: 0.0,
            size: 0.0,
            largest_past_size: 0.0,
        },
        failed_share: None,
        new_usual: false,
        timeline: Timeline {
            from: start,
            step: Minutes(1),
            calls: vec![calls / 5; 5],
            expected: vec![0.0; 5],
            high: vec![0.0; 5],
        },
    }
}

fn subject(account: &AccountId, region: &Region) -> Subject {
    Subject {
        account: account.clone(),
        region: region.clone(),
        source: "cloudtrail.amazonaws.com".into(),
        name: NAME.into(),
        error: None,
        category: EventCategory::Management,
    }
}
