//! What lies in the database sealed: a copy of the database, without the sealing key, tells it to nobody.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::world::Vault;

/// A value that is sealed. Versions before wrote it in the clear: that is read, and is sealed at the start
/// ([`seal_all`](crate::events::connection::seal_all)).
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Sealed<T> {
    Sealed { sealed: String },
    Clear(T),
}

impl<T: Clone + Serialize + DeserializeOwned> Sealed<T> {
    /// Seals. `of` says what it is of: it opens as that and as nothing else.
    pub(crate) fn new(vault: &dyn Vault, of: &str, value: &T) -> Sealed<T> {
        let text = serde_json::to_string(value).expect("what is kept is JSON");
        Sealed::Sealed { sealed: vault.seal(of, &text) }
    }

    /// What was sealed. `None`: by another key, or as something else.
    pub(crate) fn open(&self, vault: &dyn Vault, of: &str) -> Option<T> {
        match self {
            Sealed::Sealed { sealed } => serde_json::from_str(&vault.unseal(of, sealed)?).ok(),
            Sealed::Clear(value) => Some(value.clone()),
        }
    }

    /// Seals what is in the clear. Says whether it was.
    pub(crate) fn seal(&mut self, vault: &dyn Vault, of: &str) -> bool {
        let Sealed::Clear(value) = self else { return false };
        *self = Sealed::new(vault, of, value);
        true
    }
}
