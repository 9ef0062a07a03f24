//! Temporary credentials, made of dice.

use jiff::SignedDuration;
use serde::Serialize;
use wire::Timestamp;

use crate::Context;
use crate::iam::unique_id;
use crate::world::Dice;

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
        let dice = &*cx.world.dice;
        // Whole seconds, as AWS tells them.
        let now = jiff::Timestamp::from_second(cx.now.as_second()).unwrap_or(cx.now);
        let expires_at = Timestamp(now + SignedDuration::from_secs(seconds));
        let credentials = Credentials {
            access_key_id: unique_id(dice, "ASIA", 16),
            secret_access_key: letters(dice, 40),
            session_token: letters(dice, 180),
            expiration: expires_at,
        };
        (credentials, expires_at)
    }
}

/// Letters and digits, six bits of dice each.
fn letters(dice: &dyn Dice, count: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(count);
    let (mut bits, mut left) = (0, 0);
    while text.len() < count {
        if left == 0 {
            (bits, left) = (dice.bits(), 21);
        }
        text.push(LETTERS[(bits & 63) as usize].into());
        (bits, left) = (bits >> 6, left - 1);
    }
    text
}
