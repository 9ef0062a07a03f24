//! `DeleteLogGroup`: deletes a log group, with all that was logged to it.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::group::{GROUP_NAME, group_arn, group_name, no_group};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteLogGroup {
    log_group_name: String,
}

impl Operation for DeleteLogGroup {
    const NAME: &'static str = "DeleteLogGroup";
    const SHAPE: &'static Shape =
        &Shape::structure("DeleteLogGroupRequest", &[Member::required("logGroupName", GROUP_NAME)]);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let name = group_name(cx, &self.log_group_name);
        cx.store.try_write(|w| {
            if !w.delete_log_group(&name)? {
                return Err(no_group().into());
            }
            Ok(w.remove_all_tags(&group_arn(&name))?)
        })
    }
}
