//! `ListTopics`: the topics of this account and Region. <https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html>

use serde::{Deserialize, Serialize};
use store::List;
use wire::check::{Member, Shape};

use super::page::page;
use super::topic::Topic;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTopics {
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Topics {
    topics: Vec<Named>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    topic_arn: String,
}

impl Operation for ListTopics {
    const NAME: &'static str = "ListTopics";
    const SHAPE: &'static Shape =
        &Shape::structure("ListTopicsInput", &[Member::optional("NextToken", Shape::string())]);
    type Output = Topics;

    fn run(self, cx: &Context<'_>) -> Result<Topics, Failure> {
        let (topics, next_token) = page::<Topic>(cx, List::of(&cx.account, &cx.region), self.next_token.as_deref())?;
        let topics = topics.into_iter().map(|topic| Named { topic_arn: topic.value.arn }).collect();
        Ok(Topics { topics, next_token })
    }
}
