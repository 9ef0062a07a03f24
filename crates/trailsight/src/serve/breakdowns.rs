//! Breakdowns: faults of ours. A panic is one line of the log, in its form, is counted, and told by `trailsight status`, whoever goes on
//! after it: the lake is begun again, a request is answered with an error, the process ends.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{PanicHookInfo, set_hook};
use std::sync::Arc;

use server::http::FrontDoor;
use server::metrics::Metrics;
use server::progress::{Breakdown, Progress};
use server::world::Clock;

/// From now on each is told, by the door's status and metrics.
pub(super) fn tell(door: &FrontDoor) {
    let (world, progress, metrics) = (Arc::clone(&door.world), Arc::clone(&door.progress), Arc::clone(&door.metrics));
    set_hook(Box::new(move |info| note(info, &*world.clock, &progress, &metrics)));
}

fn note(info: &PanicHookInfo<'_>, clock: &dyn Clock, progress: &Progress, metrics: &Metrics) {
    let thread = std::thread::current().name().unwrap_or("a thread").to_owned();
    let place = info.location().map_or_else(String::new, |place| format!("{}:{}", place.file(), place.line()));
    let text = info.payload_as_str().unwrap_or("nothing was said").to_owned();
    // If it is asked for, by RUST_BACKTRACE.
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    tracing::error!(
        thread,
        place,
        text,
        backtrace,
        "something broke down: this is a fault of Trailsight, please report it"
    );
    metrics.broke_down();
    progress.broke_down(Breakdown { at: clock.now().as_second(), thread, place, text });
}

#[cfg(test)]
mod tests {
    use std::panic::take_hook;

    use super::*;
    use crate::world::clock::SystemClock;

    #[test]
    fn a_panic_is_counted_and_told_with_its_thread_and_place() {
        let (progress, metrics) = (Arc::<Progress>::default(), Arc::<Metrics>::default());
        let before = take_hook();
        {
            let (progress, metrics) = (Arc::clone(&progress), Arc::clone(&metrics));
            // Others may break down meanwhile, as they are to.
            set_hook(Box::new(move |info| match info.payload_as_str() {
                Some("as it must") => note(info, &SystemClock, &progress, &metrics),
                _ => before(info),
            }));
        }
        let broke = std::thread::Builder::new().name("lake".into()).spawn(|| panic!("as it must"));
        assert!(broke.expect("there are threads").join().is_err());
        drop(take_hook());
        let told = progress.breakdowns();
        let last = told.last.expect("it is told");
        assert_eq!((told.count, last.thread.as_str(), last.text.as_str()), (1, "lake", "as it must"));
        assert!(last.place.contains("breakdowns.rs:"), "{}", last.place);
    }
}
