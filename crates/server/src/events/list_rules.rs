//! `ListRules`: the rules of a bus.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html>

use serde::{Deserialize, Serialize};
use store::List;
use wire::check::{Member, Shape};

use super::event_bus::{event_bus, named_bus};
use super::page::stored_page;
use super::rule::RuleTold;
use super::shapes::{BUS, LIMIT, NEXT_TOKEN, RULE_NAME};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRules {
    name_prefix: Option<String>,
    event_bus_name: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedRules {
    rules: Vec<RuleTold>,
    next_token: Option<String>,
}

impl Operation for ListRules {
    const NAME: &'static str = "ListRules";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListRulesRequest",
        &[
            Member::optional("NamePrefix", RULE_NAME),
            Member::optional("EventBusName", BUS),
            Member::optional("NextToken", NEXT_TOKEN),
            Member::optional("Limit", LIMIT),
        ],
    );
    type Output = ListedRules;

    fn run(self, cx: &Context<'_>) -> Result<ListedRules, Failure> {
        let bus = named_bus(cx, self.event_bus_name.as_deref())?;
        cx.store.try_read(|r| event_bus(r, &bus))?;
        let list = List { prefix: self.name_prefix.unwrap_or_default(), ..bus.rules() };
        let (rules, next_token) = stored_page(cx, list, self.next_token.as_deref(), self.limit)?;
        Ok(ListedRules { rules: rules.into_iter().map(RuleTold::from).collect(), next_token })
    }
}
