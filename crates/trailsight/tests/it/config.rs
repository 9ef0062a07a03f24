//! Settings of the service: who goes before whom, as the binary tells it.

use std::process::Command;

use server::own_account::own_account;

use crate::door::{Folder, Told, command};

/// `config show` of a service with this file of settings in its data directory.
fn show(folder: &Folder, more: &[&str]) -> Command {
    let data = folder.path("");
    command(&[&["config", "show", "--data-dir", &data], more].concat())
}

/// The line of a setting: its value, and where it comes from.
#[track_caller]
fn line(told: &Told, key: &str) -> (String, String) {
    assert_eq!(told.code, Some(0), "{told}");
    let line = told.out.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
    let (value, from) = line.and_then(|line| line.split_once(" # ")).unwrap_or_else(|| panic!("no {key}: {told}"));
    (value.trim().to_owned(), from.to_owned())
}

#[test]
fn a_flag_goes_before_a_variable_before_the_file_before_the_default() {
    let folder = Folder::new();
    let told = Told::by(&mut show(&folder, &[]));
    assert_eq!(line(&told, "at-once"), ("16".into(), "default".into()));
    folder
        .put("trailsight.toml", b"listen = \"127.0.0.1:1\"\n[functions]\nat-once = 2\nport = [1, 2]\nonline = true\n");
    let told = Told::by(&mut show(&folder, &[]));
    assert_eq!(line(&told, "at-once"), ("2".into(), "the file, line 3".into()));
    assert_eq!(line(&told, "listen"), ("\"127.0.0.1:1\"".into(), "the file, line 1".into()));
    assert_eq!(line(&told, "port"), ("[1, 2]".into(), "the file, line 4".into()));
    assert_eq!(line(&told, "online"), ("true".into(), "the file, line 5".into()));
    let with = |more: &[&str]| {
        let mut command = show(&folder, more);
        command.env("TRAILSIGHT_FUNCTIONS_AT_ONCE", "3").env("TRAILSIGHT_FUNCTIONS_PORT", "3,4");
        Told::by(command.env("TRAILSIGHT_FUNCTIONS_ONLINE", "0"))
    };
    let told = with(&[]);
    assert_eq!(line(&told, "at-once"), ("3".into(), "TRAILSIGHT_FUNCTIONS_AT_ONCE".into()));
    assert_eq!(line(&told, "port"), ("[3, 4]".into(), "TRAILSIGHT_FUNCTIONS_PORT".into()));
    assert_eq!(line(&told, "online"), ("false".into(), "TRAILSIGHT_FUNCTIONS_ONLINE".into()));
    let told = with(&["--functions-at-once", "4", "--functions-port=5"]);
    assert_eq!(line(&told, "at-once"), ("4".into(), "--functions-at-once".into()));
    assert_eq!(line(&told, "port"), ("[5]".into(), "--functions-port".into()));
}

#[test]
fn a_wrong_variable_is_called_by_its_name_and_a_wrong_flag_by_its_own() {
    let with = |more: &[&str]| {
        let mut command = command(&[&["config", "check"], more].concat());
        command.env("TRAILSIGHT_FUNCTIONS_PORT", "443,x").env("TRAILSIGHT_FUNCTIONS_ONLINE", "maybe");
        Told::by(command.env("TRAILSIGHT_FUNCTIONS_SANDBOX", "none"))
    };
    let told = with(&[]);
    assert_eq!(told.code, Some(2), "{told}");
    let lines: Vec<&str> = told.err.lines().collect();
    assert_eq!(lines.len(), 3, "{told}");
    assert_eq!(lines[0], "TRAILSIGHT_FUNCTIONS_SANDBOX: \"none\" is not right: it is one of best-effort, require");
    assert!(lines[1].starts_with("TRAILSIGHT_FUNCTIONS_PORT: \"x\" is not right: "), "{told}");
    assert!(lines[2].starts_with("TRAILSIGHT_FUNCTIONS_ONLINE: \"maybe\" is not right: "), "{told}");
    let told = with(&["--functions-sandbox=some"]);
    assert!(told.err.contains("invalid value 'some' for '--functions-sandbox"), "{told}");
}

#[test]
fn what_goes_together_may_come_from_different_places() {
    let folder = Folder::new();
    folder.put("trailsight.toml", b"[mail]\nsmtp-password-file = \"/x\"\n");
    let told = Told::by(&mut show(&folder, &[]));
    assert_eq!(told.code, Some(2), "{told}");
    assert!(told.err.contains("--smtp-url <URL>"), "{told}");
    let told = Told::by(show(&folder, &[]).env("TRAILSIGHT_SMTP_URL", "smtp://a:hunter2@mail.local"));
    assert_eq!(line(&told, "smtp-url"), ("\"…\"".into(), "TRAILSIGHT_SMTP_URL".into()));
    assert!(!told.out.contains("hunter2"), "{told}");
}

#[test]
fn what_is_shown_is_a_file_of_the_same_settings() {
    let folder = Folder::new();
    let shown = Told::by(&mut show(&folder, &["--functions-at-once=7", "--member-account=111122223333=The \"shop\""]));
    let again = Folder::new();
    let copy = again.put("copy.toml", shown.out.as_bytes());
    let told = Told::by(&mut command(&["config", "show", "--config", &copy]));
    let values = |told: &Told| {
        let lines =
            told.out.lines().filter_map(|line| line.split_once(" # ")).map(|(value, _)| value.trim().to_owned());
        lines.collect::<Vec<_>>()
    };
    assert_eq!(values(&told), values(&shown));
    assert!(line(&told, "member-account").0.contains("111122223333=The \"shop\""), "{told}");
}

#[test]
fn wrong_settings_are_exit_code_2_for_whoever_reads_them_and_nothing_is_started() {
    let folder = Folder::new();
    let file = folder.put("wrong.toml", b"listne = 1\n[mail]\nform = \"x\"\n");
    for arguments in [&["serve"] as &[&str], &["config", "check"], &["config", "show"], &["push-keys", "list"]] {
        let told = Told::by(&mut command(&[arguments, &["--config", &file]].concat()));
        assert_eq!(told.code, Some(2), "{told}");
        assert!(told.out.is_empty(), "{told}");
        assert_eq!(told.err.lines().count(), 2, "{told}");
        assert!(
            told.err.contains("wrong.toml:1: listne: ") && told.err.contains("wrong.toml:3: mail.form: "),
            "{told}"
        );
    }
    let told = Told::by(&mut command(&["config", "check", "--config", &folder.path("none.toml")]));
    assert_eq!(told.code, Some(2), "{told}");
    assert!(told.err.contains("none.toml: cannot be read: "), "{told}");
}

/// `packaging/trailsight.example.toml`, where what is commented out is uncommented.
#[test]
fn the_example_has_every_setting_and_all_of_it_would_be_taken() {
    let example = include_str!("../../../../packaging/trailsight.example.toml");
    let folder = Folder::new();
    let file = folder.put("example.toml", example.as_bytes());
    let told = Told::by(&mut command(&["config", "check", "--config", &file]));
    assert_eq!(told.code, Some(0), "{told}");
    let is_setting =
        |line: &&str| line.strip_prefix('#').is_some_and(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    let all: Vec<&str> = example.lines().map(|line| if is_setting(&line) { &line[1..] } else { line }).collect();
    let file = folder.put("all.toml", all.join("\n").as_bytes());
    let told = Told::by(&mut command(&["config", "show", "--config", &file]));
    assert_eq!(told.code, Some(0), "{told}");
    for line in told.out.lines().filter(|line| line.contains(" # ") || line.contains("is not set")) {
        assert!(line.contains("# the file, line "), "not in packaging/trailsight.example.toml: {line}");
    }
}

#[test]
fn what_only_the_world_can_tell_is_told_with_its_place_too() {
    let folder = Folder::new();
    let file = folder.put("trailsight.toml", b"[mail]\nsmtp-url = \"ftp://mail.local\"\n");
    for what in [&["serve"] as &[&str], &["config", "check"]] {
        let mut command =
            command(&[what, &["--config", &file, "--mail-from=nobody", "--ca-file=/nonexistent"]].concat());
        let told = Told::by(command.env("TRAILSIGHT_LISTEN", "here").env("TRAILSIGHT_NOW", ""));
        assert_eq!(told.code, Some(2), "{told}");
        let lines: Vec<&str> = told.err.lines().collect();
        assert_eq!(lines.len(), 3, "{told}");
        assert!(lines[0].starts_with("TRAILSIGHT_LISTEN: here is no address"), "{told}");
        assert!(lines[1].contains("trailsight.toml:2: mail.smtp-url: ") && lines[1].contains("ftp://"), "{told}");
        assert!(lines[2].starts_with("--ca-file: cannot read the certificates in /nonexistent"), "{told}");
    }
    let told = Told::by(&mut command(&["config", "check", "--smtp-url=smtp://mail.local", "--mail-from=nobody"]));
    assert_eq!((told.code, told.err.lines().count()), (Some(2), 1), "{told}");
    assert!(told.err.starts_with("--mail-from: \"nobody\" is no mail address"), "{told}");
}

#[test]
fn what_a_data_directory_cannot_be_is_told_and_nothing_is_made_in_it() {
    let folder = Folder::new();
    let (file, data) = (folder.put("file", b""), folder.path("data"));
    for path in [&file, &format!("{file}/below")] {
        for what in [&["serve"] as &[&str], &["config", "check"]] {
            let told = Told::by(&mut command(&[what, &["--data-dir", path, "--mail-from=nobody"]].concat()));
            assert_eq!((told.code, told.err.lines().count()), (Some(2), 2), "{told}");
            assert!(told.err.starts_with(&format!("--data-dir: {path} is a file, or below one: name ")), "{told}");
        }
        for what in
            [&["credentials", "create"] as &[&str], &["push-keys", "list"], &["buckets", "list"], &["backup", "x"]]
        {
            let told = Told::by(&mut command(&[what, &["--data-dir", path]].concat()));
            assert_eq!(told.code, Some(1), "{told}");
            assert!(told.err.contains(&format!("{path} is a file, or below one: name a directory")), "{told}");
        }
    }

    std::fs::create_dir(&data).expect("folders can be made");
    let store = store::Store::open(format!("{data}/trailsight.sqlite"), &store::Options::default());
    let begun = own_account(&store.expect("there is room"), Some(&"111122223333".into()), jiff::Timestamp::UNIX_EPOCH);
    begun.expect("it is kept");
    let before = folder.files();
    for what in ["serve", "config"] {
        let check: &[&str] = if what == "config" { &["check"] } else { &[] };
        let arguments = [&[what], check, &["--data-dir", &data, "--account-id", "444455556666"]].concat();
        let told = Told::by(&mut command(&arguments));
        assert_eq!(told.code, Some(2), "{told}");
        assert!(told.err.starts_with("--account-id: ") && told.err.contains("111122223333"), "{told}");
        assert!(folder.files() == before, "something was made in {data}");
    }
    let told = Told::by(&mut command(&["config", "check", "--data-dir", &data, "--account-id", "111122223333"]));
    assert_eq!(told.code, Some(0), "{told}");
}

#[test]
fn a_file_of_settings_without_end_is_none() {
    let told = Told::by(&mut command(&["config", "check", "--config", "/dev/zero"]));
    assert_eq!(told.code, Some(2), "{told}");
    assert!(told.err.contains("/dev/zero: cannot be read: it has more than a MiB"), "{told}");
}

#[test]
fn the_other_commands_find_the_data_where_the_file_says() {
    let folder = Folder::new();
    let data = folder.path("here");
    let file = folder.put("trailsight.toml", format!("data-dir = {data:?}\n[functions]\nat-once = 2\n").as_bytes());
    let told = Told::by(&mut command(&["push-keys", "create", "prod", "--config", &file]));
    assert_eq!(told.code, Some(0), "{told}");
    assert!(std::path::Path::new(&data).join("push-keys").exists(), "{told}");
}

#[test]
fn a_cluster_without_a_lake_has_nothing_to_run_and_nothing_is_made_for_it() {
    let folder = Folder::new();
    let data = folder.path("here");
    let told = Told::by(&mut command(&["serve", "--data-dir", &data, "--cluster=df://a:1", "--without-lake"]));
    assert_eq!(told.code, Some(2), "{told}");
    assert_eq!(told.err.trim(), "--cluster: without a lake there are no queries that a cluster could run");
    assert!(!std::path::Path::new(&data).exists(), "{told}");
}
