//! A stack that is deep enough. Whoever reads or plans a statement goes as deep as it is nested, and not all of what does so asks for room:
//! a statement of some hundred letters would be the end of the process.

use std::future::poll_fn;

/// Where not so much of a stack is left, there is another; of its bytes those are memory that are used.
const LEAST: usize = 16 << 20;
const STACK: usize = 256 << 20;

/// Does it on such a stack.
pub(crate) fn deep<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(LEAST, STACK, work)
}

/// The same for what waits meanwhile.
pub(crate) async fn deeply<T>(work: impl Future<Output = T>) -> T {
    let mut work = Box::pin(work);
    poll_fn(move |cx| deep(|| work.as_mut().poll(cx))).await
}
