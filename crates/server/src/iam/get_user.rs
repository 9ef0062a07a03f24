//! `GetUser`: who calls. There are no other users here.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};
use wire::{ApiError, Timestamp};

use super::role::no_such;
use crate::sts::Session;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetUser {
    user_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OneUser {
    user: User,
}

/// AWS tells the account's owner without a name and a path. The account is as old as time: nobody knows when it was made.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct User {
    user_id: String,
    arn: String,
    create_date: Timestamp,
}

impl Operation for GetUser {
    const NAME: &'static str = "GetUser";
    const SHAPE: &'static Shape = &Shape::structure(
        "GetUserRequest",
        &[Member::optional("UserName", Shape::string().length(1, 128).pattern(r"[\w+=,.@-]+"))],
    );
    type Output = OneUser;

    fn run(self, cx: &Context<'_>) -> Result<OneUser, Failure> {
        let session = Session::of_caller(cx)?;
        if let Some(name) = self.user_name {
            return Err(no_such(format!("The user with name {name} cannot be found.")).into());
        }
        if session.is_some_and(|session| session.role.is_some()) {
            let message = "Must specify userName when calling with non-User credentials";
            return Err(ApiError::new("ValidationError", message).into());
        }
        Ok(OneUser {
            user: User {
                user_id: cx.account.to_string(),
                arn: format!("arn:aws:iam::{}:root", cx.account),
                create_date: jiff::Timestamp::UNIX_EPOCH.into(),
            },
        })
    }
}
