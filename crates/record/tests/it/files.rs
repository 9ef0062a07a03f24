//! Files as they come: every shape, every hole in a record, each with what becomes of it.

use std::io::Write;

use record::log_file::{Limits, Reader, RejectReason, RejectedFile};

use crate::oracle::{Outcome, read, read_by};

/// A record with these members changed or (`null`) taken away.
fn record_with(changes: &str) -> String {
    let mut record = serde_json::json!({
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDA", "arn": "arn:aws:iam::111122223333:user/Alice",
            "accountId": "111122223333", "accessKeyId": "AKIA", "userName": "Alice"
        },
        "eventTime": "2026-02-12T14:30:00Z",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "awsRegion": "eu-west-1",
        "eventID": "6b54e0ad-c23c-4850-b896-7533a3558526",
        "eventType": "AwsApiCall",
        "recipientAccountId": "444455556666"
    });
    let serde_json::Value::Object(changes) = serde_json::from_str(changes).unwrap() else { panic!("{changes}") };
    for (key, value) in changes {
        if value.is_null() {
            record.as_object_mut().unwrap().remove(&key);
        } else {
            record[key] = value;
        }
    }
    record.to_string()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// One letter a record: c for a call, i for an Insight, or the reason in brackets; then how the file ended.
fn told(file: &[u8]) -> String {
    let (outcomes, ended) = read(file, None);
    let mut told = String::new();
    for (outcome, _) in outcomes {
        match outcome {
            Outcome::Call(_) => told.push('c'),
            Outcome::Insight => told.push('i'),
            Outcome::Rejected(reason) => told.push_str(&format!("[{reason}]")),
        }
    }
    if let Err(rejected) = ended {
        told.push_str(&format!(" {}", rejected.as_str()));
    }
    told
}

#[test]
fn every_shape_of_file_is_read() {
    let r = record_with("{}");
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&r).unwrap()).unwrap();
    let digest = r#"{"awsAccountId":"1","digestStartTime":"2015-08-17T14:01:31Z","digestS3Object":"x","logFiles":[]}"#;
    for (name, text, expected) in [
        ("as CloudTrail writes it", format!("{{\"Records\":[{r},{r}]}}"), "cc"),
        ("without records", "{\"Records\":[]}".to_owned(), ""),
        ("with other keys before", format!("{{\"a\":{{\"Records\":[1]}},\"Records\":[{r}]}}"), "c"),
        ("with other keys behind", format!("{{\"Records\":[{r}],\"a\":[]}}\n"), "c"),
        ("with an escaped key", format!("{{\"Rec\\u006frds\":[{r}]}}"), "c"),
        ("a bare array", format!("[{r},{r}]"), "cc"),
        ("an empty array", "[]".to_owned(), ""),
        ("one a line", format!("{r}\n{r}\n{r}\n"), "ccc"),
        ("one a line, Windows", format!("{r}\r\n{r}\r\n"), "cc"),
        ("one alone", r.clone(), "c"),
        ("pretty", format!("{{\n  \"Records\": [\n{pretty},\n{pretty}\n]\n}}\n"), "cc"),
        ("one alone, pretty", pretty.clone(), "c"),
        ("one after another, pretty", format!("{pretty}\n{pretty}"), "cc"),
        ("a byte order mark", format!("\u{feff}{{\"Records\":[{r}]}}"), "c"),
        ("several documents", format!("{{\"Records\":[{r}]}}{{\"Records\":[{r}]}}\n[{r}]"), "ccc"),
        ("an escaped field name", r.replace("eventName", "event\\u004eame"), "c"),
        ("only spaces", " \n\t ".to_owned(), ""),
        ("a digest", digest.to_owned(), " digest"),
        ("other JSON", "{\"Version\":\"2012-10-17\",\"Statement\":[]}".to_owned(), " not CloudTrail"),
        ("an empty object", "{}".to_owned(), " not CloudTrail"),
        ("no array in Records", "{\"Records\":null}".to_owned(), " not CloudTrail"),
        (
            "an array of other things",
            "[1,\"a\",null,[],{}]".to_owned(),
            "[not an object][not an object][not an object][not an object][not a CloudTrail record]",
        ),
        ("text", "Hello".to_owned(), " not JSON"),
        (
            "a notice of S3",
            "{\"Records\":[{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\"}]}".to_owned(),
            "[unknown eventVersion]",
        ),
        ("other lines between", format!("{r}\n{{\"a\":1}}\n42\n{r}"), "c[not a CloudTrail record][not an object]c"),
    ] {
        assert_eq!(told(text.as_bytes()), expected, "{name}: {text}");
        assert_eq!(told(&gzip(&text)), expected, "{name}, gzip");
    }
    assert_eq!(told(b""), "");
}

#[test]
fn every_hole_is_filled_or_told() {
    for (changes, expected) in [
        (r#"{"eventVersion":"1.0","eventID":null,"eventType":null,"recipientAccountId":null}"#, "c"),
        (r#"{"eventVersion":null}"#, "c"),
        (r#"{"eventVersion":1.08}"#, "c"),
        (r#"{"eventVersion":"1.11"}"#, "c"),
        (r#"{"eventVersion":"2.0"}"#, "[unknown eventVersion]"),
        (r#"{"eventVersion":"10.1"}"#, "[unknown eventVersion]"),
        (r#"{"eventTime":null}"#, "[no eventTime]"),
        (r#"{"eventTime":""}"#, "[no eventTime]"),
        (r#"{"eventTime":"2026-02-12T14:30:00.123Z"}"#, "c"),
        (r#"{"eventTime":"2026-02-12T15:30:00+01:00"}"#, "c"),
        (r#"{"eventTime":"12/02/2026"}"#, "[bad eventTime]"),
        (r#"{"eventTime":1770906600}"#, "[wrong type]"),
        (r#"{"eventName":null}"#, "[no eventName]"),
        (r#"{"eventSource":null}"#, "[no eventSource]"),
        (r#"{"awsRegion":null}"#, "[no awsRegion]"),
        (r#"{"awsRegion":"megov-northeast-1r"}"#, "[bad awsRegion]"),
        (r#"{"userIdentity":null}"#, "[no userIdentity]"),
        (r#"{"userIdentity":null,"eventType":"AwsServiceEvent"}"#, "c"),
        (r#"{"userIdentity":{"accountId":"111122223333","invokedBy":"s3.amazonaws.com"}}"#, "c"),
        (r#"{"userIdentity":{"type":"Unknown"}}"#, "c"),
        (r#"{"userIdentity":"Alice"}"#, "[wrong type]"),
        (r#"{"userIdentity":{"arn":17}}"#, "[wrong type]"),
        (r#"{"userIdentity":{},"recipientAccountId":null}"#, "[no account]"),
        (r#"{"recipientAccountId":"../../x"}"#, "[bad account]"),
        (r#"{"recipientAccountId":111122223333}"#, "[wrong type]"),
        (r#"{"eventID":"KEEP-0001"}"#, "c"),
        (r#"{"sourceIPAddress":"AWS Internal"}"#, "c"),
        (r#"{"readOnly":"yes"}"#, "[wrong type]"),
        (r#"{"eventCategory":"ActivityAuditLog"}"#, "[unknown eventCategory]"),
        (r#"{"eventCategory":"Insight","eventName":null,"eventSource":null,"userIdentity":null}"#, "i"),
        (r#"{"eventType":"AwsCloudTrailInsight","eventName":null,"eventSource":null,"userIdentity":null}"#, "i"),
        (r#"{"eventName":null,"eventSource":null,"eventTime":null}"#, "[not a CloudTrail record]"),
        (r#"{"resources":"none"}"#, "c"),
    ] {
        // Beside good ones, which it must not hide.
        let good = record_with("{}");
        let file = format!("{{\"Records\":[{good},{},{good}]}}", record_with(changes));
        assert_eq!(told(file.as_bytes()), format!("c{expected}c"), "{changes}");
    }
}

#[test]
fn a_bad_record_hides_no_other() {
    let good = record_with("{}");
    let deep = format!("{{\"eventVersion\":\"1.08\",\"requestParameters\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
    let half = &good[..good.len() / 2];
    for (name, bad, expected) in [
        ("no value", "{\"eventVersion\":,\"eventName\":1}", "c[broken JSON]cc"),
        ("no quotes", "{eventVersion:1.08}", "c[broken JSON]cc"),
        ("single quotes", "{'eventVersion':'1.08'}", "c[broken JSON]cc"),
        ("a comma too many", "{\"eventVersion\":\"1.08\",}", "c[broken JSON]cc"),
        ("no number", "{\"eventVersion\":\"1.08\",\"readOnly\":NaN}", "c[broken JSON]cc"),
        ("no object", "17", "c[not an object]cc"),
        ("not closed", "{\"eventVersion\":\"1.08\",\"requestParameters\":{\"a\":[1}", "c[broken JSON]cc"),
        ("cut in a text", "{\"eventVersion\":\"1.08\",\"eventName\":\"Desc", "c[broken JSON]cc"),
        ("cut in the middle", half, "c[broken JSON]cc"),
        ("a bad escape", &good.replace("RunInstances", "Run\\uD800Instances"), "c[bad escape]cc"),
        ("too deep", &deep, "c[too deep]cc"),
    ] {
        // The real order of keys, by which the next record is known.
        let good = format!("{{\"eventVersion\":\"1.08\",{}", &good[1..]);
        let file = format!("{{\"Records\":[{good},{bad},{good},{good}]}}");
        assert_eq!(told(file.as_bytes()), expected, "{name}");
        let lines = format!("{good}\n{bad}\n{good}\n{good}\n");
        assert_eq!(told(lines.as_bytes()), expected, "{name}, one a line");
    }
    let mut not_utf8 = format!("[{good},{good},{good}]").into_bytes();
    let at = good.len() + good.find("Alice").unwrap() + 2;
    not_utf8[at] = 0xff;
    assert_eq!(told(&not_utf8), "c[not UTF-8]c");
}

#[test]
fn gzip_is_read_in_every_form_or_told() {
    let r = record_with("{}");
    let whole = format!("{{\"Records\":[{}]}}", vec![r.as_str(); 30].join(","));
    let calls = "c".repeat(30);
    let one = gzip(&whole);

    assert_eq!(told(&one), calls);
    // Two members that are one text together, and two that are one each, even the same.
    let (first, second) = whole.split_at(whole.len() / 3);
    assert_eq!(told(&[gzip(first), gzip(second)].concat()), calls);
    assert_eq!(told(&[one.clone(), one.clone()].concat()), calls.repeat(2));
    assert_eq!(told(&[one.clone(), gzip("")].concat()), calls);
    assert_eq!(told(&[gzip(""), one.clone()].concat()), calls);
    assert_eq!(told(&gzip("")), "");
    // Padded, as on tapes.
    assert_eq!(told(&[one.clone(), vec![0; 512]].concat()), calls);
    assert_eq!(told(&[one.clone(), b"more".to_vec()].concat()), format!("{calls} damaged gzip"));

    // A size that lies.
    let mut liar = one.clone();
    let end = liar.len();
    liar[end - 4..].copy_from_slice(&7u32.to_le_bytes());
    assert!(told(&liar).ends_with(" damaged gzip"), "{}", told(&liar));
    liar[end - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(told(&liar).ends_with(" damaged gzip"));
    // A checksum that is wrong.
    let mut flipped = one.clone();
    flipped[end - 6] ^= 1;
    assert_eq!(told(&flipped), format!("{calls} damaged gzip"));
    // Cut short: what is there is read.
    let noisy: Vec<String> = (0..300)
        .map(|i| record_with(&format!("{{\"eventID\":\"{:032x}\"}}", 0x9e37_79b9_7f4a_7c15_u128.wrapping_pow(i + 2))))
        .collect();
    let long = gzip(&format!("{{\"Records\":[{}]}}", noisy.join(",")));
    let cut = told(&long[..long.len() / 2]);
    assert!(cut.starts_with("cccccccccc") && cut.ends_with("c cut short"), "{cut}");
}

#[test]
fn nothing_costs_more_than_its_limit() {
    let limits = Limits { inflated_bytes: 1 << 20, record_bytes: 10_000, ..Limits::default() };
    let mut reader = Reader::new(limits);
    let bomb = gzip(&" ".repeat(50 << 20));
    assert_eq!(read_by(&mut reader, &bomb, None), (vec![], Err(RejectedFile::TooLarge { limit: 1 << 20 })));
    // In members, of which none is too large.
    let member = gzip(&" ".repeat(600 << 10));
    let members = [member.clone(), member].concat();
    assert_eq!(read_by(&mut reader, &members, None), (vec![], Err(RejectedFile::TooLarge { limit: 1 << 20 })));
    // As it is.
    let plain = " ".repeat((1 << 20) + 1);
    assert_eq!(read_by(&mut reader, plain.as_bytes(), None).1, Err(RejectedFile::TooLarge { limit: 1 << 20 }));
    assert_eq!(read_by(&mut reader, &plain.as_bytes()[1..], None).1, Ok(()));

    // A record that is too large, in the midst of others.
    let good = record_with("{}");
    let large = record_with(&format!("{{\"requestParameters\":{{\"a\":\"{}\"}}}}", "x".repeat(20_000)));
    for file in [
        format!("[{good},{large},{good}]"),
        format!("{good}\n{large}\n{good}"),
        format!("{{\"Records\":[{good},{large},{good}]}}"),
    ] {
        let (outcomes, ended) = read_by(&mut reader, file.as_bytes(), None);
        let kinds: Vec<bool> = outcomes.iter().map(|(outcome, _)| *outcome == Outcome::Rejected("too large")).collect();
        assert_eq!((kinds, ended), (vec![false, true, false], Ok(())), "{}", outcomes.len());
    }
}

/// Files that would be looked at again and again, if it were allowed: this ends within seconds, or in hours.
#[test]
fn brokenness_costs_no_more_than_a_few_looks() {
    let size = 4 << 20;
    for (name, unit) in [
        ("open records", "{\"eventVersion\":["),
        ("open records with commas", "{\"eventVersion\":[,"),
        ("open lines", "{\"a\":\n"),
        ("open texts", "{\"eventVersion\":\"1.08\",\"a\":\"},"),
        ("open brackets", "["),
        ("closed brackets", "]"),
        ("commas", ","),
        ("quotes", "\""),
        ("backslashes", "\\"),
        ("empty records", "{},"),
        ("broken records", "{\"eventVersion\"},"),
    ] {
        for start in ["{\"Records\":[", "[", "{}\n", "{\"eventName\":\"x\"}\n"] {
            let file = format!("{start}{}", unit.repeat(size / unit.len()));
            let mut reader = Reader::new(Limits::default());
            let mut rejected = 0usize;
            let _ = reader.read(file.as_bytes(), None, |_| rejected += 1);
            assert!(rejected <= file.len() / 2, "{name} after {start}: {rejected} rejected");
        }
    }
}

#[test]
fn a_rejection_says_what_where_and_what_to_do() {
    let file = format!("[{},{}]", record_with("{}"), record_with("{\"awsRegion\":\"here\"}"));
    let mut told = Vec::new();
    let mut reader = Reader::new(Limits::default());
    let _ =
        reader.read(file.as_bytes(), None, |record| told.extend(record.err().map(|rejection| rejection.to_string())));
    let byte = file.rfind("{\"awsRegion").unwrap();
    let expected = format!(
        "record 2 (byte {byte}) rejected: bad awsRegion: here: read the file as CloudTrail wrote it: something has rewritten the record"
    );
    assert_eq!(told, [expected]);
    let names: std::collections::BTreeSet<&str> = RejectReason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(names.len(), RejectReason::ALL.len());
}

#[test]
fn a_reader_is_as_good_as_new_after_any_file() {
    let good = gzip(&format!("{{\"Records\":[{}]}}", record_with("{}")));
    let expected = read_by(&mut Reader::new(Limits::default()), &good, None);
    let mut reader = Reader::new(Limits::default());
    for other in [&gzip(&"x".repeat(100_000))[..], b"", b"\x1f\x8b", &good[..good.len() - 3], b"{\"Records\":["] {
        let _ = read_by(&mut reader, other, None);
        assert_eq!(read_by(&mut reader, &good, None), expected);
    }
}
