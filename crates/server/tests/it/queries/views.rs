//! What of all events a store shows: the views that statements are run with.

use jiff::SignedDuration;
use serde_json::json;
use server::world::lake::{FieldCondition, Part, Selector, StoreView, Window};

use super::{running, start, until};
use crate::cloudtrail::told;
use crate::door::Door;
use crate::event_data_stores::made;

/// The views that a statement was run with.
fn views(door: Door, statement: &str) -> Vec<StoreView> {
    let lake = door.lake.clone();
    running(door, |door, _stop| {
        let id = start(door, statement);
        until(door, &id, "FINISHED");
    });
    lake.begun(1).remove(0).views
}

#[test]
fn a_store_of_events_is_a_view_of_its_account_its_region_its_times_and_its_selectors() {
    let mut door = Door::default();
    let day = SignedDuration::from_hours(24);
    let now = door.now;
    let arn = made(
        &door,
        json!({ "Name": "mine", "MultiRegionEnabled": false, "RetentionPeriod": 30, "AdvancedEventSelectors": [{
            "FieldSelectors": [
                { "Field": "eventCategory", "Equals": ["Management"] },
                { "Field": "eventName", "NotStartsWith": ["Describe"], "EndsWith": ["s"] },
            ] }] }),
    );
    door.wait(day);
    told(&door, "StopEventDataStoreIngestion", json!({ "EventDataStore": arn }));
    door.wait(day);
    told(&door, "StartEventDataStoreIngestion", json!({ "EventDataStore": arn }));
    let oldest = door.now - day * 30;
    let id = arn.rsplit('/').next().expect("it has one");
    let mut views = views(door, &format!("SELECT 1 FROM {id}"));
    let StoreView { named, events, insights, activity } = views.remove(0);
    assert_eq!((named.as_str(), activity), (id, None));
    let windows = vec![Window { from: oldest, until: Some(now + day) }, Window { from: now + day * 2, until: None }];
    let condition = |field: &str| FieldCondition { field: field.into(), ..FieldCondition::default() };
    let selector = Selector {
        conditions: vec![
            FieldCondition { equals: vec!["Management".into()], ..condition("eventCategory") },
            FieldCondition {
                not_starts_with: vec!["Describe".into()],
                ends_with: vec!["s".into()],
                ..condition("eventName")
            },
        ],
    };
    let regions = Some(["us-east-1".into()].into());
    let accounts = Some(["123456789012".into()].into());
    assert_eq!(
        events,
        Some(Part { accounts, regions: regions.clone(), windows: windows.clone(), selectors: vec![selector] })
    );
    assert_eq!(insights, Part { accounts: None, regions, windows, selectors: Vec::new() });
}

#[test]
fn a_store_as_the_article_makes_it_has_the_insights_of_all_trails_whatever_its_selectors() {
    let step_7 =
        "-- Find all insights\nSELECT eventTime FROM\n    abc123_event_data_store\nWHERE eventCategory = 'Insight'";
    let of_insights = json!([{ "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Insight"] }] }]);
    for (selectors, is_of_insights) in [(None, false), (Some(of_insights), true)] {
        let door = Door::default();
        let oldest = door.now - SignedDuration::from_hours(24 * 366);
        let input = json!({ "Name": "abc123_event_data_store", "AdvancedEventSelectors": selectors });
        made(&door, input);
        let view = views(door, step_7).remove(0);
        assert_eq!(view.named, "abc123_event_data_store");
        assert_eq!(view.events.is_none(), is_of_insights);
        let windows = vec![Window { from: oldest, until: None }];
        assert_eq!(view.insights, Part { windows, ..Part::default() });
    }
}

#[test]
fn the_destination_of_other_stores_has_the_insights_that_these_look_for() {
    let door = Door::default();
    let of_insights = json!([{ "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Insight"] }] }]);
    made(&door, json!({ "Name": "destination", "AdvancedEventSelectors": of_insights }));
    made(&door, json!({ "Name": "source", "MultiRegionEnabled": false }));
    let looked_for = json!([{ "InsightType": "ApiErrorRateInsight" }]);
    let put =
        json!({ "EventDataStore": "source", "InsightsDestination": "destination", "InsightSelectors": looked_for });
    told(&door, "PutInsightSelectors", put);
    let view = views(door, "SELECT 1 FROM destination").remove(0);
    let is = |field: &str, value: &str| FieldCondition {
        field: field.into(),
        equals: vec![value.into()],
        ..FieldCondition::default()
    };
    let conditions = vec![
        is("insightType", "ApiErrorRateInsight"),
        is("recipientAccountId", "123456789012"),
        is("awsRegion", "us-east-1"),
    ];
    assert_eq!(view.insights.selectors, [Selector { conditions }]);
    assert_eq!((view.insights.accounts, view.insights.regions), (None, None));
}
