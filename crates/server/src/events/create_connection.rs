//! `CreateConnection`: how API destinations prove who they are.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnection.html>

use serde::Deserialize;
use store::{List, Stored};
use wire::check::{Member, Shape};
use wire::{ApiError, Value};

use super::connection::{
    AUTH_PARAMETERS, AUTHORIZATION_TYPE, AuthParameters, AuthorizationType, CONNECTIVITY, Connection,
    ConnectionChanged, ConnectionState, DESCRIPTION, KMS_KEY, MAX_CONNECTIONS, NAME, no_connectivity, put_authorized,
};
use super::rule::limit_exceeded;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateConnection {
    name: String,
    description: Option<String>,
    authorization_type: AuthorizationType,
    auth_parameters: AuthParameters,
    invocation_connectivity_parameters: Option<Value>,
    kms_key_identifier: Option<String>,
}

impl Operation for CreateConnection {
    const NAME: &'static str = "CreateConnection";
    const SHAPE: &'static Shape = &Shape::structure(
        "CreateConnectionRequest",
        &[
            Member::required("Name", NAME),
            Member::optional("Description", DESCRIPTION),
            Member::required("AuthorizationType", AUTHORIZATION_TYPE),
            Member::required("AuthParameters", AUTH_PARAMETERS),
            Member::optional("InvocationConnectivityParameters", CONNECTIVITY),
            Member::optional("KmsKeyIdentifier", KMS_KEY),
        ],
    );
    type Output = ConnectionChanged;

    fn run(self, cx: &Context<'_>) -> Result<ConnectionChanged, Failure> {
        no_connectivity(self.invocation_connectivity_parameters.as_ref())?;
        self.auth_parameters.check(self.authorization_type)?;
        let dice = &*cx.world.dice;
        let mut connection = Connection {
            arn: cx.arn("events", format_args!("connection/{}/{}", self.name, dice.uuid())),
            description: self.description,
            authorization_type: self.authorization_type,
            auth_parameters: None,
            state: ConnectionState::Authorizing,
            state_reason: None,
            // As AWS names the secret that it keeps them in. Here there is none: they lie with the connection.
            secret_arn: cx.arn(
                "secretsmanager",
                format_args!("secret:events!connection/{}/{}-{:06x}", self.name, dice.uuid(), dice.bits() & 0xff_ffff),
            ),
            kms_key_identifier: self.kms_key_identifier,
            last_authorized_at: cx.now.into(),
        };
        connection.authorize(&self.auth_parameters, &*cx.world.vault, cx.now);
        let key = cx.key(&*self.name);
        cx.store.try_write(|w| {
            if w.get::<Connection>(&key)?.is_some() {
                let message = format!("Connection {} already exists.", self.name);
                return Err(ApiError::new("ResourceAlreadyExistsException", message).into());
            }
            if w.count::<Connection>(&List::of(&cx.account, &cx.region))? >= MAX_CONNECTIONS {
                return Err(limit_exceeded().into());
            }
            put_authorized(w, &key, &connection, cx.now)
        })?;
        let stored = Stored { key, value: connection, created_at: cx.now, changed_at: cx.now };
        Ok(ConnectionChanged { last_authorized_time: None, ..ConnectionChanged::of(&stored, cx.now) })
    }
}
