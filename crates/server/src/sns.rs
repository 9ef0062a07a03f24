//! SNS: topics, and who listens to them. <https://docs.aws.amazon.com/sns/latest/api/>
//!
//! ```text
//!  Subscribe ──► pending ──ConfirmSubscription, by a link that was sent──► confirmed ──Unsubscribe──► removed, for two days
//!
//!  Publish ──► message::publish: one delivery for each confirmed subscription whose filter policy wants it,
//!              in the transaction of whoever publishes ──► the outbox ──► forms: what each protocol gets of it
//! ```
//!
//! Topics stand in their Region, subscriptions under their topic. Policies are stored and given back, never enforced.

use wire::ApiError;

use crate::operation::OperationEntry;

mod add_permission;
mod confirm_subscription;
mod create_topic;
mod delete_topic;
mod delivery_policy;
mod endpoint;
pub(crate) mod forms;
mod get_subscription_attributes;
mod get_topic_attributes;
mod list_subscriptions;
mod list_subscriptions_by_topic;
mod list_tags_for_resource;
mod list_topics;
mod message;
mod message_input;
mod page;
mod policy;
mod protocol;
mod publish;
mod publish_batch;
mod remove_permission;
mod set_subscription_attributes;
mod set_topic_attributes;
mod subscribe;
mod subscription;
mod subscription_attributes;
mod tag;
mod tag_resource;
mod topic;
mod topic_attributes;
mod unsubscribe;
mod untag_resource;

pub(crate) use message::{Message, MessageAttribute, Structure, SubscriptionDelivery, has_topic, publish};
pub(crate) use subscription::Subscription;

/// Every operation of SNS that is answered. To add one: write its file, then name it here.
pub(crate) static OPERATIONS: &[OperationEntry] = &[
    OperationEntry::of::<add_permission::AddPermission>(),
    OperationEntry::of::<confirm_subscription::ConfirmSubscription>(),
    OperationEntry::of::<create_topic::CreateTopic>(),
    OperationEntry::of::<delete_topic::DeleteTopic>(),
    OperationEntry::of::<get_subscription_attributes::GetSubscriptionAttributes>(),
    OperationEntry::of::<get_topic_attributes::GetTopicAttributes>(),
    OperationEntry::of::<list_subscriptions::ListSubscriptions>(),
    OperationEntry::of::<list_subscriptions_by_topic::ListSubscriptionsByTopic>(),
    OperationEntry::of::<list_tags_for_resource::ListTagsForResource>(),
    OperationEntry::of::<list_topics::ListTopics>(),
    OperationEntry::of::<publish::Publish>(),
    OperationEntry::of::<publish_batch::PublishBatch>(),
    OperationEntry::of::<remove_permission::RemovePermission>(),
    OperationEntry::of::<set_subscription_attributes::SetSubscriptionAttributes>(),
    OperationEntry::of::<set_topic_attributes::SetTopicAttributes>(),
    OperationEntry::of::<subscribe::Subscribe>(),
    OperationEntry::of::<tag_resource::TagResource>(),
    OperationEntry::of::<unsubscribe::Unsubscribe>(),
    OperationEntry::of::<untag_resource::UntagResource>(),
];

/// What SNS says of most that is wrong.
fn invalid(what: impl std::fmt::Display) -> ApiError {
    ApiError::new("InvalidParameter", format!("Invalid parameter: {what}"))
}

/// What it says of what is not there.
fn not_found(what: &str) -> ApiError {
    ApiError::new("NotFound", format!("{what} does not exist")).with_status(404)
}
