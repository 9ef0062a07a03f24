use std::fs;
use std::path::Path;

use tokio::runtime::Runtime;

use super::*;
use crate::world::all_buckets::with_links;
use crate::world::links::LinksFile;

const DAY: &str = "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/02/10";
const NAME: &str = "123456789012_CloudTrail_eu-west-1_20260210T1905Z_";

/// A folder of a bucket that is linked as `old`, with these files; and all buckets.
fn linked(folder: &Path, runtime: &Runtime, files: &[&str]) -> AllBuckets {
    for file in files {
        let path = folder.join("there").join(file);
        fs::create_dir_all(path.parent().expect("it has one")).expect("there is room");
        fs::write(path, r#"{"Records":[]}"#).expect("there is room");
    }
    let links = LinksFile::of(folder);
    fs::write(links.path(), format!("[buckets.old]\nurl = \"file://{}/there\"\n", folder.display()))
        .expect("there is room");
    with_links(folder, links, runtime.handle())
}

fn named(prefix: &str) -> Logs {
    Logs { bucket: "old".into(), prefix: prefix.into(), place: " at Line: 1, Column: 31".into() }
}

#[test]
fn log_files_of_events_are_found_and_nothing_else() {
    let (folder, runtime) = (tempfile::tempdir().expect("there is room"), Runtime::new().expect("threads"));
    let one = format!("{DAY}/{NAME}0123456789abcdef.json.gz");
    let other = format!("copied/{NAME}0123456789abcdeg.json");
    let insights = one.replace("CloudTrail", "CloudTrail-Insight");
    let network = one.replace("CloudTrail", "CloudTrail-NetworkActivity");
    let files = [&*one, &*other, &*insights, &*network, "secret.txt", "AWSLogs/secret.json"];
    let buckets = linked(folder.path(), &runtime, &files);
    let found = |prefix: &str, most: usize| {
        let mut look = Look { most, objects: 0, is_cancelled: &|| false };
        let found = look.below(&named(prefix), &buckets).map_err(|error| error.to_string());
        found.map(|files| files.into_iter().map(|file| file.key).collect::<Vec<_>>())
    };
    let all = |of: &[&str]| of.iter().map(|key| Box::from(*key)).collect::<Vec<Box<str>>>();
    assert_eq!(found("", 9), Ok(all(&[&network, &one, &other])));
    assert_eq!(found("AWSLogs/123456789012/CloudTrail/", 9), Ok(all(&[&one])));
    assert_eq!(found("copi", 9), Ok(all(&[&other])));
    let why = found("AWSLogs/secret", 9).expect_err("it is none");
    assert!(
        why.starts_with("no log file of CloudTrail lies below s3://old/AWSLogs/secret at Line: 1, Column: 31"),
        "{why}"
    );
    // A folder that no key can lie in is not all there is.
    for none in ["../", "AWSLogs//123456789012/"] {
        let why = found(none, 9).expect_err("nothing lies there, nor outside of the bucket");
        assert!(why.contains("cannot be listed"), "{why}");
    }
    let why = found("", 2).expect_err("they are three");
    assert!(why.starts_with("the statement is to read too much below s3://old/ at Line: 1, Column: 31"), "{why}");
}

#[test]
fn a_look_ends_when_nobody_wants_to_know_any_more() {
    let (folder, runtime) = (tempfile::tempdir().expect("there is room"), Runtime::new().expect("threads"));
    let many: Vec<String> = (0..2 * BETWEEN_QUESTIONS).map(|at| format!("{DAY}/{NAME}{at:016}.json")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let buckets = linked(folder.path(), &runtime, &many);
    let mut look = Look { most: MOST_FILES, objects: 0, is_cancelled: &|| true };
    assert!(matches!(look.below(&named(""), &buckets), Err(LakeError::Cancelled)));
    assert_eq!(look.objects, BETWEEN_QUESTIONS);
    // Also of a prefix that none of them has.
    let mut look = Look { most: MOST_FILES, objects: 0, is_cancelled: &|| true };
    assert!(matches!(look.below(&named(&format!("{DAY}/zzz")), &buckets), Err(LakeError::Cancelled)));
    assert_eq!(look.objects, BETWEEN_QUESTIONS);
}

#[test]
fn each_file_is_read_once_with_the_account_of_its_name_and_one_that_is_gone_hides_no_other() {
    let (folder, runtime) = (tempfile::tempdir().expect("there is room"), Runtime::new().expect("threads"));
    let key = |at: usize| format!("{DAY}/{NAME}{at:016}.json");
    let many: Vec<String> = (0..40).map(key).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let buckets = linked(folder.path(), &runtime, &many);
    let files = many.iter().map(|key| File { key: Box::from(*key), bytes: 14 }).collect();
    fs::remove_file(folder.path().join("there").join(key(7))).expect("it was there");
    let source = InBucket { buckets, bucket: "old".into(), files };
    let (mut read, mut gone) = (0, Vec::new());
    source.read_each(0..40, &mut |fetched| {
        match fetched {
            Ok((bytes, account)) => {
                assert_eq!((bytes.len(), account.as_deref()), (14, Some("123456789012")));
                read += 1;
            }
            Err(why) => gone.push(why),
        }
        true
    });
    assert_eq!((read, gone), (39, vec![format!("there is no object `{}`", key(7))]));
    let mut taken = 0;
    source.read_each(0..40, &mut |_| {
        taken += 1;
        taken < 3
    });
    assert_eq!(taken, 3, "nobody wants more");
}

#[test]
fn a_cluster_reads_linked_buckets_by_the_keys_of_there_and_what_is_held_is_read_here() {
    let (folder, runtime) = (tempfile::tempdir().expect("there is room"), Runtime::new().expect("threads"));
    let key = format!("{DAY}/{NAME}0123456789abcdef.json.gz");
    let buckets = linked(folder.path(), &runtime, &[&key]);
    buckets.hold("held", &key);
    let found = |statement: &str, is_here| Found::all(statement, &buckets, is_here, &|| false).expect("they are there");
    let elsewhere = |statement: &str| found(statement, false).iter().map(Found::is_elsewhere).collect::<Vec<_>>();
    let linked = "SELECT 1 FROM cloudtrail_logs('s3://old/AWSLogs/')";
    assert_eq!(elsewhere(linked), [true]);
    assert_eq!(elsewhere(&format!("{linked} UNION SELECT 1 FROM cloudtrail_logs('s3://held')")), [false, false]);
    assert!(!found(linked, true)[0].is_elsewhere(), "there is no cluster");
    let Read::Elsewhere(logs) = &found(linked, false)[0].read else { panic!("it is read elsewhere") };
    assert_eq!((&*logs.bucket, &*logs.files), ("old", &[LogElsewhere(key.into(), 14)][..]));
}
