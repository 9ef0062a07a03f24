//! Events that are pushed: kept before they are answered for, and from there log files like any others.

use std::time::Duration;

use detect::engine::Settings;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::pipeline::Pipeline;
use server::push::{Answer, NoPushKeys, PushDesk};

use crate::door::Door;

const LIMIT: usize = usize::MAX;

fn door_with_trail() -> Door {
    let door = Door::default();
    for (operation, input) in [
        (
            "CreateTrail",
            json!({ "Name": "pushed", "S3BucketName": "logs", "S3KeyPrefix": "p", "IsMultiRegionTrail": true }),
        ),
        ("StartLogging", json!({ "Name": "pushed" })),
    ] {
        assert_eq!(door.json(&format!("CloudTrail_20131101.{operation}"), input).status, 200);
    }
    door
}

fn event(id: &str, account: &str, region: &str) -> Value {
    json!({
        "version": "0",
        "id": id,
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.ec2",
        "account": account,
        "time": "2026-02-12T14:31:00Z",
        "region": region,
        "resources": [],
        "detail": {
            "eventVersion": "1.11",
            "userIdentity": { "type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/Alice", "accountId": account },
            "eventTime": "2026-02-12T14:31:00Z",
            "eventSource": "ec2.amazonaws.com",
            "eventName": "RunInstances",
            "awsRegion": region,
            "sourceIPAddress": "192.0.2.7",
            "userAgent": "aws-cli",
            "requestParameters": { "count": 1.50 },
            "eventID": id,
            "readOnly": false,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": account,
            "eventCategory": "Management",
        },
    })
}

const FIRST: &str = "11111111-1111-4111-8111-111111111111";
const SECOND: &str = "22222222-2222-4222-8222-222222222222";

fn take(door: &Door, body: &Value) -> Answer {
    let desk = PushDesk::new(Box::new(NoPushKeys), Duration::ZERO);
    desk.take(&door.delivering(), body.to_string().as_bytes())
}

#[test]
fn what_is_accepted_is_a_log_file_and_is_counted_once() {
    let mut door = door_with_trail();
    let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
    let one = event(FIRST, "123456789012", "us-east-1");
    assert_eq!(take(&door, &one), Answer { status: 200, accepted: 1, refused: Vec::new(), message: None });
    // EventBridge promises at least once.
    door.wait(SignedDuration::from_secs(61));
    assert_eq!(take(&door, &json!([one, event(SECOND, "123456789012", "us-east-1")])).accepted, 2);

    let keys = door.buckets().list("logs", "p/AWSLogs/123456789012/CloudTrail/us-east-1/2026/02/12/", "", LIMIT);
    let keys = keys.expect("it lists");
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert!(keys[0].0.contains("_CloudTrail_us-east-1_20260212T1431Z_"), "by when it happened: {keys:?}");
    let missed = pipeline.missed(&door.delivering()).expect("it lists");
    assert_eq!(missed.len(), 2);
    let step = pipeline.step(&door.delivering(), &missed).expect("it goes on");
    let counted: u64 = step.batches.iter().map(|batch| batch.counted).sum();
    let duplicates: u64 = step.batches.iter().map(|batch| batch.duplicates).sum();
    assert_eq!((counted, duplicates), (2, 1));
}

#[test]
fn what_is_bad_is_named_and_takes_nothing_good_with_it() {
    let door = door_with_trail();
    let mut no_time = event(SECOND, "123456789012", "us-east-1");
    no_time["detail"].as_object_mut().expect("it is one").remove("eventTime");
    let body = json!([no_time, event(FIRST, "123456789012", "eu-west-1"), 7, { "id": "x" }]);
    let answer = take(&door, &body);
    assert_eq!((answer.status, answer.accepted), (400, 1));
    let reasons: Vec<_> = answer.refused.iter().map(|one| (one.index, one.id.as_deref(), &*one.reason)).collect();
    assert_eq!(reasons.len(), 3);
    assert!(reasons[0].0 == 0 && reasons[0].1 == Some(SECOND) && reasons[0].2.contains("eventTime"), "{reasons:?}");
    assert!(reasons[1].0 == 2 && reasons[1].2.contains("no `detail`"), "{reasons:?}");
    assert_eq!((reasons[2].0, reasons[2].1), (3, Some("x")));
    assert_eq!(
        door.buckets().list("logs", "p/AWSLogs/123456789012/CloudTrail/eu-west-1/", "", LIMIT).map(|k| k.len()),
        Ok(1)
    );

    // Two records in one event: there is one file of records, and it is not this.
    let mut two = event(FIRST, "123456789012", "us-east-1");
    two["detail"] = json!({ "Records": [two["detail"], event(SECOND, "123456789012", "us-east-1")["detail"]] });
    let answer = take(&door, &two);
    assert_eq!((answer.status, answer.accepted, answer.refused.len()), (400, 0, 1), "{answer:?}");

    for body in ["", "7", "{", "\u{7f}"] {
        let desk = PushDesk::new(Box::new(NoPushKeys), Duration::ZERO);
        let answer = desk.take(&door.delivering(), body.as_bytes());
        assert!(answer.status == 400 && answer.message.is_some(), "{body}: {answer:?}");
    }
}

#[test]
fn what_is_of_tomorrow_is_to_come_again_and_of_yesterday_is_a_file_of_yesterday() {
    let mut door = door_with_trail();
    let event = event(FIRST, "123456789012", "us-east-1");
    // The clock is two hours behind: in a file of now the record would be of an impossible time.
    door.wait(SignedDuration::from_hours(-2));
    let answer = take(&door, &event);
    assert_eq!((answer.status, answer.accepted), (503, 0));
    assert!(answer.refused[0].reason.contains("minutes ahead of the clock here"), "{answer:?}");
    door.wait(SignedDuration::from_hours(72));
    assert_eq!(take(&door, &event).status, 200);
    let keys = door.buckets().list("logs", "", "", LIMIT).expect("it lists");
    assert!(keys.len() == 1 && keys[0].0.contains("/2026/02/12/"), "{keys:?}");
}

#[test]
fn what_no_trail_covers_is_not_kept() {
    let door = door_with_trail();
    let answer = take(&door, &event(FIRST, "444455556666", "us-east-1"));
    assert_eq!((answer.status, answer.accepted), (409, 0));
    assert!(answer.refused[0].reason.contains("444455556666"), "{answer:?}");
    assert_eq!(door.buckets().list("logs", "", "", LIMIT), Ok(Vec::new()));
}

#[test]
fn posts_that_come_together_share_a_file_and_each_is_told_of_its_own() {
    let door = door_with_trail();
    let desk = PushDesk::new(Box::new(NoPushKeys), Duration::from_millis(100));
    let answers: Vec<(usize, Answer)> = std::thread::scope(|scope| {
        let posts: Vec<_> = (0..8_usize)
            .map(|number| {
                let (desk, door) = (&desk, &door);
                scope.spawn(move || {
                    let account = if number % 2 == 0 { "123456789012" } else { "444455556666" };
                    let id = format!("33333333-3333-4333-8333-33333333333{number}");
                    let body = event(&id, account, "us-east-1").to_string();
                    (number, desk.take(&door.delivering(), body.as_bytes()))
                })
            })
            .collect();
        posts.into_iter().map(|post| post.join().expect("it does not panic")).collect()
    });
    for (number, answer) in answers {
        assert_eq!((answer.status, answer.accepted), if number % 2 == 0 { (200, 1) } else { (409, 0) });
    }
}
