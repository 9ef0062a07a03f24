//! `UpdateConnection`: changes what is given, and authorizes anew. What is left out stays.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateConnection.html>

use serde::Deserialize;
use wire::Value;
use wire::check::{Member, Shape};

use super::connection::{
    AUTH_UPDATE, AUTHORIZATION_TYPE, AuthUpdate, AuthorizationType, CONNECTIVITY, ConnectionChanged, DESCRIPTION,
    KMS_KEY, NAME, connection, no_connectivity, put_authorized,
};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateConnection {
    name: String,
    description: Option<String>,
    authorization_type: Option<AuthorizationType>,
    auth_parameters: Option<AuthUpdate>,
    invocation_connectivity_parameters: Option<Value>,
    kms_key_identifier: Option<String>,
}

impl Operation for UpdateConnection {
    const NAME: &'static str = "UpdateConnection";
    const SHAPE: &'static Shape = &Shape::structure(
        "UpdateConnectionRequest",
        &[
            Member::required("Name", NAME),
            Member::optional("Description", DESCRIPTION),
            Member::optional("AuthorizationType", AUTHORIZATION_TYPE),
            Member::optional("AuthParameters", AUTH_UPDATE),
            Member::optional("InvocationConnectivityParameters", CONNECTIVITY),
            Member::optional("KmsKeyIdentifier", KMS_KEY),
        ],
    );
    type Output = ConnectionChanged;

    fn run(self, cx: &Context<'_>) -> Result<ConnectionChanged, Failure> {
        no_connectivity(self.invocation_connectivity_parameters.as_ref())?;
        let vault = &*cx.world.vault;
        cx.store.try_write(|w| {
            let mut found = connection(w, cx, &self.name, "update")?;
            let changed = &mut found.value;
            changed.description = self.description.or(changed.description.take());
            changed.kms_key_identifier = self.kms_key_identifier.or(changed.kms_key_identifier.take());
            if self.auth_parameters.is_some() || self.authorization_type.is_some() {
                changed.authorization_type = self.authorization_type.unwrap_or(changed.authorization_type);
                // What cannot be opened any more is given anew, all of it.
                let kept = changed.auth(vault).and_then(Result::ok).unwrap_or_default();
                let auth = kept.updated(changed.authorization_type, self.auth_parameters.unwrap_or_default())?;
                changed.authorize(&auth, vault, cx.now);
                put_authorized(w, &found.key, &found.value, cx.now)?;
            } else {
                changed.seal(vault);
                w.put(&found.key, &found.value, cx.now)?;
            }
            Ok(ConnectionChanged::of(&found, cx.now))
        })
    }
}
