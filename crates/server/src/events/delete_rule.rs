//! `DeleteRule`: takes a rule away, if it has no targets any more. One that is not there is no fault.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html>

use serde::Deserialize;
use store::List;
use wire::check::{Member, Shape};

use super::event_bus::{event_bus, named_bus};
use super::rule::{Rule, invalid, rule_arn};
use super::shapes::{BUS, RULE_NAME};
use super::target::Target;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteRule {
    name: String,
    event_bus_name: Option<String>,
    /// There are no rules of AWS's own here, for which alone it is.
    #[serde(rename = "Force")]
    _force: Option<bool>,
}

impl Operation for DeleteRule {
    const NAME: &'static str = "DeleteRule";
    const SHAPE: &'static Shape = &Shape::structure(
        "DeleteRuleRequest",
        &[
            Member::required("Name", RULE_NAME),
            Member::optional("EventBusName", BUS),
            Member::optional("Force", Shape::any()),
        ],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let bus = named_bus(cx, self.event_bus_name.as_deref())?;
        cx.store.try_write(|w| {
            event_bus(w, &bus)?;
            let targets = List { parent: Some(bus.targets_of(&self.name)), ..List::of(&bus.account, &bus.region) };
            if w.count::<Target>(&targets)? > 0 {
                return Err(invalid("Rule can't be deleted since it has targets.").into());
            }
            if w.delete::<Rule>(&bus.rule(&self.name))? {
                w.remove_all_tags(&rule_arn(&bus, &self.name))?;
                cx.rules.forget(w, &bus);
            }
            Ok(())
        })
    }
}
