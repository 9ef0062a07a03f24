//! Own account: which account the service is. What it is when its data begin, it stays: trails, rules, topics and functions are
//! named by it, and under another they would be nobody's.

use std::path::Path;

use jiff::Timestamp;
use record::names::AccountId;
use serde::{Deserialize, Serialize};
use store::{Key, Reader, Resource, Store, StoreError};

use crate::Place;

/// The account that the data were begun with.
#[derive(Serialize, Deserialize)]
struct OwnAccount {
    id: AccountId,
}

impl Resource for OwnAccount {
    const KIND: &'static str = "own-account";
}

/// Why the service cannot be this account.
#[derive(Debug, thiserror::Error)]
pub enum OwnAccountError {
    /// The data are another's.
    #[error(
        "what is in the data directory is that of account {is}, and named by it: say `--account-id {is}` or nothing, or begin with \
         another data directory for account {wanted}"
    )]
    Other {
        /// Whose they are.
        is: AccountId,
        /// What was asked for.
        wanted: AccountId,
    },
    /// It could not be looked up, or kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The account of these data: the one that they were begun with, or, where there are none yet, the one that is wanted.
pub fn own_account(store: &Store, wanted: Option<&AccountId>, now: Timestamp) -> Result<AccountId, OwnAccountError> {
    let begun = store.read(begun_with)?;
    hold(begun.as_ref(), wanted)?;
    match begun {
        Some(is) => Ok(is),
        None => {
            let id = wanted.cloned().unwrap_or(Place::default().account);
            store.write(|w| w.put(&key(), &OwnAccount { id: id.clone() }, now))?;
            Ok(id)
        }
    }
}

/// Refuses an account that the data at this path are not, before anything is done to them.
pub fn refuse_another(database: &Path, wanted: &AccountId) -> Result<(), OwnAccountError> {
    hold(Store::look_into(database, begun_with)?.flatten().as_ref(), Some(wanted))
}

fn key() -> Key {
    Key::global(&AccountId::from(""), "")
}

/// The account that data were begun with, if they were.
fn begun_with(r: &Reader<'_>) -> Result<Option<AccountId>, StoreError> {
    match r.get::<OwnAccount>(&key())? {
        Some(stored) => Ok(Some(stored.value.id)),
        // Versions that could be but one account noted none.
        None if r.newest_batch()? > 0 || r.has_resources()? => Ok(Some(Place::default().account)),
        None => Ok(None),
    }
}

fn hold(begun: Option<&AccountId>, wanted: Option<&AccountId>) -> Result<(), OwnAccountError> {
    match begun.zip(wanted) {
        Some((is, wanted)) if is != wanted => Err(OwnAccountError::Other { is: is.clone(), wanted: wanted.clone() }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(store: &Store, wanted: Option<&str>) -> Result<String, String> {
        let wanted = wanted.map(AccountId::from);
        let own = own_account(store, wanted.as_ref(), Timestamp::UNIX_EPOCH);
        own.map(|id| id.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn data_stay_with_the_account_that_they_were_begun_with() {
        let store = Store::in_memory().expect("there is memory");
        assert_eq!(of(&store, Some("111122223333")), Ok("111122223333".into()));
        assert_eq!(of(&store, None), Ok("111122223333".into()));
        assert_eq!(of(&store, Some("111122223333")), Ok("111122223333".into()));
        let refused = of(&store, Some("444455556666")).expect_err("they are another's");
        assert!(refused.contains("that of account 111122223333") && refused.contains("444455556666"), "{refused}");
    }

    #[test]
    fn data_of_a_version_that_noted_no_account_are_the_one_s_that_it_was() {
        let store = Store::in_memory().expect("there is memory");
        assert_eq!(of(&store, None), Ok("123456789012".into()));
        assert!(of(&store, Some("111122223333")).is_err(), "nothing was said at first");
        let older = Store::in_memory().expect("there is memory");
        let anything = Key::global(&AccountId::from("123456789012"), "a");
        let now = Timestamp::UNIX_EPOCH;
        older.write(|w| w.put(&anything, &Anything, now)).expect("it is kept");
        assert!(of(&older, Some("111122223333")).is_err(), "there is something already");
        assert_eq!(of(&older, None), Ok("123456789012".into()));
    }

    #[test]
    fn data_of_another_account_are_known_before_anything_is_done_to_them() {
        let folder = tempfile::tempdir().expect("there is room");
        let database = folder.path().join("state.db");
        let asked = |id: &str| refuse_another(&database, &id.into()).map_err(|error| error.to_string());
        assert_eq!(asked("111122223333"), Ok(()));
        assert!(!database.exists());
        let store = Store::open(&database, &store::Options::default()).expect("there is room");
        assert_eq!(of(&store, Some("111122223333")), Ok("111122223333".into()));
        drop(store);
        assert_eq!(asked("111122223333"), Ok(()));
        let refused = asked("444455556666").expect_err("they are another's");
        assert!(refused.contains("that of account 111122223333") && refused.contains("444455556666"), "{refused}");
    }

    #[derive(Serialize, Deserialize)]
    struct Anything;

    impl Resource for Anything {
        const KIND: &'static str = "anything";
    }
}
