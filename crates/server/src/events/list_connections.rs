//! `ListConnections`: the connections of this account and Region.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListConnections.html>

use serde::{Deserialize, Serialize};
use store::List;
use wire::Timestamp;
use wire::check::{Member, Shape};

use super::connection::{Connection, ConnectionTold, NAME, STATES};
use super::page::page;
use super::shapes::{LIMIT, NEXT_TOKEN};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListConnections {
    name_prefix: Option<String>,
    connection_state: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedConnections {
    connections: Vec<ListedConnection>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedConnection {
    #[serde(flatten)]
    connection: ConnectionTold,
    last_authorized_time: Timestamp,
}

impl Operation for ListConnections {
    const NAME: &'static str = "ListConnections";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListConnectionsRequest",
        &[
            Member::optional("NamePrefix", NAME),
            Member::optional("ConnectionState", Shape::string().one_of(STATES)),
            Member::optional("NextToken", NEXT_TOKEN),
            Member::optional("Limit", LIMIT),
        ],
    );
    type Output = ListedConnections;

    fn run(self, cx: &Context<'_>) -> Result<ListedConnections, Failure> {
        let list = List { prefix: self.name_prefix.unwrap_or_default(), ..List::of(&cx.account, &cx.region) };
        let mut all = cx.store.read(|r| r.list::<Connection>(&list))?;
        if let Some(state) = &self.connection_state {
            all.retain(|found| found.value.state.name() == state);
        }
        let (page, next_token) = page(all, |found| &found.key.name, self.next_token.as_deref(), self.limit)?;
        let told = page.into_iter().map(|found| ListedConnection {
            last_authorized_time: found.value.last_authorized_at,
            connection: ConnectionTold::of(found),
        });
        Ok(ListedConnections { connections: told.collect(), next_token })
    }
}
