//! The console's API and its page, over a real port: answers are what their document says, and nobody gets in by another way.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use server::console_api::{OPENAPI, PATH};
use server::http::{FrontDoor, Gate, HostName, Response};

use crate::door::Door;
use crate::gate::Keys;
use crate::metrics::{lived, walked};
use crate::port::Port;

mod changes;
mod listening;
mod signing_in;

const HOST: &str = "localhost:4580";
const OWN: &str = "host: localhost:4580\r\nx-trailsight-request: 1\r\n";

const PAIR: &str = r#"{"accessKeyId": "AKIAFIRST", "secretAccessKey": "secret"}"#;

fn document() -> Value {
    serde_json::from_str(OPENAPI).expect("it is JSON")
}

/// Holds a value against a schema: nothing is missing, nothing is there besides. Says where it does not hold.
fn hold(document: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().expect("it has a name");
        return hold(document, &document["components"]["schemas"][name], value, at, faults);
    }
    if let Some(any) = schema["oneOf"].as_array() {
        let tries = any.iter().map(|one| {
            let mut faults = Vec::new();
            hold(document, one, value, at, &mut faults);
            faults
        });
        if let Some(least) = tries.min_by_key(Vec::len) {
            faults.extend(least);
        }
        return;
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let is = |kind: &&str| match *kind {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    };
    if !kinds.iter().any(is) {
        return faults.push(format!("{at} is {value}, and not {kinds:?}"));
    }
    if let (Some(words), Some(said)) = (schema["enum"].as_array(), value.as_str())
        && !words.iter().any(|word| word == said)
    {
        faults.push(format!("{at} is {said}"));
    }
    if let Some(items) = value.as_array() {
        items
            .iter()
            .enumerate()
            .for_each(|(n, item)| hold(document, &schema["items"], item, &format!("{at}[{n}]"), faults));
    }
    if let (Some(fields), Some(known)) = (value.as_object(), schema["properties"].as_object()) {
        let missing = known.keys().filter(|name| !fields.contains_key(*name));
        faults.extend(missing.map(|name| format!("{at}.{name} is missing")));
        for (name, value) in fields {
            match known.get(name) {
                Some(schema) => hold(document, schema, value, &format!("{at}.{name}"), faults),
                None => faults.push(format!("{at}.{name} is not in the document")),
            }
        }
    }
}

/// A service that has lived, and a key that may ask it all.
fn open() -> Port {
    let door = lived();
    walked(&door);
    Port::open(|_| FrontDoor { hosts: vec![HostName::WithBuckets(HOST.into())], ..door })
}

impl Port {
    fn told(&self, path: &str) -> (u16, Value) {
        let (status, body) = self.sends(&format!("GET {PATH}{path}"), OWN, "");
        (status, serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}")))
    }
}

#[test]
fn every_answer_is_what_its_document_says() {
    let (port, document) = (open(), document());
    let (_, insights) = port.told("insights");
    let of = |name: &str, error: &Value| {
        let mut all = insights["insights"].as_array().expect("they are listed").iter();
        all.find(|one| one["name"] == name && one["errorCode"] == *error).expect("it is found").clone()
    };
    let stolen = of("RunInstances", &Value::Null);
    let id = stolen["id"].as_str().expect("it has an id");
    let series = format!(
        "account={}&region={}&source=ec2.amazonaws.com&name=RunInstances",
        stolen["account"].as_str().expect("a text"),
        stolen["region"].as_str().expect("a text")
    );
    let mut asked = BTreeSet::new();
    for (path, question) in [
        ("/session", String::new()),
        ("/overview", String::new()),
        ("/heatmap", "?from=2026-02-05T00:00:00Z&until=2026-02-12T00:00:00Z&kind=all&limit=100".into()),
        ("/insights", "?sort=score&limit=5".into()),
        ("/insights/{id}", String::new()),
        ("/insights/{id}/timeline", String::new()),
        ("/insights/{id}/timeline", "?from=2026-02-04T00:00:00Z&until=2026-02-12T00:00:00Z".into()),
        ("/insights/{id}/events", String::new()),
        ("/learning", String::new()),
        ("/deliveries", String::new()),
        ("/series", format!("?{}", series.replace("&source=ec2.amazonaws.com&name=RunInstances", "&q=run"))),
        ("/series/timeline", format!("?{series}&from=2026-02-11T00:00:00Z&until=2026-02-12T00:00:00Z&step=60")),
        ("/series/preview", format!("?{series}")),
        ("/now", String::new()),
        ("/lake/schema", String::new()),
        ("/lake/saved", String::new()),
        ("/expected", String::new()),
    ] {
        asked.insert(path);
        let (status, answer) = port.told(&format!("{}{question}", path[1..].replace("{id}", id)));
        assert_eq!(status, 200, "{path}: {answer}");
        let schema = &document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{path} is not described");
        let mut faults = Vec::new();
        hold(&document, schema, &answer, path, &mut faults);
        assert!(faults.is_empty(), "{faults:#?}");
    }
    // What is no question with an answer has laws of its own below.
    asked.extend(["/live", "/deliveries/{id}/again"]);
    let described: BTreeSet<&str> =
        document["paths"].as_object().expect("there are paths").keys().map(String::as_str).collect();
    assert_eq!(asked, described);
}

#[test]
fn what_is_said_of_an_insight_is_what_its_numbers_say() {
    let port = open();
    let (_, page) = port.told("insights?name=RunInstances&state=ended");
    let row = &page["insights"][0];
    let id = row["id"].as_str().expect("it has an id");
    let (_, whole) = port.told(&format!("insights/{id}"));
    for field in ["change", "score", "baselineAverage", "insightAverage", "what", "minutes"] {
        assert_eq!(row[field], whole[field], "{field}");
    }
    assert_eq!(whole["statistics"]["insightAverage"], whole["insightAverage"]);
    let calls = whole["statistics"]["insightCalls"].as_u64().expect("a number");
    // The thief's own calls, from one address, with one key.
    let address =
        whole["attributions"].as_array().expect("a list").iter().find(|one| one["attribute"] == "sourceIPAddress");
    let first = &address.expect("addresses are told")["values"][0];
    assert_eq!((first["calls"].as_u64(), first["isNew"].as_bool()), (Some(calls), Some(true)), "{first}");
    assert!(whole["nextSteps"].as_array().expect("a list").len() >= 3, "{}", whole["nextSteps"]);
    // The same calls, one by one, out of the log files.
    let (_, events) = port.told(&format!("insights/{id}/events?limit=200"));
    assert_eq!(events["total"].as_u64(), Some(calls), "{}", events["filesRead"]);
    assert_eq!(events["filesLeftOut"], 0);
    let (_, timeline) = port.told(&format!("insights/{id}/timeline"));
    let sum: u64 = timeline["calls"].as_array().expect("a list").iter().filter_map(Value::as_u64).sum();
    assert_eq!(sum, calls);
    assert_eq!(timeline["insights"][0]["id"], id);
    // Whatever the step, the busiest minute is the same.
    let busiest = |step: u32, of: &str| {
        let (_, timeline) = port.told(&format!("insights/{id}/timeline?step={step}"));
        timeline[of].as_array().expect("a list").iter().filter_map(Value::as_u64).max()
    };
    for step in [1, 5, 60] {
        assert_eq!(busiest(step, "most"), busiest(1, "calls"), "{step}");
    }
}

#[test]
fn insights_are_filtered_sorted_and_cut_into_pages() {
    let port = open();
    let total = |question: &str| port.told(&format!("insights?{question}")).1["total"].as_u64().expect("a number");
    let all = total("");
    assert!(all > 5, "{all}");
    assert_eq!(total("type=ApiErrorRateInsight") + total("type=ApiCallRateInsight"), all);
    assert_eq!(total("direction=increase") + total("direction=decrease"), all);
    // Several values of one parameter, also of those that are one of some words.
    assert_eq!(total("direction=increase,decrease&state=ongoing,ended"), all);
    assert_eq!(total("name=RunInstances,DeleteBucket"), total("name=RunInstances") + total("name=DeleteBucket"));
    assert_eq!(total("not=name:RunInstances"), all - total("name=RunInstances"));
    assert_eq!(total("source=iam.amazonaws.com&error=AccessDenied&q=createuser"), 1);
    assert_eq!(total("until=2026-02-05T00:00:00Z"), 0);
    let (_, sorted) = port.told("insights?sort=score");
    let scores: Vec<f64> =
        sorted["insights"].as_array().expect("a list").iter().filter_map(|one| one["accountRarity"].as_f64()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    let mut seen = BTreeSet::new();
    for page in 1..=all.div_ceil(3) {
        let (_, told) = port.told(&format!("insights?limit=3&page={page}"));
        seen.extend(told["insights"].as_array().expect("a list").iter().map(|one| one["id"].to_string()));
    }
    assert_eq!(seen.len() as u64, all);
}

#[test]
fn a_wrong_question_is_told_what_is_wrong() {
    let port = Port::open(|_| FrontDoor {
        hosts: vec![HostName::WithBuckets(HOST.into())],
        ..Door::default().into_front_door()
    });
    for (path, status, said) in [
        ("insights?colour=red", 400, "There is no parameter colour; there are: from"),
        ("insights?not=name:a,nmae:x", 400, "not is FIELD:VALUE, and \"nmae:x\" is none; fields are: state"),
        ("insights?not=identity", 400, "not is FIELD:VALUE, and \"identity\" is none"),
        ("insights?not=state:over", 400, "In not, state is one of ongoing, ended."),
        ("insights?from=yesterday", 400, "from is a time"),
        ("insights?state=ended,over", 400, "state is one of ongoing, ended."),
        ("insights?from=2026-02-05T00:00:00Z&until=2026-02-04T00:00:00Z", 400, "from must be before until"),
        ("insights?sort=colour", 400, "sort is one of start, score"),
        ("insights?limit=1000", 400, "limit is a number from 1 to 100"),
        ("overview?a=b", 400, "none is taken"),
        ("series/timeline?source=ec2.amazonaws.com", 400, "The parameter name is missing"),
        ("insights/gone", 404, "There is no insight of this id"),
        ("insights/gone/timeline", 404, "There is no insight of this id"),
        ("nothing", 404, "There is nothing here"),
        ("insights/a/b/c", 404, "There is nothing here"),
        ("live?a=b", 400, "no parameters"),
        ("series/preview?source=ec2.amazonaws.com", 400, "The parameter name is missing"),
    ] {
        let (answered, refusal) = port.told(path);
        let message = refusal["message"].as_str().expect("it says why");
        assert!(answered == status && message.contains(said), "{path}: {answered} {message}");
    }
    for changed in ["POST {PATH}overview", "DELETE {PATH}insights/gone", "PUT {PATH}lake/schema", "POST {PATH}live"] {
        let line = changed.replace("{PATH}", PATH);
        assert_eq!(port.sends(&line, OWN, "").0, 405, "{line}");
    }
}

#[test]
fn what_would_have_been_told_grows_with_the_promise_and_is_told_of_today_as_it_was() {
    let port = open();
    let (_, insights) = port.told("insights?name=RunInstances");
    let one = &insights["insights"][0];
    let of = |name: &str| {
        let (account, region) = (one["account"].as_str().expect("a text"), one["region"].as_str().expect("a text"));
        port.told(&format!("series/preview?account={account}&region={region}&source=ec2.amazonaws.com&name={name}")).1
    };
    let preview = of("RunInstances");
    assert_eq!(
        (&preview["isWatched"], &preview["whyNot"], &preview["promised"]),
        (&true.into(), &Value::Null, &3.0.into())
    );
    let steps = preview["steps"].as_array().expect("a list");
    let totals: Vec<u64> = steps.iter().filter_map(|step| step["total"].as_u64()).collect();
    assert!(totals.is_sorted() && totals.len() == 7, "{totals:?}");
    let now = steps.iter().find(|step| step["falseAlarmsPerMonth"] == 3.0).expect("today's is among them");
    let starts: Vec<_> = now["insights"].as_array().expect("a list").iter().map(|told| &told["start"]).collect();
    assert!(starts.contains(&&one["start"]), "{starts:?} {}", one["start"]);
    // Reads are counted, and their calls are not looked at.
    assert_eq!(of("DescribeInstances")["isWatched"], false);
    let gone = of("NeverCalled");
    assert!(gone["whyNot"].as_str().is_some_and(|why| why.contains("Nothing was counted")), "{gone}");
}

#[test]
fn series_are_found_by_words_wherever_they_are() {
    let port = open();
    let names = |question: &str| -> Vec<String> {
        let (_, found) = port.told(&format!("series?{question}"));
        let all = found["series"].as_array().expect("a list").iter();
        all.map(|one| format!("{} {}", one["name"].as_str().unwrap_or(""), one["errorCode"].as_str().unwrap_or("")))
            .collect()
    };
    let run = names("q=runinst%20ec2");
    assert!(
        run.iter().any(|name| name == "RunInstances ") && run.iter().all(|name| name.contains("RunInst")),
        "{run:?}"
    );
    assert!(names("q=denied%20createuser").iter().all(|name| name == "CreateUser AccessDenied"));
    assert!(names("q=run")[0].starts_with("Run"), "{:?}", names("q=run"));
    assert_eq!(names("q=nothing-is-called-so"), Vec::<String>::new());
    assert_eq!(names("account=999999999999"), Vec::<String>::new());
}

/// A service that demands credentials, and one key.
fn guarded(keys: &Keys) -> Port {
    let mut door = Door::default();
    door.world_mut().vault = Box::new(keys.clone());
    Port::open(|_| FrontDoor {
        hosts: vec![HostName::WithBuckets(HOST.into())],
        gate: Arc::new(Gate::new(true, None)),
        page: Some(|path, _| Response::new(format!("page {path}").into_bytes().leak())),
        public_url: format!("https://{HOST}"),
        ..door.into_front_door()
    })
}

/// The cookie that a sign-in sets, as a browser sends it back.
fn signed_in(port: &Port) -> String {
    let mut stream = port.connect();
    let text = format!(
        "POST {PATH}session HTTP/1.1\r\nconnection: close\r\n{OWN}content-type: application/json\r\ncontent-length: {}\r\n\r\n{PAIR}",
        PAIR.len()
    );
    std::io::Write::write_all(&mut stream, text.as_bytes()).expect("it is sent");
    let mut reply = String::new();
    std::io::Read::read_to_string(&mut stream, &mut reply).expect("it is text");
    let cookie = reply.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap_or_else(|| panic!("{reply}"));
    for must in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(must), "{cookie}");
    }
    assert!(!cookie.contains("secret"), "{cookie}");
    format!("cookie: other=1; {}\r\n", cookie.split(';').next().expect("it has a value"))
}
