//! `ListTargetsByRule`: whom a rule tells, as it was put.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html>

use serde::{Deserialize, Serialize};
use store::List;
use wire::check::{Member, Shape};

use super::event_bus::{event_bus, named_bus};
use super::page::stored_page;
use super::rule::rule;
use super::shapes::{BUS, LIMIT, NEXT_TOKEN, RULE_NAME};
use super::target::Target;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTargetsByRule {
    rule: String,
    event_bus_name: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedTargets {
    targets: Vec<Target>,
    next_token: Option<String>,
}

impl Operation for ListTargetsByRule {
    const NAME: &'static str = "ListTargetsByRule";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListTargetsByRuleRequest",
        &[
            Member::required("Rule", RULE_NAME),
            Member::optional("EventBusName", BUS),
            Member::optional("NextToken", NEXT_TOKEN),
            Member::optional("Limit", LIMIT),
        ],
    );
    type Output = ListedTargets;

    fn run(self, cx: &Context<'_>) -> Result<ListedTargets, Failure> {
        let bus = named_bus(cx, self.event_bus_name.as_deref())?;
        cx.store.try_read(|r| {
            event_bus(r, &bus)?;
            rule(r, &bus, &self.rule)
        })?;
        let list = List { parent: Some(bus.targets_of(&self.rule)), ..List::of(&bus.account, &bus.region) };
        let (targets, next_token) = stored_page::<Target>(cx, list, self.next_token.as_deref(), self.limit)?;
        Ok(ListedTargets { targets: targets.into_iter().map(|stored| stored.value).collect(), next_token })
    }
}
