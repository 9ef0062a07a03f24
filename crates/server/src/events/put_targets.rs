//! `PutTargets`: whom a rule tells, and what. A target of the same id is replaced.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html>

use serde::Deserialize;
use store::{Key, List};
use wire::check::{Member, Shape};

use super::event_bus::{event_bus, named_bus};
use super::failed_targets::{FailedTarget, FailedTargets};
use super::rule::{invalid, limit_exceeded, rule};
use super::shapes::{BUS, RULE_NAME};
use super::target::{MAX_TARGETS, TARGET, Target};
use crate::arn::Arn;
use crate::{Context, Failure, Operation};

/// Services that a target can be of. What others do with an event (run a task, start a build) is done in AWS only.
const SERVICES: &[&str] = &["sns", "lambda", "sqs", "logs", "events"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutTargets {
    rule: String,
    event_bus_name: Option<String>,
    targets: Vec<Target>,
}

impl Operation for PutTargets {
    const NAME: &'static str = "PutTargets";
    const SHAPE: &'static Shape = &Shape::structure(
        "PutTargetsRequest",
        &[
            Member::required("Rule", RULE_NAME),
            Member::optional("EventBusName", BUS),
            Member::required("Targets", Shape::list(&TARGET).length(1, 100)),
        ],
    );
    type Output = FailedTargets;

    fn run(self, cx: &Context<'_>) -> Result<FailedTargets, Failure> {
        let bus = named_bus(cx, self.event_bus_name.as_deref())?;
        let mut failed = FailedTargets::default();
        cx.store.try_write(|w| {
            event_bus(w, &bus)?;
            rule(w, &bus, &self.rule)?;
            for target in &self.targets {
                let Some(arn) = Arn::of(&target.arn) else {
                    let message =
                        format!("Parameter {} is not valid. Reason: Provided Arn is not in correct format.", target.id);
                    return Err(invalid(message).into());
                };
                // What is told is compiled to be sure that it can be.
                target.told().map_err(|error| invalid(error.to_string()))?;
                target.http_parameters.as_ref().map_or(Ok(()), |http| http.check(&target.id))?;
                if !SERVICES.contains(&arn.service) {
                    failed.push(FailedTarget {
                        target_id: target.id.clone(),
                        error_code: "UnsupportedOperationException",
                        error_message: format!(
                            "Targets of {} are not told here. Let a Lambda function or an SNS topic pass it on.",
                            arn.service
                        ),
                    });
                    continue;
                }
                let key = Key::new(&bus.account, &bus.region, &*target.id).under(bus.targets_of(&self.rule));
                w.put(&key, target, cx.now)?;
            }
            let all = List { parent: Some(bus.targets_of(&self.rule)), ..List::of(&bus.account, &bus.region) };
            if w.count::<Target>(&all)? > MAX_TARGETS {
                return Err(limit_exceeded().into());
            }
            cx.rules.forget(w, &bus);
            Ok::<_, Failure>(())
        })?;
        Ok(failed)
    }
}
