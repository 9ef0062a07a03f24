//! Rules: many patterns in one index, so that an event is read once for all of them.

use crate::Pattern;

/// Many patterns, shared in one index.
#[derive(Debug)]
pub struct Rules {}

/// Room that matching uses, so that it allocates nothing in the long run. One a thread.
#[derive(Debug, Default)]
pub struct Scratch {}

/// Why a text is no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct EventError {
    text: String,
}

impl Rules {
    /// The index of these patterns; they are known by their places in it, from 0.
    pub fn new<'p>(_patterns: impl IntoIterator<Item = &'p Pattern>) -> Rules {
        todo!()
    }

    /// The places of the patterns that match an event, in ascending order.
    pub fn matching<'s>(&self, _event: &[u8], _scratch: &'s mut Scratch) -> Result<&'s [u32], EventError> {
        todo!()
    }
}
