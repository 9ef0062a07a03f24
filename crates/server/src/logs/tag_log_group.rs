//! `TagLogGroup`: sets tags of a log group, by its name; older clients ask so.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagLogGroup.html>

use serde::Deserialize;
use store::tags::Tags;
use wire::check::{Member, Shape};

use super::group::{GROUP_NAME, group, group_arn, group_name};
use super::tags::{TAGS, few_enough};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TagLogGroup {
    log_group_name: String,
    tags: Tags,
}

impl Operation for TagLogGroup {
    const NAME: &'static str = "TagLogGroup";
    const SHAPE: &'static Shape = &Shape::structure(
        "TagLogGroupRequest",
        &[Member::required("logGroupName", GROUP_NAME), Member::required("tags", TAGS)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let name = group_name(cx, &self.log_group_name);
        cx.store.try_write(|w| {
            group(w, &name)?;
            let arn = group_arn(&name);
            w.set_tags(&arn, &self.tags)?;
            few_enough(&w.tags(&arn)?)
        })
    }
}
