//! `GetSessionToken`: credentials of who is calling, for a while. Who calls is the account itself, so that an hour is the most
//! it gets. <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>

use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::credentials::Credentials;
use super::session::Session;
use crate::{Context, Failure, Operation};

/// What AWS gives the account itself, however long it asks for.
const MAX_SECONDS: i64 = 3600;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSessionToken {
    duration_seconds: Option<i64>,
    #[serde(rename = "MinimumSessionTokenSize")]
    _minimum_session_token_size: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SessionToken {
    credentials: Credentials,
}

impl Operation for GetSessionToken {
    const NAME: &'static str = "GetSessionToken";
    const SHAPE: &'static Shape = &Shape::structure(
        "GetSessionTokenRequest",
        &[
            Member::optional("DurationSeconds", Shape::integer().range(900.0, 129_600.0)),
            Member::optional("MinimumSessionTokenSize", Shape::integer().range(0.0, 4096.0)),
            Member::optional("SerialNumber", Shape::string().length(9, 256).pattern(r"[\w+=/:,.@-]*")),
            Member::optional("TokenCode", Shape::string().length(6, 6).pattern(r"[\d]*")),
        ],
    );
    type Output = SessionToken;

    fn run(self, cx: &Context<'_>) -> Result<SessionToken, Failure> {
        if Session::of_caller(cx)?.is_some() {
            let message = "Cannot call GetSessionToken with session credentials";
            return Err(ApiError::new("AccessDenied", message).with_status(403).into());
        }
        let (credentials, expires_at) =
            Credentials::new(cx, self.duration_seconds.unwrap_or(MAX_SECONDS).min(MAX_SECONDS));
        let session = Session { role: None, expires_at, root: Session::root_of_next(cx, None) };
        cx.store.write(|w| session.begin(w, &cx.account, &credentials.access_key_id, cx.now))?;
        Ok(SessionToken { credentials })
    }
}
