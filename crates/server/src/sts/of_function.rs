//! What a function signs its own requests with: a session of its role, as Lambda would have assumed it.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>

use jiff::{SignedDuration, Timestamp};
use record::names::AccountId;
use store::{Key, Store, StoreError};

use super::session::{AssumedRole, Session, expires_after, secret_access_key, token};
use crate::arn::Arn;
use crate::iam::{Role, id_of, unique_id};
use crate::world::{FunctionCredentials, World};

/// How long a session lasts that begins now.
const LASTS: SignedDuration = SignedDuration::from_hours(12);
/// How long one must last that is given to an invocation; the longest takes a quarter of an hour.
const MUST_LAST: SignedDuration = SignedDuration::from_hours(6);

/// The credentials of one revision of a function.
///
/// Environments are started with them and used again: each invocation of a revision gets the same ones, and its session goes
/// on for as long as somebody invokes it.
pub(crate) fn credentials_of_function(
    store: &Store,
    world: &World,
    account: &AccountId,
    (name, role, revision): (&str, &str, &str),
    now: Timestamp,
) -> Result<FunctionCredentials, StoreError> {
    let vault = &*world.vault;
    let bits = vault.bits_of(&format!("function:{account}:{name}:{revision}"));
    let access_key = id_of("ASIA", bits.into_iter().take(16));
    let key = Session::key(account, &access_key);
    let lasts = store.read(|r| r.get::<Session>(&key))?;
    if lasts.is_none_or(|session| session.value.expires_at.0 < now + MUST_LAST) {
        store.write(|w| {
            // Who it is stays who it is: its role may be one of ours, and its id is told.
            let session = match w.get::<Session>(&key)? {
                Some(session) => session.value.role,
                None => assumed(
                    role,
                    |role_name| {
                        let kept =
                            w.get::<Role>(&Key::global(account, role_name))?.filter(|kept| kept.value.arn == role);
                        Ok(kept.map_or_else(|| unique_id(&*world.dice, "AROA", 17), |kept| kept.value.id))
                    },
                    name,
                )?,
            };
            Session { role: session, expires_at: expires_after(LASTS, now), root: None }.begin(
                w,
                account,
                &access_key,
                now,
            )
        })?;
    }
    Ok(FunctionCredentials {
        secret_key: secret_access_key(vault, &access_key),
        session_token: token(vault, &access_key),
        access_key,
    })
}

/// The role that a function is: its session bears the function's name.
fn assumed(
    role: &str,
    role_id: impl FnOnce(&str) -> Result<String, StoreError>,
    function: &str,
) -> Result<Option<AssumedRole>, StoreError> {
    let named =
        Arn::of(role).and_then(|arn| Some((arn.account, arn.resource.strip_prefix("role/")?.rsplit('/').next()?)));
    let Some((account, name)) = named.filter(|(_, name)| !name.is_empty()) else { return Ok(None) };
    Ok(Some(AssumedRole::new(account, name, &role_id(name)?, function)))
}
