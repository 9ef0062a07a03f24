//! `DeleteApiDestination`: takes an API destination away. What waits for it cannot be delivered, and is given up.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteApiDestination.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::api_destination::{ApiDestination, api_destination};
use super::connection::NAME;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteApiDestination {
    name: String,
}

impl Operation for DeleteApiDestination {
    const NAME: &'static str = "DeleteApiDestination";
    const SHAPE: &'static Shape = &Shape::structure("DeleteApiDestinationRequest", &[Member::required("Name", NAME)]);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        cx.store.try_write(|w| {
            let found = api_destination(w, cx, &self.name, "delete")?;
            w.delete::<ApiDestination>(&found.key)?;
            Ok(())
        })
    }
}
