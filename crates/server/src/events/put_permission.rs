//! `PutPermission`: who else may put events on a bus. Remembered and told; nobody else can reach this bus, so that nothing
//! hangs on it.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html>

use serde::Deserialize;
use wire::check::{Member, Shape};
use wire::{ApiError, Value};

use super::bus_policy::{BusPolicy, Condition, statement};
use super::event_bus::{bus_arn, event_bus, named_bus};
use super::rule::invalid;
use super::shapes::OWN_BUS_NAME;
use crate::{Context, Failure, Operation};

/// Bytes of a policy.
const MAX_POLICY_BYTES: usize = 10_240;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutPermission {
    event_bus_name: Option<String>,
    action: Option<String>,
    principal: Option<String>,
    statement_id: Option<String>,
    condition: Option<Condition>,
    policy: Option<String>,
}

/// What a statement's id must be like.
pub(crate) const STATEMENT_ID: Shape = Shape::string().length(1, 64).pattern(r"[a-zA-Z0-9-_]+");

impl Operation for PutPermission {
    const NAME: &'static str = "PutPermission";
    const SHAPE: &'static Shape = &Shape::structure(
        "PutPermissionRequest",
        &[
            Member::optional("EventBusName", OWN_BUS_NAME),
            Member::optional("Action", Shape::string().length(1, 64).pattern(r"events:[a-zA-Z]+")),
            Member::optional("Principal", Shape::string().length(1, 12).pattern(r"(\d{12}|\*)")),
            Member::optional("StatementId", STATEMENT_ID),
            Member::optional(
                "Condition",
                Shape::structure(
                    "Condition",
                    &[
                        Member::required("Type", Shape::string()),
                        Member::required("Key", Shape::string()),
                        Member::required("Value", Shape::string()),
                    ],
                ),
            ),
            Member::optional("Policy", Shape::string()),
        ],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let bus = named_bus(cx, self.event_bus_name.as_deref())?;
        let arn = bus_arn(cx, &bus.name);
        let given = match (self.policy, self.action, self.principal, self.statement_id) {
            (Some(policy), None, None, None) => {
                BusPolicy::read(&policy).ok_or_else(|| invalid("Parameter Policy is not valid."))?;
                Given::Policy(policy)
            }
            (None, Some(action), Some(principal), Some(sid)) => {
                let statement = statement(&sid, &principal, &action, &arn, self.condition);
                Given::Statement { sid, statement }
            }
            _ => {
                let message = "Either Policy, or Action, Principal and StatementId must be specified.";
                return Err(invalid(message).into());
            }
        };
        cx.store.try_write(|w| {
            let mut found = event_bus(w, &bus)?;
            let policy = match given {
                Given::Policy(policy) => Some(policy),
                Given::Statement { sid, statement } => {
                    let mut policy = found.value.policy.as_deref().and_then(BusPolicy::read).unwrap_or_default();
                    policy.put(&sid, statement);
                    policy.to_json()
                }
            };
            if policy.as_ref().is_some_and(|policy| policy.len() > MAX_POLICY_BYTES) {
                let message = format!("The policy must have at most {MAX_POLICY_BYTES} bytes.");
                return Err(ApiError::new("PolicyLengthExceededException", message).into());
            }
            found.value.policy = policy;
            w.put(&found.key, &found.value, cx.now)?;
            Ok(())
        })
    }
}

enum Given {
    Policy(String),
    Statement { sid: String, statement: Value },
}
