//! `ListRuleNamesByTarget`: the rules of a bus that tell this target.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html>

use serde::{Deserialize, Serialize};
use store::List;
use wire::check::{Member, Shape};

use super::event_bus::{event_bus, named_bus};
use super::page::page;
use super::shapes::{ARN, BUS, LIMIT, NEXT_TOKEN};
use super::target::Target;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRuleNamesByTarget {
    target_arn: String,
    event_bus_name: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RuleNames {
    rule_names: Vec<String>,
    next_token: Option<String>,
}

impl Operation for ListRuleNamesByTarget {
    const NAME: &'static str = "ListRuleNamesByTarget";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListRuleNamesByTargetRequest",
        &[
            Member::required("TargetArn", ARN),
            Member::optional("EventBusName", BUS),
            Member::optional("NextToken", NEXT_TOKEN),
            Member::optional("Limit", LIMIT),
        ],
    );
    type Output = RuleNames;

    fn run(self, cx: &Context<'_>) -> Result<RuleNames, Failure> {
        let bus = named_bus(cx, self.event_bus_name.as_deref())?;
        let targets = cx.store.try_read(|r| {
            event_bus(r, &bus)?;
            Ok::<_, Failure>(r.list::<Target>(&List::of(&bus.account, &bus.region))?)
        })?;
        // They come in the order of their rules, and a rule may tell a target twice.
        let mut names: Vec<String> = targets
            .into_iter()
            .filter(|target| target.value.arn == self.target_arn)
            .filter_map(|target| {
                let (on, rule) = target.key.parent.rsplit_once('/')?;
                (on == bus.name).then(|| rule.to_owned())
            })
            .collect();
        names.dedup();
        let (rule_names, next_token) = page(names, |name| name, self.next_token.as_deref(), self.limit)?;
        Ok(RuleNames { rule_names, next_token })
    }
}
