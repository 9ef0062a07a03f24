//! `events match`: which records of the logs a rule would have matched. However they were delivered, the same ones, each once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::door::{DEMO, Folder, SHORT_DEMO, Told, gunzip, gzip, trailsight};
use crate::records::{call, log_text};

/// Calls that are told to nobody twice: some fail, some only read.
const PATTERN: &str = r#"{"source": ["aws.ec2", "aws.secretsmanager"], "detail": {"eventName": [{"prefix": "Describe"},
    {"prefix": "Create"}, "GetSecretValue"]}}"#;

/// Runs it, and holds it to what is always true: the records add up, and the exit code says whether one matched.
#[track_caller]
fn matched(arguments: &[&str]) -> Told {
    let told = trailsight(&[&["events", "match"], arguments].concat());
    let sums = told.reconciliation();
    assert_eq!(sums.read, sums.counted + sums.duplicates + sums.filtered + sums.rejected, "{told}");
    assert_eq!(told.code, Some(if sums.counted > 0 { 0 } else { 1 }), "{told}");
    told
}

fn events(told: &Told) -> Vec<Value> {
    told.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn records(files: &[sim::LogFile]) -> Vec<Value> {
    let of_file = |file: &sim::LogFile| {
        let mut file: Value = serde_json::from_str(&gunzip(&file.body)).expect("log files are JSON");
        file["Records"].as_array_mut().map(std::mem::take).unwrap_or_default()
    };
    files.iter().flat_map(of_file).collect()
}

/// What `PATTERN` means, said in another way: eventIDs, with the day of each.
fn wanted(files: &[sim::LogFile]) -> BTreeMap<String, String> {
    let text = |record: &Value, field: &str| record[field].as_str().unwrap_or_default().to_owned();
    let mut wanted = BTreeMap::new();
    for record in records(files) {
        let name = text(&record, "eventName");
        let source = text(&record, "eventSource");
        let is_source = ["ec2.amazonaws.com", "secretsmanager.amazonaws.com"].contains(&source.as_str());
        if is_source && (name.starts_with("Describe") || name.starts_with("Create") || name == "GetSecretValue") {
            wanted.insert(text(&record, "eventID"), text(&record, "eventTime")[..10].to_owned());
        }
    }
    wanted
}

#[test]
fn what_matches_is_what_the_pattern_says() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let wanted = wanted(&SHORT_DEMO);
    assert!(wanted.len() > 100, "there is something to find");
    let told = matched(&["--pattern", PATTERN, "--format", "ndjson", &folder.path("")]);
    let mut ids: Vec<String> = Vec::new();
    for event in events(&told) {
        let detail = &event["detail"];
        ids.push(detail["eventID"].as_str().expect("our records have ids").to_owned());
        assert_eq!(
            event["source"],
            format!("aws.{}", detail["eventSource"].as_str().unwrap_or("").split('.').next().unwrap())
        );
        assert_eq!([&event["time"], &event["region"]], [&detail["eventTime"], &detail["awsRegion"]]);
        assert_eq!(event["account"], detail["recipientAccountId"]);
    }
    ids.sort_unstable();
    assert!(ids.iter().eq(wanted.keys()), "{} of {}", ids.len(), wanted.len());

    let told = matched(&["--pattern", PATTERN, "--format", "json", &folder.path("")]);
    let summary: Value = serde_json::from_str(&told.out).expect("JSON");
    let mut days: BTreeMap<&str, u64> = BTreeMap::new();
    wanted.values().for_each(|day| *days.entry(day).or_default() += 1);
    let days: Vec<Value> = days.into_iter().map(|(day, matched)| json!({ "day": day, "matched": matched })).collect();
    assert_eq!(summary["days"], json!(days));
    assert_eq!(summary["matched"], wanted.len());
}

/// The events that are told are events that `events test` says match.
#[test]
fn what_is_told_is_an_event_that_matches() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let told = matched(&["--pattern", PATTERN, "--format", "ndjson", &folder.path("")]);
    let cases: Vec<String> = told
        .out
        .lines()
        .map(|event| format!("{{\"pattern\":{},\"event\":{event},\"expected\":true}}", PATTERN.replace('\n', "")))
        .collect();
    let cases = folder.put("cases/cases.txt", cases.join("\n").as_bytes());
    let told = trailsight(&["events", "test", "--cases", &cases]);
    assert_eq!(told.code, Some(0), "{}", told.err);
}

#[test]
fn delivery_and_threads_decide_nothing() {
    let folder = Folder::of(&SHORT_DEMO);
    let [one, four] = ["1", "4"].map(|threads| {
        ["text", "json", "ndjson"].map(|format| {
            let told = matched(&["--pattern", PATTERN, "--threads", threads, "--format", format, &folder.path("")]);
            told.out
        })
    });
    assert_eq!(one, four);
    // A second trail delivers all of it again.
    for file in SHORT_DEMO.iter() {
        folder.put(&format!("second/{}", file.key), &file.body);
    }
    let again = matched(&["--pattern", PATTERN, "--format", "ndjson", &folder.path("")]);
    assert!(again.reconciliation().duplicates >= again.reconciliation().counted, "{}", again.err);
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(sorted(&one[2]), sorted(&again.out));
}

#[test]
fn people_see_the_first_ones_in_time_order_and_a_count_a_day() {
    let folder = Folder::new();
    let mut late = call(1, "2026-02-07T10:00:00Z", "StopInstances");
    late["errorCode"] = "Client.UnauthorizedOperation".into();
    let mut other = call(2, "2026-02-02T09:30:00Z", "StartInstances");
    other["userIdentity"]["arn"] = "arn:aws:sts::123456789012:assumed-role/Deploy/session".into();
    let same_day = call(3, "2026-02-02T09:00:00Z", "StopInstances");
    let [read, unread] = [("DescribeInstances", true), ("DescribeInstances", false)].map(|(name, is_read)| {
        let mut record = call(if is_read { 4 } else { 5 }, "2026-02-07T11:00:00Z", name);
        record["readOnly"] = is_read.into();
        record
    });
    folder.put("a.json.gz", &gzip(&log_text(&[late, other])));
    folder.put("b.json.gz", &gzip(&log_text(&[same_day, read, unread])));
    let pattern = folder.put("rules/rule.pattern", br#"{"source": ["aws.ec2"]}"#);
    let told = matched(&["--pattern", &pattern, "--limit", "3", &folder.path("")]);
    assert_eq!(
        told.out,
        "5 of 5 records match, 2026-02-02 09:00:00 to 2026-02-07 11:00:00 UTC.

2026-02-02 09:00:00  ec2 StopInstances   user/alice           198.51.100.7
2026-02-02 09:30:00  ec2 StartInstances  assumed-role/Deploy  198.51.100.7
2026-02-07 10:00:00  ec2 StopInstances   user/alice           198.51.100.7  Client.UnauthorizedOperation
… and 2 more

2026-02-02  2  ███████████████████████████
  4 days without
2026-02-07  3  ████████████████████████████████████████
in all      5

1 of them is a management event that only reads. A rule that is ENABLED is not told of it;
one that is ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS is.
"
    );
    let told = matched(&["--pattern", &pattern, "--limit", "0", &folder.path("")]);
    assert!(!told.out.contains("user/alice") && told.out.contains("in all      5"), "{told}");
    let told = matched(&["--pattern", r#"{"source": ["aws.s3"]}"#, &folder.path("")]);
    assert_eq!(told.out, "0 of 5 records match, 2026-02-02 09:00:00 to 2026-02-07 11:00:00 UTC.\n");
}

/// The earliest ones are shown, however late they are read, and whatever the limit.
#[test]
fn the_limit_cuts_and_changes_nothing_else() {
    let folder = Folder::of(&DEMO[..DEMO.len() / 4]);
    let first = |limit: &str| {
        let told = matched(&["--pattern", PATTERN, "--format", "json", "--limit", limit, &folder.path("")]);
        let mut summary: Value = serde_json::from_str(&told.out).expect("JSON");
        (summary["first"].take(), summary)
    };
    let (all, summary) = first("1000000");
    let all = all.as_array().expect("a list").clone();
    assert_eq!(summary["matched"], all.len());
    assert!(all.is_sorted_by_key(|record| record["eventTime"].as_str().map(str::to_owned)));
    for limit in [0, 1, 7, 300] {
        assert_eq!(first(&limit.to_string()), (json!(all[..limit.min(all.len())]), summary.clone()), "{limit}");
    }
}

#[test]
fn each_pattern_is_counted_and_a_record_once() {
    let folder = Folder::new();
    let records: Vec<Value> =
        (0..9).map(|n| call(n, "2026-02-02T00:00:00Z", ["A", "B", "C"][n as usize % 3])).collect();
    folder.put("log.json", &log_text(&records));
    let name = |name: &str| json!({ "detail": { "eventName": name.split(' ').collect::<Vec<_>>() } }).to_string();
    let (a, ab) = (name("A"), name("A B"));
    let told = matched(&["--pattern", &a, "--pattern", &ab, "--format", "json", &folder.path("")]);
    let summary: Value = serde_json::from_str(&told.out).expect("JSON");
    assert_eq!(summary["matched"], 6);
    assert_eq!(summary["patterns"], json!([{ "pattern": a, "matched": 3 }, { "pattern": ab, "matched": 6 }]));
    let told = matched(&["--pattern", &a, "--pattern", &ab, &folder.path("")]);
    assert!(told.out.contains(&format!("\n3  {a}\n6  {ab}\n")), "{told}");
}

#[test]
fn bad_records_and_files_hide_no_other() {
    let folder = Folder::new();
    let mut records: Vec<Value> = (0..4).map(|n| call(n, "2026-02-02T00:00:00Z", "RunInstances")).collect();
    records[1]["eventTime"] = "yesterday".into();
    records[2]["eventTime"] = "2012-01-01T00:00:00Z".into();
    folder.put("log.json.gz", &gzip(&log_text(&records)));
    folder.put("none.json", b"no JSON");
    let told = matched(&["--pattern", PATTERN.replace("Create", "Run").as_str(), &folder.path("")]);
    let sums = told.reconciliation();
    assert_eq!((sums.read, sums.counted, sums.rejected), (4, 2, 2), "{told}");
    assert!(told.err.contains("none.json"), "{told}");

    for (pattern, logs) in [
        (PATTERN, folder.path("none.json")),
        (PATTERN, folder.path("missing")),
        (r#"{"source": "x"}"#, folder.path("")),
    ] {
        let told = trailsight(&["events", "match", "--pattern", pattern, &logs]);
        assert_eq!(told.code, Some(2), "{told}");
    }
}

/// A log file may be laid out for people, and what was rewritten may hold anything.
#[test]
fn an_event_is_one_line_and_nothing_acts_on_a_terminal() {
    let folder = Folder::new();
    let nasty = "\u{1b}[31m\u{7}\r\n\u{202e}";
    let mut record = call(1, "2026-02-02T00:00:00Z", nasty);
    record["userIdentity"]["arn"] = format!("arn:aws:iam::123456789012:user/{nasty}").into();
    record["sourceIPAddress"] = nasty.into();
    record["errorCode"] = nasty.into();
    let laid_out = serde_json::to_string_pretty(&json!({ "Records": [record] })).expect("JSON can be written");
    folder.put("log.json", laid_out.as_bytes());
    let pattern = r#"{"source": ["aws.ec2"]}"#;
    let told = matched(&["--pattern", pattern, "--format", "ndjson", &folder.path("")]);
    assert_eq!(events(&told)[0]["detail"], record);
    let told = matched(&["--pattern", pattern, &folder.path("")]);
    assert!(told.out.contains("\\u{1b}[31m"), "{told}");
    let is_clean = |text: &str| text.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}'));
    assert!(is_clean(&told.out) && is_clean(&told.err), "{:?} {:?}", told.out, told.err);
}

#[test]
fn whoever_stops_reading_is_no_error() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let (reader, writer) = std::io::pipe().expect("there are pipes");
    drop(reader);
    let mut command =
        crate::door::command(&["events", "match", "--pattern", r#"{"detail": {"eventName": [{"exists": true}]}}"#]);
    let status =
        command.args(["--format", "ndjson", &folder.path("")]).stdout(writer).status().expect("the binary runs");
    assert_eq!(status.code(), Some(0));
}
