//! Insights events, as CloudTrail Lake names their parts: what is deep in a record stands on top as well.
//!
//! A record of a trail has `insightDetails.eventName`, and Lake's schema `insightEventName`; guides write both, and `eventName`.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-supported-event-schemas.html>

use serde_json::{Map, Value};

/// Where a column's value stands in `insightDetails`.
const NAMES: [(&str, &str); 8] = [
    ("insightState", "state"),
    ("insightEventSource", "eventSource"),
    ("insightEventName", "eventName"),
    ("insightErrorCode", "errorCode"),
    ("insightType", "insightType"),
    ("eventSource", "eventSource"),
    ("eventName", "eventName"),
    ("errorCode", "errorCode"),
];

/// The record with Lake's names beside its own. What is no object stays as it is.
pub(crate) fn with_lakes_names(record: &str) -> String {
    let Ok(Value::Object(mut event)) = serde_json::from_str(record) else { return record.to_owned() };
    let details = match event.get("insightDetails") {
        Some(Value::Object(details)) => details.clone(),
        _ => Map::new(),
    };
    for (name, within) in NAMES {
        if let Some(value) = details.get(within) {
            event.entry(name).or_insert_with(|| value.clone());
        }
    }
    if let Some(context) = details.get("insightContext") {
        event.entry("insightContext").or_insert_with(|| lakes_context(context));
    }
    event.entry("eventCategory").or_insert_with(|| "Insight".into());
    Value::Object(event).to_string()
}

/// The statistics on one level, and of each attribute the first value beside its average.
fn lakes_context(context: &Value) -> Value {
    let statistics = &context["statistics"];
    let mut flat = Map::new();
    flat.insert("baselineAverage".into(), statistics["baseline"]["average"].clone());
    flat.insert("insightAverage".into(), statistics["insight"]["average"].clone());
    flat.insert("baselineDuration".into(), statistics["baselineDuration"].clone());
    flat.insert("insightDuration".into(), statistics["insightDuration"].clone());
    let attributions = context["attributions"].as_array().into_iter().flatten().map(|attribution| {
        let mut one = attribution.clone();
        for (side, value, average) in
            [("insight", "insightValue", "insightAverage"), ("baseline", "baselineValue", "baselineAverage")]
        {
            let first = attribution[side][0].clone();
            if let (Value::Object(one), Value::Object(first)) = (&mut one, first) {
                one.insert(value.into(), first.get("value").cloned().unwrap_or_default());
                one.insert(average.into(), first.get("average").cloned().unwrap_or_default());
            }
        }
        one
    });
    flat.insert("attributions".into(), attributions.collect());
    Value::Object(flat)
}
