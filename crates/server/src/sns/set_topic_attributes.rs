//! `SetTopicAttributes`: sets one attribute of a topic, or takes it away with an empty value.
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::topic::{topic, topic_key};
use super::topic_attributes;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetTopicAttributes {
    topic_arn: String,
    attribute_name: String,
    attribute_value: Option<String>,
}

impl Operation for SetTopicAttributes {
    const NAME: &'static str = "SetTopicAttributes";
    const SHAPE: &'static Shape = &Shape::structure(
        "SetTopicAttributesInput",
        &[
            Member::required("TopicArn", Shape::string()),
            Member::required("AttributeName", Shape::string()),
            Member::optional("AttributeValue", Shape::string()),
        ],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let key = topic_key(cx, &self.topic_arn)?;
        cx.store.try_write(|w| {
            let mut topic = topic(w, &key)?.value;
            let value = self.attribute_value.unwrap_or_default();
            topic_attributes::set(&mut topic, &self.attribute_name, &value, "")?;
            w.put(&key, &topic, cx.now)?;
            Ok(())
        })
    }
}
