//! What a record says, read the plain way: through `serde_json::Value`. The walk must say the same.

use record::api_call::{ApiCall, Record};
use record::event_id::EventId;
use record::log_file::{Limits, Reader, RejectedFile};
use record::names::EventCategory;
use record::scan::Walk;
use serde_json::Value;

/// Everything that is read of a call, as owned texts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Facts {
    pub event_id: EventId,
    pub event_time: i64,
    pub place: [String; 4],
    pub category: EventCategory,
    pub read_only: bool,
    pub identity: [Option<String>; 8],
    pub others: [Option<String>; 5],
}

/// What became of one record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Call(Box<Facts>),
    Insight,
    Rejected(&'static str),
}

impl Facts {
    pub(crate) fn of(call: &ApiCall<'_>) -> Facts {
        let owned = |text: &Option<record::api_call::Text<'_>>| text.as_ref().map(|text| text.to_string());
        let id = &call.identity;
        Facts {
            event_id: call.event_id,
            event_time: call.event_time,
            place: [&call.account, &call.region, &call.source, &call.name].map(|text| text.to_string()),
            category: call.category,
            read_only: call.read_only,
            identity: [
                &id.kind,
                &id.arn,
                &id.principal_id,
                &id.account_id,
                &id.access_key_id,
                &id.user_name,
                &id.session_issuer_arn,
                &id.invoked_by,
            ]
            .map(owned),
            others: [&call.error_code, &call.user_agent, &call.source_ip, &call.resource, &call.event_type].map(owned),
        }
    }
}

/// What became of each record, with its raw bytes (or what its rejection says), and how the file ended.
pub(crate) type Told = (Vec<(Outcome, Vec<u8>)>, Result<(), RejectedFile>);

/// Reads with one walk.
pub(crate) fn read_with(walk: Walk, file: &[u8], key_account: Option<&str>) -> Told {
    let mut reader = Reader::with_walk(Limits::default(), walk);
    read_by(&mut reader, file, key_account)
}

/// Reads with this reader: what became of each record, its raw bytes, and how the file ended.
pub(crate) fn read_by(reader: &mut Reader, file: &[u8], key_account: Option<&str>) -> Told {
    let mut outcomes = Vec::new();
    let ended = reader.read(file, key_account, |record| {
        outcomes.push(match record {
            Ok(Record::Call(call)) => (Outcome::Call(Box::new(Facts::of(&call))), call.raw.to_vec()),
            Ok(Record::Insight { raw }) => (Outcome::Insight, raw.to_vec()),
            Err(rejection) => {
                let detail = rejection.to_string();
                (Outcome::Rejected(rejection.reason.as_str()), detail.into_bytes())
            }
        });
    });
    (outcomes, ended)
}

/// Reads with both walks, which must agree.
pub(crate) fn read(file: &[u8], key_account: Option<&str>) -> Told {
    let best = read_with(Walk::best(), file, key_account);
    let portable = read_with(Walk::portable(), file, key_account);
    assert_eq!(best, portable, "{} and portable differ on {}", Walk::best().name(), String::from_utf8_lossy(file));
    best
}

/// What should become of a record.
pub(crate) fn expected(raw: &str, key_account: Option<&str>) -> Outcome {
    let record: Value = serde_json::from_str(raw).unwrap_or_else(|error| panic!("{error}: {raw}"));
    facts(&record, raw, key_account).unwrap_or_else(Outcome::Rejected)
}

fn facts(record: &Value, raw: &str, key_account: Option<&str>) -> Result<Outcome, &'static str> {
    if !record.is_object() {
        return Err("not an object");
    }
    let identity = match &record["userIdentity"] {
        Value::Object(_) => &record["userIdentity"],
        _ => &Value::Null,
    };
    let issuer_arn = &identity["sessionContext"]["sessionIssuer"]["arn"];
    let version = match &record["eventVersion"] {
        Value::Number(_) => None, // as it is written, which a Value forgets
        version => text(version)?,
    };
    // First whatever has the wrong type, then the rest.
    for key in [
        "eventTime",
        "eventSource",
        "eventName",
        "awsRegion",
        "sourceIPAddress",
        "userAgent",
        "errorCode",
        "eventID",
        "eventType",
        "recipientAccountId",
        "eventCategory",
    ] {
        text(&record[key])?;
    }
    for key in ["type", "principalId", "arn", "accountId", "accessKeyId", "userName", "invokedBy"] {
        text(&identity[key])?;
    }
    text(issuer_arn)?;

    let event_type = text(&record["eventType"])?;
    let category = match text(&record["eventCategory"])?.as_deref() {
        Some("Management") => EventCategory::Management,
        Some("Data") => EventCategory::Data,
        Some("NetworkActivity") => EventCategory::NetworkActivity,
        Some("Insight") => EventCategory::Insight,
        Some(_) => return Err("unknown eventCategory"),
        None if event_type.as_deref() == Some("AwsCloudTrailInsight") => EventCategory::Insight,
        None if event_type.as_deref() == Some("AwsVpceEvents") => EventCategory::NetworkActivity,
        None if matches!(flag(&record["managementEvent"]), Ok(Some(false))) => EventCategory::Data,
        None => EventCategory::Management,
    };
    let version = match &record["eventVersion"] {
        Value::Number(number) => Some(number.to_string()),
        _ => version,
    };
    if version.is_some_and(|version| version.split('.').next() != Some("1")) {
        return Err("unknown eventVersion");
    }
    if category == EventCategory::Insight {
        return Ok(Outcome::Insight);
    }
    let [time, source, name] = ["eventTime", "eventSource", "eventName"].map(|key| text(&record[key]).unwrap());
    if time.is_none() && source.is_none() && name.is_none() {
        return Err("not a CloudTrail record");
    }
    let event_time = record::time::parse_seconds(&time.ok_or("no eventTime")?).map_err(|_| "bad eventTime")?;
    let name = name.ok_or("no eventName")?;
    let source = source.ok_or("no eventSource")?;
    let region = text(&record["awsRegion"])?.ok_or("no awsRegion")?;
    let words: Vec<&str> = region.split('-').collect();
    let is_region = words.len() >= 3
        && region.len() <= 32
        && words[..words.len() - 1].iter().all(|word| word.len() >= 2 && word.bytes().all(|b| b.is_ascii_lowercase()))
        && matches!(words[words.len() - 1].len(), 1 | 2)
        && words[words.len() - 1].bytes().all(|b| b.is_ascii_digit());
    if !is_region {
        return Err("bad awsRegion");
    }
    match &record["userIdentity"] {
        Value::Object(_) => {}
        Value::Null if event_type.as_deref() == Some("AwsServiceEvent") => {}
        Value::Null => return Err("no userIdentity"),
        _ => return Err("wrong type"),
    }
    let identity = [
        &identity["type"],
        &identity["arn"],
        &identity["principalId"],
        &identity["accountId"],
        &identity["accessKeyId"],
        &identity["userName"],
        issuer_arn,
        &identity["invokedBy"],
    ]
    .map(|value| text(value).unwrap());
    let is_account = |text: &String| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let account = match text(&record["recipientAccountId"])? {
        Some(account) if is_account(&account) => account,
        Some(_) => return Err("bad account"),
        None => match identity[3].clone().filter(is_account) {
            Some(account) => account,
            None => key_account.ok_or("no account")?.to_owned(),
        },
    };
    let reads = ["Get", "List", "Describe", "Head", "Lookup", "Search", "BatchGet"];
    let read_only = flag(&record["readOnly"])?.unwrap_or_else(|| reads.iter().any(|read| name.starts_with(read)));
    flag(&record["managementEvent"])?;
    let resource = record["resources"].as_array().into_iter().flatten().find_map(|resource| {
        let arn = |key| resource.as_object()?.get(key)?.as_str();
        arn("ARN").or(arn("arn")).map(str::to_owned)
    });
    Ok(Outcome::Call(Box::new(Facts {
        event_id: match text(&record["eventID"])? {
            Some(id) => EventId::of_text(&id),
            None => EventId::of_record(raw.as_bytes()),
        },
        event_time,
        place: [account, region, source, name],
        category,
        read_only,
        identity,
        others: [
            text(&record["errorCode"])?,
            text(&record["userAgent"])?,
            text(&record["sourceIPAddress"])?,
            resource.filter(|text| !text.is_empty()),
            event_type,
        ],
    })))
}

/// Nothing for `null` and for an empty text.
fn text(value: &Value) -> Result<Option<String>, &'static str> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        _ => Err("wrong type"),
    }
}

fn flag(value: &Value) -> Result<Option<bool>, &'static str> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(*flag)),
        Value::String(text) if text == "true" => Ok(Some(true)),
        Value::String(text) if text == "false" => Ok(Some(false)),
        _ => Err("wrong type"),
    }
}
