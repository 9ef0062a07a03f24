//! `GetCallerIdentity`: which account and identity the keys belong to: a role that was assumed, or the account itself.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use serde::{Deserialize, Serialize};
use wire::check::Shape;

use super::Session;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
pub(crate) struct GetCallerIdentity {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CallerIdentity {
    user_id: String,
    account: String,
    arn: String,
}

impl Operation for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";
    const SHAPE: &'static Shape = &Shape::structure("GetCallerIdentityRequest", &[]);
    type Output = CallerIdentity;

    fn run(self, cx: &Context<'_>) -> Result<CallerIdentity, Failure> {
        if let Some(role) = Session::of_caller(cx)?.and_then(|session| session.role) {
            return Ok(CallerIdentity { user_id: role.id, account: role.account, arn: role.arn });
        }
        Ok(CallerIdentity {
            user_id: cx.account.to_string(),
            account: cx.account.to_string(),
            arn: format!("arn:aws:iam::{}:root", cx.account),
        })
    }
}
