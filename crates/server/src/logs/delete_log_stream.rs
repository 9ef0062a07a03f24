//! `DeleteLogStream`: deletes a stream, with all that was logged to it.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::group::{GROUP_NAME, STREAM_NAME, group, group_name, no_stream};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteLogStream {
    log_group_name: String,
    log_stream_name: String,
}

impl Operation for DeleteLogStream {
    const NAME: &'static str = "DeleteLogStream";
    const SHAPE: &'static Shape = &Shape::structure(
        "DeleteLogStreamRequest",
        &[Member::required("logGroupName", GROUP_NAME), Member::required("logStreamName", STREAM_NAME)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let name = group_name(cx, &self.log_group_name);
        cx.store.try_write(|w| {
            group(w, &name)?;
            if !w.delete_log_stream(&name.stream(self.log_stream_name))? {
                return Err(no_stream().into());
            }
            Ok(())
        })
    }
}
