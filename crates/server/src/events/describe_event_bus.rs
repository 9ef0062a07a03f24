//! `DescribeEventBus`: one bus, and who may put events on it.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::event_bus::{EventBusTold, LogConfig, event_bus, named_bus};
use super::shapes::BUS;
use super::target::DeadLetterConfig;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeEventBus {
    name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribedBus {
    #[serde(flatten)]
    bus: EventBusTold,
    kms_key_identifier: Option<String>,
    dead_letter_config: Option<DeadLetterConfig>,
    log_config: Option<LogConfig>,
}

impl Operation for DescribeEventBus {
    const NAME: &'static str = "DescribeEventBus";
    const SHAPE: &'static Shape = &Shape::structure("DescribeEventBusRequest", &[Member::optional("Name", BUS)]);
    type Output = DescribedBus;

    fn run(self, cx: &Context<'_>) -> Result<DescribedBus, Failure> {
        let bus = named_bus(cx, self.name.as_deref())?;
        let found = cx.store.try_read(|r| event_bus(r, &bus))?;
        Ok(DescribedBus {
            kms_key_identifier: found.value.kms_key_identifier.clone(),
            dead_letter_config: found.value.dead_letter_config.clone(),
            log_config: found.value.log_config.clone(),
            bus: EventBusTold::of(found, cx),
        })
    }
}
