//! What `PutTargets` and `RemoveTargets` answer: the targets that were passed over, and why.

use serde::Serialize;

/// The targets of a request that were passed over; the others were not.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FailedTargets {
    failed_entry_count: usize,
    failed_entries: Vec<FailedTarget>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FailedTarget {
    pub(crate) target_id: String,
    pub(crate) error_code: &'static str,
    pub(crate) error_message: String,
}

impl FailedTargets {
    pub(crate) fn push(&mut self, failed: FailedTarget) {
        self.failed_entry_count += 1;
        self.failed_entries.push(failed);
    }
}
