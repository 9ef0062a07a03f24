//! `RemovePermission`: takes a statement from a topic's policy.
//! <https://docs.aws.amazon.com/sns/latest/api/API_RemovePermission.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::policy::{default_policy, without_statement};
use super::topic::{topic, topic_key};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemovePermission {
    topic_arn: String,
    label: String,
}

impl Operation for RemovePermission {
    const NAME: &'static str = "RemovePermission";
    const SHAPE: &'static Shape = &Shape::structure(
        "RemovePermissionInput",
        &[Member::required("TopicArn", Shape::string()), Member::required("Label", Shape::string())],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let key = topic_key(cx, &self.topic_arn)?;
        cx.store.try_write(|w| {
            let mut topic = topic(w, &key)?.value;
            let policy = topic.attributes.remove("Policy");
            let policy = policy.unwrap_or_else(|| default_policy(&topic.arn, &key.account));
            topic.attributes.insert("Policy".into(), without_statement(&policy, &self.label));
            w.put(&key, &topic, cx.now)?;
            Ok(())
        })
    }
}
