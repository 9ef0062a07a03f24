//! The service, asked by AWS's own clients: the scripts in `e2e/` run the binary, the AWS CLI, boto3 and the JavaScript SDK.

use std::io::{Read, Seek, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What `make test` installs, where it installs it; a variable says otherwise.
fn installed(variable: &str, otherwise: &str) -> Option<PathBuf> {
    let cache = PathBuf::from(std::env::var_os("HOME")?).join(".cache/trailsight");
    Some(std::env::var_os(variable).map_or_else(|| cache.join(otherwise), PathBuf::from)).filter(|path| path.exists())
}

/// Says past the test's own output, which nobody sees of one that passes, that something was not tried.
fn left_out(why: &str) {
    let _ = writeln!(std::io::stderr(), "LEFT OUT: {why}");
}

/// Runs a script of `e2e/` on the binary.
fn e2e(script: &str, more: &[&Path]) {
    let python = installed("TRAILSIGHT_TEST_PYTHON", "venv/bin/python");
    let aws = installed("TRAILSIGHT_TEST_AWS", "aws-venv/bin/aws");
    let (Some(python), Some(aws)) = (python, aws) else {
        // `make test` names both, and has installed them.
        assert!(std::env::var_os("TRAILSIGHT_TEST_AWS").is_none(), "there is no boto3 or no AWS CLI: `make tools`");
        return left_out("there is no boto3 or no AWS CLI; `make test` installs them");
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../e2e").join(script);
    let mut command = Command::new(python);
    command.arg(script).arg(env!("CARGO_BIN_EXE_trailsight")).arg(aws).args(more);
    // Into a file: services that a script which failed has left behind would hold a pipe open.
    let mut out = tempfile::tempfile().expect("there is room");
    let to = || out.try_clone().expect("it is open");
    let mut script = command.stdout(to()).stderr(to()).process_group(0).spawn().expect("python runs");
    let ended = script.wait().expect("it was started");
    let group = format!("-{}", script.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    let mut told = String::new();
    out.rewind().and_then(|()| out.read_to_string(&mut told)).expect("it is text");
    assert!(ended.success(), "{told}");
    eprintln!("{told}");
}

#[test]
fn an_unmodified_aws_cli_and_boto3_are_answered_as_by_aws() {
    e2e("service.py", &[]);
}

#[test]
fn what_was_delivered_is_validated_by_the_aws_cli_and_what_was_changed_since_is_told() {
    e2e("digests.py", &[]);
}

#[test]
fn every_operation_that_is_claimed_answers_as_aws_s_model_says_and_refuses_what_is_wrong() {
    e2e("every_operation.py", &[]);
}

#[test]
fn the_javascript_sdk_lives_the_walkthrough() {
    match installed("TRAILSIGHT_TEST_NODE", "e2e-node/node_modules") {
        Some(modules) => e2e("javascript.py", &[modules.parent().expect("it is in a folder")]),
        None => left_out("there is no AWS SDK for JavaScript; `make test` installs it where npm is"),
    }
}

#[test]
fn the_walkthrough_goes_as_it_stands_and_an_insight_goes_all_the_way() {
    e2e("walkthrough.py", &[]);
}

#[test]
fn terraform_applies_plans_without_changes_and_destroys() {
    e2e("terraform.py", &[]);
}

#[test]
fn mail_servers_queues_and_linked_buckets_are_reached() {
    e2e("outside.py", &[]);
}

#[test]
fn strangers_at_the_sockets_get_nowhere_and_hold_up_nobody() {
    e2e("hostile.py", &[]);
}

#[test]
fn an_operator_sees_what_it_does_and_nothing_is_lost_by_kills_full_disks_and_damage() {
    e2e("operated.py", &[]);
}

#[test]
fn all_that_was_counted_is_asked_in_sql_whenever_it_dies() {
    e2e("lake.py", &[]);
}

#[test]
fn a_lake_in_a_bucket_has_each_event_once_whoever_dies_meanwhile() {
    let executors: &[&Path] = if cfg!(feature = "cluster") { &[Path::new("executors")] } else { &[] };
    e2e("lake_bucket.py", executors);
}

#[cfg(feature = "cluster")]
#[test]
fn two_executors_answer_as_one_process_also_when_one_dies() {
    e2e("cluster.py", &[]);
}

#[test]
fn killed_under_load_it_loses_and_doubles_nothing() {
    e2e("killed.py", &[]);
}
