//! `UntagLogGroup`: takes tags from a log group, by its name; older clients ask so.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagLogGroup.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::group::{GROUP_NAME, group, group_arn, group_name};
use super::tags::KEY;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UntagLogGroup {
    log_group_name: String,
    tags: Vec<String>,
}

impl Operation for UntagLogGroup {
    const NAME: &'static str = "UntagLogGroup";
    const SHAPE: &'static Shape = &Shape::structure(
        "UntagLogGroupRequest",
        &[Member::required("logGroupName", GROUP_NAME), Member::required("tags", Shape::list(&KEY).at_least_long(1))],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let name = group_name(cx, &self.log_group_name);
        cx.store.try_write(|w| {
            group(w, &name)?;
            Ok(w.remove_tags(&group_arn(&name), self.tags.iter().map(String::as_str))?)
        })
    }
}
