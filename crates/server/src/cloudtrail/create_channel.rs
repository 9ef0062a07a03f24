//! `CreateChannel`: makes a channel, which events from outside of AWS come in by.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateChannel.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::channel::{Channel, DESTINATIONS, Destination, NAME, check_destinations};
use super::tags::{TAGS_LIST, Tag, check_new_tags};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateChannel {
    name: String,
    source: String,
    destinations: Vec<Destination>,
    tags: Option<Vec<Tag>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChannelCreated {
    channel_arn: String,
    name: String,
    source: String,
    destinations: Vec<Destination>,
    tags: Option<Vec<Tag>>,
}

impl Operation for CreateChannel {
    const NAME: &'static str = "CreateChannel";
    const SHAPE: &'static Shape = &Shape::structure(
        "CreateChannelRequest",
        &[
            Member::required("Name", NAME),
            Member::required("Source", Shape::string().length(1, 256).pattern(".*")),
            Member::required("Destinations", DESTINATIONS),
            Member::optional("Tags", TAGS_LIST),
        ],
    );
    type Output = ChannelCreated;

    fn run(self, cx: &Context<'_>) -> Result<ChannelCreated, Failure> {
        let new_tags = check_new_tags(self.tags.clone().unwrap_or_default())?;
        let mut channel = Channel {
            id: cx.world.dice.uuid(),
            account: cx.account.clone(),
            region: cx.region.clone(),
            name: self.name,
            source: self.source,
            destinations: Vec::new(),
            ingestion: None,
        };
        cx.store.try_write(|w| {
            channel.check_new(&Channel::all(w, cx)?)?;
            channel.destinations = check_destinations(w, cx, &self.destinations)?;
            w.put(&channel.key(), &channel, cx.now)?;
            w.set_tags(&channel.arn(), &new_tags)?;
            Ok::<_, Failure>(ChannelCreated {
                channel_arn: channel.arn(),
                destinations: channel.destinations_told(),
                name: channel.name,
                source: channel.source,
                tags: self.tags,
            })
        })
    }
}
