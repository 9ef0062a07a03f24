//! IAM, as far as guides and Terraform ask it: roles and policies are stored and given back. None is enforced: whoever may
//! reach this service may use all of it. <https://docs.aws.amazon.com/IAM/latest/APIReference/>

use crate::operation::OperationEntry;

mod attach_role_policy;
mod create_policy;
mod create_role;
mod delete_policy;
mod delete_role;
mod delete_role_policy;
mod detach_role_policy;
mod document;
mod get_policy;
mod get_policy_version;
mod get_role;
mod get_role_policy;
mod get_user;
mod list_attached_role_policies;
mod list_instance_profiles_for_role;
mod list_policies;
mod list_policy_versions;
mod list_role_policies;
mod list_role_tags;
mod list_roles;
mod page;
mod policy;
mod put_role_policy;
mod role;
mod shapes;
mod tag_role;
mod tags;
mod unique_id;
mod untag_role;
mod update_assume_role_policy;

pub(crate) use role::Role;
pub(crate) use unique_id::id_of;
pub use unique_id::unique_id;

/// Every operation of IAM that is answered. To add one: write its file, then name it here.
pub(crate) static OPERATIONS: &[OperationEntry] = &[
    OperationEntry::of::<create_role::CreateRole>(),
    OperationEntry::of::<get_role::GetRole>(),
    OperationEntry::of::<list_roles::ListRoles>(),
    OperationEntry::of::<delete_role::DeleteRole>(),
    OperationEntry::of::<update_assume_role_policy::UpdateAssumeRolePolicy>(),
    OperationEntry::of::<put_role_policy::PutRolePolicy>(),
    OperationEntry::of::<get_role_policy::GetRolePolicy>(),
    OperationEntry::of::<list_role_policies::ListRolePolicies>(),
    OperationEntry::of::<delete_role_policy::DeleteRolePolicy>(),
    OperationEntry::of::<attach_role_policy::AttachRolePolicy>(),
    OperationEntry::of::<detach_role_policy::DetachRolePolicy>(),
    OperationEntry::of::<list_attached_role_policies::ListAttachedRolePolicies>(),
    OperationEntry::of::<create_policy::CreatePolicy>(),
    OperationEntry::of::<get_policy::GetPolicy>(),
    OperationEntry::of::<get_policy_version::GetPolicyVersion>(),
    OperationEntry::of::<list_policies::ListPolicies>(),
    OperationEntry::of::<list_policy_versions::ListPolicyVersions>(),
    OperationEntry::of::<delete_policy::DeletePolicy>(),
    OperationEntry::of::<tag_role::TagRole>(),
    OperationEntry::of::<untag_role::UntagRole>(),
    OperationEntry::of::<list_role_tags::ListRoleTags>(),
    OperationEntry::of::<list_instance_profiles_for_role::ListInstanceProfilesForRole>(),
    OperationEntry::of::<get_user::GetUser>(),
];
