//! `DescribeApiDestination`: one API destination.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeApiDestination.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::api_destination::{ApiDestinationTold, api_destination};
use super::connection::NAME;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeApiDestination {
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribedApiDestination {
    #[serde(flatten)]
    destination: ApiDestinationTold,
    description: Option<String>,
}

impl Operation for DescribeApiDestination {
    const NAME: &'static str = "DescribeApiDestination";
    const SHAPE: &'static Shape = &Shape::structure("DescribeApiDestinationRequest", &[Member::required("Name", NAME)]);
    type Output = DescribedApiDestination;

    fn run(self, cx: &Context<'_>) -> Result<DescribedApiDestination, Failure> {
        cx.store.try_read(|r| {
            let found = api_destination(r, cx, &self.name, "describe")?;
            let description = found.value.description.clone();
            Ok(DescribedApiDestination { destination: ApiDestinationTold::of(r, found)?, description })
        })
    }
}
