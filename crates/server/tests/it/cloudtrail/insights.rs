//! Insight selectors, and what was found.

use detect::tally::Tally;
use record::insight::Insight;
use record::insight_record::State;
use record::names::ErrorCode;
use record::time::Minute;
use serde_json::{Value, json};
use store::insights::Origin;

use super::{ARN, code, refused, told, with_trail};
use crate::door::Door;

fn put(selectors: Value) -> Value {
    json!({ "TrailName": "my-trail", "InsightSelectors": selectors })
}

#[test]
fn insights_are_switched_on_replaced_and_switched_off() {
    let door = with_trail();
    let get = json!({ "TrailName": "my-trail" });
    let not_enabled = format!(
        "Trail {ARN} does not have Insights enabled. Edit the trail settings to enable Insights, and then try the operation again."
    );
    let off = ("InsightNotEnabledException".to_owned(), not_enabled);
    assert_eq!(refused(&door, "GetInsightSelectors", get.clone()), off);

    let both = json!([{ "InsightType": "ApiCallRateInsight" }, { "InsightType": "ApiErrorRateInsight" }]);
    let on = told(&door, "PutInsightSelectors", put(both.clone()));
    assert_eq!(on, json!({ "TrailARN": ARN, "InsightSelectors": both }));
    assert_eq!(told(&door, "GetInsightSelectors", get.clone()), on);
    assert_eq!(told(&door, "GetTrail", json!({ "Name": "my-trail" }))["Trail"]["HasInsightSelectors"], true);

    let errors = json!([{ "InsightType": "ApiErrorRateInsight", "EventCategories": ["Management"] }]);
    let replaced = told(&door, "PutInsightSelectors", put(errors));
    assert_eq!(told(&door, "GetInsightSelectors", get.clone()), replaced);

    let emptied = told(&door, "PutInsightSelectors", put(json!([])));
    assert_eq!(emptied, json!({ "TrailARN": ARN, "InsightSelectors": [] }));
    assert_eq!(refused(&door, "GetInsightSelectors", get), off);
}

#[test]
fn insights_are_looked_for_only_where_events_are_logged() {
    let door = with_trail();
    let rate = |category: &str| put(json!([{ "InsightType": "ApiCallRateInsight", "EventCategories": [category] }]));
    let errors = put(json!([{ "InsightType": "ApiErrorRateInsight" }]));
    assert_eq!(code(&door, "PutInsightSelectors", rate("Data")), "InvalidInsightSelectorsException");
    let reads = json!({ "TrailName": "my-trail", "EventSelectors": [{ "ReadWriteType": "ReadOnly", "DataResources":
        [{ "Type": "AWS::S3::Object", "Values": ["arn:aws:s3"] }] }] });
    told(&door, "PutEventSelectors", reads);
    told(&door, "PutInsightSelectors", rate("Data"));
    told(&door, "PutInsightSelectors", errors);
    assert_eq!(code(&door, "PutInsightSelectors", rate("Management")), "InvalidInsightSelectorsException");
    // Unless reads are looked at, too.
    told(
        &door,
        "AddTags",
        json!({ "ResourceId": ARN, "TagsList": [{ "Key": "trailsight:read-events", "Value": "true" }] }),
    );
    told(&door, "PutInsightSelectors", rate("Management"));
}

#[test]
fn insight_selectors_that_are_none_are_refused() {
    let door = with_trail();
    for selector in [
        json!({ "InsightType": "ApiJoyInsight" }),
        json!({}),
        json!({ "InsightType": "ApiCallRateInsight", "EventCategories": ["NetworkActivity"] }),
    ] {
        assert_eq!(
            code(&door, "PutInsightSelectors", put(json!([selector]))),
            "InvalidInsightSelectorsException",
            "{selector}"
        );
    }
    let mut both = put(json!([]));
    both["EventDataStore"] = json!("my-store");
    assert_eq!(code(&door, "PutInsightSelectors", both), "InvalidParameterCombinationException");
    let neither = json!({ "InsightSelectors": [] });
    assert_eq!(code(&door, "PutInsightSelectors", neither), "InvalidParameterCombinationException");
    let store = json!({ "EventDataStore": "my-store" });
    assert_eq!(code(&door, "GetInsightSelectors", store), "EventDataStoreARNInvalidException");
    assert_eq!(code(&door, "PutInsightSelectors", json!({ "TrailName": "my-trail" })), "ValidationException");
}

/// An insight that ends three minutes after it began.
fn insight(name: &str, start: Minute, category: &str) -> Insight {
    let insight = json!({
        "subject": { "account": "123456789012", "region": "us-east-1", "source": "ec2.amazonaws.com", "name": name,
            "error": null, "category": category },
        "direction": "increase",
        "start": start, "end": start.0 + 3, "called": start.0 + 1,
        "statistics": { "baseline_calls": 1, "baseline_minutes": 10923, "start_calls": 6, "insight_calls": 22,
            "insight_minutes": 3 },
        "attributions": [], "differences": [],
        "explanation": { "kind": "window", "minute": start, "window": 5, "calls": 6.0, "expected": 0.03,
            "expected_low": 0.0, "expected_high": 1.0, "ratio": 200.0, "rarity": 3.7, "account_rarity": 1.2,
            "series_count": 200, "false_alarms_per_month": 3.0, "threshold": 2.1, "correction": 1.0,
            "minutes_learned": 40000, "mean_per_minute": 0.006, "hour_factor": 1.0, "level_factor": 1.0,
            "clumpiness": 2.0, "past_exceedances": 0.0, "size": 3.0, "largest_past_size": 0.0 },
        "failed_share": null, "new_usual": false,
        "timeline": { "from": start, "step": 1, "calls": [], "expected": [], "high": [] },
    });
    serde_json::from_value(insight).expect("it is an insight")
}

fn with_insights() -> Door {
    let door = with_trail();
    let minute = |time: &str| Minute::of_seconds(time.parse::<jiff::Timestamp>().expect("a time").as_second());
    let found = [
        insight("RunInstances", minute("2026-02-12T13:00:00Z"), "Management"),
        insight("StopInstances", minute("2026-02-12T14:00:00Z"), "Management"),
        insight("PutObject", minute("2026-02-12T14:00:00Z"), "Data"),
        insight("RunInstances", minute("2025-10-01T00:00:00Z"), "Management"),
    ];
    let written = door.store.write(|w| {
        for insight in &found {
            w.put_insight(insight, Origin::Live, door.now)?;
            for state in [State::Start, State::End] {
                w.cut_insight_event(insight, state, door.now)?;
            }
        }
        Ok(())
    });
    written.expect("there is room");
    door
}

#[test]
fn insight_events_are_looked_up_the_newest_first() {
    let door = with_insights();
    let all = told(&door, "LookupEvents", json!({ "EventCategory": "insight" }));
    let events = all["Events"].as_array().expect("a list");
    let names: Vec<&str> = events.iter().filter_map(|event| event["EventName"].as_str()).collect();
    // What is older than 90 days is not told, and of data events `ListInsightsData` tells.
    assert_eq!(names, ["StopInstances", "StopInstances", "RunInstances", "RunInstances"]);
    let newest = &events[0];
    let record: Value = serde_json::from_str(newest["CloudTrailEvent"].as_str().expect("a text")).expect("it is JSON");
    assert_eq!(record["insightDetails"]["state"], "End");
    assert_eq!(record["eventID"], newest["EventId"]);
    assert_eq!(record["eventTime"], "2026-02-12T14:03:00Z");
    assert!(record.get("insightType").is_none(), "AWS's fields only");
    assert_eq!(newest["EventTime"], 1770904980);
    assert_eq!((&newest["EventSource"], &newest["Resources"]), (&json!("ec2.amazonaws.com"), &json!([])));
    let members: Vec<&String> = newest.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["CloudTrailEvent", "EventId", "EventName", "EventSource", "EventTime", "Resources"]);

    let by = |key: &str, value: &str| {
        let attributes = json!([{ "AttributeKey": key, "AttributeValue": value }]);
        let found = told(&door, "LookupEvents", json!({ "EventCategory": "insight", "LookupAttributes": attributes }));
        found["Events"].as_array().expect("a list").len()
    };
    assert_eq!(by("EventName", "RunInstances"), 2);
    assert_eq!(by("EventSource", "ec2.amazonaws.com"), 4);
    assert_eq!(by("EventId", newest["EventId"].as_str().expect("a text")), 1);
    // Both ends belong to the time.
    let span = |start: u64, end: u64| {
        let asked = json!({ "EventCategory": "insight", "StartTime": start, "EndTime": end });
        told(&door, "LookupEvents", asked)["Events"].as_array().expect("a list").len()
    };
    assert_eq!((span(1770904980, 1770904980), span(1770904981, 1770906600), span(1770904800, 1770904979)), (1, 0, 1));
}

#[test]
fn a_page_ends_with_a_token_for_the_same_question_only() {
    let door = with_insights();
    let mut asked = json!({ "EventCategory": "insight", "MaxResults": 3 });
    let first = told(&door, "LookupEvents", asked.clone());
    assert_eq!(first["Events"].as_array().map(Vec::len), Some(3));
    asked["NextToken"] = first["NextToken"].clone();
    let second = told(&door, "LookupEvents", asked.clone());
    assert_eq!(second["Events"].as_array().map(Vec::len), Some(1));
    assert!(second.get("NextToken").is_none());
    asked["EndTime"] = json!(1770906600);
    assert_eq!(code(&door, "LookupEvents", asked.clone()), "InvalidNextTokenException");
    asked["NextToken"] = json!("what");
    assert_eq!(code(&door, "LookupEvents", asked), "InvalidNextTokenException");
}

#[test]
fn lookups_that_cannot_be_are_refused() {
    let door = Door::default();
    let attribute = |key: &str| json!({ "AttributeKey": key, "AttributeValue": "x" });
    for (input, expected) in [
        (json!({ "EventCategory": "Insight" }), "InvalidEventCategoryException"),
        (json!({ "StartTime": 2, "EndTime": 1 }), "InvalidTimeRangeException"),
        (json!({ "EventCategory": "insight", "StartTime": 2, "EndTime": 1 }), "InvalidTimeRangeException"),
        (
            json!({ "LookupAttributes": [attribute("EventName"), attribute("EventId")] }),
            "InvalidLookupAttributesException",
        ),
        (
            json!({ "EventCategory": "insight", "LookupAttributes": [attribute("Username")] }),
            "InvalidLookupAttributesException",
        ),
        (json!({ "LookupAttributes": [{ "AttributeKey": "Mood", "AttributeValue": "x" }] }), "ValidationException"),
        (
            json!({ "LookupAttributes": [{ "AttributeKey": "ReadOnly", "AttributeValue": "maybe" }] }),
            "InvalidLookupAttributesException",
        ),
        (json!({ "MaxResults": 51 }), "ValidationException"),
        (json!({ "NextToken": "x" }), "InvalidNextTokenException"),
    ] {
        assert_eq!(code(&door, "LookupEvents", input.clone()), expected, "{input}");
    }
}

#[test]
fn insights_on_data_events_are_listed_by_their_trail() {
    let door = with_insights();
    let asked = |source: &str, dimensions: Value| json!({ "InsightSource": source, "DataType": "InsightsEvents", "Dimensions": dimensions });
    let found = told(&door, "ListInsightsData", asked(ARN, json!({ "EventName": "PutObject" })));
    assert_eq!(found["Events"].as_array().map(Vec::len), Some(2));
    let other = told(&door, "ListInsightsData", asked(ARN, json!({ "EventName": "RunInstances" })));
    assert_eq!(other, json!({ "Events": [] }));
    let nowhere = asked(&ARN.replace("my-trail", "nowhere"), json!({ "EventName": "PutObject" }));
    assert_eq!(code(&door, "ListInsightsData", nowhere), "InvalidParameterException");
    let named = asked("my-trail", json!({ "EventName": "PutObject" }));
    assert_eq!(code(&door, "ListInsightsData", named), "InvalidParameterException");
    assert_eq!(code(&door, "ListInsightsData", asked(ARN, json!({ "Mood": "x" }))), "ValidationException");
}

#[test]
fn calls_are_told_as_means_a_minute_management_and_data_apart() {
    let door = with_trail();
    let start = Minute::of_seconds(1770894000);
    let counted = |name: &str, category: &str, error: Option<&str>| {
        let mut subject = insight(name, start, category).subject;
        subject.error = error.map(ErrorCode::from);
        subject
    };
    let mut tally = Tally::new();
    for (subject, minutes, calls) in [
        (counted("RunInstances", "Management", None), 3, 6),
        (counted("RunInstances", "Management", None), 7, 5),
        (counted("RunInstances", "Management", Some("AccessDenied")), 7, 4),
        (counted("PutObject", "Data", None), 60, 120),
    ] {
        tally.count(&subject, Minute(start.0 + minutes), calls, false);
    }
    door.store.write(|w| w.add_counts(&tally)).expect("there is room");

    let series = |name: &str, more: Value| {
        let mut asked = json!({ "EventSource": "ec2.amazonaws.com", "EventName": name,
            "InsightType": "ApiCallRateInsight", "StartTime": 1770894000 });
        asked.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let told = told(&door, "ListInsightsMetricData", asked);
        (told["Timestamps"].clone(), told["Values"].clone())
    };
    let five = series("RunInstances", json!({ "Period": 300 }));
    assert_eq!(five, (json!([1770894000, 1770894300]), json!([1.2, 1.0])));
    assert_eq!(series("RunInstances", json!({ "Period": 60 })).1, json!([6.0, 5.0]));
    let errors = json!({ "InsightType": "ApiErrorRateInsight", "ErrorCode": "AccessDenied", "Period": 60 });
    assert_eq!(series("RunInstances", errors), (json!([1770894420]), json!([4.0])));
    assert_eq!(series("PutObject", json!({ "TrailName": ARN })), (json!([1770897600]), json!([2.0])));
    assert_eq!(series("PutObject", json!({})).1, json!([]));
    // The end is excluded.
    assert_eq!(series("RunInstances", json!({ "Period": 60, "EndTime": 1770894420 })).1, json!([6.0]));
}

#[test]
fn a_series_without_calls_is_zeros_or_nothing() {
    let door = with_trail();
    let mut asked = json!({
        "EventSource": "ec2.amazonaws.com",
        "EventName": "RunInstances",
        "InsightType": "ApiCallRateInsight",
        "StartTime": 1770894000,
        "EndTime": 1770901200,
    });
    let empty = told(&door, "ListInsightsMetricData", asked.clone());
    assert_eq!((&empty["Timestamps"], &empty["Values"]), (&json!([]), &json!([])));
    asked["DataType"] = json!("FillWithZeros");
    let zeros = told(&door, "ListInsightsMetricData", asked.clone());
    assert_eq!((&zeros["Timestamps"], &zeros["Values"]), (&json!([1770894000, 1770897600]), &json!([0.0, 0.0])));
    asked["MaxResults"] = json!(1);
    let first = told(&door, "ListInsightsMetricData", asked.clone());
    asked["NextToken"] = first["NextToken"].clone();
    assert_eq!(told(&door, "ListInsightsMetricData", asked.clone())["Timestamps"], json!([1770897600]));
    for (member, value) in [
        ("Period", json!(61)),
        ("InsightType", json!("ApiErrorRateInsight")),
        ("EndTime", json!(1770894000)),
        ("NextToken", json!("x")),
        ("TrailName", json!("nowhere")),
    ] {
        let mut wrong = asked.clone();
        wrong[member] = value;
        assert_eq!(code(&door, "ListInsightsMetricData", wrong), "InvalidParameterException", "{member}");
    }
}
