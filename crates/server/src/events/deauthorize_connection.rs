//! `DeauthorizeConnection`: forgets a connection's secrets. UpdateConnection gives it new ones.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeauthorizeConnection.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::connection::{ConnectionChanged, ConnectionState, ConnectionToken, NAME, connection};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeauthorizeConnection {
    name: String,
}

impl Operation for DeauthorizeConnection {
    const NAME: &'static str = "DeauthorizeConnection";
    const SHAPE: &'static Shape = &Shape::structure("DeauthorizeConnectionRequest", &[Member::required("Name", NAME)]);
    type Output = ConnectionChanged;

    fn run(self, cx: &Context<'_>) -> Result<ConnectionChanged, Failure> {
        cx.store.try_write(|w| {
            let mut found = connection(w, cx, &self.name, "deauthorize")?;
            found.value.state = ConnectionState::Deauthorized;
            found.value.state_reason = None;
            found.value.auth_parameters = None;
            w.put(&found.key, &found.value, cx.now)?;
            w.delete::<ConnectionToken>(&found.key)?;
            w.drop_deliveries(&found.value.arn, cx.now)?;
            // It is done when this is read. AWS says so while it is at it.
            found.value.state = ConnectionState::Deauthorizing;
            Ok(ConnectionChanged::of(&found, cx.now))
        })
    }
}
