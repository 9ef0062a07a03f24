//! `GetChannel`: tells of a channel, and what came of the last events that were put.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetChannel.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::channel::{CHANNEL, Channel, Destination, IngestionStatus};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetChannel {
    channel: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChannelTold {
    channel_arn: String,
    name: String,
    source: String,
    destinations: Vec<Destination>,
    ingestion_status: Option<IngestionStatus>,
}

impl Operation for GetChannel {
    const NAME: &'static str = "GetChannel";
    const SHAPE: &'static Shape = &Shape::structure("GetChannelRequest", &[Member::required("Channel", CHANNEL)]);
    type Output = ChannelTold;

    fn run(self, cx: &Context<'_>) -> Result<ChannelTold, Failure> {
        let channel = cx.store.try_read(|r| Channel::find(r, cx, &self.channel))?;
        Ok(ChannelTold {
            channel_arn: channel.arn(),
            destinations: channel.destinations_told(),
            name: channel.name,
            source: channel.source,
            ingestion_status: channel.ingestion,
        })
    }
}
