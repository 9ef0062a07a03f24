//! The service, asked by AWS's own clients: `e2e/service.py` runs the binary, the AWS CLI and boto3.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The Python that has boto3, and the AWS CLI; `make test` installs both.
fn clients() -> Option<(PathBuf, PathBuf)> {
    let cache = PathBuf::from(std::env::var_os("HOME")?).join(".cache/trailsight");
    let named = |name, otherwise: &str| std::env::var_os(name).map_or_else(|| cache.join(otherwise), PathBuf::from);
    let python = named("TRAILSIGHT_TEST_PYTHON", "venv/bin/python");
    let aws = named("TRAILSIGHT_TEST_AWS", "aws-venv/bin/aws");
    (python.exists() && aws.exists()).then_some((python, aws))
}

#[test]
fn an_unmodified_aws_cli_and_boto3_are_answered_as_by_aws() {
    let Some((python, aws)) = clients() else {
        eprintln!("left out: there is no boto3 or no AWS CLI; `make test` installs them");
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../e2e/service.py");
    let told =
        Command::new(python).arg(script).arg(env!("CARGO_BIN_EXE_trailsight")).arg(aws).output().expect("python runs");
    let (out, err) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    assert!(told.status.success(), "{out}\n{err}");
}
