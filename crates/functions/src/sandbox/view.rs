//! A file system with nothing in it but what a function needs, at the places where Lambda has it.
//!
//! ```text
//! /var/task     the code                 read only        /usr /lib … /etc (a few)   the system's   read only
//! /var/lang     the interpreter          read only        /dev        null, zero, full, random, urandom
//! /var/runtime  awslambdaric, boto3      read only        /proc       its own processes
//! /tmp          in memory, 512 MB, its own
//! ```

use std::fmt::Display;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{chdir, pivot_root, sethostname};

use super::Plan;

/// Where the code is.
pub const TASK: &str = "/var/task";
/// Where the interpreter is.
pub const LANG: &str = "/var/lang";
/// Where the runtime client is.
pub const RUNTIME: &str = "/var/runtime";

/// Programs and libraries of the system.
pub(super) const SYSTEM: &[&str] =
    &["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store"];

/// What programs must know of the system: certificates, names, the time, where libraries are.
pub(super) const SETTINGS: &[&str] = &[
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/etc/resolv.conf",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
];

/// Devices.
pub(super) const DEVICES: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

const NOTHING: Option<&str> = None;

/// Leaves the machine's file system for good.
pub(super) fn enter(plan: &Plan) -> Result<(), String> {
    mount(NOTHING, "/", NOTHING, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NOTHING)
        .map_err(said("make mounts private", "/"))?;
    let root = &plan.mount_at;
    let plain = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("tmpfs"), root.as_path(), Some("tmpfs"), plain, Some("mode=0755,size=1m,nr_inodes=4k"))
        .map_err(|error| format!("cannot mount on {}: {error}", root.display()))?;
    for path in SYSTEM {
        show_as_it_is(root, Path::new(path))?;
    }
    for path in SETTINGS {
        show(Path::new(path), &below(root, path))?;
    }
    for path in DEVICES {
        bind(Path::new(path), &below(root, path), MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC)?;
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ] {
        symlink(target, below(root, "/dev").join(name)).map_err(said("link", name))?;
    }
    show(&plan.task, &below(root, TASK))?;
    if let Some(pack) = &plan.pack {
        show(&pack.join("lang"), &below(root, LANG))?;
        show(&pack.join("runtime"), &below(root, RUNTIME))?;
    }
    write_users(root, plan.user)?;
    for folder in ["/opt", "/proc", "/tmp", "/run", "/root", "/home"] {
        fs::create_dir_all(below(root, folder)).map_err(said("make", folder))?;
    }
    let hidden = plain | MsFlags::MS_NOEXEC;
    mount(Some("proc"), &below(root, "/proc"), Some("proc"), hidden, NOTHING).map_err(said("mount", "/proc"))?;
    let size = format!("mode=1777,size={},nr_inodes=64k", plan.scratch_bytes);
    mount(Some("tmpfs"), &below(root, "/tmp"), Some("tmpfs"), plain, Some(size.as_str()))
        .map_err(said("mount", "/tmp"))?;
    let read_only = plain | MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY;
    mount(NOTHING, root.as_path(), NOTHING, read_only, NOTHING).map_err(said("make read only", "/"))?;
    // The old root is put over the new one, and taken off again.
    chdir(root.as_path()).map_err(said("go to", "the new root"))?;
    pivot_root(".", ".").map_err(said("go into", "the new root"))?;
    umount2(".", MntFlags::MNT_DETACH).map_err(said("leave", "the old root"))?;
    chdir("/").map_err(said("go to", "/"))?;
    sethostname("function").map_err(said("name", "the host"))
}

/// Shows something at its own place. A link stays a link (`/bin` → `usr/bin`).
fn show_as_it_is(root: &Path, path: &Path) -> Result<(), String> {
    let at = root.join(path.strip_prefix("/").unwrap_or(path));
    match fs::read_link(path) {
        Ok(target) => symlink(target, at).map_err(said("link", &path.to_string_lossy())),
        Err(_) => show(path, &at),
    }
}

/// Shows a file or a folder, read only; what is not there is left out.
fn show(path: &Path, at: &Path) -> Result<(), String> {
    bind(path, at, MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_RDONLY)
}

fn bind(path: &Path, at: &Path, flags: MsFlags) -> Result<(), String> {
    let Ok(about) = fs::metadata(path) else { return Ok(()) };
    let name = path.to_string_lossy();
    if about.is_dir() {
        fs::create_dir_all(at).map_err(said("make", &name))?;
    } else {
        at.parent().map_or(Ok(()), fs::create_dir_all).map_err(said("make room for", &name))?;
        fs::File::create(at).map_err(said("make", &name))?;
    }
    // What is mounted below is not shown: it would stay writable.
    mount(Some(path), at, NOTHING, MsFlags::MS_BIND, NOTHING).map_err(said("show", &name))?;
    mount(NOTHING, at, NOTHING, flags | MsFlags::MS_REMOUNT | MsFlags::MS_BIND, NOTHING).map_err(said("protect", &name))
}

/// Programs ask who they are.
fn write_users(root: &Path, user: u32) -> Result<(), String> {
    let etc = root.join("etc");
    fs::create_dir_all(&etc)
        .and_then(|()| fs::write(etc.join("passwd"), format!("function:x:{user}:{user}::/tmp:/sbin/nologin\n")))
        .and_then(|()| fs::write(etc.join("group"), format!("function:x:{user}:\n")))
        .map_err(said("write", "/etc/passwd"))
}

fn said<E: Display>(what: &str, of: &str) -> impl FnOnce(E) -> String {
    move |error| format!("cannot {what} {of}: {error}")
}

fn below(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}
