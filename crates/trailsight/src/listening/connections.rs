//! Connections at once: as many as there are file descriptors for.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// File descriptors that are not for clients: the database, log files, buckets, functions, deliveries.
const OWN_FILES: u64 = 512;

/// How many connections there can be at once, of those that are wanted. Takes what file descriptors it may have.
pub fn connections(wanted: u32) -> usize {
    let limits = getrlimit(Resource::Nofile);
    let (soft, hard) = (limits.current.unwrap_or(u64::MAX), limits.maximum.unwrap_or(u64::MAX));
    let needed = u64::from(wanted) + OWN_FILES;
    let mut has = soft;
    if soft < needed {
        let raised = Rlimit { current: Some(needed.min(hard)), maximum: limits.maximum };
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => has = needed.min(hard),
            Err(error) => tracing::warn!(%error, "the limit of file descriptors cannot be raised"),
        }
    }
    // At least half of what little there is.
    let possible = has.saturating_sub(OWN_FILES).max(has / 2);
    if possible < u64::from(wanted) {
        tracing::warn!(
            connections = possible,
            file_descriptors = has,
            "fewer connections than --max-connections are taken: raise `ulimit -n`"
        );
    }
    usize::try_from(possible.min(u64::from(wanted))).unwrap_or(usize::MAX)
}
