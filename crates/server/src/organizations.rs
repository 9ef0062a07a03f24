//! Organizations: the account is the management account of an organization with all features.
//!
//! Its members are those that were named when the service was started, and those whose records were seen in log files. CloudTrail
//! has trusted access from the start. <https://docs.aws.amazon.com/organizations/latest/APIReference/>

use crate::operation::OperationEntry;

mod account;
mod delegated_administrator;
mod deregister_delegated_administrator;
mod describe_account;
mod describe_organization;
mod disable_aws_service_access;
mod enable_aws_service_access;
mod list_accounts;
mod list_aws_service_access_for_organization;
mod list_delegated_administrators;
mod list_delegated_services_for_account;
mod list_roots;
mod list_tags_for_resource;
mod page;
mod register_delegated_administrator;
mod service_access;

pub(crate) use account::is_member;
pub(crate) use delegated_administrator::DelegatedAdministrator;
pub(crate) use service_access::{CLOUDTRAIL, has_access};

/// Every operation of Organizations that is answered. To add one: write its file, then name it here.
pub(crate) static OPERATIONS: &[OperationEntry] = &[
    OperationEntry::of::<describe_organization::DescribeOrganization>(),
    OperationEntry::of::<list_accounts::ListAccounts>(),
    OperationEntry::of::<describe_account::DescribeAccount>(),
    OperationEntry::of::<list_roots::ListRoots>(),
    OperationEntry::of::<list_tags_for_resource::ListTagsForResource>(),
    OperationEntry::of::<enable_aws_service_access::EnableAWSServiceAccess>(),
    OperationEntry::of::<disable_aws_service_access::DisableAWSServiceAccess>(),
    OperationEntry::of::<list_aws_service_access_for_organization::ListAWSServiceAccessForOrganization>(),
    OperationEntry::of::<register_delegated_administrator::RegisterDelegatedAdministrator>(),
    OperationEntry::of::<deregister_delegated_administrator::DeregisterDelegatedAdministrator>(),
    OperationEntry::of::<list_delegated_administrators::ListDelegatedAdministrators>(),
    OperationEntry::of::<list_delegated_services_for_account::ListDelegatedServicesForAccount>(),
];
