//! Whatever operations are called with, each is done or refused in words, and what is remembered stays readable.
//!
//! Inputs are drawn by the shape of each operation, out of what services trip over: names of what is there and of what is not, texts
//! that are empty, long, or mean something elsewhere, numbers at the ends, values of another type. What a call makes, later ones find.
//! A seed that fails tells which call it was.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use server::{Service, operations};
use wire::check::{Parts, Shape};
use wire::rest_json::routes;

use crate::door::{Door, Reply, read};
use crate::lambda::{archive, base64};
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
    "python3.12",
    "index.handler",
    "$LATEST",
    "1",
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

/// Dice that fall as the seed says, and what was heard.
struct Fate {
    dice: SeededDice,
    /// ARNs that were answered: nobody could guess them.
    arns: Vec<String>,
}

impl Fate {
    fn one_in(&mut self, of: usize) -> bool {
        self.dice.below(of) == 0
    }

    fn of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.dice.below(all.len())]
    }

    /// Notes the ARNs that an answer tells.
    fn hear(&mut self, told: &Value) {
        match told {
            Value::String(text) if text.starts_with("arn:") => self.arns.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| self.hear(item)),
            Value::Object(members) => members.values().for_each(|value| self.hear(value)),
            _ => {}
        }
    }

    fn text(&mut self) -> String {
        match self.dice.below(30) {
            0 => self.of(TEXTS).repeat(400),
            1 => format!("{}{}", self.of(TEXTS), self.of(TEXTS)),
            _ => (*self.of(TEXTS)).to_owned(),
        }
    }

    /// A text for a member of this name: most often one that it may be.
    fn text_of(&mut self, name: &str) -> String {
        let name = name.to_lowercase();
        if (name.ends_with("arn") || name == "channel") && !self.arns.is_empty() && self.one_in(2) {
            return self.arns[self.dice.below(self.arns.len())].clone();
        }
        let means = |text: &&&str| match &*name {
            name if name.ends_with("arn") || name == "endpoint" => text.starts_with("arn:aws:"),
            name if name.ends_with("name") || name == "id" => text.starts_with("mine"),
            name if name.contains("pattern") => text.starts_with("{\"source"),
            name if name.contains("expression") => text.starts_with("rate(") || text.starts_with("cron("),
            name if name.contains("statement") => text.starts_with("SELECT"),
            "role" => text.starts_with("arn:aws:iam"),
            "runtime" => text.starts_with("python"),
            "handler" => text.starts_with("index."),
            "qualifier" | "functionversion" => matches!(**text, "1" | "$LATEST" | "mine"),
            _ => false,
        };
        if name == "zipfile" && !self.one_in(4) {
            return base64(&archive("def handler(event, context): return 1"));
        }
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
            Parts::Value(_) => match self.dice.below(8) {
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
            Parts::Items(item) => (0..self.dice.below(3)).map(|_| self.value(name, item)).collect(),
            Parts::Entries(value) => {
                let entries = 0..self.dice.below(3);
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
        Service::Lambda | Service::CloudTrailData => in_rest_json(door, service, name, input),
        other => unreachable!("{other:?} is called in another way"),
    }
}

/// The same in REST-JSON: members lie in the path, the query string, headers, and the body.
fn in_rest_json(door: &Door, service: Service, name: &str, input: &Value) -> Reply {
    let route = routes(service).iter().find(|route| route.operation == name).expect("it has a route");
    let mut rest = input.as_object().cloned().unwrap_or_default();
    let word = |value: Value| match value {
        Value::String(text) => utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string(),
        other => utf8_percent_encode(&other.to_string(), NON_ALPHANUMERIC).to_string(),
    };
    let mut take = |member: &str| rest.remove(member).map(word);
    let in_braces = |part: &str| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')).map(str::to_owned);
    let path: Vec<String> = route
        .path
        .split('/')
        .map(|part| in_braces(part).map_or_else(|| part.to_owned(), |member| take(&member).unwrap_or_default()))
        .collect();
    let marker = route.marker.iter().map(|(name, value)| format!("{name}={value}"));
    let query: Vec<String> = marker
        .chain(route.query.iter().filter_map(|(name, member)| Some(format!("{name}={}", take(member)?))))
        .collect();
    let headers: Vec<(&'static str, String)> =
        route.headers.iter().filter_map(|(header, member)| Some((*header, take(member)?))).collect();
    let headers: Vec<(&'static str, &str)> = headers.iter().map(|(header, value)| (*header, &**value)).collect();
    let body = match route.payload {
        Some(member) => rest.remove(member).map(|payload| payload.to_string()).unwrap_or_default(),
        None => Value::Object(rest).to_string(),
    };
    let target = format!("{}?{}", path.join("/"), query.join("&"));
    read(door.rest(route.method, &target, &headers, body.as_bytes()))
}

const SERVICES: [Service; 9] = [
    Service::CloudTrail,
    Service::CloudTrailData,
    Service::Events,
    Service::Lambda,
    Service::Logs,
    Service::Organizations,
    Service::Sns,
    Service::Iam,
    Service::Sts,
];

#[test]
fn whatever_operations_are_called_with_each_is_done_or_refused_and_the_rest_goes_on() {
    let mut done: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..ROUNDS {
        let (mut door, mut fate) = (Door::default(), Fate { dice: SeededDice::new(seed), arns: Vec::new() });
        let mut all: Vec<_> = SERVICES.iter().flat_map(|of| operations(*of).iter().map(|entry| (*of, entry))).collect();
        // What makes something comes early in one round, and late in another.
        all.sort_by_cached_key(|_| fate.dice.bits());
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
            fate.hear(&serde_json::from_str(&reply.body).unwrap_or_default());
            *done.entry(service.signing_name()).or_default() += u32::from((200..300).contains(&reply.status));
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
    // It wants a channel, which nobody makes by chance.
    done.remove(Service::CloudTrailData.signing_name());
    assert!(done.values().all(|done| *done > 50), "hardly anything was done: {done:?}");
    assert_eq!(done.len(), SERVICES.len() - 1);
}
