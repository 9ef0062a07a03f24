//! How it is told: every format says the same, and the same bytes for the same input.

use expect_test::expect_file;
use serde_json::Value;

use crate::door::{DEMO, Finding, Folder, SHORT_DEMO, analyze, findings, gunzip};

/// Whoever changes what is told reviews it here: `UPDATE_EXPECT=1` rewrites both.
#[test]
fn the_demo_is_told_as_reviewed() {
    let folder = Folder::of_days(&DEMO);
    // Run from within, so that the report names no temporary folder.
    let run = |format: &str| {
        let mut command = crate::door::command(&["analyze", "AWSLogs", "--format", format]);
        crate::door::analyze_by({
            command.current_dir(folder.path(""));
            command
        })
    };
    expect_file!["demo.txt"].assert_eq(&run("text").out);
    let lines = run("ndjson").out;
    // Long lines are no review: a field a line.
    let pretty =
        |line: &str| serde_json::to_string_pretty(&brief(&serde_json::from_str(line).expect("JSON"))).expect("JSON");
    expect_file!["demo.ndjson.txt"].assert_eq(&lines.lines().map(|line| pretty(line) + "\n").collect::<String>());
}

/// Without what is long: timelines and values of attributes are seen in the report.
fn brief(finding: &Value) -> Value {
    let mut brief = finding.clone();
    for field in ["timeline", "attributions", "differences"] {
        brief.as_object_mut().expect("an object").remove(field);
    }
    brief
}

#[test]
fn json_is_an_array_of_the_same_objects_as_ndjson() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let array = analyze(&[&folder.path(""), "--format", "json"]).out;
    let array: Vec<Value> = serde_json::from_str(&array).expect("an array");
    let lines = findings(&[&folder.path("")]);
    assert!(lines.len() > 5);
    assert_eq!(array, lines.into_iter().map(|finding| finding.0).collect::<Vec<_>>());
    assert_eq!(analyze(&[&folder.path(""), "--format", "json", "--name", "Nothing"]).out.trim(), "[]");
}

fn is_time(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.ends_with(":00Z") && text.len() == 20)
}

#[test]
fn lines_have_the_fields_that_were_promised() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let young = Folder::of_days(&SHORT_DEMO[..300]);
    let gap: Vec<_> = SHORT_DEMO.iter().filter(|file| !file.key.contains("/2026/02/08/")).cloned().collect();
    let gap = Folder::of_days(&gap);
    let all: Vec<Finding> =
        [&folder, &young, &gap].into_iter().flat_map(|folder| findings(&[&folder.path("")])).collect();
    for kind in ["insight", "standsOut", "noData"] {
        assert!(all.iter().any(|finding| finding.text("kind") == kind), "there is no {kind}: {all:#?}");
    }
    assert!(all.iter().any(|finding| finding.is_insight() && finding.0["end"].is_null()), "none goes on: {all:#?}");
    for finding in &all {
        let of = |field: &str| finding.0.get(field).unwrap_or_else(|| panic!("no {field}: {}", finding.0));
        assert!(is_time(of("start")) && (of("end").is_null() || is_time(of("end"))), "{finding:?}");
        assert_eq!(of("account").as_str().map(str::len), Some(12));
        assert!(of("region").is_string() && of("sentence").is_string());
        if finding.text("kind") == "noData" {
            for absent in ["eventSource", "eventName", "errorCode", "insightType", "direction", "rarity"] {
                assert!(finding.0.get(absent).is_none(), "{}", finding.0);
            }
            continue;
        }
        assert!(of("eventSource").as_str().is_some_and(|source| source.ends_with(".amazonaws.com")));
        assert!(of("eventName").is_string());
        let is_error = of("insightType") == "ApiErrorRateInsight";
        assert!(is_error || of("insightType") == "ApiCallRateInsight");
        assert_eq!(of("errorCode").is_string(), is_error, "{}", finding.0);
        assert!(of("direction") == "increase" || of("direction") == "decrease");
        if finding.is_insight() {
            assert!(of("rarity").as_f64().is_some_and(|rarity| rarity > 0.0));
            for field in [
                "threshold",
                "expected",
                "expectedLow",
                "expectedHigh",
                "seriesCount",
                "falseAlarmsPerMonth",
                "minutesLearned",
            ] {
                assert!(of("explanation")[field].is_number(), "{field}: {}", finding.0);
            }
            for field in ["meanPerMinute", "hourFactor", "levelFactor", "clumpiness", "pastExceedances"] {
                assert!(of("explanation")[field].is_number(), "{field}: {}", finding.0);
            }
        } else {
            assert!(of("rarity").is_null() && !of("end").is_null());
        }
    }
}

/// The field names of an object, at any depth, in the order in which they are written.
fn fields(text: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'"' {
            at += 1;
            continue;
        }
        let start = at + 1;
        at = start;
        while bytes[at] != b'"' {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        at += 1;
        if bytes.get(at) == Some(&b':') {
            fields.push(text[start..at - 1].to_owned());
        }
    }
    fields
}

/// As in AWS's samples: every field that must be there, in their order.
const AWS_FIELDS: &[&str] = &[
    "eventVersion",
    "eventTime",
    "awsRegion",
    "eventID",
    "eventType",
    "recipientAccountId",
    "sharedEventID",
    "insightDetails",
    "state",
    "eventSource",
    "eventName",
    "insightType",
    "errorCode",
    "sourceEventCategory",
    "insightContext",
    "statistics",
    "baseline",
    "average",
    "insight",
    "average",
    "insightDuration",
    "baselineDuration",
    "attributions",
    "attribute",
    "insight",
    "value",
    "average",
    "baseline",
    "eventCategory",
];

fn is_subsequence(few: &[&str], many: &[String]) -> bool {
    let mut many = many.iter();
    few.iter().all(|wanted| many.any(|field| field == wanted))
}

#[test]
fn insight_records_have_the_order_of_aws() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let path = folder.path("");
    let (ours, strict) =
        (analyze(&[&path, "--format", "insights"]), analyze(&[&path, "--format", "insights", "--strict"]));
    assert_eq!(ours.code, Some(10));
    let insights: Vec<Finding> = findings(&[&path]).into_iter().filter(Finding::is_insight).collect();
    let ended = insights.iter().filter(|insight| insight.end().is_some()).count();
    assert_eq!(ours.out.lines().count(), insights.len() + ended, "a Start each, and an End where it ended");
    let known = |field: &String| AWS_FIELDS.contains(&&**field);
    for (line, strict) in ours.out.lines().zip(strict.out.lines()) {
        let is_error = line.contains("ApiErrorRateInsight");
        // Nobody calls in a silence: its values are those of the baseline.
        let wanted: Vec<&str> = AWS_FIELDS.iter().copied().filter(|field| *field != "errorCode" || is_error).collect();
        let is_silence = line.contains("\"direction\":\"decrease\"");
        assert!(is_silence || is_subsequence(&wanted, &fields(strict)), "{strict}");
        assert!(is_silence || is_subsequence(&wanted, &fields(line)), "{line}");
        assert_eq!(fields(strict).iter().find(|field| !known(field)), None, "strict is AWS's fields only: {strict}");
        assert!(fields(line).iter().any(|field| field == "trailsight"));
        let (line, strict): (Value, Value) =
            (serde_json::from_str(line).expect("JSON"), serde_json::from_str(strict).expect("JSON"));
        assert!(line["insightType"].is_string() && strict.get("insightType").is_none());
        for field in ["eventID", "eventTime", "sharedEventID", "awsRegion", "eventVersion"] {
            assert_eq!(line[field], strict[field]);
        }
        let context = |record: &Value| record["insightDetails"]["insightContext"].clone();
        assert_eq!(context(&line)["statistics"], context(&strict)["statistics"]);
        let known = ["userIdentityArn", "userAgent", "errorCode"];
        let named = context(&strict)["attributions"].as_array().cloned().unwrap_or_default();
        assert!(named.iter().all(|told| known.contains(&told["attribute"].as_str().unwrap_or(""))), "{strict}");
    }
}

#[test]
fn insight_files_lie_under_their_keys_and_are_the_same_bytes_again() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let out = Folder::new();
    let run = || analyze(&[&folder.path(""), "--format", "insights", "--out", &out.path("below/here")]);
    let told = run();
    let files = out.files();
    run();
    assert_eq!(out.files(), files, "the same files, written over themselves");
    assert_eq!(files.len(), told.out.lines().count());
    assert!(told.err.contains(&format!("wrote {} Insight files", files.len())), "{told}");
    let mut lines: Vec<String> = Vec::new();
    for (path, bytes) in &files {
        let key: record::log_key::LogKey = path.parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(key.kind, record::log_key::LogKind::Insight);
        assert_eq!(key.prefix.as_deref(), Some("below/here"));
        let text = gunzip(bytes);
        let record = text.strip_prefix("{\"Records\":[").and_then(|text| text.strip_suffix("]}"));
        lines.push(record.unwrap_or_else(|| panic!("{text}")).to_owned());
        let record: Value = serde_json::from_str(&lines[lines.len() - 1]).expect("one record a file");
        assert_eq!(
            (record["recipientAccountId"].as_str(), record["awsRegion"].as_str()),
            (Some(&*key.account), Some(&*key.region))
        );
    }
    let mut printed: Vec<String> = told.out.lines().map(str::to_owned).collect();
    lines.sort();
    printed.sort();
    assert_eq!(lines, printed, "the files say what is printed");

    // What was found in a bucket may be written into the same bucket: it is not counted as calls.
    let same = analyze(&[&folder.path(""), "--format", "insights", "--out", &folder.path("")]);
    let again = analyze(&[&folder.path(""), "--format", "insights"]);
    assert_eq!((same.out, same.code), (again.out, again.code));
}

#[test]
fn the_page_is_one_file_that_needs_no_other() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let page = folder.path("page.html");
    analyze(&[&folder.path("AWSLogs"), "--report", &page]);
    let page = std::fs::read_to_string(&page).expect("the page is written");
    assert!(page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"));
    let lower = page.to_lowercase();
    for outside in [
        "<link",
        "src=\"http",
        "src='http",
        "href=\"http",
        "src=\"//",
        "@import",
        "url(http",
        "fetch(",
        "xmlhttprequest",
        "<iframe",
    ] {
        assert!(!lower.contains(outside), "{outside}");
    }
    assert!(!lower.contains("<script src"), "no script from elsewhere");
    for finding in findings(&[&folder.path("AWSLogs")]) {
        assert!(page.contains(finding.text("eventName")), "{finding:?}");
    }
    assert!(page.contains("<svg") && page.contains("192.0.2.77"));
}

#[test]
fn colours_are_for_terminals_and_whoever_asks() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let report = |color: &str| analyze(&[&folder.path(""), "--color", color]).out;
    assert!(!report("auto").contains('\x1b') && !report("never").contains('\x1b'));
    let colored = report("always");
    assert!(colored.contains('\x1b'));
    assert_eq!(console::strip_ansi_codes(&colored), report("never"));
}
