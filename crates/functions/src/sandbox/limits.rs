//! Limits that the kernel keeps for each process, or for each user.

use nix::sys::resource::{Resource, setrlimit};

/// As on Lambda. <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const PROCESSES: u64 = 1024;

/// As on Lambda.
const OPEN_FILES: u64 = 1024;

/// All of `/tmp`, by default, on Lambda.
const FILE_BYTES: u64 = 512 << 20;

/// Limits this process and whoever it starts.
pub(super) fn set(user_is_own: bool) -> Result<(), String> {
    let mut limits = vec![
        (Resource::RLIMIT_NOFILE, OPEN_FILES),
        (Resource::RLIMIT_FSIZE, FILE_BYTES),
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_MEMLOCK, 64 << 10),
        (Resource::RLIMIT_MSGQUEUE, 0),
    ];
    if user_is_own {
        limits.push((Resource::RLIMIT_NPROC, PROCESSES));
    }
    for (resource, limit) in limits {
        setrlimit(resource, limit, limit).map_err(|error| format!("{resource:?}: {error}"))?;
    }
    Ok(())
}

/// Limits the address space of this process from here on, and of whoever it starts.
pub(super) fn set_address_space(bytes: u64) -> Result<(), String> {
    setrlimit(Resource::RLIMIT_AS, bytes, bytes).map_err(|error| format!("address space: {error}"))
}
