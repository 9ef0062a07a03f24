//! `DeleteTopic`: a topic goes, with its subscriptions, its tags and all that waits for them.
//! <https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::subscription::{RemovedSubscription, Subscription};
use super::topic::{Topic, topic_key, under};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteTopic {
    topic_arn: String,
}

impl Operation for DeleteTopic {
    const NAME: &'static str = "DeleteTopic";
    const SHAPE: &'static Shape =
        &Shape::structure("DeleteTopicInput", &[Member::required("TopicArn", Shape::string())]);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let key = topic_key(cx, &self.topic_arn)?;
        cx.store.write(|w| {
            for subscription in w.list::<Subscription>(&under(&key))? {
                w.drop_deliveries(&subscription.value.arn, cx.now)?;
            }
            w.delete_under::<Subscription>(&key.account, &key.region, &key.name)?;
            w.delete_under::<RemovedSubscription>(&key.account, &key.region, &key.name)?;
            w.remove_all_tags(&self.topic_arn)?;
            w.delete::<Topic>(&key).map(drop)
        })?;
        Ok(())
    }
}
