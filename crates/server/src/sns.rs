//! SNS: topics, and who listens to them. <https://docs.aws.amazon.com/sns/latest/api/>

use crate::operation::OperationEntry;

/// Every operation of SNS that is answered. To add one: write its file, then name it here.
pub(crate) static OPERATIONS: &[OperationEntry] = &[];
