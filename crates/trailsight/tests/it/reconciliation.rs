//! Every record is accounted for, every rejected file is told by name, and one bad record hides no other.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::door::{Folder, Reconciliation, analyze, findings, gzip, minute, trailsight};
use crate::records::{call, log_text};
use record::time::Minute;

const AT: &str = "2026-02-02T10:00:00Z";

fn good(id: u64) -> Value {
    call(id, AT, "RunInstances")
}

fn with(field: &str, value: Value) -> String {
    let mut record = good(500);
    record[field] = value;
    record.to_string()
}

fn without(field: &str) -> String {
    let mut record = good(500);
    record.as_object_mut().expect("a record is an object").remove(field);
    record.to_string()
}

/// Records that cannot be used, and the reason that is told.
fn bad_records() -> Vec<(Vec<u8>, &'static str)> {
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let texts = [
        (without("eventTime"), "no eventTime"),
        (without("eventName"), "no eventName"),
        (without("eventSource"), "no eventSource"),
        (without("awsRegion"), "no awsRegion"),
        (without("userIdentity"), "no userIdentity"),
        (with("eventTime", 17.into()), "wrong type"),
        (with("eventName", json!(["RunInstances"])), "wrong type"),
        (with("userIdentity", "alice".into()), "wrong type"),
        (with("eventTime", "yesterday".into()), "bad eventTime"),
        (with("eventTime", "2026-02-30T00:00:00Z".into()), "bad eventTime"),
        (with("eventTime", "1970-01-01T00:00:00Z".into()), "eventTime before 2013"),
        (with("eventTime", "2026-02-02T13:00:00Z".into()), "eventTime after delivery"),
        (with("eventTime", "2999-01-01T00:00:00Z".into()), "eventTime after delivery"),
        (with("recipientAccountId", "../../x".into()), "bad account"),
        (with("awsRegion", "../..".into()), "bad awsRegion"),
        (with("eventVersion", "2.0".into()), "unknown eventVersion"),
        (with("eventCategory", "Weather".into()), "unknown eventCategory"),
        (with("requestParameters", "deep".into()).replace("\"deep\"", &deep), "too deep"),
        ("\"a text\"".to_owned(), "not an object"),
        ("{}".to_owned(), "not a CloudTrail record"),
        (good(500).to_string().replace("aws-cli", "aws-cli\\ud800 \\q"), "bad escape"),
        (good(500).to_string().replace("\"userAgent\":", "\"userAgent\" "), "broken JSON"),
    ];
    let mut bad: Vec<(Vec<u8>, &str)> = texts.into_iter().map(|(text, reason)| (text.into_bytes(), reason)).collect();
    let mut latin = good(500).to_string().into_bytes();
    let at = latin.windows(5).position(|bytes| bytes == b"alice").expect("alice calls");
    latin[at] = 0xe9;
    bad.push((latin, "not UTF-8"));
    bad
}

#[test]
fn one_bad_record_hides_no_other() {
    for (number, (bad, reason)) in bad_records().into_iter().enumerate() {
        let folder = Folder::new();
        let (before, behind) = (good(1).to_string(), good(2).to_string());
        let text = [b"{\"Records\":[", before.as_bytes(), b",", &bad, b",", behind.as_bytes(), b"]}"].concat();
        let name = "123456789012_CloudTrail_eu-central-1_20260202T1005Z_AbCdEfGhIjKlMnOp.json.gz";
        let path = folder.put(name, &gzip(&text));
        let told = analyze(&[&folder.path("")]);
        let wanted = Reconciliation { files: 1, read: 3, counted: 2, duplicates: 0, filtered: 0, rejected: 1 };
        let shown = String::from_utf8_lossy(&bad);
        assert_eq!(told.reconciliation(), wanted, "record {number}: {shown}\n{told}");
        assert!(told.err.contains(&format!("(1 with {reason})")), "record {number}, {reason}: {shown}\n{told}");
        assert!(told.err.contains(&format!("rejected record in {path}: ")), "{told}");
    }
}

/// Files that are whole, or not: what is told of each (nothing: it is sound), and how many of its records count.
fn files() -> Vec<(&'static str, Vec<u8>, &'static str, u64)> {
    let text = log_text(&[good(1), good(2), good(3)]);
    let lines = [good(11), good(12)].map(|record| format!("{record}\n")).concat();
    let cut = gzip(&log_text(&(100..400).map(good).collect::<Vec<_>>()));
    let mut damaged = gzip(&log_text(&[good(21)]));
    *damaged.last_mut().expect("gzip is not empty") ^= 0x55;
    let digest = json!({ "awsAccountId": "123456789012", "digestStartTime": AT, "digestEndTime": AT, "logFiles": [] });
    let insight = json!({ "Records": [{
        "eventVersion": "1.09", "eventTime": AT, "awsRegion": "eu-central-1", "eventID": "5d1f", "eventType": "AwsCloudTrailInsight",
        "recipientAccountId": "123456789012", "insightDetails": { "state": "Start" }, "eventCategory": "Insight",
    }] });
    vec![
        ("sound.json.gz", gzip(&text), "", 3),
        ("copy.json", text, "", 0),
        ("lines.jsonl", lines.into_bytes(), "", 2),
        ("array.json", json!([good(13), good(14)]).to_string().into_bytes(), "", 2),
        ("mark.json", [b"\xef\xbb\xbf", &log_text(&[good(15)])[..]].concat(), "", 1),
        ("members.json.gz", [gzip(&log_text(&[good(16)])), gzip(&log_text(&[good(17)]))].concat(), "", 2),
        ("none.json.gz", gzip(b"{\"Records\":[]}"), "", 0),
        ("empty.json", Vec::new(), "", 0),
        ("empty.json.gz", gzip(b""), "", 0),
        ("insight.json.gz", gzip(insight.to_string().as_bytes()), "", 0),
        ("digest.json.gz", gzip(digest.to_string().as_bytes()), "a digest file", 0),
        ("other.json", b"{\"hello\":[1,2,3]}".to_vec(), "not CloudTrail", 0),
        ("hello.gz", b"this is no gzip".to_vec(), "not JSON", 0),
        ("page.json.gz", b"<html><body>503</body></html>".to_vec(), "not JSON", 0),
        ("header.json.gz", vec![0x1f, 0x8b], "cut short", 0),
        ("sum.json.gz", damaged, "damaged gzip", 1),
        ("tail.json.gz", [gzip(&log_text(&[good(22)])), b"tail".to_vec()].concat(), "damaged gzip", 1),
        // How many of its records come before the cut is seen below.
        ("cut.json.gz", cut[..cut.len() / 2].to_vec(), "cut short", u64::MAX),
        (
            "large.json.gz",
            gzip(&log_text(&(1000..3000).map(good).collect::<Vec<_>>())),
            "inflates to more than 1048576 bytes",
            0,
        ),
        ("bomb.json.gz", zeros(100), "inflates to more than 1048576 bytes", 0),
    ]
}

/// So many MiB of zeros, small.
fn zeros(mib: usize) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    (0..mib).for_each(|_| out.write_all(&[0; 1 << 20]).expect("memory can be written"));
    out.finish().expect("memory can be written")
}

#[test]
fn every_file_is_read_as_far_as_it_goes_and_rejected_by_name() {
    let folder = Folder::new();
    let files = files();
    let mut counted = 0;
    for (name, bytes, told_of_it, count) in &files {
        let path = folder.put(name, bytes);
        let alone = trailsight(&["analyze", &path, "--max-file-size", "1"]);
        let sums = alone.reconciliation();
        assert_eq!(sums.read, sums.counted + sums.duplicates + sums.filtered + sums.rejected, "{alone}");
        match told_of_it {
            &"" => assert!(!alone.err.contains("rejected file"), "{name}: {alone}"),
            why => assert!(alone.err.contains(&format!("rejected file {path}: {why}")), "{name}: {alone}"),
        }
        match *count {
            u64::MAX => assert!((20..290).contains(&sums.counted), "{name}: {alone}"),
            // The copy is one only beside the other.
            count => assert_eq!(sums.counted, if *name == "copy.json" { 3 } else { count }, "{name}: {alone}"),
        }
        // A file of which nothing could be read is a failure if it is all there is.
        assert_eq!(alone.code, Some(i32::from(!told_of_it.is_empty() && sums.read == 0)), "{name}: {alone}");
        counted += if *name == "copy.json" { 0 } else { sums.counted };
    }
    // CloudTrail's own other files are not even looked at; nor is what is no log file by its name.
    for name in ["CloudTrail-Digest", "CloudTrail-Insight", "CloudTrail-Aggregated"] {
        folder.put(&format!("123456789012_{name}_eu-central-1_20260202T1005Z_AbCdEfGhIjKlMnOp.json.gz"), b"?");
    }
    folder.put("README.txt", b"?");
    std::os::unix::fs::symlink("/nowhere/at/all.json.gz", folder.path("dangling.json.gz")).expect("links can be made");
    std::os::unix::fs::symlink(folder.path(""), folder.path("loop")).expect("links can be made");

    let all = analyze(&[&folder.path(""), "--max-file-size", "1"]);
    let sums = all.reconciliation();
    assert_eq!((sums.counted, sums.duplicates, sums.filtered), (counted, 3, 1), "{all}");
    for (name, _, told_of_it, _) in files.iter().filter(|file| !file.2.is_empty()) {
        assert!(all.err.contains(&format!("rejected file {}: {told_of_it}", folder.path(name))), "{name}: {all}");
    }
    assert!(all.err.contains(&format!("rejected file {}: cannot be opened", folder.path("dangling.json.gz"))), "{all}");
}

/// Two events that only the clock of whoever called makes early or late are no error.
#[test]
fn an_hour_of_wrong_clocks_is_forgiven() {
    let folder = Folder::new();
    let name = "123456789012_CloudTrail_eu-central-1_20260202T1005Z_AbCdEfGhIjKlMnOp.json.gz";
    let records = [call(1, "2026-02-02T11:04:59Z", "RunInstances"), call(2, "2026-01-01T00:00:00Z", "RunInstances")];
    folder.put(name, &gzip(&log_text(&records)));
    assert_eq!(analyze(&[&folder.path("")]).reconciliation().counted, 2);
}

#[test]
fn what_is_left_out_is_told_by_reason() {
    let folder = Folder::new();
    let change = |id, field: &str, value: Value| {
        let mut record = good(id);
        record[field] = value;
        record
    };
    let mut data = change(1, "eventCategory", "Data".into());
    data["managementEvent"] = false.into();
    let records = [
        data,
        change(2, "eventCategory", "NetworkActivity".into()),
        change(3, "eventName", "StopInstances".into()),
        change(4, "awsRegion", "us-east-1".into()),
        good(5),
        good(5),
    ];
    folder.put("log.json", &log_text(&records));
    let told = analyze(&[&folder.path(""), "--name", "Run*", "--region", "eu-*"]);
    let wanted = Reconciliation { files: 1, read: 6, counted: 1, duplicates: 1, filtered: 4, rejected: 0 };
    assert_eq!(told.reconciliation(), wanted, "{told}");
    for reason in ["2 left out by a filter", "1 data events, without --data-events", "1 network activity events"] {
        assert!(told.err.contains(reason), "{reason}: {told}");
    }
}

/// Two trails, and one call in most hours of two months: files so small that what is read at once spans weeks.
#[test]
fn copies_count_once_wherever_reading_is_divided() {
    let folder = Folder::new();
    let start = minute("2026-01-05T00:00:00Z");
    for hour in 0..1_400 {
        let at = Minute(start.0 + 60 * hour);
        let stamp = Minute(at.0 + 5).to_string()[..16].replace(['-', ':'], "");
        let file = gzip(&log_text(&[call(hour as u64, &at.to_string(), "RunInstances")]));
        for trail in ["AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB"] {
            folder.put(&format!("123456789012_CloudTrail_eu-central-1_{stamp}Z_{trail}.json.gz"), &file);
        }
    }
    // One file more, so that somewhere a division falls between two copies.
    folder.put(
        "123456789012_CloudTrail_eu-central-1_20260101T0000Z_AAAAAAAAAAAAAAAA.json.gz",
        &gzip(b"{\"Records\":[]}"),
    );
    let told = analyze(&[&folder.path("")]);
    let sums = told.reconciliation();
    assert_eq!((sums.read, sums.counted, sums.duplicates), (2_800, 1_400, 1_400), "{told}");
}

/// Real logs, where they are.
fn real(below: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/cloudtrail").join(below);
    if !path.exists() {
        let _ = writeln!(std::io::stderr(), "LEFT OUT: there is nothing in {}", path.display());
        return None;
    }
    Some(path.to_str().expect("a checkout's path is UTF-8").to_owned())
}

#[test]
fn real_logs_add_up() {
    let Some(all) = real("") else { return };
    for options in [&[][..], &["--reads", "--data-events"], &["--account", "123*"]] {
        let told = analyze(&[&[&*all], options].concat());
        assert!(told.reconciliation().read > 2_900, "{told}");
    }
    let mut folders: Vec<_> =
        std::fs::read_dir(&all).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    folders.retain(|path| path.is_dir());
    for folder in folders {
        analyze(&[folder.to_str().expect("UTF-8")]);
    }
}

/// An hour under attack, without a past: it is honest about how little was learned, and shows what stands out.
#[test]
fn an_hour_of_a_real_attack_stands_out() {
    let Some(bucket) = real("invictus-bucket") else { return };
    let found = findings(&[&bucket]);
    assert!(found.iter().all(|finding| finding.text("kind") == "standsOut"), "{found:#?}");
    let passwords = found.iter().find(|finding| finding.text("eventName") == "GetPasswordData");
    let passwords = passwords.unwrap_or_else(|| panic!("no GetPasswordData: {found:#?}"));
    assert!(passwords.0["calls"].as_u64() >= Some(29), "{passwords:?}");
    assert!(found.len() <= 10, "it is not drowned: {found:#?}");
    let report = analyze(&[&bucket]).out;
    assert!(report.contains("GetPasswordData") && report.contains("minutes"), "{report}");
}
