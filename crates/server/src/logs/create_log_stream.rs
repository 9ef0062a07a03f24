//! `CreateLogStream`: makes a stream in a log group.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::group::{GROUP_NAME, STREAM_NAME, group, group_name, is_there};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateLogStream {
    log_group_name: String,
    log_stream_name: String,
}

impl Operation for CreateLogStream {
    const NAME: &'static str = "CreateLogStream";
    const SHAPE: &'static Shape = &Shape::structure(
        "CreateLogStreamRequest",
        &[Member::required("logGroupName", GROUP_NAME), Member::required("logStreamName", STREAM_NAME)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let name = group_name(cx, &self.log_group_name);
        cx.store.try_write(|w| {
            group(w, &name)?;
            if !w.create_log_stream(&name.stream(self.log_stream_name), cx.now)? {
                return Err(is_there("log stream").into());
            }
            Ok(())
        })
    }
}
