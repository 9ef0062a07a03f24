//! Temporary credentials: a key by dice, and what belongs to it.

use jiff::SignedDuration;
use serde::Serialize;
use wire::Timestamp;

use super::session::{expires_after, secret_access_key, token};
use crate::Context;
use crate::iam::unique_id;

/// Credentials as they are told.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: Timestamp,
}

impl Credentials {
    /// New ones, which are good for so many seconds; and when they are no longer.
    pub(super) fn new(cx: &Context<'_>, seconds: i64) -> (Credentials, Timestamp) {
        let access_key_id = unique_id(&*cx.world.dice, "ASIA", 16);
        let vault = &*cx.world.vault;
        let expires_at = expires_after(SignedDuration::from_secs(seconds), cx.now);
        let credentials = Credentials {
            secret_access_key: secret_access_key(vault, &access_key_id),
            session_token: token(vault, &access_key_id),
            access_key_id,
            expiration: expires_at,
        };
        (credentials, expires_at)
    }
}
