//! The keys that digests were signed with: today's, and those of the past, with which older digests are still checked.

use jiff::{SignedDuration, Timestamp};
use record::digest::fingerprint;
use record::names::AccountId;
use serde::{Deserialize, Serialize};
use store::{Key, List, Reader, Resource, Store, StoreError};

use crate::world::Signer;

/// How often it is noted that a key is in use.
const NOTED_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// A key that is in use is good for so much longer than it was last noted.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A public key. Its key: its fingerprint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SigningKey {
    /// PKCS #1 in DER.
    pub(crate) public_key: Vec<u8>,
    pub(crate) first_used_at: wire::Timestamp,
    pub(crate) last_used_at: wire::Timestamp,
}

impl Resource for SigningKey {
    const KIND: &'static str = "signing-key";
}

impl SigningKey {
    /// Until when signatures may be made with it.
    pub(crate) fn good_until(&self) -> Timestamp {
        self.last_used_at.0 + GOOD_FOR
    }
}

/// Notes that this key is in use, once an hour. Says whether it is noted now.
pub(crate) fn note_signing_key(store: &Store, signer: &dyn Signer, now: Timestamp) -> Result<bool, StoreError> {
    let der = signer.public_key_der();
    // Keys are the service's, not an account's.
    let key = Key::global(&AccountId::from(""), fingerprint(der));
    let noted = store.read(|r| r.get::<SigningKey>(&key))?.map(|stored| stored.value);
    if noted.as_ref().is_some_and(|noted| now < noted.last_used_at.0 + NOTED_EVERY) {
        return Ok(false);
    }
    let first_used_at = noted.map_or(now.into(), |noted| noted.first_used_at);
    let used = SigningKey { public_key: der.to_vec(), first_used_at, last_used_at: now.into() };
    store.write(|w| w.put(&key, &used, now))?;
    Ok(true)
}

/// Every key that was ever used, with its fingerprint.
pub(crate) fn signing_keys(r: &Reader<'_>) -> Result<Vec<(String, SigningKey)>, StoreError> {
    let keys = r.list::<SigningKey>(&List { account: Some(AccountId::from("")), ..List::default() })?;
    Ok(keys.into_iter().map(|stored| (stored.key.name, stored.value)).collect())
}
