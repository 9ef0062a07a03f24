//! A trail as it is remembered, and how it is found: by its name in the Region of the call, or by its ARN from anywhere.
//!
//! ```text
//!   arn:aws:cloudtrail:us-east-1:123456789012:trail/my-trail     home Region us-east-1, key (account, us-east-1, my-trail)
//! ```
//!
//! A multi-Region trail is one trail with one home Region; elsewhere it is seen as its own shadow, which can be looked at and
//! not changed. <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/receive-cloudtrail-log-files-from-multiple-regions.html>

use record::insight::InsightType;
use record::names::{AccountId, EventCategory, Region};
use serde::{Deserialize, Serialize};
use store::{Key, List, Reader, Resource, StoreError};
use wire::{ApiError, Timestamp};

use super::event_selectors::{EventFacts, EventSelectors};
use super::insight_selectors::InsightSelector;
use super::trail_name;
use crate::arn::Arn;
use crate::{Context, Failure};

/// A trail. Its key: its name, in its home Region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Trail {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) home_region: Region,
    /// The bucket that log files are read from and Insight files written to.
    pub(crate) bucket: String,
    /// What stands before `/AWSLogs/` in it; never empty.
    pub(crate) prefix: Option<String>,
    /// The topic as it was named: by name, or by ARN.
    pub(crate) sns_topic_name: Option<String>,
    pub(crate) sns_topic_arn: Option<String>,
    pub(crate) includes_global_service_events: bool,
    pub(crate) is_multi_region: bool,
    pub(crate) is_organization: bool,
    pub(crate) validates_log_files: bool,
    pub(crate) recursive_logging: Option<bool>,
    pub(crate) log_group_arn: Option<String>,
    pub(crate) log_role_arn: Option<String>,
    pub(crate) kms_key_id: Option<String>,
    pub(crate) is_logging: bool,
    /// When logging was last switched on.
    pub(crate) started_at: Option<Timestamp>,
    /// When logging was last switched off.
    pub(crate) stopped_at: Option<Timestamp>,
    pub(crate) event_selectors: EventSelectors,
    /// Empty: Insights are off.
    pub(crate) insight_selectors: Vec<InsightSelector>,
    /// When Insights were last switched on.
    #[serde(default)]
    pub(crate) insights_since: Option<Timestamp>,
}

impl Resource for Trail {
    const KIND: &'static str = "trail";
}

impl Trail {
    /// The key of a trail of this name whose home is this Region.
    pub(crate) fn key(cx: &Context<'_>, home_region: &Region, name: &str) -> Key {
        Key::new(&cx.account, home_region, name)
    }

    /// The trail's own key.
    pub(crate) fn own_key(&self) -> Key {
        let account = Arn::of(&self.arn).map(|arn| AccountId::from(arn.account));
        Key::new(&account.unwrap_or_else(|| AccountId::from("")), &self.home_region, &*self.name)
    }

    /// The trail of an ARN, whoever asks.
    pub(crate) fn of_arn(r: &Reader<'_>, text: &str) -> Result<Option<Trail>, StoreError> {
        let Ok((arn, name)) = trail_of_arn(text) else { return Ok(None) };
        let key = Key::new(&AccountId::from(arn.account), &Region::from(arn.region), name);
        Ok(r.get::<Trail>(&key)?.map(|stored| stored.value))
    }

    /// Whether what happens in a Region is the trail's business.
    pub(crate) fn covers(&self, region: &Region) -> bool {
        self.is_multi_region || self.home_region == *region
    }

    /// Whether an event is logged: if any of its selectors takes it. That logging is switched on is another matter.
    pub(crate) fn logs(&self, event: &EventFacts<'_>) -> bool {
        self.event_selectors.log(event)
    }

    /// Whether what happens in this service and Region is logged, as far as IncludeGlobalServiceEvents says: IAM's, STS's and
    /// CloudFront's events are recorded in us-east-1.
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events>
    pub(crate) fn includes(&self, source: &str, region: &Region) -> bool {
        self.includes_global_service_events
            || region.as_str() != "us-east-1"
            || !["iam.amazonaws.com", "sts.amazonaws.com", "cloudfront.amazonaws.com"].contains(&source)
    }

    /// What stands before `AWSLogs/` in its bucket, with its slash: what Insight files are written under.
    pub(crate) fn folder(&self) -> String {
        match self.prefix.as_deref().map(|prefix| prefix.trim_end_matches('/')) {
            None | Some("") => String::new(),
            Some(prefix) => format!("{prefix}/"),
        }
    }

    /// How the keys of its log files may begin. AWS writes a prefix that ends in a slash with two of them.
    pub(crate) fn key_starts(&self) -> impl Iterator<Item = String> {
        let as_is =
            self.prefix.as_ref().filter(|prefix| prefix.ends_with('/')).map(|prefix| format!("{prefix}/AWSLogs/"));
        [Some(format!("{}AWSLogs/", self.folder())), as_is].into_iter().flatten()
    }

    /// Whether this kind of insight is looked for in events of this category, if the trail is logging at all.
    pub(crate) fn looks_for(&self, insight_type: InsightType, category: EventCategory) -> bool {
        self.insight_selectors.iter().any(|selector| selector.looks_for(insight_type, category))
    }

    /// The trail that is meant, to look at it: by name in this Region, by ARN from any.
    pub(crate) fn find(reader: &Reader<'_>, cx: &Context<'_>, name_or_arn: &str) -> Result<Trail, Failure> {
        let (home_region, name) = meant(cx, name_or_arn)?;
        let stored = reader.get::<Trail>(&Trail::key(cx, &home_region, name))?;
        Ok(stored.ok_or_else(|| unknown(cx, name_or_arn))?.value)
    }

    /// Changes the trail that is meant, all or nothing. A trail is changed in its home Region only.
    pub(crate) fn change<T>(
        cx: &Context<'_>,
        name_or_arn: &str,
        change: impl FnOnce(&Reader<'_>, &mut Trail) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        cx.store.try_write(|w| {
            let mut trail = Trail::find_at_home(w, cx, name_or_arn)?;
            let changed = change(w, &mut trail)?;
            w.put(&Trail::key(cx, &trail.home_region, &trail.name), &trail, cx.now)?;
            Ok(changed)
        })
    }

    /// The trail that is meant, to change it.
    pub(crate) fn find_at_home(reader: &Reader<'_>, cx: &Context<'_>, name_or_arn: &str) -> Result<Trail, Failure> {
        let (home_region, name) = meant(cx, name_or_arn)?;
        let trail = match reader.get::<Trail>(&Trail::key(cx, &home_region, name))? {
            Some(stored) => stored.value,
            // By its name only the shadow of a multi-Region trail can be meant.
            None => (Trail::all(reader, cx)?.into_iter())
                .find(|trail| trail.is_multi_region && trail.name == name && !name_or_arn.starts_with("arn:"))
                .ok_or_else(|| unknown(cx, name_or_arn))?,
        };
        if trail.home_region != cx.region {
            let message = format!(
                "Trail {} can be changed only in its home Region, {}. This is {}.",
                trail.arn, trail.home_region, cx.region
            );
            return Err(ApiError::new("InvalidHomeRegionException", message).into());
        }
        Ok(trail)
    }

    /// Every trail of the account, whatever its Region, in the order of Region and name.
    pub(crate) fn all(reader: &Reader<'_>, cx: &Context<'_>) -> Result<Vec<Trail>, Failure> {
        let list = List { account: Some(cx.account.clone()), ..List::default() };
        Ok(reader.list::<Trail>(&list)?.into_iter().map(|stored| stored.value).collect())
    }
}

/// The home Region and the name of the trail that is meant. It need not exist.
fn meant<'n>(cx: &Context<'_>, name_or_arn: &'n str) -> Result<(Region, &'n str), ApiError> {
    if !name_or_arn.starts_with("arn:") {
        trail_name::check(name_or_arn)?;
        return Ok((cx.region.clone(), name_or_arn));
    }
    let (arn, name) = trail_of_arn(name_or_arn)?;
    if arn.account != cx.account.as_str() {
        return Err(unknown(cx, name_or_arn));
    }
    Ok((Region::from(arn.region), name))
}

/// An ARN that is a trail's, and the trail's name in it.
pub(crate) fn trail_of_arn(text: &str) -> Result<(Arn<'_>, &str), ApiError> {
    let arn = Arn::of(text).filter(|arn| arn.service == "cloudtrail" && !arn.region.is_empty());
    arn.and_then(|arn| Some((arn, arn.resource.strip_prefix("trail/")?))).ok_or_else(|| invalid_arn(text))
}

/// What CloudTrail says of an ARN that is none of its own.
pub(crate) fn invalid_arn(text: &str) -> ApiError {
    let form = "arn:aws:cloudtrail:us-east-1:123456789012:trail/MyTrail";
    ApiError::new("CloudTrailARNInvalidException", format!("{text} is not the ARN of a trail: one is like {form}."))
}

/// What CloudTrail says of a trail that is not there.
pub(crate) fn unknown(cx: &Context<'_>, name_or_arn: &str) -> ApiError {
    let message = format!("Unknown trail: {name_or_arn} for the user: {}", cx.account);
    ApiError::new("TrailNotFoundException", message)
}

#[cfg(test)]
mod tests {
    use record::api_call::ApiCall;
    use record::event_id::EventId;
    use record::identity::Identity;

    use super::*;

    #[test]
    fn a_trail_looks_for_what_its_selectors_name_and_management_events_where_they_name_no_category() {
        let selector = |insight_type, event_categories| InsightSelector { insight_type, event_categories };
        let trail = Trail {
            name: "my-trail".into(),
            arn: "arn:aws:cloudtrail:us-east-1:123456789012:trail/my-trail".into(),
            home_region: Region::from("us-east-1"),
            bucket: "logs".into(),
            prefix: None,
            sns_topic_name: None,
            sns_topic_arn: None,
            includes_global_service_events: true,
            is_multi_region: false,
            is_organization: false,
            validates_log_files: false,
            recursive_logging: None,
            log_group_arn: None,
            log_role_arn: None,
            kms_key_id: None,
            is_logging: true,
            started_at: None,
            stopped_at: None,
            event_selectors: EventSelectors::default(),
            insight_selectors: vec![
                selector(InsightType::ApiCallRateInsight, None),
                selector(InsightType::ApiErrorRateInsight, Some(vec![EventCategory::Data])),
            ],
            insights_since: None,
        };
        assert!(trail.looks_for(InsightType::ApiCallRateInsight, EventCategory::Management));
        assert!(!trail.looks_for(InsightType::ApiCallRateInsight, EventCategory::Data));
        assert!(trail.looks_for(InsightType::ApiErrorRateInsight, EventCategory::Data));
        assert!(!trail.looks_for(InsightType::ApiErrorRateInsight, EventCategory::Management));
        let call = ApiCall {
            raw: b"{}",
            event_id: EventId(1),
            event_time: 0,
            account: "123456789012".into(),
            region: "us-east-1".into(),
            source: "ec2.amazonaws.com".into(),
            name: "RunInstances".into(),
            error_code: None,
            category: EventCategory::Management,
            read_only: false,
            identity: Identity::default(),
            user_agent: None,
            source_ip: None,
            resource: None,
            event_type: Some("AwsApiCall".into()),
        };
        assert!(trail.logs(&EventFacts::of(&call)));
        assert!(!trail.logs(&EventFacts::of(&ApiCall { category: EventCategory::Data, ..call })));
        assert!(trail.covers(&Region::from("us-east-1")) && !trail.covers(&Region::from("eu-west-1")));

        let iam = "iam.amazonaws.com";
        assert!(trail.includes(iam, &Region::from("us-east-1")));
        let local = Trail { includes_global_service_events: false, ..trail.clone() };
        assert!(
            !local.includes(iam, &Region::from("us-east-1"))
                && local.includes("ec2.amazonaws.com", &Region::from("us-east-1"))
        );
        let starts = |prefix: Option<&str>| {
            Trail { prefix: prefix.map(str::to_owned), ..trail.clone() }.key_starts().collect::<Vec<_>>()
        };
        assert_eq!(starts(None), ["AWSLogs/"]);
        assert_eq!(starts(Some("a/b")), ["a/b/AWSLogs/"]);
        assert_eq!(starts(Some("a/")), ["a/AWSLogs/", "a//AWSLogs/"]);

        let kept: Trail = serde_json::from_str(&serde_json::to_string(&trail).unwrap()).unwrap();
        assert_eq!(kept, trail);
    }

    #[test]
    fn only_arns_of_trails_are_arns_of_trails() {
        assert_eq!(trail_of_arn("arn:aws:cloudtrail:us-east-1:123456789012:trail/a.b").unwrap().1, "a.b");
        for text in [
            "arn:aws:cloudtrail:us-east-1:123456789012:channel/a",
            "arn:aws:cloudtrail::123456789012:trail/a",
            "arn:aws:s3:::logs",
            "arn:aws:cloudtrail",
            "my-trail",
        ] {
            assert_eq!(trail_of_arn(text).unwrap_err().code, "CloudTrailARNInvalidException", "{text}");
        }
    }
}
