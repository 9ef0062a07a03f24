//! The traffic of a simulated account, and how its log files come: late, repeated, reordered, cut, poisoned, and in the
//! buckets of two trails. Some of it is pushed instead, as events of EventBridge.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use record::api_call::Record;
use record::log_file::{Limits, Reader};
use record::log_key::{LogKey, LogKind};
use record::time::{Minute, Minutes};

use super::dice::SeededDice;

/// Thursday, 2026-02-05T00:00Z.
pub(crate) const START: Minute = Minute(29_504_160);
/// Nothing is rare before an account was watched for 36 hours.
pub(crate) const WARM: Minutes = Minutes(38 * 60);
/// Then things happen.
pub(crate) const LENGTH: Minutes = Minutes(44 * 60);

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const OTHER: &str = "210987654321";
pub(crate) const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];
/// The buckets of the two trails, and what stands before `AWSLogs/`.
pub(crate) const PLACES: [(&str, Option<&str>); 2] = [("first-logs", None), ("second-logs", Some("copies"))];
/// The API whose calls a rule asks for.
pub(crate) const TOLD: &str = "DeleteTrail";

/// A call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) account: &'static str,
    region: &'static str,
    pub(crate) minute: Minute,
    second: i64,
    pub(crate) name: &'static str,
    error: Option<&'static str>,
}

/// What is counted by: account, Region, API, error, minute.
pub(crate) type Cell = (String, String, String, Option<String>, Minute);

impl Call {
    /// Where it is counted: as a call of its API, and as a failure.
    pub(crate) fn cells(&self) -> Vec<Cell> {
        let cell = |error: Option<&str>| {
            (self.account.into(), self.region.into(), self.name.into(), error.map(Into::into), self.minute)
        };
        let mut cells = vec![cell(None)];
        cells.extend(self.error.map(|error| cell(Some(error))));
        cells
    }

    fn write(&self, text: &mut String) {
        let Call { id, account, region, minute, second, name, error } = self;
        let at = jiff::Timestamp::from_second(minute.seconds() + second).expect("it is a moment");
        let error = error.map(|code| format!(r#""errorCode":"{code}","#)).unwrap_or_default();
        write!(
            text,
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","principalId":"AIDA1","arn":"arn:aws:iam::{account}:user/u","accountId":"{account}","userName":"u"}},"eventTime":"{at}","eventSource":"ec2.amazonaws.com","eventName":"{name}","awsRegion":"{region}","sourceIPAddress":"192.0.2.1","userAgent":"aws-cli",{error}"requestParameters":null,"responseElements":null,"eventID":"{id}","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"{account}","eventCategory":"Management"}}"#
        )
        .expect("a string takes all");
    }
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    Whole,
    /// Its end is missing: what can be read of it counts.
    Cut,
    /// Nothing can be read of it.
    Poisoned,
}

/// A log file that comes.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// When its object is there.
    pub(crate) at: Minute,
    pub(crate) bucket: &'static str,
    pub(crate) key: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) damage: Damage,
    /// The calls that can be read of it.
    pub(crate) calls: Vec<Call>,
    /// What is in it and is no call that counts.
    pub(crate) rejected: usize,
}

/// Events that EventBridge posts, until they are taken.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    /// When it does so first.
    pub(crate) at: Minute,
    /// What the events tell of.
    pub(crate) calls: Vec<Call>,
}

impl Post {
    pub(crate) fn body(&self) -> String {
        let mut text = String::new();
        for call in &self.calls {
            text.push_str(if text.is_empty() { "[" } else { "," });
            write!(text, r#"{{"detail-type":"AWS API Call via CloudTrail","id":"{}","detail":"#, call.id)
                .expect("a string takes all");
            call.write(&mut text);
            text.push('}');
        }
        text + "]"
    }
}

/// What comes.
pub(crate) struct Traffic {
    /// In the order of their coming.
    pub(crate) arrivals: Vec<Arrival>,
    /// In the order of their coming.
    pub(crate) posts: Vec<Post>,
    /// What happens, in words.
    pub(crate) story: Vec<String>,
}

impl Traffic {
    pub(crate) fn new(seed: u64) -> Traffic {
        let mut dice = SeededDice::new(seed ^ 0x7aff_1c00);
        let (calls, story) = calls(&mut dice);
        let (mut arrivals, mut posts) = (Vec::new(), Vec::new());
        let mut from = START;
        while from < START + LENGTH {
            let length = if from < START + WARM { WARM.0 / 6 } else { dice.within(5, 12) };
            let until = (from + Minutes(length)).min(START + LENGTH);
            for region in REGIONS {
                let of_window = calls.range((from, 0)..(until, 0)).map(|(_, call)| call);
                let of_window: Vec<&Call> = of_window.filter(|call| call.region == region).collect();
                let is_eventful = from >= START + WARM;
                if is_eventful && dice.percent(10) {
                    post(&mut dice, &of_window, &mut posts);
                } else if !of_window.is_empty() {
                    file(&mut dice, region, until, &of_window, is_eventful, &mut arrivals);
                }
            }
            from = until;
        }
        arrivals.sort_by_key(|arrival| arrival.at);
        posts.sort_by_key(|post: &Post| post.at);
        Traffic { arrivals, posts, story }
    }
}

/// The calls by minute and number.
fn calls(dice: &mut SeededDice) -> (BTreeMap<(Minute, usize), Call>, Vec<String>) {
    let mut calls = BTreeMap::new();
    let mut story = Vec::new();
    let mut add = |dice: &mut SeededDice, minute: Minute, region, name, error| {
        let bits = dice.bits();
        let id = format!("{:08x}-{:04x}-4000-8000-{:012x}", bits >> 32, bits & 0xffff, calls.len());
        let account = if dice.percent(2) { OTHER } else { ACCOUNT };
        let second = dice.below(60) as i64;
        calls.insert((minute, calls.len()), Call { id, account, region, minute, second, name, error });
    };
    let moment = |dice: &mut SeededDice, least, most| {
        let latest = LENGTH.0 - most - 30;
        (START + Minutes(dice.within(WARM.0 + 10, latest)), Minutes(dice.within(least, most)))
    };
    let mut silence = None;
    if dice.percent(40) {
        let (from, length) = moment(dice, 100, 180);
        story.push(format!("StartInstances stops at {from} for {} minutes", length.0));
        silence = Some((from, from + length));
    }
    for minute in (0..LENGTH.0).map(|minute| START + Minutes(minute)) {
        let is_silent = silence.is_some_and(|(from, until)| (from..until).contains(&minute));
        if minute.0 % 2 == 0 && !is_silent {
            add(dice, minute, REGIONS[0], "StartInstances", None);
        }
        for region in REGIONS {
            if dice.percent(12) {
                let error = dice.percent(10).then_some("InvalidInput");
                add(dice, minute, region, "CreateTags", error);
            }
        }
        if minute >= START + WARM && dice.percent(3) {
            add(dice, minute, REGIONS[0], TOLD, None);
        }
    }
    for _ in 0..dice.below(4) {
        let (from, length) = moment(dice, 3, 9);
        let (region, a_minute) = (REGIONS[dice.below(2)], dice.within(12, 30));
        let (name, error) =
            [("DeleteSnapshot", None), ("CreateTags", None), ("RunInstances", Some("AccessDenied"))][dice.below(3)];
        story.push(format!("{name} {error:?} in {region} at {from}: {a_minute} a minute for {} minutes", length.0));
        for minute in (0..length.0).map(|minute| from + Minutes(minute)) {
            (0..a_minute).for_each(|_| add(dice, minute, region, name, error));
        }
    }
    (calls, story)
}

/// Calls as they are posted: soon, a few at once, and some with the next ones again.
fn post(dice: &mut SeededDice, calls: &[&Call], posts: &mut Vec<Post>) {
    let mut again: Option<Call> = None;
    for calls in calls.chunks(1 + dice.below(12)) {
        let latest = calls.iter().map(|call| call.minute).max().expect("a chunk has one");
        let mut calls: Vec<Call> = calls.iter().map(|call| (*call).clone()).collect();
        calls.extend(again.take());
        if dice.percent(20) {
            again = calls.first().cloned();
        }
        posts.push(Post { at: latest + Minutes(dice.within(1, 4)), calls });
    }
}

/// A log file as it comes: perhaps late, twice, cut, poisoned first; and as the second trail has it.
fn file(
    dice: &mut SeededDice,
    region: &str,
    until: Minute,
    calls: &[&Call],
    is_eventful: bool,
    arrivals: &mut Vec<Arrival>,
) {
    let delivered = Minute((until.0 + 4).div_euclid(5) * 5);
    let usual = |dice: &mut SeededDice| delivered + Minutes(dice.within(0, 4));
    let late = |dice: &mut SeededDice| delivered + Minutes(dice.within(20, 300));
    let mut at = usual(dice);
    for (number, (bucket, prefix)) in PLACES.into_iter().enumerate() {
        if !is_eventful && number == 1 && dice.percent(70) {
            continue;
        }
        let key = key(dice, prefix, region, delivered);
        let (bytes, rejected) = written(dice, calls, is_eventful);
        let whole = Arrival {
            at,
            bucket,
            key,
            bytes,
            damage: Damage::Whole,
            calls: calls.iter().map(|call| (*call).clone()).collect(),
            rejected,
        };
        if is_eventful {
            match dice.below(100) {
                // It comes late.
                0..=2 => at = late(dice),
                // Nothing can be read of it; perhaps it is put again, whole.
                3..=5 => {
                    arrivals.push(poisoned(dice, &whole, at));
                    if dice.percent(60) {
                        arrivals.push(Arrival { at: late(dice), ..whole.clone() });
                    }
                    continue;
                }
                // Its end is missing; perhaps it comes again under another name.
                6..=7 => {
                    arrivals.extend(cut(dice, &whole, at));
                    if dice.percent(60) {
                        let key = self::key(dice, prefix, region, delivered);
                        arrivals.push(Arrival { at: late(dice), key, ..whole.clone() });
                    }
                    continue;
                }
                // It comes twice, as the same object or as another.
                8..=13 => {
                    let key =
                        if dice.percent(50) { whole.key.clone() } else { self::key(dice, prefix, region, delivered) };
                    let again = if dice.percent(50) { usual(dice) } else { late(dice) };
                    arrivals.push(Arrival { at: again, key, ..whole.clone() });
                }
                _ => {}
            }
        }
        arrivals.push(Arrival { at, ..whole });
        at = usual(dice);
    }
}

fn key(dice: &mut SeededDice, prefix: Option<&str>, region: &str, time: Minute) -> String {
    let key = LogKey {
        prefix: prefix.map(Into::into),
        organization: None,
        account: ACCOUNT.into(),
        region: region.into(),
        day: time.day_start(),
        kind: LogKind::CloudTrail,
        time,
        unique: format!("{:016x}", dice.bits()),
        is_of_2014: false,
    };
    key.to_string()
}

/// A file's bytes, and how much in it is no call.
fn written(dice: &mut SeededDice, calls: &[&Call], is_eventful: bool) -> (Vec<u8>, usize) {
    let mut text = String::from("{\"Records\":[");
    let rejected = if is_eventful && dice.percent(5) { 1 + dice.below(3) } else { 0 };
    for _ in 0..rejected {
        text.push_str(["7,", "{\"eventName\":\"nothing else\"},", "{\"eventTime\":\"never\"},"][dice.below(3)]);
    }
    for (number, call) in calls.iter().enumerate() {
        if number > 0 {
            text.push(',');
        }
        call.write(&mut text);
    }
    text.push_str("]}");
    (packed(text.as_bytes()), rejected)
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text).expect("memory takes all");
    packer.finish().expect("memory takes all")
}

fn poisoned(dice: &mut SeededDice, whole: &Arrival, at: Minute) -> Arrival {
    let bytes = match dice.below(4) {
        0 => b"\x1f\x8bnot gzip at all".to_vec(),
        1 => b"<Error><Code>SlowDown</Code></Error>".to_vec(),
        2 => packed(b"{\"Records\": 7}"),
        _ => whole.bytes[..whole.bytes.len().min(18)].to_vec(),
    };
    Arrival { at, bytes, damage: Damage::Poisoned, calls: Vec::new(), rejected: 0, ..whole.clone() }
}

/// The file without its end; none if nothing of it can be read then, which is another fault.
fn cut(dice: &mut SeededDice, whole: &Arrival, at: Minute) -> Option<Arrival> {
    let length = whole.bytes.len() * dice.within(30, 95) as usize / 100;
    let bytes = whole.bytes[..length].to_vec();
    let (mut ids, mut rejected) = (Vec::new(), 0);
    let read = Reader::new(Limits::default()).read(&bytes, Some(ACCOUNT), |record| match record {
        Ok(Record::Call(call)) => ids.push(call.event_id),
        _ => rejected += 1,
    });
    read.err()?;
    let by_id = |id| whole.calls.iter().find(|call| record::event_id::EventId::of_text(&call.id) == id).cloned();
    let calls: Vec<Call> = ids.into_iter().filter_map(by_id).collect();
    if calls.is_empty() {
        return None;
    }
    Some(Arrival { at, bytes, damage: Damage::Cut, calls, rejected, ..whole.clone() })
}
