//! `ListSubscriptionsByTopic`: the subscriptions of a topic.
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::list_subscriptions::Subscriptions;
use super::page::page;
use super::topic::{topic, topic_key, under};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSubscriptionsByTopic {
    topic_arn: String,
    next_token: Option<String>,
}

impl Operation for ListSubscriptionsByTopic {
    const NAME: &'static str = "ListSubscriptionsByTopic";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListSubscriptionsByTopicInput",
        &[Member::required("TopicArn", Shape::string()), Member::optional("NextToken", Shape::string())],
    );
    type Output = Subscriptions;

    fn run(self, cx: &Context<'_>) -> Result<Subscriptions, Failure> {
        let key = topic_key(cx, &self.topic_arn)?;
        cx.store.try_read(|r| topic(r, &key))?;
        let (page, next) = page(cx, under(&key), self.next_token.as_deref())?;
        Ok(Subscriptions::of(page, next, cx.now))
    }
}
