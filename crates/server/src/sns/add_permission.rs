//! `AddPermission`: adds a statement to a topic's policy. <https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::policy::{default_policy, with_statement};
use super::topic::{topic, topic_key};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddPermission {
    topic_arn: String,
    label: String,
    #[serde(rename = "AWSAccountId")]
    account_ids: Vec<String>,
    #[serde(rename = "ActionName")]
    action_names: Vec<String>,
}

impl Operation for AddPermission {
    const NAME: &'static str = "AddPermission";
    const SHAPE: &'static Shape = &Shape::structure(
        "AddPermissionInput",
        &[
            Member::required("TopicArn", Shape::string()),
            Member::required("Label", Shape::string()),
            Member::required("AWSAccountId", Shape::list(&Shape::string())),
            Member::required("ActionName", Shape::list(&Shape::string())),
        ],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let key = topic_key(cx, &self.topic_arn)?;
        cx.store.try_write(|w| {
            let mut topic = topic(w, &key)?.value;
            let policy = topic.attributes.remove("Policy");
            let policy = policy.unwrap_or_else(|| default_policy(&topic.arn, &key.account));
            let policy = with_statement(&policy, &self.label, &topic.arn, &self.account_ids, &self.action_names)?;
            topic.attributes.insert("Policy".into(), policy);
            w.put(&key, &topic, cx.now)?;
            Ok(())
        })
    }
}
