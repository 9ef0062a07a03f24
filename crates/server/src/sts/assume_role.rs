//! `AssumeRole`: credentials of a role, for a while. The role need not be one that is kept here, and nobody asks whom it
//! trusts: a role of ours only says for how long at most.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use record::names::AccountId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::credentials::Credentials;
use super::session::{AssumedRole, Session};
use crate::arn::Arn;
use crate::iam::{Role, unique_id};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumeRole {
    role_arn: String,
    role_session_name: String,
    policy: Option<String>,
    duration_seconds: Option<i64>,
    source_identity: Option<String>,
    #[serde(rename = "MinimumSessionTokenSize")]
    _minimum_session_token_size: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Assumed {
    credentials: Credentials,
    assumed_role_user: AssumedRoleUser,
    source_identity: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumedRoleUser {
    assumed_role_id: String,
    arn: String,
}

const ARN: Shape = Shape::string().length(20, 2048);

impl Operation for AssumeRole {
    const NAME: &'static str = "AssumeRole";
    const SHAPE: &'static Shape = &Shape::structure(
        "AssumeRoleRequest",
        &[
            Member::required("RoleArn", ARN),
            Member::required("RoleSessionName", Shape::string().length(2, 64).pattern(r"[\w+=,.@-]*")),
            Member::optional("Policy", Shape::string().at_least_long(1)),
            Member::optional("DurationSeconds", Shape::integer().range(900.0, 43_200.0)),
            Member::optional("ExternalId", Shape::string().length(2, 1224).pattern(r"[\w+=,.@:\/-]*")),
            Member::optional("SerialNumber", Shape::string().length(9, 256).pattern(r"[\w+=/:,.@-]*")),
            Member::optional("TokenCode", Shape::string().length(6, 6).pattern(r"[\d]*")),
            Member::optional("MinimumSessionTokenSize", Shape::integer().range(0.0, 4096.0)),
            Member::optional("SourceIdentity", Shape::string().length(2, 256).pattern(r"[\w+=,.@-]*")),
        ],
    );
    type Output = Assumed;

    fn run(self, cx: &Context<'_>) -> Result<Assumed, Failure> {
        // Whoever is a role may become another, for an hour at most.
        let caller = Session::of_caller(cx)?;
        let is_chained = caller.as_ref().is_some_and(|session| session.role.is_some());
        let role = Arn::of(&self.role_arn)
            .filter(|arn| arn.service == "iam" && AccountId::is_one(arn.account))
            .and_then(|arn| Some((arn.account, arn.resource.strip_prefix("role/")?)))
            .filter(|(_, path)| !path.is_empty() && !path.ends_with('/'));
        let Some((account, path)) = role else {
            return Err(ApiError::new("ValidationError", format!("{} is invalid", self.role_arn)).into());
        };
        if let Some(policy) = &self.policy
            && !matches!(serde_json::from_str(policy), Ok(Value::Object(_)))
        {
            let message = "This policy contains invalid Json";
            return Err(ApiError::new("MalformedPolicyDocument", message).into());
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let kept = cx.get::<Role>(&Role::key(cx, name))?.filter(|role| role.value.arn == self.role_arn);
        let seconds = self.duration_seconds.unwrap_or(3600);
        if is_chained && seconds > 3600 {
            let message =
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
            return Err(ApiError::new("ValidationError", message).into());
        }
        if kept.as_ref().is_some_and(|role| seconds > role.value.max_session_duration) {
            let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
            return Err(ApiError::new("ValidationError", message).into());
        }
        let role_id = kept.map_or_else(|| unique_id(&*cx.world.dice, "AROA", 17), |role| role.value.id);
        let (credentials, expires_at) = Credentials::new(cx, seconds);
        let role = AssumedRole::new(account, name, &role_id, &self.role_session_name);
        let session =
            Session { role: Some(role.clone()), expires_at, root: Session::root_of_next(cx, caller.as_ref()) };
        cx.store.write(|w| session.begin(w, &cx.account, &credentials.access_key_id, cx.now))?;
        Ok(Assumed {
            credentials,
            assumed_role_user: AssumedRoleUser { assumed_role_id: role.id, arn: role.arn },
            source_identity: self.source_identity,
        })
    }
}
