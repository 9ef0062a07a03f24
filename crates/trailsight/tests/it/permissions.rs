//! A data directory that may not be looked into: it is not taken for an empty one.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::door::{Folder, Told, command};

/// The binary, run by a user who may not do what permissions forbid: root may, unless that is taken from it.
fn by_anybody(arguments: &[&str]) -> Command {
    let plain = command(arguments);
    if !rustix::process::geteuid().is_root() {
        return plain;
    }
    let mut less = Command::new("setpriv");
    less.arg("--bounding-set=-dac_override,-dac_read_search").arg(plain.get_program()).args(plain.get_args());
    less.env_clear().env("HOME", "/nonexistent");
    less
}

#[test]
fn who_may_not_look_into_the_data_directory_is_told_so_whatever_is_asked() {
    let folder = Folder::new();
    let (data, to) = (folder.path("data"), folder.path("backup"));
    fs::create_dir(&data).expect("folders can be made");
    fs::set_permissions(&data, Permissions::from_mode(0o000)).expect("it is ours");
    let commands: &[&[&str]] = &[
        &["backup", &to],
        &["buckets", "list"],
        &["buckets", "unlink", "my-trail"],
        &["credentials", "create"],
        &["credentials", "delete", "ops"],
        &["credentials", "list"],
        &["push-keys", "create", "production"],
        &["push-keys", "delete", "production"],
        &["push-keys", "list"],
        &["runtimes", "list"],
        &["serve", "--listen", "127.0.0.1:0"],
    ];
    let advice = "this user may not: run it as the user that the data directory belongs to";
    for arguments in commands {
        let told = Told::by(&mut by_anybody(&[*arguments, &["--data-dir", &data, "--config", "/dev/null"]].concat()));
        assert!(told.code == Some(1) && told.err.contains(&data) && told.err.contains(advice), "{arguments:?}: {told}");
        // Nor is it known what is set there.
        let told = Told::by(&mut by_anybody(&[*arguments, &["--data-dir", &data]].concat()));
        assert!(told.code == Some(2) && told.err.contains(advice), "{arguments:?}: {told}");
    }
    fs::set_permissions(&data, Permissions::from_mode(0o700)).expect("it is ours");
}
