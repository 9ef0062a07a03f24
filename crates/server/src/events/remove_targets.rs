//! `RemoveTargets`: whom a rule tells no more.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemoveTargets.html>

use serde::Deserialize;
use store::Key;
use wire::check::{Member, Shape};

use super::event_bus::{event_bus, named_bus};
use super::failed_targets::{FailedTarget, FailedTargets};
use super::rule::rule;
use super::shapes::{BUS, RULE_NAME};
use super::target::Target;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveTargets {
    rule: String,
    event_bus_name: Option<String>,
    ids: Vec<String>,
    /// There are no rules of AWS's own here, for which alone it is.
    #[serde(rename = "Force")]
    _force: Option<bool>,
}

const ID: Shape = RULE_NAME;

impl Operation for RemoveTargets {
    const NAME: &'static str = "RemoveTargets";
    const SHAPE: &'static Shape = &Shape::structure(
        "RemoveTargetsRequest",
        &[
            Member::required("Rule", RULE_NAME),
            Member::optional("EventBusName", BUS),
            Member::required("Ids", Shape::list(&ID).length(1, 100)),
            Member::optional("Force", Shape::any()),
        ],
    );
    type Output = FailedTargets;

    fn run(self, cx: &Context<'_>) -> Result<FailedTargets, Failure> {
        let bus = named_bus(cx, self.event_bus_name.as_deref())?;
        let mut failed = FailedTargets::default();
        cx.store.try_write(|w| {
            event_bus(w, &bus)?;
            rule(w, &bus, &self.rule)?;
            for id in &self.ids {
                let key = Key::new(&bus.account, &bus.region, &**id).under(bus.targets_of(&self.rule));
                if !w.delete::<Target>(&key)? {
                    failed.push(FailedTarget {
                        target_id: id.clone(),
                        error_code: "ResourceNotFoundException",
                        error_message: format!("Rule {} does not have a target with the id {id}.", self.rule),
                    });
                }
            }
            cx.rules.forget(w, &bus);
            Ok::<_, Failure>(())
        })?;
        Ok(failed)
    }
}
