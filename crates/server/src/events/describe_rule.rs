//! `DescribeRule`: one rule; not its targets.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::event_bus::{event_bus, named_bus};
use super::rule::{RuleTold, rule};
use super::shapes::{BUS, RULE_NAME};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeRule {
    name: String,
    event_bus_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribedRule {
    #[serde(flatten)]
    rule: RuleTold,
    created_by: String,
}

impl Operation for DescribeRule {
    const NAME: &'static str = "DescribeRule";
    const SHAPE: &'static Shape = &Shape::structure(
        "DescribeRuleRequest",
        &[Member::required("Name", RULE_NAME), Member::optional("EventBusName", BUS)],
    );
    type Output = DescribedRule;

    fn run(self, cx: &Context<'_>) -> Result<DescribedRule, Failure> {
        let bus = named_bus(cx, self.event_bus_name.as_deref())?;
        let found = cx.store.try_read(|r| {
            event_bus(r, &bus)?;
            rule(r, &bus, &self.name)
        })?;
        Ok(DescribedRule { rule: found.into(), created_by: cx.account.to_string() })
    }
}
