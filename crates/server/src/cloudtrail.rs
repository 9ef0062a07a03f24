//! CloudTrail: trails, what they log, and what is unusual in it.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/>

use crate::operation::OperationEntry;

/// Every operation of CloudTrail that is answered. To add one: write its file, then name it here.
pub(crate) static OPERATIONS: &[OperationEntry] = &[];
