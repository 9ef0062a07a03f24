//! Work that goes behind all else: where processors are short, whoever counts and answers has them first.

use std::panic::resume_unwind;
use std::thread::scope;

/// How much behind, as `nice` counts: two threads of it and two that count share two processors as one and five.
/// <https://man7.org/linux/man-pages/man7/sched.7.html>
#[cfg(target_os = "linux")]
const BEHIND: i32 = 7;

/// The thread that calls this, and those that it starts, go behind from now on.
pub(super) fn go() {
    // Elsewhere it would be the whole process.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(BEHIND) {
        tracing::debug!(%error, "the lake's work cannot go behind other work");
    }
}

/// Does something behind all else, and waits for it.
pub(super) fn run<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let done = scope(|scope| {
        let worker = scope.spawn(|| {
            go();
            work()
        });
        worker.join()
    });
    done.unwrap_or_else(|panic| resume_unwind(panic))
}
