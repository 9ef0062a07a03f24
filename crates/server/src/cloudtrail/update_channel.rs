//! `UpdateChannel`: gives a channel another name, or other event data stores for the events that come from now on.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateChannel.html>

use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::channel::{CHANNEL, Channel, DESTINATIONS, Destination, NAME, check_destinations};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateChannel {
    channel: String,
    destinations: Option<Vec<Destination>>,
    name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChannelUpdated {
    channel_arn: String,
    name: String,
    source: String,
    destinations: Vec<Destination>,
}

impl Operation for UpdateChannel {
    const NAME: &'static str = "UpdateChannel";
    const SHAPE: &'static Shape = &Shape::structure(
        "UpdateChannelRequest",
        &[
            Member::required("Channel", CHANNEL),
            Member::optional("Destinations", DESTINATIONS),
            Member::optional("Name", NAME),
        ],
    );
    type Output = ChannelUpdated;

    fn run(self, cx: &Context<'_>) -> Result<ChannelUpdated, Failure> {
        if self.destinations.is_none() && self.name.is_none() {
            let message = "Say what is to be changed: Name, Destinations, or both.";
            return Err(ApiError::new("InvalidParameterException", message).into());
        }
        cx.store.try_write(|w| {
            let mut channel = Channel::find(w, cx, &self.channel)?;
            if let Some(name) = self.name {
                channel.name = name;
                channel.check_name(&Channel::all(w, cx)?)?;
            }
            if let Some(destinations) = &self.destinations {
                channel.destinations = check_destinations(w, cx, destinations)?;
            }
            w.put(&channel.key(), &channel, cx.now)?;
            Ok(ChannelUpdated {
                channel_arn: channel.arn(),
                destinations: channel.destinations_told(),
                name: channel.name,
                source: channel.source,
            })
        })
    }
}
