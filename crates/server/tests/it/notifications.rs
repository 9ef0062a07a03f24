//! The recipes of `docs/NOTIFICATIONS.md`, as they stand there: each template is put, filled with the event that stands there
//! too, and sent; what arrives has the vendor's documented shape.

use serde_json::{Value, json};
use server::world::WebRequest;

use crate::door::Door;
use crate::web::header;

const PAGE: &str = include_str!("../../../../docs/NOTIFICATIONS.md");

/// The block that is named after a file.
fn file(name: &str) -> Value {
    let (_, after) = PAGE.split_once(&format!("\n`{name}`\n\n```json\n")).unwrap_or_else(|| panic!("no {name}"));
    let (block, _) = after.split_once("\n```").expect("it ends");
    serde_json::from_str(block).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn ask(door: &Door, operation: &str, input: Value) -> Value {
    let reply = door.json(&format!("AWSEvents.{operation}"), input);
    assert_eq!(reply.status, 200, "{operation}: {reply:?}");
    if reply.body.is_empty() { Value::Null } else { reply.json() }
}

/// The request that a recipe's targets make of the event, in this state.
fn sent(targets: &str, endpoint: &str, auth: Value, state: &str) -> WebRequest {
    let door = Door::default();
    let connection = json!({ "Name": "c", "AuthorizationType": "API_KEY", "AuthParameters": auth });
    let connection = ask(&door, "CreateConnection", connection)["ConnectionArn"].clone();
    let destination = json!({
        "Name": "d", "ConnectionArn": connection, "InvocationEndpoint": endpoint, "HttpMethod": "POST"
    });
    let destination = ask(&door, "CreateApiDestination", destination)["ApiDestinationArn"].clone();
    let pattern = json!({ "detail-type": ["AWS Insight via CloudTrail"] });
    ask(&door, "PutRule", json!({ "Name": "insights", "EventPattern": pattern.to_string() }));
    let text = file(targets).to_string().replace("DESTINATION_ARN", destination.as_str().expect("it has one"));
    let put: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(ask(&door, "PutTargets", json!({ "Rule": "insights", "Targets": put }))["FailedEntryCount"], 0);

    let event = file("event.json");
    let mut detail = event["detail"].clone();
    detail["insightDetails"]["state"] = json!(state);
    // Only AWS's own services put events of aws.cloudtrail: the templates do not ask for the source.
    let entry = json!({
        "Source": "recipes", "DetailType": event["detail-type"], "Detail": detail.to_string(), "Time": 1_770_906_600
    });
    assert_eq!(ask(&door, "PutEvents", json!({ "Entries": [entry] }))["FailedEntryCount"], 0);
    door.deliver();
    let mut asked = door.web.take();
    assert_eq!(asked.len(), 1, "{targets}");
    asked.remove(0)
}

fn said(request: &WebRequest) -> Value {
    serde_json::from_slice(&request.body).expect("it is JSON")
}

fn no_key() -> Value {
    json!({ "ApiKeyAuthParameters": { "ApiKeyName": "x-none", "ApiKeyValue": "none" } })
}

/// <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/>
#[test]
fn slack_gets_a_text_and_blocks() {
    let said = said(&sent("slack.json", "https://hooks.slack.com/services/T000/B000/XXXX", no_key(), "Start"));
    assert_eq!(said["text"], "Start: ApiCallRateInsight of RunInstances in 123456789012");
    let blocks = said["blocks"].as_array().expect("it has blocks");
    for block in blocks {
        assert_eq!(block["type"], "section");
        let texts = block["fields"].as_array().cloned().unwrap_or_else(|| vec![block["text"].clone()]);
        assert!(!texts.is_empty() && texts.len() <= 10);
        for text in texts {
            assert_eq!(text["type"], "mrkdwn");
            assert!(text["text"].as_str().is_some_and(|text| !text.is_empty() && text.len() <= 2000), "{text}");
        }
    }
    assert_eq!(blocks[1]["fields"][0]["text"], "*Calls a minute*\n245.0, usually 12.0");
}

/// <https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>
#[test]
fn teams_gets_an_adaptive_card() {
    let url = "https://example.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers&sig=s";
    let request = sent("teams.json", url, no_key(), "End");
    assert_eq!(request.url, url);
    let said = said(&request);
    assert_eq!(said["type"], "message");
    let [card] = &said["attachments"].as_array().expect("it has one")[..] else { panic!("{said}") };
    assert_eq!(card["contentType"], "application/vnd.microsoft.card.adaptive");
    let content = &card["content"];
    assert_eq!((&content["type"], &content["version"]), (&json!("AdaptiveCard"), &json!("1.4")));
    assert_eq!(content["body"][0]["text"], "End: ApiCallRateInsight of RunInstances");
    for fact in content["body"][1]["facts"].as_array().expect("it has facts") {
        assert!(fact["title"].is_string() && fact["value"].as_str().is_some_and(|value| !value.is_empty()), "{fact}");
    }
}

/// <https://developer.pagerduty.com/docs/send-alert-event>
#[test]
fn pagerduty_is_triggered_by_a_start_and_resolved_by_its_end() {
    let mut auth = no_key();
    let key = json!({ "Key": "routing_key", "Value": "0123456789abcdef0123456789abcdef", "IsValueSecret": true });
    auth["InvocationHttpParameters"] = json!({ "BodyParameters": [key] });
    let url = "https://events.pagerduty.com/v2/enqueue";
    let start = said(&sent("pagerduty-start.json", url, auth.clone(), "Start"));
    let end = said(&sent("pagerduty-end.json", url, auth, "End"));
    assert_eq!((&start["event_action"], &end["event_action"]), (&json!("trigger"), &json!("resolve")));
    for said in [&start, &end] {
        assert_eq!(said["dedup_key"], "fccb064f-dd07-4822-97c0-11115d8b91d4");
        assert_eq!(said["routing_key"], "0123456789abcdef0123456789abcdef");
    }
    let payload = &start["payload"];
    assert!(["critical", "error", "warning", "info"].contains(&payload["severity"].as_str().expect("it has one")));
    assert!(payload["summary"].as_str().is_some_and(|text| text.len() <= 1024 && text.contains("RunInstances")));
    assert!(payload["source"].as_str().is_some_and(|text| !text.is_empty()));
    assert!(payload["timestamp"].as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()));
    // What strangers wrote is JSON there, quotes and all.
    let details = &payload["custom_details"];
    assert_eq!(details["attributions"][1]["insight"][0]["value"], "aws-cli/2.15 \"quoted\"");
    assert_eq!((&details["rate"], &details["baseline"]), (&json!(245.0), &json!(12.0)));
}

/// <https://docs.opsgenie.com/docs/alert-api>
#[test]
fn opsgenie_opens_by_a_start_and_closes_by_its_end() {
    let auth = json!({ "ApiKeyAuthParameters": { "ApiKeyName": "Authorization", "ApiKeyValue": "GenieKey 0-1" } });
    let start = sent("opsgenie-start.json", "https://api.opsgenie.com/v2/alerts", auth.clone(), "Start");
    assert_eq!(header(&start, "authorization"), Some("GenieKey 0-1"));
    let opened = said(&start);
    assert!(opened["message"].as_str().is_some_and(|text| !text.is_empty() && text.len() <= 130), "{opened}");
    assert_eq!((&opened["alias"], &opened["priority"]), (&json!("fccb064f-dd07-4822-97c0-11115d8b91d4"), &json!("P3")));
    assert!(opened["details"].as_object().is_some_and(|details| details.values().all(Value::is_string)));
    let end = sent("opsgenie-end.json", "https://api.opsgenie.com/v2/alerts/*/close", auth, "End");
    let id = "fccb064f-dd07-4822-97c0-11115d8b91d4";
    assert_eq!(end.url, format!("https://api.opsgenie.com/v2/alerts/{id}/close?identifierType=alias"));
    assert_eq!(said(&end)["note"], "It ended at 2026-02-12T14:30:00Z.");
}
