//! `SetSubscriptionAttributes`: sets one attribute of a subscription, or takes it away with an empty value.
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::subscription::{subscription, subscription_key};
use super::subscription_attributes;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetSubscriptionAttributes {
    subscription_arn: String,
    attribute_name: String,
    attribute_value: Option<String>,
}

impl Operation for SetSubscriptionAttributes {
    const NAME: &'static str = "SetSubscriptionAttributes";
    const SHAPE: &'static Shape = &Shape::structure(
        "SetSubscriptionAttributesInput",
        &[
            Member::required("SubscriptionArn", Shape::string()),
            Member::required("AttributeName", Shape::string()),
            Member::optional("AttributeValue", Shape::string()),
        ],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let key = subscription_key(cx, &self.subscription_arn)?;
        cx.store.try_write(|w| {
            let mut subscription = subscription(w, cx, &key)?.value;
            let value = self.attribute_value.unwrap_or_default();
            subscription_attributes::set(&mut subscription, &self.attribute_name, &value, "")?;
            w.put(&key, &subscription, cx.now)?;
            Ok(())
        })
    }
}
