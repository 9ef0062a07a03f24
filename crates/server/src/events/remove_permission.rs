//! `RemovePermission`: takes a statement, or all of them, from a bus's policy.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemovePermission.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::bus_policy::BusPolicy;
use super::event_bus::{event_bus, named_bus};
use super::put_permission::STATEMENT_ID;
use super::rule::invalid;
use super::shapes::OWN_BUS_NAME;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemovePermission {
    statement_id: Option<String>,
    #[serde(default)]
    remove_all_permissions: bool,
    event_bus_name: Option<String>,
}

impl Operation for RemovePermission {
    const NAME: &'static str = "RemovePermission";
    const SHAPE: &'static Shape = &Shape::structure(
        "RemovePermissionRequest",
        &[
            Member::optional("StatementId", STATEMENT_ID),
            Member::optional("RemoveAllPermissions", Shape::any()),
            Member::optional("EventBusName", OWN_BUS_NAME),
        ],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let bus = named_bus(cx, self.event_bus_name.as_deref())?;
        cx.store.try_write(|w| {
            let mut found = event_bus(w, &bus)?;
            found.value.policy = match self.statement_id {
                _ if self.remove_all_permissions => None,
                None => return Err(invalid("Parameter StatementId is required.").into()),
                Some(sid) => {
                    let mut policy = found.value.policy.as_deref().and_then(BusPolicy::read).unwrap_or_default();
                    if !policy.remove(&sid) {
                        let message = "Statement with the provided id does not exist.";
                        return Err(ApiError::new("ResourceNotFoundException", message).into());
                    }
                    policy.to_json()
                }
            };
            w.put(&found.key, &found.value, cx.now)?;
            Ok(())
        })
    }
}
