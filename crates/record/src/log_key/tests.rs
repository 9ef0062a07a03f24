//! Keys are read and written back; what is no key of a log file is not taken for one.

use super::*;
use proptest::prelude::*;

#[test]
fn keys_of_aws_are_read_and_written_back() {
    for text in [
        "AWSLogs/218007301253/CloudTrail/us-east-1/2023/07/10/218007301253_CloudTrail_us-east-1_20230710T1240Z_C1qUFaqvZS64BcIN.json.gz",
        "o-fxozgwu6rc/AWSLogs/o-fxozgwu6rc/123456789015/CloudTrail-Insight/ca-central-1/2020/09/23/123456789015_CloudTrail-Insight_ca-central-1_20200923T0516Z_KL5e9VCV2SS7IqzB.json.gz",
        "a/AWSLogs/b/AWSLogs/111122223333/CloudTrail-NetworkActivity/us-gov-west-1/2025/12/31/111122223333_CloudTrail-NetworkActivity_us-gov-west-1_20251231T2355Z_AAAAAAAAAAAAAAAA.json.gz",
        "AWSLogs/111122223333/CloudTrail/us-east-1/2014/06/20/111122223333_CloudTrail_us-east-1_20140620T1255ZHdkvFTXOA3Vnhbc1.json.gz",
        "p/AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2015/08/17/111122223333_CloudTrail-Digest_us-east-2_my_trail_us-east-1_20150817T200521Z.json.gz",
        "AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2025/05/20/111122223333_CloudTrail-Digest_us-east-2_t_us-east-2_20250520T000000Z_backfill.json.gz",
        // Delivered just after midnight into the folder of the day before.
        "AWSLogs/111122223333/CloudTrail/us-east-1/2023/07/10/111122223333_CloudTrail_us-east-1_20230711T0000Z_AAAAAAAAAAAAAAAA.json.gz",
    ] {
        let key: ObjectKey = text.parse().unwrap();
        assert_eq!(key.to_string(), text);
    }
}

/// No other is written back than was read.
#[test]
fn a_key_of_a_day_beyond_all_minutes_is_none() {
    for (year, is_one) in [("6052", true), ("6054", false), ("9999", false)] {
        let text = format!(
            "AWSLogs/218007301253/CloudTrail/us-east-1/{year}/07/10/218007301253_CloudTrail_us-east-1_{year}0710T1240Z_C1qUFaqvZS64BcIN.json.gz"
        );
        let read = text.parse::<ObjectKey>().ok().map(|key| key.to_string());
        assert_eq!(read, is_one.then_some(text));
    }
}

#[test]
fn what_is_no_log_file_is_not_taken_for_one() {
    let good = "AWSLogs/218007301253/CloudTrail/us-east-1/2023/07/10/218007301253_CloudTrail_us-east-1_20230710T1240Z_C1qUFaqvZS64BcIN.json.gz";
    assert!(good.parse::<LogKey>().is_ok());
    for (from, to) in [
        ("AWSLogs/", "Logs/"),
        ("AWSLogs/2", "AWSLogs/x"),
        ("AWSLogs/", "xAWSLogs/"),
        ("/us-east-1/", "/us-east-2/"),
        ("/CloudTrail/", "/Config/"),
        ("/07/10/", "/07/32/"),
        ("T1240Z", "T1260Z"),
        ("_C1qUF", "_C1q.F"),
        (".json.gz", ".json"),
        (".json.gz", ".csv"),
        ("C1qUFaqvZS64BcIN", ""),
    ] {
        let bad = good.replace(from, to);
        assert!(bad.parse::<LogKey>().is_err(), "{bad}");
    }
    for text in ["", "/", "AWSLogs/", "AWSLogs/218007301253/CloudTrail/us-east-1/2023/07/10/", "é/é/é/é/é/é/é/é/é"]
    {
        assert!(text.parse::<ObjectKey>().is_err(), "{text}");
        assert_eq!(LogKey::of_path(text), None);
    }
}

#[test]
fn a_copied_file_still_says_whose_it_is() {
    let name = "218007301253_CloudTrail_us-east-1_20230710T1240Z_C1qUFaqvZS64BcIN";
    let folders = "AWSLogs/218007301253/CloudTrail/us-east-1/2023/07/10";
    for path in [
        format!("/home/me/logs/{folders}/{name}.json.gz"),
        format!("{folders}/{name}.json"),
        format!("C:\\logs\\{}\\{name}.json.gz", folders.replace('/', "\\")),
        format!("{name}.json.gz"),
        format!("{name}.json"),
        format!("./somewhere/{name}.json.gz"),
    ] {
        let key = LogKey::of_path(&path).unwrap_or_else(|| panic!("{path}"));
        assert_eq!(key.account, "218007301253");
        assert_eq!(key.region, "us-east-1");
        assert_eq!(key.time.to_string(), "2023-07-10T12:40:00Z");
        assert_eq!(key.unique, "C1qUFaqvZS64BcIN");
        assert_eq!(key.day, key.time.day_start());
    }
    assert_eq!(LogKey::of_path("/x/notes.json"), None);
}

type Place = (Option<String>, Option<String>, String, String, Minute);

fn place() -> impl Strategy<Value = Place> {
    (
        proptest::option::of("[A-Za-z0-9_!-]{1,8}(/[a-zA-Z0-9 .-]{1,8}){0,2}"),
        proptest::option::of("o-[a-z0-9]{10,32}"),
        "[0-9]{12}",
        "[a-z]{2}-[a-z]{4,9}-[1-9]",
        (0..4_000_000i32).prop_map(|minute| Minute(minute * 15).day_start()),
    )
}

proptest! {
    #[test]
    fn a_log_key_is_written_and_read_back(
        (prefix, organization, account, region, day) in place(),
        kind in proptest::sample::select(LogKind::ALL.to_vec()),
        time in 0..60_000_000i32,
        unique in "[A-Za-z0-9]{16}",
        is_of_2014: bool,
    ) {
        let key = LogKey { prefix, organization, account, region, day, kind, time: Minute(time), unique, is_of_2014 };
        prop_assert_eq!(key.to_string().parse::<LogKey>(), Ok(key.clone()));
        let path = format!("/some/where/{key}");
        prop_assert_eq!(LogKey::of_path(&path).unwrap().time, key.time);
    }

    #[test]
    fn a_digest_key_is_written_and_read_back(
        (prefix, organization, account, region, day) in place(),
        trail in "[A-Za-z0-9._-]{3,128}",
        home_region in "[a-z]{2}-[a-z]{4,9}-[1-9]",
        time in 0..4_000_000_000i64,
        is_backfill: bool,
    ) {
        let key = DigestKey { prefix, organization, account, region, day, trail, home_region, time, is_backfill };
        prop_assert_eq!(key.to_string().parse::<ObjectKey>(), Ok(ObjectKey::Digest(key)));
    }

    #[test]
    fn no_text_panics(text in "(AWSLogs/|[0-9]{12}|CloudTrail|_|/|20230710T1240Z|us-east-1|2023/07/10|é|.json.gz|\\PC){0,24}") {
        let _ = text.parse::<ObjectKey>();
        let _ = LogKey::of_path(&text);
    }
}
