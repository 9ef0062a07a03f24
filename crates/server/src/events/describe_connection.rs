//! `DescribeConnection`: one connection, but for its secrets.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeConnection.html>

use serde::{Deserialize, Serialize};
use wire::Timestamp;
use wire::check::{Member, Shape};

use super::connection::{AuthParameters, AuthTold, ConnectionTold, NAME, connection};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeConnection {
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribedConnection {
    #[serde(flatten)]
    connection: ConnectionTold,
    description: Option<String>,
    secret_arn: String,
    kms_key_identifier: Option<String>,
    auth_parameters: Option<AuthTold>,
    last_authorized_time: Timestamp,
}

impl Operation for DescribeConnection {
    const NAME: &'static str = "DescribeConnection";
    const SHAPE: &'static Shape = &Shape::structure("DescribeConnectionRequest", &[Member::required("Name", NAME)]);
    type Output = DescribedConnection;

    fn run(self, cx: &Context<'_>) -> Result<DescribedConnection, Failure> {
        let found = cx.store.try_read(|r| connection(r, cx, &self.name, "describe"))?;
        let auth = found.value.auth(&*cx.world.vault).and_then(Result::ok);
        Ok(DescribedConnection {
            description: found.value.description.clone(),
            secret_arn: found.value.secret_arn.clone(),
            kms_key_identifier: found.value.kms_key_identifier.clone(),
            auth_parameters: auth.as_ref().map(AuthParameters::told),
            last_authorized_time: found.value.last_authorized_at,
            connection: ConnectionTold::of(found),
        })
    }
}
