//! STS: who is calling. <https://docs.aws.amazon.com/STS/latest/APIReference/>

use crate::operation::OperationEntry;

mod get_caller_identity;

/// Every operation of STS that is answered. To add one: write its file, then name it here.
pub(crate) static OPERATIONS: &[OperationEntry] = &[OperationEntry::of::<get_caller_identity::GetCallerIdentity>()];
