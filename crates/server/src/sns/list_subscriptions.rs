//! `ListSubscriptions`: the subscriptions of this account and Region, whatever their topics.
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html>

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{List, Stored};
use wire::check::{Member, Shape};

use super::page::page;
use super::subscription::Subscription;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSubscriptions {
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Subscriptions {
    subscriptions: Vec<Listed>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    subscription_arn: String,
    owner: String,
    protocol: &'static str,
    endpoint: String,
    topic_arn: String,
}

impl Subscriptions {
    /// One page. A pending one has no ARN to be told, and one that was asked in vain is not told at all.
    pub(crate) fn of(page: Vec<Stored<Subscription>>, next_token: Option<String>, now: Timestamp) -> Subscriptions {
        let there = page.into_iter().filter(|subscription| !subscription.value.is_over(now));
        let listed = there.map(|Stored { key, value, .. }| Listed {
            subscription_arn: if value.is_confirmed() { value.arn } else { "PendingConfirmation".into() },
            owner: key.account.to_string(),
            protocol: value.protocol.name(),
            endpoint: value.endpoint,
            topic_arn: value.topic_arn,
        });
        Subscriptions { subscriptions: listed.collect(), next_token }
    }
}

impl Operation for ListSubscriptions {
    const NAME: &'static str = "ListSubscriptions";
    const SHAPE: &'static Shape =
        &Shape::structure("ListSubscriptionsInput", &[Member::optional("NextToken", Shape::string())]);
    type Output = Subscriptions;

    fn run(self, cx: &Context<'_>) -> Result<Subscriptions, Failure> {
        let (page, next) = page(cx, List::of(&cx.account, &cx.region), self.next_token.as_deref())?;
        Ok(Subscriptions::of(page, next, cx.now))
    }
}
