//! CloudTrail: trails, their selectors and tags, and what is refused.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Key, Resource};

use crate::door::{Answering, Door, Reply};

mod events;
mod insights;

const ARN: &str = "arn:aws:cloudtrail:us-east-1:123456789012:trail/my-trail";

fn ask(door: &impl Answering, operation: &str, input: Value) -> Reply {
    door.json(&format!("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.{operation}"), input)
}

/// What is answered, where it must be.
pub(crate) fn told(door: &impl Answering, operation: &str, input: Value) -> Value {
    let reply = ask(door, operation, input);
    assert_eq!(reply.status, 200, "{operation}: {reply:?}");
    reply.json()
}

/// The code and the sentence of what is refused.
pub(crate) fn refused(door: &impl Answering, operation: &str, input: Value) -> (String, String) {
    let reply = ask(door, operation, input);
    assert_eq!(reply.status, 400, "{operation}: {reply:?}");
    let error = reply.json();
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("__type"), text("message"))
}

pub(crate) fn code(door: &impl Answering, operation: &str, input: Value) -> String {
    refused(door, operation, input).0
}

fn with_trail() -> Door {
    let door = Door::default();
    told(&door, "CreateTrail", json!({ "Name": "my-trail", "S3BucketName": "logs" }));
    door
}

/// A trail as it lies in the store, to move it to another Region.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Raw(Value);

impl Resource for Raw {
    const KIND: &'static str = "trail";
}

fn moved_to_ireland(door: &Door, is_multi_region: bool) {
    let key = |region: &str| Key::new(&"123456789012".into(), &region.into(), "my-trail");
    let moved = door.store.write(|w| {
        let mut raw = w.get::<Raw>(&key("us-east-1"))?.expect("it was made").value;
        raw.0["home_region"] = json!("eu-west-1");
        raw.0["arn"] = json!(ARN.replace("us-east-1", "eu-west-1"));
        raw.0["is_multi_region"] = json!(is_multi_region);
        w.delete::<Raw>(&key("us-east-1"))?;
        w.put(&key("eu-west-1"), &raw, door.now)
    });
    assert!(moved.expect("there is room"));
}

#[test]
fn a_new_trail_is_told_as_it_was_made_and_logs_nothing_yet() {
    let door = Door::default();
    let made = told(&door, "CreateTrail", json!({ "Name": "my-trail", "S3BucketName": "logs" }));
    let settings = json!({
        "Name": "my-trail",
        "S3BucketName": "logs",
        "IncludeGlobalServiceEvents": true,
        "IsMultiRegionTrail": false,
        "TrailARN": ARN,
        "LogFileValidationEnabled": false,
        "IsOrganizationTrail": false,
    });
    assert_eq!(made, settings);
    let mut whole = settings;
    whole["HomeRegion"] = json!("us-east-1");
    whole["HasCustomEventSelectors"] = json!(false);
    whole["HasInsightSelectors"] = json!(false);
    for name in ["my-trail", ARN] {
        assert_eq!(told(&door, "GetTrail", json!({ "Name": name })), json!({ "Trail": whole }));
        let described = told(&door, "DescribeTrails", json!({ "trailNameList": [name, "other"] }));
        assert_eq!(described, json!({ "trailList": [whole] }));
    }
    let listed = json!({ "Trails": [{ "TrailARN": ARN, "Name": "my-trail", "HomeRegion": "us-east-1" }] });
    assert_eq!(told(&door, "ListTrails", json!({})), listed);
    assert_eq!(told(&door, "GetTrailStatus", json!({ "Name": "my-trail" }))["IsLogging"], json!(false));
}

#[test]
fn logging_is_switched_on_and_off_and_the_moments_are_told() {
    let mut door = with_trail();
    told(&door, "StartLogging", json!({ "Name": ARN }));
    door.wait(jiff::SignedDuration::from_secs(60));
    told(&door, "StartLogging", json!({ "Name": "my-trail" }));
    told(&door, "StopLogging", json!({ "Name": "my-trail" }));
    let status = told(&door, "GetTrailStatus", json!({ "Name": "my-trail" }));
    let expected = json!({
        "IsLogging": false,
        "StartLoggingTime": 1770906600,
        "StopLoggingTime": 1770906660,
        "LatestDeliveryAttemptTime": "",
        "LatestNotificationAttemptTime": "",
        "LatestNotificationAttemptSucceeded": "",
        "LatestDeliveryAttemptSucceeded": "",
        "TimeLoggingStarted": "2026-02-12T14:30:00Z",
        "TimeLoggingStopped": "2026-02-12T14:31:00Z",
    });
    assert_eq!(status, expected);
}

#[test]
fn settings_are_changed_and_an_empty_text_takes_them_away() {
    let door = with_trail();
    assert_eq!(door.form("Version=2010-03-31&Action=CreateTopic&Name=notices").status, 200);
    assert_eq!(door.json("Logs_20140328.CreateLogGroup", json!({ "logGroupName": "trail" })).status, 200);
    let settings = json!({
        "Name": "my-trail",
        "S3BucketName": "other-logs",
        "S3KeyPrefix": "a/b",
        "SnsTopicName": "notices",
        "IsMultiRegionTrail": true,
        "IsOrganizationTrail": true,
        "EnableLogFileValidation": true,
        "CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:trail:*",
        "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/to-logs",
        "KmsKeyId": "alias/trail",
    });
    let updated = told(&door, "UpdateTrail", settings);
    assert_eq!(updated["SnsTopicARN"], "arn:aws:sns:us-east-1:123456789012:notices");
    assert_eq!(updated["KmsKeyId"], "arn:aws:kms:us-east-1:123456789012:alias/trail");
    assert_eq!((&updated["S3KeyPrefix"], &updated["IsMultiRegionTrail"]), (&json!("a/b"), &json!(true)));
    let emptied = told(&door, "UpdateTrail", json!({ "Name": "my-trail", "S3KeyPrefix": "", "SnsTopicName": "" }));
    assert!(emptied.get("S3KeyPrefix").is_none() && emptied.get("SnsTopicARN").is_none());
    assert_eq!(emptied["S3BucketName"], "other-logs");
}

#[test]
fn what_a_trail_cannot_be_is_refused_and_nothing_of_it_is_kept() {
    let door = with_trail();
    let before = told(&door, "DescribeTrails", json!({}));
    for (member, value, expected) in [
        ("S3BucketName", json!("No Bucket"), "InvalidS3BucketNameException"),
        ("S3KeyPrefix", json!("a".repeat(201)), "InvalidS3PrefixException"),
        ("SnsTopicName", json!("no topic"), "InvalidSnsTopicNameException"),
        ("SnsTopicName", json!("arn:aws:sqs:us-east-1:123456789012:queue"), "InvalidSnsTopicNameException"),
        ("SnsTopicName", json!("nobodys"), "InsufficientSnsTopicPolicyException"),
        (
            "CloudWatchLogsLogGroupArn",
            json!("arn:aws:logs:us-east-1:123456789012:log-group:nobodys:*"),
            "InvalidCloudWatchLogsLogGroupArnException",
        ),
        ("CloudWatchLogsLogGroupArn", json!("trail"), "InvalidCloudWatchLogsLogGroupArnException"),
        ("CloudWatchLogsRoleArn", json!("to-logs"), "InvalidCloudWatchLogsRoleArnException"),
        ("KmsKeyId", json!("arn:aws:s3:::key"), "InvalidKmsKeyIdException"),
        ("TagsList", json!([{ "Key": "trailsight:volume", "Value": "11" }]), "InvalidTagParameterException"),
        ("TagsList", json!([{ "Key": "a" }, { "Key": "a" }]), "InvalidTagParameterException"),
    ] {
        let mut input = json!({ "Name": "another", "S3BucketName": "logs" });
        input[member] = value;
        assert_eq!(code(&door, "CreateTrail", input.clone()), expected, "{input}");
        if member != "TagsList" {
            input["Name"] = json!("my-trail");
            assert_eq!(code(&door, "UpdateTrail", input), expected);
        }
    }
    let multi = json!({ "Name": "another", "S3BucketName": "logs", "IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": false });
    assert_eq!(
        refused(&door, "CreateTrail", multi),
        (
            "InvalidParameterCombinationException".into(),
            "Multi-Region trail must include global service events.".into()
        )
    );
    assert_eq!(code(&door, "CreateTrail", json!({ "Name": "another" })), "ValidationException");
    assert_eq!(told(&door, "DescribeTrails", json!({})), before);
}

#[test]
fn a_region_has_five_trails_each_with_a_name_of_its_own() {
    let door = with_trail();
    let create = |name: &str| json!({ "Name": name, "S3BucketName": "logs" });
    assert_eq!(
        refused(&door, "CreateTrail", create("my-trail")).1,
        "Trail my-trail already exists for customer: 123456789012"
    );
    for name in ["t-2", "t-3", "t-4", "t-5"] {
        told(&door, "CreateTrail", create(name));
    }
    assert_eq!(
        refused(&door, "CreateTrail", create("t-6")),
        (
            "MaximumNumberOfTrailsExceededException".into(),
            "User: 123456789012 already has 5 trails in us-east-1.".into()
        )
    );
    told(&door, "DeleteTrail", json!({ "Name": "t-5" }));
    told(&door, "CreateTrail", create("t-6"));
}

#[test]
fn a_trail_that_is_not_there_is_unknown_to_every_operation() {
    let door = Door::default();
    for (operation, member) in [
        ("GetTrail", "Name"),
        ("GetTrailStatus", "Name"),
        ("UpdateTrail", "Name"),
        ("DeleteTrail", "Name"),
        ("StartLogging", "Name"),
        ("StopLogging", "Name"),
        ("GetInsightSelectors", "TrailName"),
        ("PutInsightSelectors", "TrailName"),
        ("GetEventSelectors", "TrailName"),
        ("PutEventSelectors", "TrailName"),
    ] {
        let input = |name: &str| {
            let mut input = json!({ member: name });
            if operation == "PutInsightSelectors" {
                input["InsightSelectors"] = json!([]);
            } else if operation == "PutEventSelectors" {
                input["EventSelectors"] = json!([{}]);
            }
            input
        };
        for name in ["nowhere", &ARN.replace("123456789012", "999999999999")] {
            let message = format!("Unknown trail: {name} for the user: 123456789012");
            assert_eq!(
                refused(&door, operation, input(name)),
                ("TrailNotFoundException".into(), message),
                "{operation}"
            );
        }
        assert_eq!(code(&door, operation, input("a")), "InvalidTrailNameException", "{operation}");
        assert_eq!(code(&door, operation, input("arn:aws:s3:::logs")), "CloudTrailARNInvalidException", "{operation}");
    }
}

#[test]
fn the_shadow_of_a_trail_is_looked_at_and_not_changed() {
    let door = with_trail();
    moved_to_ireland(&door, true);
    let shadow = told(&door, "DescribeTrails", json!({}));
    assert_eq!(shadow["trailList"][0]["HomeRegion"], "eu-west-1");
    let without = told(&door, "DescribeTrails", json!({ "includeShadowTrails": false }));
    assert_eq!(without, json!({ "trailList": [] }));
    let arn = ARN.replace("us-east-1", "eu-west-1");
    assert_eq!(told(&door, "GetTrail", json!({ "Name": arn }))["Trail"]["TrailARN"], json!(arn));
    assert_eq!(code(&door, "GetTrail", json!({ "Name": "my-trail" })), "TrailNotFoundException");
    for name in ["my-trail", &arn] {
        for operation in ["StartLogging", "StopLogging", "UpdateTrail", "DeleteTrail"] {
            assert_eq!(code(&door, operation, json!({ "Name": name })), "InvalidHomeRegionException", "{operation}");
        }
        let input = json!({ "TrailName": name, "InsightSelectors": [] });
        assert_eq!(code(&door, "PutInsightSelectors", input), "InvalidHomeRegionException");
    }
    // Its name is taken here, too.
    let again = json!({ "Name": "my-trail", "S3BucketName": "logs" });
    assert_eq!(code(&door, "CreateTrail", again), "TrailAlreadyExistsException");
}

#[test]
fn a_trail_of_one_region_casts_no_shadow() {
    let door = with_trail();
    moved_to_ireland(&door, false);
    assert_eq!(told(&door, "DescribeTrails", json!({})), json!({ "trailList": [] }));
    assert_eq!(told(&door, "ListTrails", json!({}))["Trails"][0]["HomeRegion"], "eu-west-1");
    assert_eq!(code(&door, "StartLogging", json!({ "Name": "my-trail" })), "TrailNotFoundException");
}

#[test]
fn event_selectors_replace_each_other() {
    let door = with_trail();
    let new = json!({ "TrailARN": ARN, "EventSelectors": [{
        "ReadWriteType": "All",
        "IncludeManagementEvents": true,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    }] });
    assert_eq!(told(&door, "GetEventSelectors", json!({ "TrailName": "my-trail" })), new);
    let fields = json!([{ "Field": "eventCategory", "Equals": ["Management"] }]);
    let advanced = json!([{ "Name": "all", "FieldSelectors": fields }]);
    let put = told(&door, "PutEventSelectors", json!({ "TrailName": ARN, "AdvancedEventSelectors": advanced }));
    assert_eq!(put, json!({ "TrailARN": ARN, "AdvancedEventSelectors": advanced }));
    assert_eq!(told(&door, "GetEventSelectors", json!({ "TrailName": "my-trail" })), put);
    assert_eq!(told(&door, "GetTrail", json!({ "Name": "my-trail" }))["Trail"]["HasCustomEventSelectors"], true);
    assert_eq!(told(&door, "PutEventSelectors", json!({ "TrailName": ARN, "EventSelectors": [{}] })), new);
    for wrong in [
        json!({}),
        json!({ "EventSelectors": [] }),
        json!({ "EventSelectors": [{}], "AdvancedEventSelectors": advanced }),
        json!({ "EventSelectors": [{ "DataResources": [{ "Type": "AWS::S3::Object", "Values": ["logs"] }] }] }),
    ] {
        let mut input = wrong.clone();
        input["TrailName"] = json!("my-trail");
        assert_eq!(code(&door, "PutEventSelectors", input), "InvalidEventSelectorsException", "{wrong}");
    }
    let odd = json!({ "TrailName": "my-trail", "EventSelectors": [{ "ReadWriteType": "Both" }] });
    assert_eq!(code(&door, "PutEventSelectors", odd), "ValidationException");
    assert_eq!(told(&door, "GetEventSelectors", json!({ "TrailName": "my-trail" })), new);
}

#[test]
fn tags_are_set_listed_and_taken_away() {
    let door = Door::default();
    let tags = json!([{ "Key": "env", "Value": "prod" }, { "Key": "trailsight:read-events", "Value": "true" }]);
    told(&door, "CreateTrail", json!({ "Name": "my-trail", "S3BucketName": "logs", "TagsList": tags }));
    told(
        &door,
        "AddTags",
        json!({ "ResourceId": ARN, "TagsList": [{ "Key": "bare" }, { "Key": "env", "Value": "dev" }] }),
    );
    told(&door, "RemoveTags", json!({ "ResourceId": ARN, "TagsList": [{ "Key": "trailsight:read-events" }] }));
    let listed = json!({ "ResourceTagList": [{
        "ResourceId": ARN,
        "TagsList": [{ "Key": "bare" }, { "Key": "env", "Value": "dev" }],
    }] });
    assert_eq!(told(&door, "ListTags", json!({ "ResourceIdList": [ARN] })), listed);

    let add = |tag: Value| json!({ "ResourceId": ARN, "TagsList": [tag] });
    let (code_of, sentence) = refused(&door, "AddTags", add(json!({ "Key": "trailsight:volume", "Value": "11" })));
    assert_eq!(code_of, "InvalidTagParameterException");
    assert_eq!(
        sentence,
        "There is no setting trailsight:volume. There are: trailsight:false-alarms-per-month, trailsight:read-events, trailsight:mute, \
         trailsight:insights-bucket, trailsight:extra-fields."
    );
    let many: Vec<Value> = (0..49).map(|i| json!({ "Key": format!("k{i}") })).collect();
    assert_eq!(code(&door, "AddTags", json!({ "ResourceId": ARN, "TagsList": many })), "TagsLimitExceededException");
    assert_eq!(told(&door, "ListTags", json!({ "ResourceIdList": [ARN] })), listed);

    told(&door, "DeleteTrail", json!({ "Name": "my-trail" }));
    for (arn, expected) in [
        (ARN.to_owned(), "ResourceNotFoundException"),
        (
            ARN.replace("trail/my-trail", "eventdatastore/2a8f2138-0caa-46c8-a194-0123456789ab"),
            "EventDataStoreNotFoundException",
        ),
        (ARN.replace("trail/my-trail", "channel/a"), "ChannelNotFoundException"),
        (ARN.replace("trail/my-trail", "hat/a"), "ResourceTypeNotSupportedException"),
        ("my-trail".into(), "CloudTrailARNInvalidException"),
    ] {
        assert_eq!(code(&door, "ListTags", json!({ "ResourceIdList": [arn] })), expected, "{arn}");
        assert_eq!(code(&door, "AddTags", json!({ "ResourceId": arn, "TagsList": [] })), expected, "{arn}");
    }
}

#[test]
fn what_is_not_there_yet_says_so_in_a_sentence() {
    let door = Door::default();
    for operation in ["GenerateQuery", "CreateDashboard", "EnableFederation"] {
        let (code_of, sentence) = refused(&door, operation, json!({ "Name": "x", "Anything": [1] }));
        assert_eq!(code_of, "UnsupportedOperationException", "{operation}");
        assert!(sentence.ends_with('.'), "{sentence}");
    }
}
