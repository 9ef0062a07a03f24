//! `DeleteRetentionPolicy`: a group keeps events for ever.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::group::{GROUP_NAME, group_name, no_group};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteRetentionPolicy {
    log_group_name: String,
}

impl Operation for DeleteRetentionPolicy {
    const NAME: &'static str = "DeleteRetentionPolicy";
    const SHAPE: &'static Shape =
        &Shape::structure("DeleteRetentionPolicyRequest", &[Member::required("logGroupName", GROUP_NAME)]);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let name = group_name(cx, &self.log_group_name);
        cx.store.try_write(|w| match w.set_log_retention(&name, None)? {
            true => Ok(()),
            false => Err(no_group().into()),
        })
    }
}
