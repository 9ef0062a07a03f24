//! Buckets: what is read from one is what is read from a folder, and what cannot be reached is told soon.

use std::process::Command;

use sim::{LogFile, Plan};

use crate::door::{Folder, SHORT_DEMO, Told, analyze, analyze_by, command, findings};
use crate::moto::Moto;

/// The binary with keys, and with this server.
fn at(endpoint: &str, arguments: &[&str]) -> Command {
    let mut command = command(&[&["analyze"], arguments].concat());
    command.envs([
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "us-east-1"),
    ]);
    command.env("AWS_ENDPOINT_URL", endpoint);
    command
}

fn objects_of(files: &[LogFile], prefix: &str) -> Vec<(String, Vec<u8>)> {
    files.iter().map(|file| (format!("{prefix}{}", file.key), file.body.clone())).collect()
}

/// The newest of the short demo's: more objects than one page of a listing has.
fn some_files() -> Vec<LogFile> {
    let newest = SHORT_DEMO.len() - 1_100;
    SHORT_DEMO[newest..].to_vec()
}

#[test]
fn a_bucket_tells_what_a_folder_tells() {
    let moto = Moto::shared();
    let files = some_files();
    let folder = Folder::of(&files);
    let wanted = analyze(&["--format", "ndjson", &folder.path("")]);
    assert!(wanted.out.contains("RunInstances"), "{wanted}");
    let mut objects = objects_of(&files, "trail/");
    // What lies beside the prefix, or is no log file, is not read.
    objects.push(("trails/AWSLogs/other.json.gz".to_owned(), b"?".to_vec()));
    objects
        .push(("trail/AWSLogs/123456789012/CloudTrail-Digest/eu-central-1/2026/02/02/x.txt".to_owned(), b"?".to_vec()));
    moto.make_bucket("logs", &objects);

    let by_environment = analyze_by(at(&moto.url, &["--format", "ndjson", "s3://logs/trail"]));
    assert_eq!((&by_environment.out, &by_environment.err), (&wanted.out, &wanted.err));

    let mut by_option = at("http://127.0.0.1:1", &["--format", "ndjson", "s3://logs/trail/AWSLogs/"]);
    by_option.args(["--endpoint-url", &moto.url, "--bucket-region", "eu-west-1"]).env_remove("AWS_REGION");
    assert_eq!(analyze_by(by_option).out, wanted.out);

    // One object, and without signing.
    moto.make_public("logs");
    let one = format!("s3://logs/trail/{}", files[0].key);
    let mut unsigned = at(&moto.url, &[&one, "--no-sign-request"]);
    unsigned.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let told = analyze_by(unsigned);
    assert_eq!(told.reconciliation().read, files[0].records as u64, "{told}");
}

#[test]
fn insight_files_are_written_into_a_bucket() {
    let moto = Moto::shared();
    moto.make_bucket("insights", &[]);
    let folder = Folder::of_days(&SHORT_DEMO);
    let out = Folder::new();
    analyze(&[&folder.path(""), "--out", &out.path("")]);
    for (below, prefix) in [("s3://insights", ""), ("s3://insights/some/prefix/", "some/prefix/")] {
        analyze_by(at(&moto.url, &[&folder.path(""), "--out", below]));
        let wanted: Vec<(String, Vec<u8>)> =
            out.files().into_iter().map(|(path, bytes)| (format!("{prefix}{path}"), bytes)).collect();
        let mut found = moto.objects("insights");
        found.retain(|(key, _)| key.starts_with(&format!("{prefix}AWSLogs/")));
        assert!(
            !wanted.is_empty() && found == wanted,
            "{below}: {:?}",
            found.iter().map(|object| &object.0).collect::<Vec<_>>()
        );
    }
    let told = Told::by(&mut at(&moto.url, &[&folder.path(""), "--out", "s3://no-such-bucket/x"]));
    assert_eq!(told.code, Some(1), "{told}");
    assert!(told.err.contains("cannot write s3://no-such-bucket/x/AWSLogs/"), "{told}");
}

#[test]
fn one_unreadable_object_hides_no_other() {
    let moto = Moto::shared();
    let files = &SHORT_DEMO[..30];
    moto.make_bucket("archive", &objects_of(files, ""));
    let archived = files[3].key.replace(".json.gz", "x.json.gz");
    moto.put_archived("archive", &archived, files[3].body.clone());
    let told = analyze_by(at(&moto.url, &["s3://archive"]));
    let sums = told.reconciliation();
    assert_eq!((sums.files, sums.read), (31, files.iter().map(|file| file.records as u64).sum()), "{told}");
    assert!(told.err.contains(&format!("rejected file s3://archive/{archived}: cannot be opened: ")), "{told}");
}

/// A trail whose prefix ends in a slash writes such keys. object_store has no name for them, and its listing ends there.
#[test]
#[ignore = "known weakness: an object with an empty folder name in its key hides all others of a bucket"]
fn one_oddly_named_object_hides_no_other() {
    let moto = Moto::shared();
    let files = &SHORT_DEMO[..3];
    moto.make_bucket("odd", &objects_of(files, ""));
    moto.put_raw("odd", "prefix//AWSLogs/x.json.gz");
    let told = analyze_by(at(&moto.url, &["s3://odd"]));
    assert_eq!(told.reconciliation().read, files.iter().map(|file| file.records as u64).sum::<u64>(), "{told}");
}

/// How long a command takes, in seconds.
#[expect(clippy::disallowed_methods, reason = "that it is not long is the law here")]
fn timed(command: &mut Command) -> (Told, f64) {
    let started = std::time::Instant::now();
    let told = Told::by(command);
    (told, started.elapsed().as_secs_f64())
}

#[test]
fn what_cannot_be_reached_is_told_soon() {
    let moto = Moto::start();
    moto.make_bucket("mine", &objects_of(&SHORT_DEMO[..3], ""));
    let mut keyless = at(&moto.url, &["s3://mine"]);
    keyless
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1");
    let mut cases = vec![
        (
            "no such bucket",
            at(&moto.url, &["s3://no-such-bucket/AWSLogs"]),
            &["cannot list s3://no-such-bucket/AWSLogs", "NoSuchBucket"][..],
        ),
        ("no such object", at(&moto.url, &["s3://mine/none"]), &["s3://mine/none"]),
        ("nobody answers", at("http://127.0.0.1:1", &["s3://mine"]), &["cannot list s3://mine", "127.0.0.1:1"]),
        ("no keys", keyless, &["cannot list s3://mine"]),
        ("no bucket", at(&moto.url, &["s3://"]), &["s3://"]),
    ];
    for (name, command, wanted) in &mut cases {
        hold(name, command, wanted);
    }
    moto.check_keys();
    hold(
        "keys that nobody knows",
        &mut at(&moto.url, &["s3://mine"]),
        &["cannot list s3://mine", "InvalidAccessKeyId"],
    );
}

fn hold(name: &str, command: &mut Command, wanted: &[&str]) {
    let (told, seconds) = timed(command);
    assert_eq!(told.code, Some(1), "{name}: {told}");
    assert!(wanted.iter().all(|wanted| told.err.contains(wanted)), "{name}: {told}");
    assert!(seconds < 20.0, "{name}: {seconds} s, {told}");
}

/// Two hours of logs from a bucket whose file names say nothing: order comes from the records.
#[test]
fn a_bucket_of_plain_names_is_read_too() {
    let moto = Moto::shared();
    let plan = Plan { calls_per_day: 300.0, ..Plan::quiet(3).with_days(1.0) };
    let files: Vec<LogFile> = sim::log_files(&plan).take(60).collect();
    let objects: Vec<(String, Vec<u8>)> =
        files.iter().enumerate().map(|(n, file)| (format!("odd names/ü %2F+{n}.json.gz"), file.body.clone())).collect();
    moto.make_bucket("plain", &objects);
    let told = analyze_by(at(&moto.url, &["s3://plain/odd names", "--format", "ndjson"]));
    assert_eq!(told.reconciliation().files, 60, "{told}");
    assert_eq!(told.findings(), findings(&[&Folder::of(&files).path("")]));
}
