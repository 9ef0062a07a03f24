use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use super::file::SettingsFile;
use super::setting::SECRETS;
use super::*;

/// What a file with this text says against itself, without the file's name.
fn faults(text: &str) -> Vec<String> {
    let mut file = tempfile::NamedTempFile::new().expect("there is room");
    file.write_all(text.as_bytes()).expect("there is room");
    let name = file.path().display().to_string();
    let faults = SettingsFile::read(file.path()).err().map_or_else(Vec::new, |faults| faults.0);
    faults.iter().map(|fault| fault.to_string().replace(&format!("{name}:"), "").replace(&name, "FILE")).collect()
}

#[test]
fn every_option_of_serve_is_a_key_and_a_variable_of_its_own() {
    let settings = settings();
    assert!(settings.len() > 10, "{settings:?}");
    let names: BTreeSet<String> = settings.iter().map(Setting::name).collect();
    assert_eq!(names.len(), settings.len(), "{names:?}");
    let tables: BTreeSet<String> = settings.iter().filter_map(Setting::table).collect();
    for setting in &settings {
        let flag = setting.flag();
        let variable = format!("TRAILSIGHT_{}", flag.to_ascii_uppercase().replace('-', "_"));
        assert_eq!(setting.variable(), Some(&*variable), "--{flag} needs env = {variable:?}");
        assert!(
            !names.contains(&format!("{flag}.{flag}")) && !tables.contains(flag) || setting.table().is_some(),
            "{flag}"
        );
        assert!(setting.kind() == Kind::Boolean || setting.value_name().is_some(), "--{flag} needs a value_name");
    }
    for table in tables {
        assert!(table.bytes().all(|byte| byte.is_ascii_lowercase()), "[{table}]: a heading of serve is a word");
    }
}

#[test]
fn every_secret_can_be_in_a_file_of_its_own_and_is_hidden() {
    let settings = settings();
    let hidden: Vec<&str> = settings.iter().filter(|setting| setting.is_hidden()).map(Setting::flag).collect();
    assert_eq!(hidden, SECRETS.iter().map(|secret| secret.flag).collect::<Vec<_>>());
    for secret in SECRETS {
        assert!(settings.iter().any(|setting| setting.flag() == secret.file_flag), "{secret:?}");
    }
}

#[test]
fn every_fault_is_told_with_its_line_and_what_may_be_meant() {
    for (text, told) in [
        ("", &[] as &[&str]),
        ("[mail]\nsmtp-url = \"smtp://mail.local\"\n[functions]\nport = [443]\nonline = false\n", &[]),
        ("mail = { from = \"a@b.example\" }\nfunctions.at-once = 3\n", &[]),
        ("now = 2026-02-11T00:00:00Z\n", &[]),
        ("now = \"2026-02-11T00:00:00Z\"\n", &[]),
        ("\nlisten = \"x\nother = 1\n", &["2: is no TOML: invalid basic string, expected `\"`"]),
        ("listen = \"a\"\nlisten = \"b\"\n", &["2: is no TOML: duplicate key"]),
        ("listne = \"127.0.0.1:1\"\n", &["1: listne: is no setting; `listen` may be meant"]),
        ("\ndata_dir = \"x\"\n", &["2: data_dir: is no setting; `data-dir` may be meant"]),
        ("smtp-url = \"smtp://a\"\n", &["1: smtp-url: is no setting; `smtp-url` in the table [mail] may be meant"]),
        ("functions-port = [1]\n", &["1: functions-port: is no setting; `port` in the table [functions] may be meant"]),
        ("[mial]\nfrom = \"x\"\n", &["1: mial: is no setting; the table [mail] may be meant"]),
        ("[mail]\nlisten = \"x\"\n", &["2: mail.listen: is no setting; `listen` before the first table may be meant"]),
        ("[mail]\nsmpt-url = \"x\"\n", &["2: mail.smpt-url: is no setting; `smtp-url` may be meant"]),
        ("qqq = 1\n", &["1: qqq: is no setting; `trailsight config show` lists all"]),
        ("[[mail]]\n", &["1: mail: is a table, and is written once, as [mail]"]),
        ("mail = 1\n", &["1: mail: is a table, and is written once, as [mail]"]),
        ("listen = 4580\n", &["1: listen: is a text, in quotes, and here stands an integer"]),
        ("listen = [\"a\"]\n", &["1: listen: is a text, in quotes, and here stands a list"]),
        ("[listen]\n", &["1: listen: is a text, in quotes, and here stands a table"]),
        ("[functions]\nonline = \"yes\"\n", &["2: functions.online: is true or false, and here stands a string"]),
        (
            "[functions]\nat-once = \"3\"\n",
            &["2: functions.at-once: is a number, without quotes, and here stands a string"],
        ),
        ("[functions]\nport = 443\n", &["2: functions.port: is a list: port = […], each a number, without quotes"]),
        (
            "[functions]\nport = [443, 99999, -1]\nat-once = 0\nsandbox = \"none\"\n",
            &[
                "2: functions.port: \"99999\" is not right: 99999 is not in 0..=65535",
                "2: functions.port: \"-1\" is not right: -1 is not in 0..=65535",
                "3: functions.at-once: \"0\" is not right: 0 is not in 1..=1000",
                "4: functions.sandbox: \"none\" is not right: it is one of best-effort, require",
            ],
        ),
        (
            "member-account = [\"1=x\"]\n",
            &["1: member-account: \"1=x\" is not right: an account's id has twelve digits, as in 111122223333=shop"],
        ),
        (
            "[queues]\nsqs-endpoint-url = \"localhost:9324\"\n",
            &["2: queues.sqs-endpoint-url: \"localhost:9324\" is not right: it is like https://host.example.com"],
        ),
        ("[queues]\nsqs-endpoint-url = \"https://sqs.example.com/of/us\"\n", &[]),
        ("\"a\\u001b[2Jb\" = 1\n", &["1: a\\u{1b}[2Jb: is no setting; `trailsight config show` lists all"]),
    ] {
        assert_eq!(faults(text).iter().map(|fault| fault.trim()).collect::<Vec<_>>(), told, "{text}");
    }
}

#[test]
fn a_secret_that_everybody_may_read_is_refused() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join(FILE_NAME);
    let read = |text: &str, mode| {
        std::fs::write(&path, text).expect("there is room");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("it is ours");
        SettingsFile::read(&path).err().map(|faults| faults.to_string())
    };
    let secret = "[mail]\nsmtp-url = \"smtp://alerts:hunter2@mail.local\"\n";
    assert_eq!(read(secret, 0o600), None);
    assert_eq!(read(secret, 0o640), None);
    let told = read(secret, 0o644).expect("everybody may read it");
    assert!(told.contains(":2: mail.smtp-url: ") && told.contains("mail.smtp-password-file"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
    assert_eq!(read("[mail]\nsmtp-url = \"smtp://alerts@mail.local\"\n", 0o644), None);
}

#[test]
fn the_page_of_settings_is_what_the_code_reads() {
    expect_test::expect_file!["../../../../docs/CONFIGURATION.md"].assert_eq(&page());
}
