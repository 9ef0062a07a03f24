//! `events test --cases`: a verdict a line, whatever is wrong with other lines.

use serde_json::{Value, json};

use crate::door::{Told, trailsight};
use crate::events_test::with_stdin;

fn told_of(lines: &str) -> (Told, Vec<Value>) {
    let told = with_stdin(&["events", "test", "--cases", "-"], lines.as_bytes());
    let verdict = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let verdicts = told.out.lines().map(verdict).collect();
    (told, verdicts)
}

#[test]
fn every_case_has_its_verdict_in_its_place() {
    let (told, verdicts) = told_of(concat!(
        r#"{"pattern": {"a": [1]}, "event": {"a": 1.0}}"#,
        "\n",
        r#"{"pattern": "{\"a\": [\"\\u00e9\"]}", "event": "{\"a\": \"é\"}", "expected": true, "more": [1]}"#,
        "\r\n\n",
        r#"{"event": {"a": 1}, "pattern": {"a": [2]}, "expected": false}"#,
        "\n",
        r#"{"pattern": {"a": 1}, "event": {}, "expected": "error"}"#,
        "\n",
        r#"{"pattern": {"a": [1]}, "event": [], "expected": "error"}"#,
        "\n",
        r#"{"pattern": {"a": [1]}, "event": "{", "expected": "error"}"#,
    ));
    assert_eq!(told.code, Some(0), "{told}");
    let told_verdicts: Vec<&Value> = verdicts.iter().map(|verdict| &verdict["verdict"]).collect();
    let error = json!("error");
    assert_eq!(told_verdicts, [&json!(true), &json!(true), &json!(false), &error, &error, &error]);
    assert_eq!(
        verdicts[3]["error"],
        "\"a\" must be an object or an array\n at [Source: (String)\"{\"a\": 1}\"; line: 1, column: 8]"
    );
    assert!(verdicts[4]["error"].as_str().is_some_and(|text| text.contains("object")), "{told}");
    assert!(verdicts[..3].iter().all(|verdict| verdict.get("error").is_none() && verdict.get("expected").is_none()));
    assert_eq!(told.err, "0 of 5 cases differ from what they expect\n");
}

/// The text of a pattern is what stands in the line: blanks, repeated keys, numbers.
#[test]
fn a_pattern_is_taken_exactly_as_it_stands() {
    let (told, verdicts) = told_of(concat!(
        r#"{"pattern": { "a" : [1], "a": [2]}, "event": {"a": 1}}"#,
        "\n",
        r#"{"pattern": { "a" : [1], "a": [2]}, "event": {"a": 1, "a": 2}}"#,
        "\n",
        r#"{"pattern": {"a":   1.50e1}, "event": {}}"#,
        "\n",
        r#"{"pattern": {"a": [100000000000000000000000001]}, "event": {"a": 100000000000000000000000002}}"#,
    ));
    let told_verdicts: Vec<&Value> = verdicts.iter().map(|verdict| &verdict["verdict"]).collect();
    assert_eq!(told_verdicts, [&json!(false), &json!(true), &json!("error"), &json!(false)], "{told}");
    let error = verdicts[2]["error"].as_str().unwrap_or_default();
    assert!(error.contains(r#"(String)"{"a":   1.50e1}"; line: 1, column: 15]"#), "{error}");
}

#[test]
fn a_bad_line_is_named_and_hides_no_other() {
    let (told, verdicts) = told_of(concat!(
        "no JSON\n",
        "{\"pattern\": {\"a\": [1]}}\n",
        "{\"event\": {}, \"expected\": true}\n",
        "{\"pattern\": {\"a\": [1]}, \"event\": {\"a\": 1}, \"event\": {}}\n",
        "[]\n",
        "{\"pattern\": \"\\ud800\", \"event\": {}}\n",
        "{\"pattern\": {\"a\": [1]}, \"event\": {\"a\": 1}}",
    ));
    assert_eq!(told.code, Some(0), "{told}");
    assert_eq!(verdicts.len(), 7, "{told}");
    for (at, verdict) in verdicts[..6].iter().enumerate() {
        let error = verdict["error"].as_str().unwrap_or_default();
        assert!(verdict["verdict"] == "error" && error.starts_with(&format!("line {}: ", at + 1)), "{told}");
    }
    assert!(verdicts[1]["error"].as_str().is_some_and(|text| text.contains("there is no event")), "{told}");
    assert_eq!(verdicts[6]["verdict"], true);
}

#[test]
fn what_is_not_as_expected_is_told_and_exit_code_1() {
    let mut lines = String::new();
    for n in 0..1200 {
        let expected = if n == 700 { json!("error") } else { json!(n % 2 == 0) };
        lines.push_str(&json!({ "pattern": { "n": [0] }, "event": { "n": n % 2 }, "expected": expected }).to_string());
        lines.push('\n');
    }
    let (told, verdicts) = told_of(&lines);
    assert_eq!(told.code, Some(1));
    assert_eq!(told.err, "1 of 1,200 cases differs from what it expects\n");
    assert_eq!(verdicts[700], json!({ "verdict": true, "expected": "error" }));
    assert!(verdicts.iter().enumerate().all(|(n, verdict)| n == 700 || *verdict == json!({ "verdict": n % 2 == 0 })));

    let (told, _) = told_of("\n");
    assert_eq!((told.code, told.out.as_str(), told.err.as_str()), (Some(0), "", ""), "nothing was expected");
    let told = trailsight(&["events", "test", "--cases", "/nonexistent/cases.jsonl"]);
    assert!(told.code == Some(2) && told.err.contains("/nonexistent/cases.jsonl"), "{told}");
}
