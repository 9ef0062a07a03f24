//! `ListChannels`: the channels of the account in this Region.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListChannels.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::channel::Channel;
use super::query::{MAX_RESULTS, NEXT_TOKEN, token_of_list};
use crate::page::{page_after, token_name};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListChannels {
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChannelsListed {
    channels: Vec<Listed>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    channel_arn: String,
    name: String,
}

const PAGE: usize = 1000;

impl Operation for ListChannels {
    const NAME: &'static str = "ListChannels";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListChannelsRequest",
        &[Member::optional("MaxResults", MAX_RESULTS), Member::optional("NextToken", NEXT_TOKEN)],
    );
    type Output = ChannelsListed;

    fn run(self, cx: &Context<'_>) -> Result<ChannelsListed, Failure> {
        let after = token_of_list(self.next_token.as_deref(), token_name)?;
        let all = cx.store.read(|r| Channel::all(r, cx))?;
        let limit = self.max_results.unwrap_or(PAGE);
        let (page, next_token) = page_after(all, |channel| &channel.name, after.as_deref(), limit);
        let listed = |channel: Channel| Listed { channel_arn: channel.arn(), name: channel.name };
        Ok(ChannelsListed { channels: page.into_iter().map(listed).collect(), next_token })
    }
}
