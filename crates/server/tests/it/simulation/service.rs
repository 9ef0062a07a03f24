//! The simulated service: the real one, its threads walked step by step, and killed between any two of them.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use detect::engine::Settings;
use jiff::Timestamp;
use serde_json::json;
use server::deliver::{Attempted, attempt, note, take_due};
use server::http::FrontDoor;
use server::pipeline::ObjectName;
use server::push::{NoPushKeys, PushDesk};
use server::work::{Timed, Walk};
use server::{Place, RuleBook};
use store::deliveries::{Delivery, DeliveryList};
use store::{Options, Store};

use crate::door::Door;
use crate::lambda::{archive, base64};
use crate::pipeline::moment;

use super::dice::SeededDice;
use super::outside::Outside;
use super::traffic::{PLACES, Post, START, TOLD};

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:insights";
const INSIGHTS_QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:insights";
const RECORDS_QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:records";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:insights";

/// The service, as far as a process has it in memory; and where it is remembered.
pub(crate) struct Service {
    pub(crate) outside: Outside,
    folder: tempfile::TempDir,
    /// How often it was started.
    pub(crate) starts: u32,
    process: Option<Process>,
}

struct Process {
    door: FrontDoor,
    walk: Walk,
    timed: Timed,
    /// Objects that it was told of and did not look at yet.
    puts: Vec<ObjectName>,
    taken: Vec<Delivery>,
    /// Attempts that were made, and are not noted.
    attempted: Vec<(Delivery, Attempted)>,
}

impl Service {
    pub(crate) fn new(outside: Outside) -> Service {
        let folder = tempfile::tempdir_in(room()).expect("there is room");
        let mut service = Service { outside, folder, starts: 0, process: None };
        std::fs::write(service.database(), template()).expect("there is room");
        service.start();
        service
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join(format!("{}.db", self.starts))
    }

    fn start(&mut self) {
        let store = Store::open(self.database(), &Options::default()).expect("it opens");
        store.write(|w| w.release_taken()).expect("it writes");
        let door = FrontDoor {
            store: Arc::new(store),
            world: Arc::new(self.outside.world()),
            rules: Arc::new(RuleBook::default()),
            place: Place::default(),
            public_url: "http://127.0.0.1:4580".into(),
            hosts: Vec::new(),
            gate: Arc::default(),
            s3: None,
            page: None,
            progress: Arc::default(),
            metrics: Arc::default(),
            live: Default::default(),
            push: Arc::new(PushDesk::new(Box::new(NoPushKeys), Duration::ZERO)),
        };
        let walk = Walk::start(&door, Settings::default()).expect("it starts").read_alone();
        let (timed, puts, taken, attempted) = (Timed::default(), Vec::new(), Vec::new(), Vec::new());
        self.process = Some(Process { door, walk, timed, puts, taken, attempted });
    }

    /// The process is gone: what the next one finds is what lay on the disk at this moment.
    pub(crate) fn kill(&mut self) {
        let before = self.database();
        self.starts += 1;
        for ending in ["", "-wal"] {
            let file = |path: &PathBuf| PathBuf::from(format!("{}{ending}", path.display()));
            if file(&before).exists() {
                std::fs::copy(file(&before), file(&self.database())).expect("there is room");
            }
        }
        self.process = None;
        self.start();
    }

    fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("it runs")
    }

    pub(crate) fn store(&self) -> &Store {
        &self.process.as_ref().expect("it runs").door.store
    }

    /// It is told of an object that was put.
    pub(crate) fn hear(&mut self, object: ObjectName) {
        self.process().puts.push(object);
    }

    /// EventBridge of a real account posts the first of these, and keeps it if it was not taken.
    pub(crate) fn post(&mut self, posts: &mut Vec<Post>) {
        let Some(post) = posts.first() else { return };
        let process = self.process();
        let answer = process.door.push.take(&process.door.delivering(), post.body().as_bytes());
        if answer.status == 200 {
            posts.remove(0);
        }
    }

    /// One step of the thread that counts and evaluates, in which the store may fail after so many steps of its own. It starts
    /// again what failed, as that thread does; says whether it failed.
    pub(crate) fn walk(&mut self, store_fails_after: Option<u64>) -> Option<String> {
        let process = self.process();
        let puts = std::mem::take(&mut process.puts);
        if store_fails_after.is_some() {
            process.door.store.pretend_writes_fail(store_fails_after);
        }
        let walked = process.walk.step(&process.door, puts);
        if store_fails_after.is_some() {
            process.door.store.pretend_writes_fail(None);
        }
        let error = walked.err()?;
        match Walk::start(&process.door, Settings::default()) {
            Ok(walk) => process.walk = walk.read_alone(),
            // The service ends with the error, and whoever watches over it starts it again.
            Err(_) => self.kill(),
        }
        Some(error.to_string())
    }

    /// What is done by the clock.
    pub(crate) fn look_at_the_clock(&mut self) {
        let process = self.process();
        process.timed.look(&process.door.delivering());
    }

    /// Takes what is due, at most so many.
    pub(crate) fn take(&mut self, limit: usize) -> usize {
        let process = self.process();
        // What cannot be taken now is taken later.
        let taken = take_due(&process.door.delivering(), limit).unwrap_or_default();
        let count = taken.len();
        process.taken.extend(taken);
        count
    }

    /// Makes one of the attempts that were taken.
    pub(crate) fn attempt(&mut self, dice: &mut SeededDice) {
        let process = self.process();
        if !process.taken.is_empty() {
            let delivery = dice.take(&mut process.taken);
            let attempted = attempt(&process.door.delivering(), &delivery);
            process.attempted.push((delivery, attempted));
        }
    }

    /// Notes one of the attempts that were made.
    pub(crate) fn note(&mut self, dice: &mut SeededDice) {
        let process = self.process();
        if !process.attempted.is_empty() {
            let (delivery, attempted) = dice.take(&mut process.attempted);
            // What cannot be noted is tried again once it is no longer taken.
            drop(note(&process.door.delivering(), &delivery, attempted));
        }
    }

    /// Makes everything that is due, and what follows from it.
    pub(crate) fn deliver_all(&mut self, dice: &mut SeededDice) {
        loop {
            let taken = self.take(32);
            let process = self.process();
            let open = process.taken.len().max(process.attempted.len());
            if taken + open == 0 {
                return;
            }
            (0..open).for_each(|_| self.attempt(dice));
            (0..self.process().attempted.len()).for_each(|_| self.note(dice));
        }
    }

    /// Every delivery that is remembered.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.store().read(|r| r.deliveries(&DeliveryList::default(), usize::MAX >> 1)).expect("it reads")
    }

    /// When something is due that is not now.
    pub(crate) fn next_due_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.store().read(|r| r.next_due_at(now)).expect("it reads")
    }
}

/// A disk in memory, where there is one: what is killed here needs no disk that keeps.
fn room() -> PathBuf {
    let in_memory = PathBuf::from("/dev/shm");
    if in_memory.is_dir() { in_memory } else { std::env::temp_dir() }
}

/// The database of a service that was set up as its users do it: two trails over the same account, which log their records
/// and are told insights; rules, a topic with a mail address and a web server, queues.
fn template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join("state.db");
        let mut door = Door::default();
        door.store = Store::open(&path, &Options::default()).expect("it opens");
        door.now = moment(START);
        door.world_mut().functions = Box::new(Outside::new(0, moment(START)));
        set_up(&door);
        drop(door);
        std::fs::read(&path).expect("it is there")
    })
}

fn ask(door: &Door, target: &str, input: serde_json::Value) {
    let reply = door.json(target, input);
    assert_eq!(reply.status, 200, "{target}: {reply:?}");
}

fn set_up(door: &Door) {
    for (number, (bucket, prefix)) in PLACES.into_iter().enumerate() {
        let name = format!("trail-{number}");
        ask(door, "Logs_20140328.CreateLogGroup", json!({ "logGroupName": name }));
        let mut trail = json!({
            "Name": name, "S3BucketName": bucket, "IsMultiRegionTrail": true, "EnableLogFileValidation": true,
            "IsOrganizationTrail": true,
            "CloudWatchLogsLogGroupArn": format!("arn:aws:logs:us-east-1:123456789012:log-group:{name}:*"),
            "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/any",
        });
        if let Some(prefix) = prefix {
            trail["S3KeyPrefix"] = json!(prefix);
        }
        ask(door, "CloudTrail_20131101.CreateTrail", trail);
        ask(door, "CloudTrail_20131101.StartLogging", json!({ "Name": name }));
        let selectors = json!([{ "InsightType": "ApiCallRateInsight" }, { "InsightType": "ApiErrorRateInsight" }]);
        let selectors = json!({ "TrailName": name, "InsightSelectors": selectors });
        ask(door, "CloudTrail_20131101.PutInsightSelectors", selectors);
    }
    topic(door);
    function(door);
    let insights = json!({ "detail-type": ["AWS Insight via CloudTrail"] });
    let records = json!({ "detail": { "eventName": [TOLD] } });
    let template = json!({
        "InputPathsMap": { "id": "$.detail.sharedEventID", "state": "$.detail.insightDetails.state" },
        "InputTemplate": "\"insight|<id>|<state>|\"",
    });
    let to_topic = json!({ "Id": "t", "Arn": TOPIC, "InputTransformer": template.clone() });
    let to_queue = json!({ "Id": "q", "Arn": INSIGHTS_QUEUE, "InputTransformer": template.clone() });
    let to_function = json!({ "Id": "f", "Arn": FUNCTION, "InputTransformer": template });
    let ids = json!({ "Id": "q", "Arn": RECORDS_QUEUE, "InputPath": "$.detail.eventID" });
    for (name, pattern, targets) in
        [("insights", insights, json!([to_topic, to_queue, to_function])), ("records", records, json!([ids]))]
    {
        ask(door, "AWSEvents.PutRule", json!({ "Name": name, "EventPattern": pattern.to_string() }));
        ask(door, "AWSEvents.PutTargets", json!({ "Rule": name, "Targets": targets }));
    }
    ask(door, "AWSEvents.PutRule", json!({ "Name": "minutes", "ScheduleExpression": "rate(1 minute)" }));
    let template = json!({
        "InputPathsMap": { "time": "$.time", "id": "$.id" },
        "InputTemplate": "\"due|<time>|<id>|\"",
    });
    let minutes = json!([{ "Id": "q", "Arn": RECORDS_QUEUE, "InputTransformer": template }]);
    ask(door, "AWSEvents.PutTargets", json!({ "Rule": "minutes", "Targets": minutes }));
}

/// A function.
fn function(door: &Door) {
    let input = json!({
        "FunctionName": "insights", "Runtime": "python3.11", "Role": "arn:aws:iam::123456789012:role/any",
        "Handler": "index.handler", "Code": { "ZipFile": base64(&archive("")) },
    });
    let reply = door.rest("POST", "/2015-03-31/functions", &[], input.to_string().as_bytes());
    assert_eq!(reply.status(), 201, "{reply:?}");
}

/// A topic that a mail address and a web server have subscribed to.
fn topic(door: &Door) {
    let form = |form: String| {
        let reply = door.form(&format!("Version=2010-03-31&{form}"));
        assert_eq!(reply.status, 200, "{form}: {reply:?}");
    };
    form("Action=CreateTopic&Name=insights".into());
    form(format!("Action=Subscribe&TopicArn={TOPIC}&Protocol=email&Endpoint=ops%40example.com"));
    form(format!("Action=Subscribe&TopicArn={TOPIC}&Protocol=https&Endpoint=https%3A%2F%2Fexample.com%2Fhook"));
    door.deliver();
    let mail = door.outbox.take().remove(0).text;
    let of_mail = mail.split("Token=").nth(1).expect("it has a link").split(['&', '\n']).next().expect("it ends");
    let post: serde_json::Value = serde_json::from_slice(&door.web.take().remove(0).body).expect("it is JSON");
    for token in [of_mail, post["Token"].as_str().expect("it has one")] {
        form(format!("Action=ConfirmSubscription&TopicArn={TOPIC}&Token={token}"));
    }
    door.deliver();
    door.outbox.take();
    door.web.take();
}
