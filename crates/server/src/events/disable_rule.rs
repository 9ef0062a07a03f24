//! `DisableRule`: a rule looks at no event any more, until it is enabled again.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::rule::change_rule;
use super::shapes::{BUS, RULE_NAME};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DisableRule {
    name: String,
    event_bus_name: Option<String>,
}

impl Operation for DisableRule {
    const NAME: &'static str = "DisableRule";
    const SHAPE: &'static Shape = &Shape::structure(
        "DisableRuleRequest",
        &[Member::required("Name", RULE_NAME), Member::optional("EventBusName", BUS)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        change_rule(cx, self.event_bus_name.as_deref(), &self.name, |rule| {
            rule.state = "DISABLED".into();
        })
    }
}
