//! A session: who signs with temporary credentials, and until when.

use serde::{Deserialize, Serialize};
use store::{Key, Resource, StoreError, Writer};
use wire::{ApiError, Timestamp};

use crate::{Context, Failure};

/// A session. Its key: its access key, in no Region. The secret is not kept: whoever may reach this service may use it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The role that was assumed; `None`: the account itself.
    pub(crate) role: Option<AssumedRole>,
    pub(crate) expires_at: Timestamp,
}

/// A role that somebody is for a while.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AssumedRole {
    /// `arn:aws:sts::123456789012:assumed-role/deploy/jane`.
    pub(crate) arn: String,
    /// `AROA…:jane`.
    pub(crate) id: String,
    pub(crate) account: String,
}

impl Resource for Session {
    const KIND: &'static str = "sts-session";
}

impl Session {
    pub(crate) fn key(cx: &Context<'_>, access_key: &str) -> Key {
        Key::global(&cx.account, access_key)
    }

    /// The session that signed a call, if one did; `ExpiredToken` if it is over.
    pub(crate) fn of_caller(cx: &Context<'_>) -> Result<Option<Session>, Failure> {
        let Some(session) = cx.get::<Session>(&Session::key(cx, &cx.caller.access_key))? else { return Ok(None) };
        if session.value.expires_at.0 <= cx.now {
            let message = "The security token included in the request is expired";
            return Err(ApiError::new("ExpiredToken", message).with_status(403).into());
        }
        Ok(Some(session.value))
    }

    /// Remembers a session, and forgets those that were over a day ago: until then their callers are told so.
    pub(super) fn begin(&self, w: &Writer<'_>, cx: &Context<'_>, access_key: &str) -> Result<(), StoreError> {
        let over = cx.now - jiff::SignedDuration::from_hours(24);
        for old in w.list::<Session>(&cx.in_no_region())? {
            if old.value.expires_at.0 < over {
                w.delete::<Session>(&old.key)?;
            }
        }
        w.put(&Session::key(cx, access_key), self, cx.now).map(drop)
    }
}
