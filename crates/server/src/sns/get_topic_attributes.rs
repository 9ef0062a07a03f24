//! `GetTopicAttributes`: all about a topic. <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::subscription::{RemovedSubscription, Subscription};
use super::topic::{topic, topic_key, under};
use super::topic_attributes::{SubscriptionCounts, told};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTopicAttributes {
    topic_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TopicAttributes {
    attributes: BTreeMap<String, String>,
}

impl Operation for GetTopicAttributes {
    const NAME: &'static str = "GetTopicAttributes";
    const SHAPE: &'static Shape =
        &Shape::structure("GetTopicAttributesInput", &[Member::required("TopicArn", Shape::string())]);
    type Output = TopicAttributes;

    fn run(self, cx: &Context<'_>) -> Result<TopicAttributes, Failure> {
        let key = topic_key(cx, &self.topic_arn)?;
        cx.store.try_read(|r| {
            let topic = topic(r, &key)?;
            let mut counts = SubscriptionCounts::default();
            for subscription in r.list::<Subscription>(&under(&key))? {
                match subscription.value.is_confirmed() {
                    true => counts.confirmed += 1,
                    false if subscription.value.is_over(cx.now) => {}
                    false => counts.pending += 1,
                }
            }
            let removed = r.list::<RemovedSubscription>(&under(&key))?;
            counts.deleted = removed.iter().filter(|removed| !removed.value.is_over(cx.now)).count();
            Ok(TopicAttributes { attributes: told(&key, &topic.value, counts) })
        })
    }
}
