//! How many there may be: places for environments, and invocations of one function at once.

use std::sync::{Arc, Weak};

use super::Inner;
use crate::{Function, InvokeError};

/// A place, and with it a user, that nobody else has meanwhile.
pub(super) struct Place {
    inner: Weak<Inner>,
    pub(super) number: u32,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.upgrade() {
            inner.state().places[self.number as usize] = false;
        }
    }
}

/// An invocation under way.
pub(super) struct Running {
    inner: Arc<Inner>,
    arn: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.inner.state();
        if let Some(running) = state.running.get_mut(&self.arn) {
            *running -= 1;
            if *running == 0 {
                state.running.remove(&self.arn);
            }
        }
    }
}

impl Inner {
    /// One more invocation of a function, as long as the answer lives.
    pub(super) fn count(this: &Arc<Inner>, function: &Function) -> Result<Running, InvokeError> {
        let mut state = this.state();
        let running = state.running.entry(function.arn.clone()).or_default();
        if function.reserved_concurrency.is_some_and(|limit| *running >= limit) {
            if *running == 0 {
                state.running.remove(&function.arn);
            }
            return Err(InvokeError::TooMany("Rate Exceeded.".into()));
        }
        *running += 1;
        Ok(Running { inner: Arc::clone(this), arn: function.arn.clone() })
    }

    /// A free place; one that is just being left is waited for.
    pub(super) async fn place(self: &Arc<Inner>) -> Result<Place, InvokeError> {
        loop {
            let freed = self.freed.notified();
            {
                let mut state = self.state();
                if let Some(number) = state.places.iter().position(|taken| !*taken) {
                    state.places[number] = true;
                    let number = u32::try_from(number).expect("there are as many places as a u32 said");
                    return Ok(Place { inner: Arc::downgrade(self), number });
                }
                if state.ending == 0 {
                    return Err(InvokeError::TooMany("Rate Exceeded.".into()));
                }
            }
            freed.await;
        }
    }
}
