//! `ListEventBuses`: the buses of this account and Region; the default one is always among them.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListEventBuses.html>

use serde::{Deserialize, Serialize};
use store::List;
use wire::check::{Member, Shape};

use super::event_bus::{EventBus, EventBusTold, untouched};
use super::page::page;
use super::rule::DEFAULT_BUS;
use super::shapes::{BUS_NAME, LIMIT, NEXT_TOKEN};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEventBuses {
    name_prefix: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedBuses {
    event_buses: Vec<EventBusTold>,
    next_token: Option<String>,
}

impl Operation for ListEventBuses {
    const NAME: &'static str = "ListEventBuses";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListEventBusesRequest",
        &[
            Member::optional("NamePrefix", BUS_NAME),
            Member::optional("NextToken", NEXT_TOKEN),
            Member::optional("Limit", LIMIT),
        ],
    );
    type Output = ListedBuses;

    fn run(self, cx: &Context<'_>) -> Result<ListedBuses, Failure> {
        let prefix = self.name_prefix.unwrap_or_default();
        let list = List { prefix: prefix.clone(), ..List::of(&cx.account, &cx.region) };
        let mut buses = cx.store.read(|r| r.list::<EventBus>(&list))?;
        if DEFAULT_BUS.starts_with(&prefix) && buses.iter().all(|bus| bus.key.name != DEFAULT_BUS) {
            let place = buses.partition_point(|bus| bus.key.name.as_str() < DEFAULT_BUS);
            buses.insert(place, untouched(cx.key(DEFAULT_BUS)));
        }
        let buses = buses.into_iter().map(|bus| EventBusTold::of(bus, cx)).collect();
        let (event_buses, next_token) = page(buses, EventBusTold::name, self.next_token.as_deref(), self.limit)?;
        Ok(ListedBuses { event_buses, next_token })
    }
}
