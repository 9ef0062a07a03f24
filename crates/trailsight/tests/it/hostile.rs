//! Whoever writes user agents and names may be an attacker: nothing that they write acts on the reader.

use serde_json::Value;

use crate::door::{Finding, Folder, analyze, gzip};
use crate::records::{burst, log_text};

/// Colours, a bell, a title, a line that rewrites itself, right-to-left, a script, a way out of an attribute, quotes.
const NASTY: &str = "\u{1b}[31mred\u{7}\u{1b}]0;title\u{7}\r\nrejected file none\u{202e}<script>alert(1)</script>\"'><img src=x onerror=alert(2)></script>\u{0}";

fn told_of(change: impl Fn(&mut Value)) -> (Folder, Vec<Finding>) {
    let folder = Folder::new();
    folder.put("log.json.gz", &gzip(&log_text(&burst(change))));
    let found = analyze(&["--format", "ndjson", &folder.path("log.json.gz")]).findings();
    (folder, found)
}

fn is_clean(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !(c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)))
}

#[test]
fn nothing_that_a_caller_writes_acts_on_a_terminal_or_a_page() {
    let nasty = |record: &mut Value| {
        record["userAgent"] = NASTY.into();
        record["sourceIPAddress"] = NASTY.into();
        record["eventName"] = NASTY.into();
        record["errorCode"] = NASTY.into();
        record["userIdentity"]["arn"] = format!("arn:aws:iam::123456789012:user/{NASTY}").into();
        record["userIdentity"]["accessKeyId"] = NASTY.into();
        record["resources"] = serde_json::json!([{ "ARN": format!("arn:aws:s3:::{NASTY}") }]);
    };
    let (folder, found) = told_of(nasty);
    assert!(
        found.iter().any(|finding| finding.text("eventName") == NASTY),
        "it is found, and JSON says what it was: {found:#?}"
    );
    let page = folder.path("page.html");
    let told = analyze(&[&folder.path("log.json.gz"), "--report", &page]);
    assert!(is_clean(&told.out), "{:?}", told.out);
    assert!(is_clean(&told.err), "{:?}", told.err);
    let page = std::fs::read_to_string(page).expect("the page is written");
    assert!(page.contains("alert(1)"), "it is told");
    for raw in ["<script>alert", "<img src=x", "</script>\u{0}", "\u{1b}", "\u{7}"] {
        assert!(!page.contains(raw), "{raw:?}");
    }
}

#[test]
fn bad_records_are_told_without_what_they_do_to_a_terminal() {
    let folder = Folder::new();
    let mut records = burst(|_| {});
    records[0]["eventTime"] = NASTY.into();
    records[1]["awsRegion"] = NASTY.into();
    folder.put("log\u{1b}[2J.json.gz", &gzip(&log_text(&records)));
    folder.put("none\n\u{1b}]0;x\u{7}.json", b"\x1b[2J");
    let told = analyze(&[&folder.path("")]);
    assert_eq!(told.reconciliation().rejected, 2, "{told}");
    assert!(is_clean(&told.err) && is_clean(&told.out), "{:?}{:?}", told.err, told.out);
}

#[test]
fn names_with_commas_and_lines_are_one_line_of_json() {
    let name = "Delete,\n\"Volume\"\u{2028}";
    let (_folder, found) = told_of(|record| record["eventName"] = name.into());
    assert!(found.iter().any(|finding| finding.text("eventName") == name), "{found:#?}");
}

/// Of an account or Region that is no name, nothing is written; and never outside the folder.
#[test]
fn nothing_is_written_outside_the_folder() {
    for (account, region) in [
        ("../../../../escaped", "eu-central-1"),
        ("123456789012", "../../../../../escaped"),
        ("/escaped", "/"),
        ("..", "."),
        ("a\\b", "\u{0}"),
    ] {
        let around = Folder::new();
        let hostile = |record: &mut Value| {
            record["recipientAccountId"] = account.into();
            record["awsRegion"] = region.into();
        };
        let mut records = burst(hostile);
        // All of them, so that there would be something to write.
        records.iter_mut().for_each(hostile);
        let log = around.put("in/log.json", &log_text(&records));
        let csv: String = records
            .iter()
            .map(|record| {
                let [minute, source, name] =
                    ["eventTime", "eventSource", "eventName"].map(|field| record[field].as_str().expect("text"));
                format!("{minute},\"{account}\",\"{region}\",{source},{name},,1\n")
            })
            .collect();
        let csv = around
            .put("in/counts.csv", format!("minute,account,region,source,name,error_code,count\n{csv}").as_bytes());
        for input in [&["--counts", &csv][..], &[&log]] {
            let out = around.path("deep/er/out");
            let told = analyze(&[input, &["--out", &out, "--format", "ndjson"]].concat());
            assert_eq!(told.reconciliation().counted, 0, "{told}");
            let files: Vec<String> = around.files().into_iter().map(|file| file.0).collect();
            assert!(files.iter().all(|path| path.starts_with("in/") || path.starts_with("deep/er/out/")), "{files:?}");
        }
    }
}

#[test]
fn insight_files_of_hostile_names_stay_where_they_belong() {
    let around = Folder::new();
    let hostile = |record: &mut Value| {
        record["eventName"] = "../../../../../escaped".into();
        record["eventSource"] = "../x.amazonaws.com".into();
    };
    let log = around.put("in/log.json", &log_text(&burst(hostile)));
    let told = analyze(&[&log, "--format", "ndjson", "--out", &around.path("deep/er/out")]);
    assert!(told.out.contains("escaped"), "{told}");
    let files: Vec<String> = around.files().into_iter().map(|file| file.0).collect();
    assert!(
        files.iter().all(|path| path == "in/log.json"
            || path.starts_with("deep/er/out/AWSLogs/123456789012/CloudTrail-Insight/eu-central-1/2026/02/11/")),
        "{files:?}"
    );
    assert!(files.len() > 1);
}
