//! A connection as it is remembered: how API destinations prove who they are, and how it is told to others, without secrets.
//!
//! ```text
//!  API key, basic       ──► AUTHORIZED
//!  client credentials   ──► AUTHORIZING ──a token was fetched──► AUTHORIZED
//!                                       ──none was given──────► DEAUTHORIZED, with the reason
//!  DeauthorizeConnection, and the secrets are forgotten ──────► DEAUTHORIZED
//! ```
//!
//! Secrets lie sealed in the database, are sent to where they belong, and are never told, logged or put into an error.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection.html>

use serde::{Deserialize, Serialize};
use store::deliveries::NewDelivery;
use store::{Key, List, Reader, Resource, Store, StoreError, Stored, Writer};
use wire::{ApiError, Timestamp};

pub(crate) use auth::{AuthParameters, AuthTold, AuthUpdate, Http, OAuth, no_connectivity, web_address};
pub(crate) use shapes::{
    AUTH_PARAMETERS, AUTH_UPDATE, AUTHORIZATION_TYPE, CONNECTION_ARN, CONNECTIVITY, DESCRIPTION, ENDPOINT, KMS_KEY,
    NAME, STATES,
};

use crate::arn::Arn;
use crate::sealed::Sealed;
use crate::world::Vault;
use crate::{Context, Failure};

mod auth;
mod shapes;

/// Connections of one account and Region.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
pub(crate) const MAX_CONNECTIONS: usize = 3000;
/// The kind of deliveries that fetch the first token of a connection; their target is its ARN.
pub(crate) const AUTHORIZATION: &str = "connection-authorization";

/// A connection. Its key: its name.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) arn: String,
    pub(crate) description: Option<String>,
    pub(crate) authorization_type: AuthorizationType,
    /// None once it is deauthorized.
    pub(crate) auth_parameters: Option<Sealed<AuthParameters>>,
    pub(crate) state: ConnectionState,
    pub(crate) state_reason: Option<String>,
    pub(crate) secret_arn: String,
    pub(crate) kms_key_identifier: Option<String>,
    pub(crate) last_authorized_at: Timestamp,
}

impl Resource for Connection {
    const KIND: &'static str = "connection";
}

/// A token that a connection was given. Its key: the connection's.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ConnectionToken {
    /// What the `Authorization` header says.
    pub(crate) header: Sealed<String>,
    /// It is good until then.
    pub(crate) until: Timestamp,
}

impl Resource for ConnectionToken {
    const KIND: &'static str = "connection-token";
}

impl ConnectionToken {
    /// The token of a connection.
    pub(crate) fn new(vault: &dyn Vault, connection: &Connection, header: &str, until: Timestamp) -> ConnectionToken {
        ConnectionToken { header: Sealed::new(vault, &token_of(connection), &header.to_owned()), until }
    }

    /// The header; `None` if it was sealed by another key, or of another connection.
    pub(crate) fn header(&self, vault: &dyn Vault, connection: &Connection) -> Option<String> {
        self.header.open(vault, &token_of(connection))
    }
}

fn token_of(connection: &Connection) -> String {
    format!("connection-token:{}", connection.arn)
}

/// Secrets that were sealed by another key than the service has now.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("its secrets were sealed by another sealing.key: put that back, or give them anew (UpdateConnection)")]
pub(crate) struct Unopened;

/// How a connection proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AuthorizationType {
    Basic,
    OauthClientCredentials,
    ApiKey,
}

/// Whether it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ConnectionState {
    Authorizing,
    Authorized,
    Deauthorizing,
    Deauthorized,
    Deleting,
}

impl ConnectionState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            ConnectionState::Authorizing => "AUTHORIZING",
            ConnectionState::Authorized => "AUTHORIZED",
            ConnectionState::Deauthorizing => "DEAUTHORIZING",
            ConnectionState::Deauthorized => "DEAUTHORIZED",
            ConnectionState::Deleting => "DELETING",
        }
    }
}

/// A connection as it is told, shortly.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConnectionTold {
    connection_arn: String,
    name: String,
    connection_state: ConnectionState,
    state_reason: Option<String>,
    authorization_type: AuthorizationType,
    creation_time: Timestamp,
    last_modified_time: Timestamp,
}

impl ConnectionTold {
    pub(crate) fn of(stored: Stored<Connection>) -> ConnectionTold {
        let Stored { key, value: connection, created_at, changed_at } = stored;
        ConnectionTold {
            connection_arn: connection.arn,
            name: key.name,
            connection_state: connection.state,
            state_reason: connection.state_reason,
            authorization_type: connection.authorization_type,
            creation_time: created_at.into(),
            last_modified_time: changed_at.into(),
        }
    }
}

/// What is told of a connection when it was changed.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConnectionChanged {
    pub(crate) connection_arn: String,
    pub(crate) connection_state: ConnectionState,
    pub(crate) creation_time: Timestamp,
    pub(crate) last_modified_time: Timestamp,
    pub(crate) last_authorized_time: Option<Timestamp>,
}

impl ConnectionChanged {
    pub(crate) fn of(stored: &Stored<Connection>, now: jiff::Timestamp) -> ConnectionChanged {
        ConnectionChanged {
            connection_arn: stored.value.arn.clone(),
            connection_state: stored.value.state,
            creation_time: stored.created_at.into(),
            last_modified_time: now.into(),
            last_authorized_time: Some(stored.value.last_authorized_at),
        }
    }
}

impl Connection {
    /// Whether API destinations can use it.
    pub(crate) fn is_authorized(&self) -> bool {
        self.state == ConnectionState::Authorized
    }

    /// Whether it proves itself by tokens, which may be over before their time.
    pub(crate) fn has_tokens(&self) -> bool {
        self.authorization_type == AuthorizationType::OauthClientCredentials
    }

    /// What it proves itself by; `None` if it is deauthorized.
    pub(crate) fn auth(&self, vault: &dyn Vault) -> Option<Result<AuthParameters, Unopened>> {
        Some(self.auth_parameters.as_ref()?.open(vault, &self.sealed_as()).ok_or(Unopened))
    }

    /// Seals what a version before wrote in the clear. Says whether there was something.
    pub(crate) fn seal(&mut self, vault: &dyn Vault) -> bool {
        let of = self.sealed_as();
        self.auth_parameters.as_mut().is_some_and(|auth| auth.seal(vault, &of))
    }

    fn sealed_as(&self) -> String {
        format!("connection:{}", self.arn)
    }

    /// It has these parameters from now on. A token must be asked for first; all else is ready.
    pub(crate) fn authorize(&mut self, auth: &AuthParameters, vault: &dyn Vault, now: jiff::Timestamp) {
        self.state = match self.authorization_type {
            AuthorizationType::OauthClientCredentials => ConnectionState::Authorizing,
            AuthorizationType::ApiKey | AuthorizationType::Basic => ConnectionState::Authorized,
        };
        self.state_reason = None;
        self.auth_parameters = Some(Sealed::new(vault, &self.sealed_as(), auth));
        self.last_authorized_at = now.into();
    }
}

/// Seals, of all connections and their tokens, what a version before wrote in the clear. Nobody is told that they were changed.
/// Says how many there were.
pub(crate) fn seal_all(store: &Store, vault: &dyn Vault) -> Result<usize, StoreError> {
    let sealed = |r: &Reader<'_>| {
        let mut connections = r.list::<Connection>(&List::default())?;
        let mut tokens = r.list::<ConnectionToken>(&List::default())?;
        tokens.retain(|token| matches!(token.value.header, Sealed::Clear(_)));
        tokens.retain_mut(|token| {
            let of = connections.iter().find(|connection| connection.key == token.key);
            of.is_some_and(|of| token.value.header.seal(vault, &token_of(&of.value)))
        });
        connections.retain_mut(|connection| connection.value.seal(vault));
        Ok((connections, tokens))
    };
    // Almost always there are none, and nobody waits for a turn to write.
    let (connections, tokens) = store.read(sealed)?;
    if connections.is_empty() && tokens.is_empty() {
        return Ok(0);
    }
    store.write(|w| {
        let (connections, tokens) = sealed(w)?;
        for Stored { key, value, changed_at, .. } in &connections {
            w.put(key, value, *changed_at)?;
        }
        for Stored { key, value, changed_at, .. } in &tokens {
            w.put(key, value, *changed_at)?;
        }
        Ok(connections.len() + tokens.len())
    })
}

/// Keeps a connection that was authorized anew: tokens of before are forgotten, and one is asked for if it needs one.
pub(crate) fn put_authorized(
    w: &Writer<'_>,
    key: &Key,
    connection: &Connection,
    now: jiff::Timestamp,
) -> Result<(), Failure> {
    w.put(key, connection, now)?;
    w.delete::<ConnectionToken>(key)?;
    if connection.state == ConnectionState::Authorizing {
        let ask = NewDelivery {
            kind: AUTHORIZATION.into(),
            target: connection.arn.clone(),
            in_order: None,
            payload: Vec::new(),
            due_at: now,
        };
        w.add_delivery(&ask, now)?;
    }
    Ok(())
}

/// The connection of this name. `doing` is what AWS failed to do if there is none: `describe`.
pub(crate) fn connection(
    r: &Reader<'_>,
    cx: &Context<'_>,
    name: &str,
    doing: &str,
) -> Result<Stored<Connection>, Failure> {
    let found = r.get(&cx.key(name))?;
    let message = || format!("Failed to {doing} the connection(s). Connection '{name}' does not exist.");
    Ok(found.ok_or_else(|| ApiError::new("ResourceNotFoundException", message()))?)
}

/// The connection of this ARN, wherever it is.
pub(crate) fn connection_by_arn(r: &Reader<'_>, arn: &str) -> Result<Option<Stored<Connection>>, StoreError> {
    let Some(key) = key_of(arn, "connection/") else { return Ok(None) };
    Ok(r.get::<Connection>(&key)?.filter(|found| found.value.arn == arn))
}

/// The key of what an ARN names: `…:connection/NAME/UUID`.
pub(crate) fn key_of(arn: &str, kind: &str) -> Option<Key> {
    let parts = Arn::of(arn).filter(|arn| arn.service == "events")?;
    let (name, _) = parts.resource.strip_prefix(kind)?.split_once('/')?;
    Some(Key::new(&parts.account.into(), &parts.region.into(), name))
}
