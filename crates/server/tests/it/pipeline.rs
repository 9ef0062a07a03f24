//! From an object in a trail's bucket to an Insight file beside it.

use std::sync::{Arc, Mutex};

use detect::engine::Settings;
use jiff::Timestamp;
use record::time::Minute;
use serde_json::{Value, json};
use server::pipeline::Pipeline;

use crate::door::Door;

const TARGET: &str = "CloudTrail_20131101";

pub(crate) fn moment(minute: Minute) -> Timestamp {
    Timestamp::from_second(minute.seconds()).expect("it is a moment")
}

pub(crate) fn ask(door: &Door, operation: &str, input: Value) {
    let reply = door.json(&format!("{TARGET}.{operation}"), input);
    assert_eq!(reply.status, 200, "{operation}: {reply:?}");
}

/// A service with a trail that looks for both kinds of insights.
pub(crate) fn door_with_trail(now: Timestamp) -> Door {
    let mut door = Door::default();
    door.now = now;
    ask(
        &door,
        "CreateTrail",
        json!({ "Name": "my-trail", "S3BucketName": "my-trail-logs", "IsMultiRegionTrail": true, "IsOrganizationTrail": true }),
    );
    ask(&door, "StartLogging", json!({ "Name": "my-trail" }));
    let selectors = json!([{ "InsightType": "ApiCallRateInsight" }, { "InsightType": "ApiErrorRateInsight" }]);
    ask(&door, "PutInsightSelectors", json!({ "TrailName": "my-trail", "InsightSelectors": selectors }));
    door
}

pub(crate) fn unpacked(bytes: &[u8]) -> Value {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(bytes), &mut text).expect("it is gzip");
    serde_json::from_str(&text).expect("it is JSON")
}

/// The article's step 3: a rule for insights, a topic with an address, and the text that it is to get.
pub(crate) fn with_mail(door: &Door) {
    let topic = "arn:aws:sns:us-east-1:123456789012:cloudtrail-insights-alerts";
    let pattern = r#"{"source": ["aws.cloudtrail"], "detail-type": ["AWS Insight via CloudTrail"]}"#;
    let rule = json!({ "Name": "cloudtrail-insights-detected", "EventPattern": pattern });
    assert_eq!(door.json("AWSEvents.PutRule", rule).status, 200);
    let form = "Version=2010-03-31&Action=CreateTopic&Name=cloudtrail-insights-alerts";
    assert_eq!(door.form(form).status, 200);
    let form =
        format!("Version=2010-03-31&Action=Subscribe&TopicArn={topic}&Protocol=email&Endpoint=ops%40example.com");
    assert_eq!(door.form(&form).status, 200);
    let target = json!({
        "Id": "insights-sns",
        "Arn": topic,
        "InputTransformer": {
            "InputPathsMap": {
                "type": "$.detail.insightType",
                "api": "$.detail.insightDetails.eventName",
                "rate": "$.detail.insightDetails.insightContext.statistics.insight.average",
            },
            "InputTemplate": "\"Unusual\\n\\nType: <type>\\nAPI: <api>\\nRate: <rate> calls/min\"",
        },
    });
    let targets = json!({ "Rule": "cloudtrail-insights-detected", "Targets": [target] });
    assert_eq!(door.json("AWSEvents.PutTargets", targets).status, 200);

    door.deliver();
    let [asked] = &door.outbox.take()[..] else { panic!("one mail asks whether it is wanted") };
    let token = asked.text.split("Token=").nth(1).expect("it has a link").split(['&', '\n']).next().expect("it ends");
    let form = format!("Version=2010-03-31&Action=ConfirmSubscription&TopicArn={topic}&Token={token}");
    assert_eq!(door.form(&form).status, 200);
}

/// Its log files come as they were delivered, are counted and told of, and whoever is to be told is.
pub(crate) fn live_through(door: &mut Door, pipeline: &mut Pipeline, plan: &sim::Plan) {
    let mut files = sim::texts(plan).peekable();
    while files.peek().is_some() {
        let mut objects = Vec::new();
        for (key, text) in files.by_ref().take(200) {
            let told = record::log_key::LogKey::of_path(&key).expect("sim writes AWS's keys");
            door.now = door.now.max(moment(told.time));
            door.buckets().put("my-trail-logs", &key, &text).expect("there is room");
            objects.push(("my-trail-logs".to_owned(), key));
        }
        pipeline.step(&door.delivering(), &objects).expect("it goes on");
        door.deliver();
    }
}

#[test]
fn a_stolen_key_becomes_insight_files_beside_the_log_files_and_mails() {
    let plan = sim::Plan::demo(7);
    let mut door = door_with_trail(moment(plan.start + record::time::DAY));
    with_mail(&door);
    let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
    live_through(&mut door, &mut pipeline, &plan);
    assert!(pipeline.missed(&door.delivering()).expect("it lists").is_empty());

    let all = door.buckets().list("my-trail-logs", "AWSLogs/", "", usize::MAX).expect("it lists");
    let insights: Vec<_> = all.iter().filter(|(key, _)| key.contains("/CloudTrail-Insight/")).collect();
    let mut names = std::collections::BTreeSet::new();
    for (key, _) in &insights {
        let file = unpacked(&door.object("my-trail-logs", key).expect("it is there"));
        let record = &file["Records"][0];
        assert_eq!(record["eventType"], "AwsCloudTrailInsight", "{key}");
        names.insert((
            record["sharedEventID"].as_str().expect("it has one").to_owned(),
            record["insightDetails"]["state"].as_str().expect("it has one").to_owned(),
        ));
    }
    let has = |wanted: &str| names.iter().any(|(_, state)| state == wanted);
    assert!(has("Start") && has("End"), "{insights:?}");
    assert_eq!(names.len(), insights.len(), "a Start or an End was told twice");

    let mails = door.outbox.take();
    assert_eq!(mails.len(), names.len(), "a mail for each");
    for mail in &mails {
        assert_eq!(mail.to, "ops@example.com");
        assert!(mail.text.starts_with("Unusual\n\nType: Api"), "{mail:?}");
        assert!(mail.text.contains("\nRate: ") && mail.unsubscribe_url.is_some(), "{mail:?}");
    }
}

/// What was logged, a JSON object an event.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Logged {
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics with it").write(event)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_log_says_of_each_insight_of_which_type_it_is_and_of_which_error() {
    let plan = sim::Plan::demo(7);
    let mut door = door_with_trail(moment(plan.start + record::time::DAY));
    let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
    let logged = Logged::default();
    let to = logged.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || to.clone()).finish();
    // While there is one listener alone, whichever test is first at a line decides by its own whether that line is ever written.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    tracing::subscriber::with_default(subscriber, || live_through(&mut door, &mut pipeline, &plan));

    let text = String::from_utf8(logged.0.lock().expect("nobody panics with it").clone()).expect("it is text");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("it is JSON")["fields"].take());
    let lines: Vec<_> = lines.filter(|fields| fields["message"] == "an insight").collect();
    let mut types = std::collections::BTreeSet::new();
    for (key, _) in door.buckets().list("my-trail-logs", "AWSLogs/", "", usize::MAX).expect("it lists") {
        if !key.contains("/CloudTrail-Insight/") {
            continue;
        }
        let details =
            &unpacked(&door.object("my-trail-logs", &key).expect("it is there"))["Records"][0]["insightDetails"];
        let is_it = |fields: &&Value| {
            (&fields["insight_type"], &fields["error_code"]) == (&details["insightType"], &details["errorCode"])
                && (&fields["name"], &fields["state"]) == (&details["eventName"], &details["state"])
        };
        assert!(lines.iter().any(|fields| is_it(&fields)), "{details} is in none of {lines:#?}");
        types.insert(details["insightType"].as_str().expect("it has one").to_owned());
    }
    assert_eq!(types.len(), 2, "insights of both types are told: {types:?}");
}

#[test]
fn a_record_is_told_to_the_rules_that_want_it_and_once() {
    let plan = sim::Plan::demo(7);
    let door = {
        let mut door = door_with_trail(moment(plan.start));
        with_mail(&door);
        let pattern = r#"{"detail": {"eventName": [{"prefix": "Create"}]}}"#;
        let rule = json!({ "Name": "cloudtrail-insights-detected", "EventPattern": pattern });
        assert_eq!(door.json("AWSEvents.PutRule", rule).status, 200);
        door.now = moment(plan.start + record::time::DAY);
        door
    };
    let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
    let mut wanted = std::collections::BTreeSet::new();
    let mut objects = Vec::new();
    for (key, text) in sim::texts(&plan).take(150) {
        let file: Value = serde_json::from_slice(&text).expect("it is JSON");
        for record in file["Records"].as_array().expect("there are records") {
            if record["eventName"].as_str().is_some_and(|name| name.starts_with("Create")) {
                wanted.insert(record["eventID"].as_str().expect("it has one").to_owned());
            }
        }
        door.buckets().put("my-trail-logs", &key, &text).expect("there is room");
        objects.push(("my-trail-logs".to_owned(), key));
    }
    pipeline.step(&door.delivering(), &objects).expect("it goes on");
    pipeline.step(&door.delivering(), &objects).expect("it goes on");
    door.deliver();
    assert!(!wanted.is_empty());
    assert_eq!(door.outbox.take().len(), wanted.len());
}

#[test]
fn a_file_that_was_set_aside_is_read_once_it_is_another_whether_or_not_its_put_was_heard() {
    let plan = sim::Plan::demo(7);
    let mut door = door_with_trail(moment(plan.start));
    door.now = moment(plan.start + record::time::DAY);
    let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
    let (key, text) = sim::texts(&plan).next().expect("there is one");
    door.buckets().put("my-trail-logs", &key, b"<Error/>").expect("there is room");
    let refused = pipeline.step(&door.delivering(), &[("my-trail-logs".into(), key.clone())]).expect("it goes on");
    assert_eq!(refused.batches[0].refused_files, 1);
    assert!(pipeline.missed(&door.delivering()).expect("it lists").is_empty());

    door.buckets().put("my-trail-logs", &key, &text).expect("there is room");
    let missed = pipeline.missed(&door.delivering()).expect("it lists");
    assert_eq!(missed, [("my-trail-logs".to_owned(), key)]);
    let step = pipeline.step(&door.delivering(), &missed).expect("it goes on");
    assert!(step.batches[0].files == 1 && step.batches[0].counted > 0, "{:?}", step.batches);
    assert!(pipeline.missed(&door.delivering()).expect("it lists").is_empty());
}

#[test]
fn a_clock_that_ran_ahead_does_not_make_copies_count_again() {
    let plan = sim::Plan::demo(7);
    let mut door = door_with_trail(moment(plan.start));
    let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
    let (key, text) = sim::texts(&plan).next().expect("there is one");
    let copy = key.replace(".json.gz", "copy.json.gz");
    let mut counted = Vec::new();
    for key in [key, copy] {
        door.now = moment(plan.start + record::time::Minutes(60));
        door.buckets().put("my-trail-logs", &key, &text).expect("there is room");
        let step = pipeline.step(&door.delivering(), &[("my-trail-logs".into(), key)]).expect("it goes on");
        counted.push(step.batches[0].counted);
        door.now += jiff::SignedDuration::from_hours(24 * 5);
        server::upkeep::upkeep(&door.store, door.now).expect("it forgets what is old");
    }
    assert!(counted[0] > 0 && counted[1] == 0, "{counted:?}");
}

#[test]
fn a_clock_that_ran_ahead_by_a_year_erases_nothing_that_the_logs_tell() {
    let plan = sim::Plan::demo(7);
    let mut door = door_with_trail(moment(plan.start));
    let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
    for (key, text) in sim::texts(&plan).take(3) {
        door.buckets().put("my-trail-logs", &key, &text).expect("there is room");
    }
    let right = moment(plan.start + record::time::Minutes(60));
    door.now = right;
    let missed = pipeline.missed(&door.delivering()).expect("it lists");
    assert_eq!(missed.len(), 3);
    let step = pipeline.step(&door.delivering(), &missed).expect("it goes on");
    let known = |door: &Door| {
        let tally = door.store.read(|r| r.load_tally(Minute(0))).expect("it reads");
        tally.all_series().filter(|(_, counted)| counted.counts.span().is_some()).count()
    };
    let before = known(&door);
    assert!(step.batches[0].counted > 0 && before > 0);
    door.now += jiff::SignedDuration::from_hours(24 * 366);
    server::upkeep::upkeep(&door.store, door.now).expect("it forgets what is old");
    door.now = right;
    assert_eq!(known(&door), before);
    assert!(pipeline.missed(&door.delivering()).expect("it lists").is_empty(), "the ledger knows them");
}

#[test]
fn whoever_is_told_by_a_topic_is_told_a_start_before_its_end() {
    let mut door = door_with_trail("2026-02-12T14:30:00Z".parse().expect("it is a moment"));
    with_mail(&door);
    let subscribed = "https%3A%2F%2Fexample.com%2Fhook";
    let topic = "arn:aws:sns:us-east-1:123456789012:cloudtrail-insights-alerts";
    door.form(&format!("Version=2010-03-31&Action=Subscribe&TopicArn={topic}&Protocol=https&Endpoint={subscribed}"));
    door.deliver();
    let asked: Value = serde_json::from_slice(&door.web.take()[0].body).expect("it is JSON");
    let token = asked["Token"].as_str().expect("it has one");
    door.form(&format!("Version=2010-03-31&Action=ConfirmSubscription&TopicArn={topic}&Token={token}"));

    // Its Start fails at first.
    door.web.will_answer(500, &[], "");
    server::test_insight::send_test(&door.delivering(), None).expect("it is sent");
    door.deliver();
    let count = |door: &Door| door.web.take().len();
    assert_eq!(count(&door), 1, "the End came before the Start");
    door.now += jiff::SignedDuration::from_mins(5);
    door.deliver();
    assert_eq!(count(&door), 2);
}
