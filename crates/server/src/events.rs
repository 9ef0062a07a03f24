//! EventBridge: rules, and whom they tell. <https://docs.aws.amazon.com/eventbridge/latest/APIReference/>

use crate::operation::OperationEntry;

mod rule;
mod test_event_pattern;

pub(crate) use rule::{DEFAULT_BUS, Rule};

/// Every operation of EventBridge that is answered. To add one: write its file, then name it here.
pub(crate) static OPERATIONS: &[OperationEntry] = &[OperationEntry::of::<test_event_pattern::TestEventPattern>()];
