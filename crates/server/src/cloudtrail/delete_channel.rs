//! `DeleteChannel`: deletes a channel. What came by it stays in its event data stores.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteChannel.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::channel::{CHANNEL, Channel};
use super::done::Done;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteChannel {
    channel: String,
}

impl Operation for DeleteChannel {
    const NAME: &'static str = "DeleteChannel";
    const SHAPE: &'static Shape = &Shape::structure("DeleteChannelRequest", &[Member::required("Channel", CHANNEL)]);
    type Output = Done;

    fn run(self, cx: &Context<'_>) -> Result<Done, Failure> {
        cx.store.try_write(|w| {
            let channel = Channel::find(w, cx, &self.channel)?;
            w.delete::<Channel>(&channel.key())?;
            w.remove_all_tags(&channel.arn())?;
            Ok(Done {})
        })
    }
}
