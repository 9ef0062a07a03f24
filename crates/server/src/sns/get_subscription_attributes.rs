//! `GetSubscriptionAttributes`: all about a subscription.
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use store::Key;
use wire::check::{Member, Shape};

use super::subscription::{subscription, subscription_key};
use super::subscription_attributes::told;
use super::topic::Topic;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSubscriptionAttributes {
    subscription_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SubscriptionAttributes {
    attributes: BTreeMap<String, String>,
}

impl Operation for GetSubscriptionAttributes {
    const NAME: &'static str = "GetSubscriptionAttributes";
    const SHAPE: &'static Shape =
        &Shape::structure("GetSubscriptionAttributesInput", &[Member::required("SubscriptionArn", Shape::string())]);
    type Output = SubscriptionAttributes;

    fn run(self, cx: &Context<'_>) -> Result<SubscriptionAttributes, Failure> {
        let key = subscription_key(cx, &self.subscription_arn)?;
        let topic_key = Key { parent: String::new(), name: key.parent.clone(), ..key.clone() };
        cx.store.try_read(|r| {
            let subscription = subscription(r, cx, &key)?.value;
            let topic = r.get::<Topic>(&topic_key)?.map(|found| found.value);
            Ok(SubscriptionAttributes { attributes: told(&subscription, topic.as_ref(), &key.account) })
        })
    }
}
