//! A session: who signs with temporary credentials, and until when.
//!
//! Its secret and its token are not kept: both are made of its access key by the [`Vault`], and made again when a signature
//! is checked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::SignedDuration;
use record::names::AccountId;
use serde::{Deserialize, Serialize};
use store::{Key, List, Reader, Resource, StoreError, Writer};
use wire::sigv4::Secret;
use wire::{ApiError, Timestamp};

use crate::world::Vault;
use crate::{Context, Failure};

/// A session. Its key: its access key, in no Region.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The role that was assumed; `None`: the account itself.
    pub(crate) role: Option<AssumedRole>,
    pub(crate) expires_at: Timestamp,
    /// The access key that it goes back to, through however many sessions: it ends with that. `None`: a function's. Empty: nobody
    /// has looked at the signature of whoever began it, so that it is good only where nobody does.
    #[serde(default)]
    pub(crate) root: Option<String>,
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

impl AssumedRole {
    /// A role of an account, by the name of its session.
    pub(super) fn new(account: &str, role: &str, role_id: &str, session: &str) -> AssumedRole {
        AssumedRole {
            arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
            id: format!("{role_id}:{session}"),
            account: account.to_owned(),
        }
    }
}

/// When a session is over that begins now: in whole seconds, as AWS tells it.
pub(super) fn expires_after(lasts: SignedDuration, now: jiff::Timestamp) -> Timestamp {
    Timestamp(jiff::Timestamp::from_second(now.as_second()).unwrap_or(now) + lasts)
}

impl Resource for Session {
    const KIND: &'static str = "sts-session";
}

/// The secret access key of a session.
pub(crate) fn secret_access_key(vault: &dyn Vault, access_key: &str) -> String {
    STANDARD_NO_PAD.encode(vault.bits_of(&format!("session-secret:{access_key}")))[..40].to_owned()
}

/// The token that a session's requests name.
pub(crate) fn token(vault: &dyn Vault, access_key: &str) -> String {
    let part = |number: u8| vault.bits_of(&format!("session-token:{number}:{access_key}"));
    STANDARD_NO_PAD.encode([part(0), part(1), part(2), part(3)].concat())
}

impl Session {
    pub(crate) fn key(account: &AccountId, access_key: &str) -> Key {
        Key::global(account, access_key)
    }

    /// What requests of a session are checked by; `None` if there is no such session, or no longer the key it goes back to.
    pub(crate) fn secret_of(
        r: &Reader<'_>,
        vault: &dyn Vault,
        account: &AccountId,
        access_key: &str,
    ) -> Result<Option<Secret>, StoreError> {
        let Some(Session { expires_at, root, .. }) =
            r.get::<Session>(&Session::key(account, access_key))?.map(|session| session.value)
        else {
            return Ok(None);
        };
        let mut expires_at = expires_at.0;
        if let Some(root) = root
            && vault.secret_of(&root).is_none()
        {
            // Of a function: what it began ends with its own session.
            let Some(function) = r.get::<Session>(&Session::key(account, &root))? else { return Ok(None) };
            expires_at = expires_at.min(function.value.expires_at.0);
        }
        Ok(Some(Secret {
            secret_access_key: secret_access_key(vault, access_key),
            session_token: Some(token(vault, access_key)),
            expires_at: Some(expires_at),
        }))
    }

    /// The access key that a session goes back to which the caller begins, whose own session this is, if it has one.
    pub(super) fn root_of_next(cx: &Context<'_>, caller: Option<&Session>) -> Option<String> {
        if !cx.caller.is_verified {
            return Some(String::new());
        }
        Some(caller.and_then(|session| session.root.clone()).unwrap_or_else(|| cx.caller.access_key.clone()))
    }

    /// The session that signed a call, if one did; `ExpiredToken` if it is over.
    pub(crate) fn of_caller(cx: &Context<'_>) -> Result<Option<Session>, Failure> {
        let Some(session) = cx.get::<Session>(&Session::key(&cx.account, &cx.caller.access_key))? else {
            return Ok(None);
        };
        if session.value.expires_at.0 <= cx.now {
            let message = "The security token included in the request is expired";
            return Err(ApiError::new("ExpiredToken", message).with_status(403).into());
        }
        Ok(Some(session.value))
    }

    /// Remembers a session.
    pub(crate) fn begin(
        &self,
        w: &Writer<'_>,
        account: &AccountId,
        access_key: &str,
        now: jiff::Timestamp,
    ) -> Result<(), StoreError> {
        w.put(&Session::key(account, access_key), self, now).map(drop)
    }

    /// Forgets the sessions that were over then. Says how many.
    pub(crate) fn expire(w: &Writer<'_>, over: jiff::Timestamp) -> Result<usize, StoreError> {
        let all = w.list::<Session>(&List::default())?;
        let old: Vec<_> = all.iter().filter(|session| session.value.expires_at.0 < over).collect();
        old.iter().try_for_each(|session| w.delete::<Session>(&session.key).map(drop))?;
        Ok(old.len())
    }
}
