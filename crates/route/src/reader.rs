//! A JSON reader that tells of faults in the words of the reader that EventBridge uses, with line and column.

/// Where and why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct JsonError {
    pub(crate) text: String,
}
