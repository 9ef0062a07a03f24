//! `events test`: whether a pattern matches an event, and why not.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::door::{Folder, Told, command, trailsight};
use crate::records::call;

/// An event with everything that the cases below ask for.
const EVENT: &str = r#"{"version": "0", "detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2", "account": "123456789012",
    "detail": {"eventSource": "ec2.amazonaws.com", "eventName": "RunInstances", "errorCode": null, "count": 5.0, "port": "22",
    "readOnly": "false", "userIdentity": {"type": "Root"}, "blank": "x ", "empty": [], "json": "{\"a\": 1}",
    "instances": ["i-1", "i-2", "i-3", "i-4", "i-5"], "tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]}}"#;

fn test(pattern: &str, event: &str) -> Told {
    trailsight(&["events", "test", "--pattern", pattern, "--event", event])
}

/// Runs the binary with this on its standard input.
pub(crate) fn with_stdin(arguments: &[&str], text: &[u8]) -> Told {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    // Whoever needs no input may be gone already.
    let _ = child.stdin.take().expect("it is piped").write_all(text);
    let output = child.wait_with_output().expect("the binary ends");
    let text = |bytes| String::from_utf8(bytes).expect("what is told is UTF-8");
    Told { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// The question every EventBridge user asks.
#[test]
fn a_field_that_fails_is_told_with_what_it_held_and_what_was_meant() {
    let cases: &[(&str, &str)] = &[
        (
            r#"{"source": ["aws.s3"], "detail": {"eventName": ["RunInstances"]}}"#,
            "1 of 2 fields fails
  source: wanted [\"aws.s3\"], found \"aws.ec2\"",
        ),
        (
            r#"{"source": ["aws.s3"], "detail": {"eventName": ["StopInstances", "StartInstances"]}}"#,
            "2 of 2 fields fail
  detail.eventName: wanted [\"StopInstances\",\"StartInstances\"], found \"RunInstances\"
  source: wanted [\"aws.s3\"], found \"aws.ec2\"",
        ),
        (
            r#"{"detail": {"eventname": ["RunInstances"]}}"#,
            "1 of 1 field fails
  detail.eventname: wanted [\"RunInstances\"], not there
      detail.eventname is not there; detail.eventName is",
        ),
        (
            r#"{"detailType": [{"exists": true}]}"#,
            "1 of 1 field fails
  detailType: wanted [{\"exists\":true}], not there
      detailType is not there; detail-type is",
        ),
        (
            r#"{"eventName": ["RunInstances"]}"#,
            "1 of 1 field fails
  eventName: wanted [\"RunInstances\"], not there
      eventName is not there; detail.eventName is",
        ),
        (
            r#"{"detail": {"userIdentity": ["Root"]}}"#,
            "1 of 1 field fails
  detail.userIdentity: wanted [\"Root\"], not there
      detail.userIdentity is an object, and a pattern can ask only for what lies in it, like detail.userIdentity.type",
        ),
        (
            r#"{"detail": {"empty": ["x"]}}"#,
            "1 of 1 field fails
  detail.empty: wanted [\"x\"], not there
      detail.empty is an array with nothing in it that a pattern could ask for",
        ),
        (
            r#"{"detail": {"json": {"a": [1]}}}"#,
            "1 of 1 field fails
  detail.json.a: wanted [1], not there
      detail.json is a text that holds JSON; it would have to be an object",
        ),
        (
            r#"{"source": ["ec2.amazonaws.com"]}"#,
            "1 of 1 field fails
  source: wanted [\"ec2.amazonaws.com\"], found \"aws.ec2\"
      detail.eventSource holds \"ec2.amazonaws.com\"",
        ),
        (
            r#"{"detail": {"eventName": ["runInstances", {"prefix": "run"}]}}"#,
            "1 of 1 field fails
  detail.eventName: wanted [\"runInstances\",{\"prefix\":\"run\"}], found \"RunInstances\"
      equal but for upper and lower case; {\"equals-ignore-case\": \"runInstances\"} would match
      it would, but for upper and lower case; {\"prefix\": {\"equals-ignore-case\": \"run\"}} would match",
        ),
        (
            r#"{"detail": {"eventName": ["Run*"], "blank": ["x"]}}"#,
            "2 of 2 fields fail
  detail.blank: wanted [\"x\"], found \"x \"
      equal but for blanks at its ends
  detail.eventName: wanted [\"Run*\"], found \"RunInstances\"
      in a plain text * stands for itself; {\"wildcard\": \"Run*\"} would match",
        ),
        (
            r#"{"detail": {"count": ["5.0"], "port": [22], "readOnly": [false], "errorCode": ["null"]}}"#,
            "4 of 4 fields fail
  detail.count: wanted [\"5.0\"], found 5.0
      the pattern has the text \"5.0\", the event the number 5.0
  detail.errorCode: wanted [\"null\"], found null
      the pattern has the text \"null\", the event the value null
  detail.port: wanted [22], found \"22\"
      the pattern has the number 22, the event the text \"22\"
  detail.readOnly: wanted [false], found \"false\"
      the pattern has the value false, the event the text \"false\"",
        ),
        (
            r#"{"detail": {"count": [{"prefix": "5"}], "port": [{"numeric": ["<", 1024]}]}}"#,
            "2 of 2 fields fail
  detail.count: wanted [{\"prefix\":\"5\"}], found 5.0
      the event has the number 5.0, and prefix matches texts only
  detail.port: wanted [{\"numeric\":[\"<\",1024]}], found \"22\"
      the event has the text \"22\", and numeric matches numbers only",
        ),
        (
            r#"{"detail": {"tags": {"key": ["a"], "value": ["2"]}}}"#,
            "1 of 2 fields fails
  detail.tags.value: wanted [\"2\"], found \"1\", \"2\"
      a value that would do is in another element of the array than the one that the fields before it are in",
        ),
        (
            r#"{"detail": {"instances": ["i-9"]}}"#,
            "1 of 1 field fails
  detail.instances: wanted [\"i-9\"], found \"i-1\", \"i-2\", \"i-3\" and 2 more",
        ),
        (
            r#"{"$or": [{"source": ["aws.s3"], "account": ["1"]}, {"account": ["1"]}, {"version": ["1"]}]}"#,
            "1 of 1 field fails in the nearest of 3 ways to match
  account: wanted [\"1\"], found \"123456789012\"",
        ),
    ];
    for (pattern, why) in cases {
        let told = test(pattern, EVENT);
        assert_eq!(told.out, format!("no match: {why}\n"), "{pattern}");
        assert_eq!(told.code, Some(1), "{pattern}: {told}");
    }
}

#[test]
fn what_matches_is_told_in_a_word() {
    for pattern in [r#"{"source": ["aws.ec2"]}"#, r#"{"detail": {"tags": {"key": ["b"], "value": ["2"]}}}"#] {
        let told = test(pattern, EVENT);
        assert_eq!((told.code, told.out.as_str(), told.err.as_str()), (Some(0), "match\n", ""), "{told}");
    }
}

#[test]
fn a_bare_record_is_known_and_tried_in_its_envelope() {
    let record = call(1, "2026-02-02T00:00:00Z", "RunInstances").to_string();
    let told = test(r#"{"source": ["aws.ec2"], "detail": {"eventName": ["RunInstances"]}}"#, &record);
    assert_eq!(told.code, Some(1), "{told}");
    let envelope = "In its envelope (source aws.ec2, detail-type AWS API Call via CloudTrail) it would";
    assert!(told.out.starts_with("no match: this is a bare CloudTrail record\n"), "{told}");
    assert!(told.out.contains(&format!("{envelope} match.\n")), "{told}");

    let told = test(r#"{"source": ["aws.s3"], "detail": {"eventName": ["RunInstances"]}}"#, &record);
    let why = "not match either: 1 of 2 fields fails\n  source: wanted [\"aws.s3\"], found \"aws.ec2\"\n";
    assert!(told.out.ends_with(&format!("{envelope} {why}")), "{told}");

    // A pattern can be made for records; then it matches them.
    assert_eq!(test(r#"{"eventName": ["RunInstances"]}"#, &record).code, Some(0));
    let told = test(r#"{"source": ["aws.ec2"]}"#, &json!({ "Records": [] }).to_string());
    assert!(told.code == Some(1) && told.out.contains("log file") && told.out.contains("events match"), "{told}");
}

#[test]
fn json_tells_the_same_with_values_whole_and_as_they_were_written() {
    let long = "x".repeat(1000);
    let event = format!(r#"{{"a": {{"b": ["{long}", 1.50, {{"B": 2}}]}}}}"#);
    let told =
        trailsight(&["events", "test", "--format", "json", "--pattern", r#"{"a": {"b": [1.5e0]}}"#, "--event", &event]);
    assert_eq!(told.code, Some(0), "{told}");
    assert_eq!(told.out, "{\"verdict\":true}\n");
    let told =
        trailsight(&["events", "test", "--format", "json", "--pattern", r#"{"a": {"b": [2.50]}}"#, "--event", &event]);
    assert_eq!(told.code, Some(1), "{told}");
    assert!(
        told.out.contains("\"wanted\":[2.50]") && told.out.contains(&format!("\"found\":[\"{long}\",1.50]")),
        "{told}"
    );
    let answer: Value = serde_json::from_str(&told.out).expect("JSON");
    assert_eq!(answer["verdict"], false);
    assert_eq!(answer["failing"][0]["path"], "a.b");
    let shown = test(r#"{"a": {"b": [2.50]}}"#, &event);
    assert!(shown.out.lines().all(|line| line.chars().count() < 200), "{shown}");
}

#[test]
fn what_is_wrong_with_a_pattern_is_told_as_aws_does() {
    let reason = "Event pattern is not valid. Reason: \"source\" must be an object or an array\n \
                  at [Source: (String)\"{\"source\": \"aws.ec2\"}\"; line: 1, column: 13]";
    let told = test(r#"{"source": "aws.ec2"}"#, EVENT);
    assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{told}");
    assert_eq!(told.err, format!("trailsight: the pattern: {reason}\n"));
    let arguments = ["events", "test", "--format", "json", "--pattern", r#"{"source": "aws.ec2"}"#, "--event", EVENT];
    let told = trailsight(&arguments);
    let answer: Value = serde_json::from_str(&told.out).expect("JSON");
    assert_eq!((told.code, &answer["verdict"]), (Some(2), &json!("error")), "{told}");
    assert_eq!(answer["error"], format!("the pattern: {reason}"));
}

#[test]
fn files_standard_input_and_texts_are_read_alike() {
    let folder = Folder::new();
    let pattern = folder.put("rule.json", b"\n  {\"source\": [\"aws.ec2\"]}\n");
    let event = folder.put("event.json", format!("\u{feff}{EVENT}").as_bytes());
    assert_eq!(test(&pattern, &event).code, Some(0), "a byte order mark is no fault");
    let text = r#"{"source": ["aws.ec2"]}"#;
    let told = with_stdin(&["events", "test", "--pattern", "-", "--event", &event], text.as_bytes());
    assert_eq!(told.code, Some(0), "{told}");
    let told = with_stdin(&["events", "test", "--pattern", text, "--event", "-"], EVENT.as_bytes());
    assert_eq!(told.code, Some(0), "{told}");

    let latin = folder.put("latin.json", b"{\"source\": \"\xe9\"}");
    let cases: &[(&str, &str, &str)] = &[
        (&folder.path("none.json"), &event, "none.json"),
        (&pattern, &folder.path("none.json"), "none.json"),
        (&pattern, &latin, "latin.json is not UTF-8 at byte 12"),
        (&pattern, "{\"a\": ", "the event: "),
        (&pattern, &pattern.replace("rule", "other"), "other.json"),
        ("-", "-", "standard input"),
    ];
    for (pattern, event, named) in cases {
        let told = test(pattern, event);
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{pattern} {event}: {told}");
        assert!(told.err.contains(named), "{named}: {told}");
    }
}

#[test]
fn an_event_is_any_object_and_nothing_else() {
    let folder = Folder::new();
    for (text, is_event) in
        [("{}", true), ("[]", false), ("1", false), ("", false), ("{} {}", false), ("{\"a\": 1,}", false)]
    {
        let told = test(r#"{"a": [{"exists": false}]}"#, &folder.put("event.json", text.as_bytes()));
        assert_eq!(told.code, Some(if is_event { 0 } else { 2 }), "{text:?}: {told}");
        assert!(is_event || told.err.contains("event.json: "), "{text:?}: {told}");
    }
}

#[test]
fn nothing_in_an_event_acts_on_a_terminal() {
    let nasty = "\u{1b}[31m\u{7}\r\n\u{202e}";
    let event = json!({ "a": nasty, nasty: { "a": 1 } }).to_string();
    let patterns =
        [json!({ "a": ["b"] }), json!({ nasty: ["a"] }), json!({ nasty: { "A": [nasty] } }), json!({ nasty: nasty })];
    for pattern in patterns {
        let told = test(&pattern.to_string(), &event);
        assert_ne!(told.code, Some(0));
        let is_clean = |text: &str| text.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}'));
        assert!(is_clean(&told.out) && is_clean(&told.err), "{:?} {:?}", told.out, told.err);
    }
}

#[test]
fn wrong_usage_of_events_is_exit_code_2() {
    let wrong: &[&[&str]] = &[
        &["events"],
        &["events", "frobnicate"],
        &["events", "test"],
        &["events", "test", "--pattern", "{}"],
        &["events", "test", "--event", "{}"],
        &["events", "test", "--pattern", "{}", "--event", "{}", "--cases", "c.jsonl"],
        &["events", "test", "--pattern", "{}", "--event", "{}", "--format", "ndjson"],
        &["events", "match", "logs"],
        &["events", "match", "--pattern", "{}"],
        &["events", "match", "--pattern", "{}", "logs", "--limit", "-1"],
        &["events", "match", "--pattern", "{}", "logs", "--format", "insights"],
    ];
    for arguments in wrong {
        let told = trailsight(arguments);
        assert_eq!(told.code, Some(2), "{arguments:?}: {told}");
        assert!(told.out.is_empty() && !told.err.is_empty(), "{arguments:?}: {told}");
    }
}

#[test]
fn help_completions_and_manual_know_events() {
    for command in ["test", "match"] {
        let help = trailsight(&["events", command, "--help"]);
        for wanted in ["Examples:", "--pattern", "Exit codes:", "it does not match"] {
            assert!(help.code == Some(0) && help.out.contains(wanted), "{wanted}: {help}");
        }
    }
    let folder = Folder::new();
    trailsight(&["man", "--out", &folder.path("")]);
    let pages: Vec<String> = folder.files().into_iter().map(|file| file.0).collect();
    for page in ["trailsight-events.1", "trailsight-events-test.1", "trailsight-events-match.1"] {
        assert!(pages.iter().any(|name| name == page), "{page}: {pages:?}");
    }
    assert!(trailsight(&["completions", "bash"]).out.contains("--cases"));
}
