//! `EnableRule`: lets a rule look at events again.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::rule::change_rule;
use super::shapes::{BUS, RULE_NAME};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnableRule {
    name: String,
    event_bus_name: Option<String>,
}

impl Operation for EnableRule {
    const NAME: &'static str = "EnableRule";
    const SHAPE: &'static Shape = &Shape::structure(
        "EnableRuleRequest",
        &[Member::required("Name", RULE_NAME), Member::optional("EventBusName", BUS)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        change_rule(cx, self.event_bus_name.as_deref(), &self.name, |rule| {
            if rule.state == "DISABLED" {
                rule.state = "ENABLED".into();
            }
        })
    }
}
