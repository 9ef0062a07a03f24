//! The organization, as CloudTrail asks about it.

use store::Reader;
use wire::ApiError;
use wire::check::Shape;

use crate::organizations::{CLOUDTRAIL, has_access, is_member};
use crate::{Context, Failure};

pub(crate) const ACCOUNT_ID: Shape = Shape::string().length(12, 16).pattern(r"\d+");

/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator.html>
pub(crate) const MAX_ADMINISTRATORS: usize = 3;

/// Whether an account is of the organization, and CloudTrail may act in it.
pub(crate) fn member(r: &Reader<'_>, cx: &Context<'_>, account: &str) -> Result<(), Failure> {
    if !has_access(r, cx, CLOUDTRAIL)? {
        let message =
            "Trusted access must be enabled between CloudTrail and the organization: call EnableAWSServiceAccess.";
        return Err(ApiError::new("CloudTrailAccessNotEnabledException", message).into());
    }
    if !is_member(r, cx, account)? {
        let message = format!("The account {account} is not a member of the organization.");
        return Err(ApiError::new("AccountNotFoundException", message).into());
    }
    Ok(())
}
