//! `ListInsightsData`: the Insight events on data events that a trail found in its own account.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListInsightsData.html>

use std::collections::BTreeMap;

use record::names::{EventCategory, EventName, EventSource};
use serde::Deserialize;
use store::insight_events::Lookup;
use wire::Timestamp;
use wire::check::{Member, Shape};

use super::insight_lookup::look_up;
use super::list_insights_metric_data::{find_trail, invalid_parameter};
use super::lookup_page::{Asked, LookupPage};
use super::trail::trail_of_arn;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInsightsData {
    insight_source: String,
    /// There is one type, and its shape says so.
    #[serde(rename = "DataType")]
    _data_type: String,
    dimensions: Option<BTreeMap<String, String>>,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

const DIMENSION: Shape = Shape::string().one_of(&["EventId", "EventName", "EventSource"]);
const DIMENSION_VALUE: Shape = Shape::string().length(1, 2000);

impl Operation for ListInsightsData {
    const NAME: &'static str = "ListInsightsData";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListInsightsDataRequest",
        &[
            Member::required("InsightSource", Shape::string().length(3, 256).pattern(r"^[a-zA-Z0-9._/\-:]+$")),
            Member::required("DataType", Shape::string().one_of(&["InsightsEvents"])),
            Member::optional("Dimensions", Shape::map(&DIMENSION, &DIMENSION_VALUE).length(1, 1)),
            Member::optional("MaxResults", Shape::integer().range(1.0, 50.0)),
            Member::optional("NextToken", Shape::string().length(4, 1000).pattern(".*")),
        ],
    );
    type Output = LookupPage;

    fn run(self, cx: &Context<'_>) -> Result<LookupPage, Failure> {
        trail_of_arn(&self.insight_source).map_err(|error| invalid_parameter(error.message))?;
        find_trail(cx, &self.insight_source)?;
        let mut lookup =
            Lookup { category: Some(EventCategory::Data), account: Some(cx.account.clone()), ..Lookup::default() };
        for (dimension, value) in self.dimensions.unwrap_or_default() {
            match dimension.as_str() {
                "EventId" => lookup.id = Some(value),
                "EventName" => lookup.name = Some(EventName::from(value.as_str())),
                _ => lookup.source = Some(EventSource::from(value.as_str())),
            }
        }
        let asked = Asked {
            what: lookup,
            start: self.start_time,
            end: self.end_time,
            max_results: self.max_results,
            next_token: self.next_token,
        };
        if asked.is_backwards() {
            return Err(invalid_parameter("StartTime is after EndTime.").into());
        }
        look_up(&asked, cx, || invalid_parameter("NextToken does not belong to these parameters."))
    }
}
