//! `DeleteEventBus`: takes a bus away, if it has no rules any more. One that is not there is no fault.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteEventBus.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::event_bus::{EventBus, bus_arn, named_bus};
use super::rule::{DEFAULT_BUS, Rule, invalid};
use super::shapes::BUS_NAME;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteEventBus {
    name: String,
}

impl Operation for DeleteEventBus {
    const NAME: &'static str = "DeleteEventBus";
    const SHAPE: &'static Shape = &Shape::structure("DeleteEventBusRequest", &[Member::required("Name", BUS_NAME)]);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        if self.name == DEFAULT_BUS {
            return Err(invalid("Cannot delete event bus default.").into());
        }
        let bus = named_bus(cx, Some(&self.name))?;
        cx.store.try_write(|w| {
            if w.count::<Rule>(&bus.rules())? > 0 {
                return Err(invalid("Event bus can't be deleted since it has rules.").into());
            }
            if w.delete::<EventBus>(&cx.key(&*self.name))? {
                w.remove_all_tags(&bus_arn(cx, &self.name))?;
            }
            Ok(())
        })
    }
}
