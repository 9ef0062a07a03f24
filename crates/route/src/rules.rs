//! Rules: many patterns in one index, so that an event is read once for all of them.

use crate::Pattern;

/// Many patterns, shared in one index.
#[derive(Debug)]
pub struct Rules {
    patterns: Vec<Pattern>,
}

/// Room that matching uses, so that it allocates nothing in the long run. One a thread.
#[derive(Debug, Default)]
pub struct Scratch {
    matching: Vec<u32>,
}

/// Why a text is no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct EventError {
    text: String,
}

impl EventError {
    pub(crate) fn new(text: impl Into<String>) -> EventError {
        EventError { text: text.into() }
    }
}

impl Rules {
    /// The index of these patterns; they are known by their places in it, from 0.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p Pattern>) -> Rules {
        Rules { patterns: patterns.into_iter().cloned().collect() }
    }

    /// The places of the patterns that match an event, in ascending order.
    pub fn matching<'s>(&self, event: &[u8], scratch: &'s mut Scratch) -> Result<&'s [u32], EventError> {
        scratch.matching.clear();
        let event = std::str::from_utf8(event).map_err(|e| EventError::new(e.to_string()))?;
        for (i, pattern) in self.patterns.iter().enumerate() {
            if crate::naive::matches(pattern, event)? {
                scratch.matching.push(i as u32);
            }
        }
        Ok(&scratch.matching)
    }
}
