//! STS: who is calling, and credentials for a while. <https://docs.aws.amazon.com/STS/latest/APIReference/>

use crate::operation::OperationEntry;

mod assume_role;
mod credentials;
mod get_caller_identity;
mod get_session_token;
mod of_function;
mod session;

pub(crate) use of_function::credentials_of_function;
pub(crate) use session::Session;

/// Every operation of STS that is answered. To add one: write its file, then name it here.
pub(crate) static OPERATIONS: &[OperationEntry] = &[
    OperationEntry::of::<get_caller_identity::GetCallerIdentity>(),
    OperationEntry::of::<assume_role::AssumeRole>(),
    OperationEntry::of::<get_session_token::GetSessionToken>(),
];
