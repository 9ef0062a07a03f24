//! `PutRetentionPolicy`: for how many days a group keeps events.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::group::{GROUP_NAME, group_name, invalid, no_group};
use crate::{Context, Failure, Operation};

/// AWS takes no others.
const DAYS: &[u32] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutRetentionPolicy {
    log_group_name: String,
    retention_in_days: i64,
}

impl Operation for PutRetentionPolicy {
    const NAME: &'static str = "PutRetentionPolicy";
    const SHAPE: &'static Shape = &Shape::structure(
        "PutRetentionPolicyRequest",
        &[Member::required("logGroupName", GROUP_NAME), Member::required("retentionInDays", Shape::integer())],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let days = DAYS.iter().find(|days| i64::from(**days) == self.retention_in_days).copied();
        let Some(days) = days else {
            return Err(invalid(format!("Invalid retention value. Valid values are: {DAYS:?}")).into());
        };
        let name = group_name(cx, &self.log_group_name);
        cx.store.try_write(|w| match w.set_log_retention(&name, Some(days))? {
            true => Ok(()),
            false => Err(no_group().into()),
        })
    }
}
