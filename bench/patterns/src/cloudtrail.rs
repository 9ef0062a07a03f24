//! CloudTrail's events as EventBridge delivers them, and rules as people write them.
//!
//! The records are `sim`'s, byte for byte and in CloudTrail's order of keys; EventBridge's envelope is put around them.
//! Rules are of twenty sorts that come in turn, so that one, ten and 300 of them are the same mixture; what they ask for is
//! drawn from the events, so that they are about the account that they watch.

use std::collections::BTreeSet;

use serde::de::IgnoredAny;
use serde_json::Value;
use sim::counts::dice::Dice;
use sim::{Plan, Tier};

/// How many events there are.
const EVENTS: usize = 4_000;

/// Events drawn evenly from a day and a half of three accounts.
pub(crate) fn events(seed: u64) -> Vec<Vec<u8>> {
    let plan = Plan { accounts: 3, data_events: true, ..Plan::tier(Tier::T0, seed) };
    let files: Vec<Vec<u8>> = sim::texts(&plan).map(|(_, text)| text).collect();
    let records: Vec<&[u8]> = files.iter().flat_map(|text| records(text)).collect();
    assert!(records.len() >= EVENTS, "the plan makes records enough");
    (0..EVENTS).map(|nth| envelope(records[nth * records.len() / EVENTS], &mut Dice::of(seed, 3, nth as u64))).collect()
}

/// The records of a log file, as they are written there.
fn records(file: &[u8]) -> Vec<&[u8]> {
    let mut rest = file.strip_prefix(b"{\"Records\":[").expect("a log file begins so");
    let mut records = Vec::new();
    while rest.first() == Some(&b'{') {
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        values.next().expect("there is a record").expect("a record is JSON");
        let (record, after) = rest.split_at(values.byte_offset());
        records.push(record);
        rest = after.strip_prefix(b",").unwrap_or(after);
    }
    records
}

/// What EventBridge puts around a record: <https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html>.
fn envelope(record: &[u8], dice: &mut Dice) -> Vec<u8> {
    let fields: Value = serde_json::from_slice(record).expect("a record is JSON");
    let text = |key: &str| fields[key].as_str().unwrap_or_default();
    let sort = match text("eventType") {
        "AwsConsoleSignIn" => "AWS Console Sign In via CloudTrail",
        "AwsServiceEvent" => "AWS Service Event via CloudTrail",
        _ => "AWS API Call via CloudTrail",
    };
    let source = text("eventSource").split('.').next().unwrap_or_default();
    let mut hex = |digits: u32| {
        (0..digits).map(|_| char::from_digit(dice.whole(0, 16), 16).expect("below 16")).collect::<String>()
    };
    let id = [8, 4, 4, 4, 12].map(&mut hex).join("-");
    let mut event = format!(
        r#"{{"version":"0","id":"{id}","detail-type":"{sort}","source":"aws.{source}","account":"{}","time":"{}","region":"{}","resources":[],"detail":"#,
        text("recipientAccountId"),
        text("eventTime"),
        text("awsRegion"),
    )
    .into_bytes();
    event.extend_from_slice(record);
    event.push(b'}');
    event
}

/// Rules as people write them; the first of any number of them are always the same.
pub(crate) fn rules(seed: u64, events: &[Vec<u8>], count: usize) -> Vec<String> {
    let seen = Seen::of(events);
    (0..count).map(|nth| seen.rule(nth, &mut Dice::of(seed, 4, nth as u64))).collect()
}

/// What there is in the events to ask for.
#[derive(Default)]
struct Seen {
    /// Services, and what is called there: `("aws.ec2", "ec2.amazonaws.com", ["RunInstances", …])`.
    services: Vec<(String, String, Vec<String>)>,
    arns: Vec<String>,
    addresses: Vec<String>,
    agents: Vec<String>,
    accounts: Vec<String>,
    regions: Vec<String>,
    errors: Vec<String>,
    buckets: Vec<String>,
    /// Parameters of requests that are texts or numbers: service, call, name, value.
    texts: Vec<[String; 4]>,
    numbers: Vec<[String; 4]>,
}

impl Seen {
    fn of(events: &[Vec<u8>]) -> Seen {
        let events: Vec<Value> =
            events.iter().map(|event| serde_json::from_slice(event).expect("an event is JSON")).collect();
        // Sets, so that what is rare is asked for as often as what is common: rules are about what matters, not what is much.
        let all = |path: &str| {
            let found = events.iter().filter_map(|event| event.pointer(path)?.as_str()).map(str::to_owned);
            found.collect::<BTreeSet<String>>().into_iter().collect::<Vec<String>>()
        };
        let mut calls = BTreeSet::new();
        let (mut texts, mut numbers) = (BTreeSet::new(), BTreeSet::new());
        for event in &events {
            let text = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (source, name) = (text("/source"), text("/detail/eventName"));
            calls.insert((source.clone(), text("/detail/eventSource"), name.clone()));
            for (key, value) in
                event.pointer("/detail/requestParameters").and_then(Value::as_object).into_iter().flatten()
            {
                let parameter = [source.clone(), name.clone(), key.clone(), value.to_string()];
                match value {
                    Value::String(_) => texts.insert(parameter),
                    Value::Number(_) => numbers.insert(parameter),
                    _ => false,
                };
            }
        }
        let mut services: Vec<(String, String, Vec<String>)> = Vec::new();
        for (source, host, name) in calls {
            match services.last_mut() {
                Some(last) if last.0 == source && last.1 == host => last.2.push(name),
                _ => services.push((source, host, vec![name])),
            }
        }
        Seen {
            services,
            arns: all("/detail/userIdentity/arn"),
            addresses: all("/detail/sourceIPAddress").into_iter().filter(|text| is_ipv4(text)).collect(),
            agents: all("/detail/userAgent"),
            accounts: all("/account"),
            regions: all("/region"),
            errors: all("/detail/errorCode"),
            buckets: all("/detail/requestParameters/bucketName"),
            texts: texts.into_iter().collect(),
            numbers: numbers.into_iter().collect(),
        }
    }

    /// The nth rule.
    fn rule(&self, nth: usize, dice: &mut Dice) -> String {
        let (source, host, names) = &self.services[dice.whole(0, self.services.len() as u32) as usize];
        let names = some(dice, names, 5);
        let call = |detail: &str| pattern(source, &format!(r#""eventSource":["{host}"],"eventName":{names}{detail}"#));
        let service = |detail: &str| pattern(source, detail);
        let arn = one(dice, &self.arns);
        let who = arn.rsplit('/').next().unwrap_or(arn);
        let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).take(6).collect::<String>();
        match nth % 20 {
            1 => format!(
                r#"{{"detail-type":["AWS API Call via CloudTrail","AWS Console Sign In via CloudTrail"],"account":{},"detail":{{"userIdentity":{{"type":["Root"]}},"eventType":[{{"anything-but":"AwsServiceEvent"}}]}}}}"#,
                some(dice, &self.accounts, 2),
            ),
            2 => {
                let error = one(dice, &self.errors);
                let prefix = error.get(..error.len().min(12)).unwrap_or(error);
                service(&format!(r#""errorCode":[{{"prefix":"AccessDenied"}},{{"prefix":"{prefix}"}}]"#))
            }
            4 => call(&format!(r#","userIdentity":{{"arn":[{{"anything-but":{}}}]}}"#, some(dice, &self.arns, 4))),
            5 => {
                let role = &arn[..arn.rfind('/').map_or(arn.len(), |slash| slash + 1)];
                call(&format!(r#","userIdentity":{{"arn":[{{"anything-but":{{"prefix":"{role}"}}}}]}}"#))
            }
            6 => {
                let address = one(dice, &self.addresses);
                let net = address.rsplit_once('.').map_or("10.0.0", |(net, _)| net);
                service(&format!(r#""sourceIPAddress":[{{"cidr":"{net}.0/24"}},{{"cidr":"10.0.0.0/8"}}]"#))
            }
            8 => {
                let bucket = one(dice, &self.buckets);
                let (from, to) = (bucket.get(..4).unwrap_or(bucket), bucket.get(bucket.len() - 4..).unwrap_or(""));
                let wildcard = format!("{from}*{to}");
                pattern(
                    "aws.s3",
                    &format!(
                        r#""eventName":["PutObject","DeleteObject","GetObject","PutBucketPolicy"],"requestParameters":{{"bucketName":[{{"wildcard":"{wildcard}"}}]}}"#
                    ),
                )
            }
            9 => {
                let [source, name, key, value] = &self.numbers[dice.whole(0, self.numbers.len() as u32) as usize];
                let numeric = match dice.whole(0, 3) {
                    0 => format!(r#"["=",{value}]"#),
                    1 => format!(r#"[">",0,"<=",{value}]"#),
                    _ => format!(r#"[">",{value}]"#),
                };
                pattern(
                    source,
                    &format!(r#""eventName":["{name}"],"requestParameters":{{"{key}":[{{"numeric":{numeric}}}]}}"#),
                )
            }
            10 => call(r#","$or":[{"errorCode":[{"exists":true}]},{"userIdentity":{"type":["Root"]}}]"#),
            11 => service(&format!(r#""eventName":{names},"errorCode":[{{"exists":true}}]"#)),
            13 if nth % 40 == 13 => call(r#","errorCode":[{"exists":false}]"#),
            13 => call(r#","errorCode":["AccessDenied",{"exists":false}]"#),
            14 if nth % 40 == 14 => {
                let agent = one(dice, &self.agents);
                let agent = agent.split(['/', ' ']).next().unwrap_or(agent);
                service(&format!(
                    r#""userAgent":[{{"prefix":"{agent}"}}],"userIdentity":{{"arn":[{{"suffix":"/{who}"}}]}}"#
                ))
            }
            14 => service(&format!(
                r#""userIdentity":{{"arn":[{{"suffix":{{"equals-ignore-case":"/{}"}}}}]}}"#,
                who.to_uppercase()
            )),
            15 => call(
                r#","readOnly":[false],"userIdentity":{"sessionContext":{"attributes":{"mfaAuthenticated":["false"]}}}"#,
            ),
            17 => {
                let address = one(dice, &self.addresses);
                let net = address.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
                let error = one(dice, &self.errors);
                service(&format!(
                    r#""$or":[{{"sourceIPAddress":[{{"cidr":"{net}.0.0/16"}}]}},{{"userIdentity":{{"arn":[{{"wildcard":"*/{}*"}}]}}}},{{"errorCode":["{error}"]}}]"#,
                    letters(who),
                ))
            }
            18 => format!(
                r#"{{"source":["{source}"],"account":["{}"],"region":{},"detail":{{"eventName":[{{"prefix":"Delete"}},{{"prefix":"Put"}},{{"prefix":"Update"}}]}}}}"#,
                one(dice, &self.accounts),
                some(dice, &self.regions, 2),
            ),
            19 => {
                let [source, name, key, value] = &self.texts[dice.whole(0, self.texts.len() as u32) as usize];
                pattern(source, &format!(r#""eventName":["{name}"],"requestParameters":{{"{key}":[{value}]}}"#))
            }
            // Most rules: these calls of this service.
            _ => call(""),
        }
    }
}

/// A rule on a service's calls.
fn pattern(source: &str, detail: &str) -> String {
    format!(r#"{{"source":["{source}"],"detail-type":["AWS API Call via CloudTrail"],"detail":{{{detail}}}}}"#)
}

fn one<'a>(dice: &mut Dice, of: &'a [String]) -> &'a str {
    &of[dice.whole(0, of.len() as u32) as usize]
}

/// One or some of these, as a JSON array; none twice.
fn some(dice: &mut Dice, of: &[String], most: u32) -> String {
    let count = dice.whole(1, most + 1);
    let some: BTreeSet<&str> = (0..count).map(|_| one(dice, of)).collect();
    let some: Vec<String> = some.into_iter().map(|text| Value::from(text).to_string()).collect();
    format!("[{}]", some.join(","))
}

fn is_ipv4(text: &str) -> bool {
    text.parse::<std::net::Ipv4Addr>().is_ok()
}
