//! CloudTrail's data service: events from outside of AWS come in through channels.
//! <https://docs.aws.amazon.com/awscloudtraildata/latest/APIReference/>

use crate::operation::OperationEntry;

mod audit_event;
mod put_audit_events;

/// Every operation of it.
pub(crate) static OPERATIONS: &[OperationEntry] = &[OperationEntry::of::<put_audit_events::PutAuditEvents>()];
