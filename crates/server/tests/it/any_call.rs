//! Whatever operations are called with, each is done or refused in words, and what is remembered stays readable.
//!
//! Inputs are drawn by the shape of each operation, out of what services trip over: names of what is there and of what is not, texts
//! that are empty, long, or mean something elsewhere, numbers at the ends, values of another type. What a call makes, later ones find.
//! A seed that fails tells which call it was.

use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use server::{Service, operations};
use wire::check::{Parts, Shape};

use crate::door::{Door, Reply};
use crate::simulation::dice::SeededDice;

/// Rounds of all operations, each with other inputs.
const ROUNDS: u64 = 100;

const TEXTS: &[&str] = &[
    "mine",
    "mine",
    "mine",
    "other",
    "events",
    "default",
    "",
    " ",
    "*",
    "a/b",
    "../..",
    "\u{0}",
    "\n",
    "é\u{202e}Ü",
    "-",
    "0",
    "-1",
    "1e400",
    "true",
    "null",
    "{}",
    "[]",
    "{\"source\":[\"aws.ec2\"]}",
    "{\"source\":[{\"prefix\":\"\"}]}",
    "{\"a\":",
    "rate(5 minutes)",
    "cron(0 0 31 2 ? *)",
    "cron(* * * * * *)",
    "123456789012",
    "000000000000",
    "us-east-1",
    "2026-02-12T14:30:00Z",
    "9999-12-31T23:59:60Z",
    "http://127.0.0.1:1/",
    "https://example.com/x",
    "a@example.com",
    "email",
    "https",
    "sqs",
    "lambda",
    "my-trail",
    "s3.amazonaws.com",
    "SELECT 1 FROM events",
    "SELECT * FROM mine WHERE",
    "Management",
    "ApiCallRateInsight",
    "Name",
    "eventCategory",
    "arn:aws:sns:us-east-1:123456789012:mine",
    "arn:aws:events:us-east-1:123456789012:rule/mine",
    "arn:aws:events:us-east-1:123456789012:event-bus/mine",
    "arn:aws:cloudtrail:us-east-1:123456789012:trail/mine",
    "arn:aws:sqs:us-east-1:123456789012:mine",
    "arn:aws:lambda:us-east-1:123456789012:function:mine",
    "arn:aws:logs:us-east-1:123456789012:log-group:mine",
    "arn:aws:iam::123456789012:role/mine",
    "arn:aws:s3:::mine",
    "arn:",
    "arn:aws:::::",
    "1a8f2138-0caa-46c8-a194-0123456789ab",
];

/// Dice that fall as the seed says.
struct Fate(SeededDice);

impl Fate {
    fn one_in(&mut self, of: usize) -> bool {
        self.0.below(of) == 0
    }

    fn of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.0.below(all.len())]
    }

    fn text(&mut self) -> String {
        match self.0.below(30) {
            0 => self.of(TEXTS).repeat(400),
            1 => format!("{}{}", self.of(TEXTS), self.of(TEXTS)),
            _ => (*self.of(TEXTS)).to_owned(),
        }
    }

    /// A text for a member of this name: most often one that it may be.
    fn text_of(&mut self, name: &str) -> String {
        let name = name.to_lowercase();
        let means = |text: &&&str| match &*name {
            name if name.ends_with("arn") || name == "endpoint" => text.starts_with("arn:aws:"),
            name if name.ends_with("name") || name == "id" => text.starts_with("mine"),
            name if name.contains("pattern") => text.starts_with("{\"source"),
            name if name.contains("expression") => text.starts_with("rate(") || text.starts_with("cron("),
            name if name.contains("statement") => text.starts_with("SELECT"),
            _ => false,
        };
        let fitting: Vec<&str> = TEXTS.iter().filter(means).copied().collect();
        if fitting.is_empty() || self.one_in(4) { self.text() } else { (*self.of(&fitting)).to_owned() }
    }

    fn value(&mut self, name: &str, shape: &Shape) -> Value {
        if self.one_in(40) {
            return self
                .of(&[Value::Null, json!({}), json!([]), json!([[]]), json!("x"), json!(-1.5e300), json!(true)])
                .clone();
        }
        match shape.parts() {
            Parts::Value(words) if !words.is_empty() && !self.one_in(10) => json!(self.of(words)),
            Parts::Value(_) => match self.0.below(8) {
                0 => json!(self.of(&[0, 1, -1, 60, 3600, 86_400, i64::from(i32::MAX), i64::MAX, i64::MIN])),
                1 => json!(self.one_in(2)),
                2 => json!(self.of(&[0.0, 0.5, 1_770_906_600.25, -1e18, 1e300])),
                _ => json!(self.text_of(name)),
            },
            Parts::Members(members) => {
                let mut object = Map::new();
                for member in members {
                    let is_there = if member.is_required() { !self.one_in(20) } else { self.one_in(2) };
                    if is_there {
                        object.insert(member.name().into(), self.value(member.name(), member.shape()));
                    }
                }
                Value::Object(object)
            }
            Parts::Items(item) => (0..self.0.below(3)).map(|_| self.value(name, item)).collect(),
            Parts::Entries(value) => {
                let entries = 0..self.0.below(3);
                Value::Object(entries.map(|_| (self.text(), self.value(name, value))).collect())
            }
        }
    }
}

/// An input as the forms of the query protocol write it.
fn fields(at: &str, value: &Value, form: &mut String) {
    let below = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    let mut field = |text: &str| {
        form.push_str(&format!(
            "&{}={}",
            utf8_percent_encode(at, NON_ALPHANUMERIC),
            utf8_percent_encode(text, NON_ALPHANUMERIC)
        ));
    };
    match value {
        Value::Null => {}
        Value::String(text) => field(text),
        Value::Bool(_) | Value::Number(_) => field(&value.to_string()),
        Value::Array(items) => {
            (1..).zip(items).for_each(|(number, item)| fields(&below(&format!("member.{number}")), item, form));
        }
        Value::Object(members) => members.iter().for_each(|(name, value)| fields(&below(name), value, form)),
    }
}

/// Calls an operation with an input in its service's protocol.
fn call(door: &Door, service: Service, name: &str, input: &Value) -> Reply {
    let target = |prefix: &str| door.json(&format!("{prefix}.{name}"), input.clone());
    let form = |version: &str| {
        let mut form = format!("Action={name}&Version={version}");
        fields("", input, &mut form);
        door.form(&form)
    };
    match service {
        Service::CloudTrail => target("CloudTrail_20131101"),
        Service::Events => target("AWSEvents"),
        Service::Logs => target("Logs_20140328"),
        Service::Organizations => target("AWSOrganizationsV20161128"),
        Service::Sns => form("2010-03-31"),
        Service::Iam => form("2010-05-08"),
        Service::Sts => form("2011-06-15"),
        other => unreachable!("{other:?} is called in another way"),
    }
}

const SERVICES: [Service; 7] = [
    Service::CloudTrail,
    Service::Events,
    Service::Logs,
    Service::Organizations,
    Service::Sns,
    Service::Iam,
    Service::Sts,
];

#[test]
fn whatever_operations_are_called_with_each_is_done_or_refused_and_the_rest_goes_on() {
    let mut done = 0;
    for seed in 0..ROUNDS {
        let (mut door, mut fate) = (Door::default(), Fate(SeededDice::new(seed)));
        let mut all: Vec<_> = SERVICES.iter().flat_map(|of| operations(*of).iter().map(|entry| (*of, entry))).collect();
        // What makes something comes early in one round, and late in another.
        all.sort_by_cached_key(|_| fate.0.bits());
        for (service, entry) in all.iter().chain(&all) {
            let input = match entry.shape.parts() {
                Parts::Members(_) => fate.value("", entry.shape),
                _ => json!({}),
            };
            let reply = call(&door, *service, entry.name, &input);
            let told = || format!("seed {seed}: {service:?} {} {input}: {reply:?}", entry.name);
            assert!(reply.status < 500, "{}", told());
            let is_in_words = reply.body.is_empty()
                || reply.body.starts_with('<')
                || serde_json::from_str::<Value>(&reply.body).is_ok();
            assert!(is_in_words, "{}", told());
            done += usize::from(reply.status == 200);
            if fate.one_in(20) {
                door.wait(SignedDuration::from_secs(61));
                door.deliver();
            }
        }
        // Whatever was made, all of it can be told.
        for (service, name) in
            [(Service::CloudTrail, "ListTrails"), (Service::Events, "ListRules"), (Service::Sns, "ListTopics")]
        {
            assert_eq!(call(&door, service, name, &json!({})).status, 200, "seed {seed}: {name}");
        }
    }
    assert!(done > 1000, "hardly anything was done: {done}");
}
