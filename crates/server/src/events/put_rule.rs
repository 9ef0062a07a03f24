//! `PutRule`: makes a rule, or another one of it.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html>

use route::Pattern;
use route::schedule::Schedule;
use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::event_bus::{event_bus, named_bus};
use super::rule::{DEFAULT_BUS, MAX_RULES, Rule, invalid, invalid_pattern, limit_exceeded, rule_arn};
use super::shapes::{BUS, RULE_NAME, TAGS};
use super::tags::{Tag, few_enough, tags_of};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRule {
    name: String,
    schedule_expression: Option<String>,
    event_pattern: Option<String>,
    state: Option<String>,
    description: Option<String>,
    role_arn: Option<String>,
    tags: Option<Vec<Tag>>,
    event_bus_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRuleResult {
    rule_arn: String,
}

impl Operation for PutRule {
    const NAME: &'static str = "PutRule";
    const SHAPE: &'static Shape = &Shape::structure(
        "PutRuleRequest",
        &[
            Member::required("Name", RULE_NAME),
            Member::optional("ScheduleExpression", Shape::string().at_most_long(256)),
            Member::optional("EventPattern", Shape::string().at_most_long(4096)),
            Member::optional(
                "State",
                Shape::string().one_of(&["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"]),
            ),
            Member::optional("Description", Shape::string().at_most_long(512)),
            Member::optional("RoleArn", Shape::string().length(1, 1600)),
            Member::optional("Tags", TAGS),
            Member::optional("EventBusName", BUS),
        ],
    );
    type Output = PutRuleResult;

    fn run(self, cx: &Context<'_>) -> Result<PutRuleResult, Failure> {
        let bus = named_bus(cx, self.event_bus_name.as_deref())?;
        if self.event_pattern.is_none() && self.schedule_expression.is_none() {
            return Err(invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.").into());
        }
        if let Some(pattern) = &self.event_pattern {
            Pattern::compile(pattern).map_err(|error| invalid_pattern(&error))?;
        }
        if let Some(schedule) = &self.schedule_expression {
            if bus.name != DEFAULT_BUS {
                return Err(invalid("ScheduleExpression is supported only on the default event bus.").into());
            }
            if Schedule::parse(schedule).is_none() {
                return Err(invalid("Parameter ScheduleExpression is not valid.").into());
            }
        }
        let arn = rule_arn(&bus, &self.name);
        // What is not given is not kept of the rule that was there; its targets and tags are.
        let rule = Rule {
            arn: arn.clone(),
            bus: bus.name.clone(),
            event_pattern: self.event_pattern,
            schedule_expression: self.schedule_expression,
            state: self.state.unwrap_or_else(|| "ENABLED".into()),
            description: self.description,
            role_arn: self.role_arn,
        };
        let tags = tags_of(self.tags.unwrap_or_default());
        few_enough(&tags)?;
        cx.store.try_write(|w| -> Result<(), Failure> {
            event_bus(w, &bus)?;
            let is_new = w.put(&bus.rule(&self.name), &rule, cx.now)?;
            if is_new && w.count::<Rule>(&bus.rules())? > MAX_RULES {
                return Err(limit_exceeded().into());
            }
            if is_new {
                w.set_tags(&arn, &tags)?;
            }
            cx.rules.forget(w, &bus);
            Ok(())
        })?;
        Ok(PutRuleResult { rule_arn: arn })
    }
}
