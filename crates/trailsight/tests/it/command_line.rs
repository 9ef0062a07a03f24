//! The command line: usage, exit codes, help, and what a pipe sees.

use std::io::{PipeWriter, Read};
use std::process::Stdio;

use crate::door::{Folder, SHORT_DEMO, Told, analyze, command, gzip, trailsight};
use crate::records::{call, log_text};

#[test]
fn wrong_usage_is_exit_code_2() {
    let wrong: &[&[&str]] = &[
        &[],
        &["frobnicate"],
        &["analyze"],
        &["analyze", "--frobnicate", "logs"],
        &["analyze", "logs", "--format", "yaml"],
        &["analyze", "logs", "--from", "yesterday"],
        &["analyze", "logs", "--to", "2026-13-01"],
        &["analyze", "logs", "--false-alarms-per-month", "0"],
        &["analyze", "logs", "--false-alarms-per-month", "-1"],
        &["analyze", "logs", "--false-alarms-per-month", "NaN"],
        &["analyze", "logs", "--false-alarms-per-month", "inf"],
        &["analyze", "logs", "--threads", "0"],
        &["analyze", "logs", "--max-file-size", "0"],
        &["analyze", "logs", "--counts", "counts.csv"],
        &["analyze", "logs", "--name", "[a"],
        &["analyze", "logs", "--account", "{1,2"],
        &["simulate"],
        &["simulate", "--tier", "T9", "--out", "/nonexistent"],
        &["simulate", "--days", "0", "--out", "/nonexistent"],
        &["simulate", "--days", "1e300", "--out", "/nonexistent"],
        &["simulate", "--records", "0", "--out", "/nonexistent"],
        &["simulate", "--records", "18446744073709551615", "--out", "/nonexistent"],
        &["completions", "cobol"],
        &["man"],
    ];
    for arguments in wrong {
        let told = trailsight(arguments);
        assert_eq!(told.code, Some(2), "{arguments:?}: {told}");
        assert!(told.out.is_empty() && !told.err.is_empty(), "{arguments:?}: {told}");
    }
}

#[test]
fn what_is_not_there_is_named_and_exit_code_1() {
    let folder = Folder::new();
    let empty = folder.path("empty");
    std::fs::create_dir(&empty).expect("folders can be made");
    let log = folder.put("log.json", &log_text(&[call(1, "2026-02-02T00:00:00Z", "RunInstances")]));
    let (missing, pattern) = (folder.path("missing"), folder.path("*.nothing"));
    let (csv, file_in_file) = (folder.path("none.csv"), format!("{log}/below"));
    let url = format!("file://{log}");
    let manifest = br#"{"trailsight":"1","madeAt":"2026-01-01T00:00:00Z","withObjects":false,"files":[]}"#;
    let backup = folder.put("backup/backup.json", manifest).replace("/backup.json", "");
    let cases: &[(&[&str], &str)] = &[
        (&["analyze", &missing], &missing),
        (&["analyze", &log, &missing], &missing),
        (&["analyze", &pattern], &pattern),
        (&["analyze", &empty], &empty),
        (&["analyze", "--counts", &csv], &csv),
        (&["analyze", &log, "--report", "/nonexistent/page.html"], "/nonexistent/page.html"),
        (&["analyze", &log, "--report", "/dev/full"], "/dev/full"),
        (&["analyze", &log, "--out", &log], &log),
        (&["analyze", &log, "--out", &file_in_file], &file_in_file),
        (&["query", "--logs", &log, "--out", "/dev/full", "SELECT eventName FROM logs"], "/dev/full"),
        (&["query", "--logs", &log, "--out", &file_in_file, "SELECT 1"], &file_in_file),
        (&["restore", &backup, "--data-dir", &missing], &backup),
        (&["buckets", "link", "my-trail", "--url", &url, "--data-dir", &missing], "it is no folder"),
        (&["simulate", "--days", "0.01", "--out", &file_in_file], &file_in_file),
        (&["man", "--out", &file_in_file], &file_in_file),
    ];
    for (arguments, name) in cases {
        let told = trailsight(arguments);
        assert_eq!(told.code, Some(1), "{arguments:?}: {told}");
        assert!(told.out.is_empty() && told.err.contains(name), "{arguments:?}: {told}");
        assert!(!std::path::Path::new(&missing).exists(), "{arguments:?} made something");
    }
}

#[test]
fn a_query_that_fails_leaves_what_was_there_and_one_that_could_read_nothing_fails() {
    let folder = Folder::new();
    let log = folder.put("log.json", &log_text(&[call(1, "2026-02-02T00:00:00Z", "RunInstances")]));
    let out = folder.put("out.csv", b"of before");
    let ask = |log: &str, statement: &str| trailsight(&["query", "--logs", log, "--out", &out, statement]);
    let told = ask(&log, "SELECT 1 / (length(eventName) - 12) FROM logs");
    assert!(told.code == Some(1) && told.err.contains("divided by zero"), "{told}");
    assert_eq!(std::fs::read(&out).expect("it is there"), b"of before");
    assert_eq!(folder.files().len(), 2, "something is left");
    let told = ask(&log, "SELECT eventName FROM logs");
    assert_eq!(
        (told.code, std::fs::read(&out).expect("it is there")),
        (Some(0), b"eventName\nRunInstances\n".to_vec())
    );

    let garbage = folder.put("garbage.json", b"\0garbage");
    let told = ask(&garbage, "SELECT count(*) FROM logs");
    assert!(told.code == Some(1) && told.err.contains("no file could be read"), "{told}");
    let told = ask(&garbage, "SELECT eventName FROM logs");
    assert_eq!(
        (told.code, std::fs::read(&out).expect("it is there")),
        (Some(1), b"eventName\nRunInstances\n".to_vec())
    );
    let report = folder.put("report.html", b"of before");
    let told = trailsight(&["analyze", &garbage, "--report", &report]);
    assert_eq!((told.code, std::fs::read(&report).expect("it is there")), (Some(1), b"of before".to_vec()), "{told}");
    std::fs::remove_file(&report).expect("it is there");
    std::fs::remove_file(&out).expect("it is there");
    let told = trailsight(&["query", "--logs", &folder.path(""), "SELECT count(*) FROM logs"]);
    assert!(told.code == Some(0) && told.err.contains("1 × file: "), "{told}");
    // Files are read once for each place where a statement names them.
    let twice = "SELECT count(*) FROM logs a JOIN logs b ON a.eventID = b.eventID";
    let told = trailsight(&["query", "--logs", &folder.path(""), twice]);
    assert_eq!(told.code, Some(0), "{told}");
}

/// Whoever reads files is still at it then, on threads that end with the command.
#[test]
fn a_query_that_has_its_answer_before_all_files_are_read_ends_without_a_word() {
    let folder = Folder::of_days(&SHORT_DEMO);
    for _ in 0..10 {
        let statement = "SELECT bool_or(readOnly) AS a FROM logs GROUP BY eventName LIMIT 1";
        let told = trailsight(&["query", "--logs", &folder.path(""), "--threads", "2", statement]);
        assert!(told.code == Some(0) && told.err.is_empty(), "{told}");
    }
}

#[test]
fn what_cannot_be_written_to_stdout_is_said_and_no_key_is_kept_that_nobody_was_told() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let (path, data) = (folder.path(""), folder.path("data"));
    let commands: &[&[&str]] = &[
        &["analyze", &path],
        &["query", "--logs", &path, "SELECT eventName FROM logs"],
        &["query", "--logs", &path, "--format", "json", "SELECT eventName FROM logs"],
        &["operations"],
        &["config", "show"],
        &["credentials", "create", "--name", "ops", "--data-dir", &data],
        &["push-keys", "create", "production", "--data-dir", &data],
    ];
    for arguments in commands {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("there is such a device");
        let told = Told::by(command(arguments).stdout(full));
        assert_eq!(told.code, Some(1), "{arguments:?}: {told}");
        assert!(told.err.contains("cannot write to standard output: No space left"), "{arguments:?}: {told}");
    }
    for what in ["credentials", "push-keys"] {
        let told = trailsight(&[what, "list", "--data-dir", &data]);
        assert!(told.code == Some(0) && told.out.is_empty() && told.err.contains(&data), "{told}");
    }
}

/// Nothing is found in a day of nothing; that is no failure.
#[test]
fn a_log_without_calls_is_quiet() {
    let folder = Folder::new();
    folder.put("log.json.gz", &gzip(&log_text(&[])));
    for format in ["text", "json", "ndjson", "insights"] {
        let told = analyze(&[&folder.path(""), "--format", format, "--report", &folder.path("page.html")]);
        assert_eq!(told.code, Some(0), "{told}");
    }
}

#[test]
fn help_teaches_by_examples() {
    let help = trailsight(&["analyze", "--help"]);
    assert_eq!(help.code, Some(0));
    for wanted in ["Examples:", "trailsight analyze ./AWSLogs", "s3://", "--counts", "Exit codes:", "10 "] {
        assert!(help.out.contains(wanted), "{wanted}: {help}");
    }
    for arguments in [&["--help"][..], &["-h"], &["simulate", "--help"], &["--version"]] {
        let told = trailsight(arguments);
        assert!(told.code == Some(0) && told.out.contains("trailsight"), "{arguments:?}: {told}");
    }
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let told = trailsight(&["completions", shell]);
        assert_eq!(told.code, Some(0), "{shell}: {told}");
        for wanted in ["analyze", "simulate", "false-alarms-per-month", "max-file-size"] {
            assert!(told.out.contains(wanted), "{shell}: {wanted}");
        }
    }
}

#[test]
fn there_is_a_manual_page_a_command() {
    let folder = Folder::new();
    let told = trailsight(&["man", "--out", &folder.path("man")]);
    assert_eq!(told.code, Some(0), "{told}");
    let pages = folder.files();
    for name in ["man/trailsight.1", "man/trailsight-analyze.1", "man/trailsight-simulate.1"] {
        let page = pages.iter().find(|page| page.0 == name).unwrap_or_else(|| panic!("no {name}"));
        assert!(String::from_utf8_lossy(&page.1).contains(".SH NAME"), "{name}");
    }
}

#[test]
fn a_pipe_sees_findings_and_no_progress() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let told = analyze(&[&folder.path(""), "--format", "ndjson"]);
    assert!(!told.err.contains(['\r', '\x1b']), "{:?}", told.err);
    assert_eq!(told.err.lines().count(), 1, "{}", told.err);
    let made = trailsight(&["simulate", "--tier", "T0", "--records", "500", "--out", &folder.path("made")]);
    assert!(made.out.is_empty() && !made.err.contains(['\r', '\x1b']), "{made}");
}

/// The writing end of a pipe that nobody reads.
fn gone() -> PipeWriter {
    let (_, writer) = std::io::pipe().expect("there are pipes");
    writer
}

/// Runs it with a stdout that nobody reads.
fn unread(arguments: &[&str]) -> Told {
    let mut child = command(arguments).stdout(gone()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let mut err = String::new();
    child.stderr.take().expect("it is piped").read_to_string(&mut err).expect("stderr is UTF-8");
    Told { code: child.wait().expect("it ends").code(), out: String::new(), err }
}

#[test]
fn whoever_stops_reading_makes_no_error() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let (path, data) = (folder.path(""), folder.path("data"));
    let statement = "SELECT eventName, eventJson FROM logs";
    let pattern = r#"{"source": [{"prefix": ""}]}"#;
    let commands: &[&[&str]] = &[
        &["analyze", &path],
        &["analyze", &path, "--format", "ndjson"],
        &["analyze", &path, "--format", "json"],
        &["analyze", &path, "--format", "insights"],
        &["analyze", "--help"],
        &["query", "--logs", &path, "--format", "table", statement],
        &["query", "--logs", &path, "--format", "csv", statement],
        &["query", "--logs", &path, "--format", "json", statement],
        &["query", "--logs", &path, "--format", "parquet", statement],
        &["events", "match", "--pattern", pattern, "--format", "ndjson", &path],
        &["operations", "--json"],
        &["config", "show", "--data-dir", &data],
        &["credentials", "create", "--data-dir", &data],
        &["completions", "bash"],
    ];
    for arguments in commands {
        let (out, err) = (gone(), gone());
        let code = command(arguments).stdout(out).stderr(err).status().expect("the binary runs").code();
        assert!(matches!(code, Some(0 | 10)), "{arguments:?}: {code:?}, with nobody there at all");
        let told = unread(arguments);
        assert_eq!(told.code, Some(0), "{arguments:?}: {told}");
        assert!(!told.err.contains("panicked") && !told.err.contains("trailsight:"), "{arguments:?}: {told}");
    }
}

#[test]
fn what_is_kept_where_no_service_keeps_its_data_is_said_to_be() {
    let folder = Folder::new();
    let (storage, data) = (folder.path("storage"), folder.path("data"));
    std::fs::create_dir(&storage).expect("folders can be made");
    let url = format!("file://{storage}");
    let commands: [&[&str]; 3] = [
        &["credentials", "create", "--name", "ops"],
        &["push-keys", "create", "production"],
        &["buckets", "link", "my-trail", "--url", &url],
    ];
    // Where nobody says --data-dir, it is said all the more.
    let default = format!("{data}/trailsight");
    let kept = |arguments: &[&str]| {
        let told = Told::by(command(arguments).env("XDG_DATA_HOME", &data));
        assert_eq!(told.code, Some(0), "{arguments:?}: {told}");
        told.err
    };
    let said = format!("No service has kept its data in {default} yet");
    for arguments in commands {
        let err = kept(arguments);
        assert!(err.contains(&said) && err.contains("--data-dir"), "{arguments:?}: {err}");
    }
    std::fs::write(format!("{default}/trailsight.sqlite"), "").expect("there is room");
    assert!(!kept(&["push-keys", "create", "another"]).contains("No service"));
}
