//! `DeleteConnection`: takes a connection away, with its secrets. API destinations that use it are inactive from then on.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteConnection.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::connection::{Connection, ConnectionChanged, ConnectionState, ConnectionToken, NAME, connection};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteConnection {
    name: String,
}

impl Operation for DeleteConnection {
    const NAME: &'static str = "DeleteConnection";
    const SHAPE: &'static Shape = &Shape::structure("DeleteConnectionRequest", &[Member::required("Name", NAME)]);
    type Output = ConnectionChanged;

    fn run(self, cx: &Context<'_>) -> Result<ConnectionChanged, Failure> {
        cx.store.try_write(|w| {
            let mut found = connection(w, cx, &self.name, "delete")?;
            w.delete::<Connection>(&found.key)?;
            w.delete::<ConnectionToken>(&found.key)?;
            w.drop_deliveries(&found.value.arn, cx.now)?;
            found.value.state = ConnectionState::Deleting;
            Ok(ConnectionChanged::of(&found, found.changed_at))
        })
    }
}
