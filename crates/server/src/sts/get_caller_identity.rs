//! `GetCallerIdentity`: which account and identity the keys belong to.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use serde::{Deserialize, Serialize};
use wire::check::Shape;

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
        Ok(CallerIdentity {
            user_id: cx.account.to_string(),
            account: cx.account.to_string(),
            arn: format!("arn:aws:iam::{}:root", cx.account),
        })
    }
}
