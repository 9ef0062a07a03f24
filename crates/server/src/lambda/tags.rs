//! Tags of functions: `TagResource`, `UntagResource`, `ListTags`.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html>

use serde::{Deserialize, Serialize};
use store::Reader;
use store::tags::Tags;
use wire::check::{Member, Shape};

use super::function::function;
use super::name::Named;
use super::shapes;
use super::words::{invalid, not_here, not_there};
use crate::{Context, Failure, Operation};

/// Tags of one function.
const MAX_TAGS: usize = 50;

/// A function has no more tags than it may have.
pub(crate) fn few_enough(tags: &Tags) -> Result<(), Failure> {
    if tags.len() > MAX_TAGS {
        return Err(invalid("Number of tags exceeds resource tag limit.").into());
    }
    Ok(())
}

/// The function whose tags are meant: it must be there.
fn tagged(r: &Reader<'_>, cx: &Context<'_>, resource: &str) -> Result<String, Failure> {
    if !resource.contains(":function:") {
        if resource.contains(":event-source-mapping:") || resource.contains(":code-signing-config:") {
            return Err(not_there("The resource you requested does not exist.").into());
        }
        return Err(not_here("Nothing but functions can be tagged here.").into());
    }
    let named = Named::of(cx, resource, None)?;
    if named.qualifier.is_some() {
        let message = "Tags on function aliases and versions are not supported. Please specify a function ARN.";
        return Err(invalid(message).into());
    }
    function(r, &named)?;
    Ok(named.arn)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource {
    resource: String,
    tags: Tags,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    const SHAPE: &'static Shape = &Shape::structure(
        "TagResourceRequest",
        &[Member::required("Resource", shapes::TAGGABLE), Member::required("Tags", shapes::TAGS)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        cx.store.try_write(|w| {
            let arn = tagged(w, cx, &self.resource)?;
            w.set_tags(&arn, &self.tags)?;
            few_enough(&w.tags(&arn)?)
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagResource {
    resource: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    const SHAPE: &'static Shape = &Shape::structure(
        "UntagResourceRequest",
        &[Member::required("Resource", shapes::TAGGABLE), Member::required("TagKeys", Shape::list(&shapes::TAG_KEY))],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        cx.store.try_write(|w| {
            let arn = tagged(w, cx, &self.resource)?;
            Ok(w.remove_tags(&arn, self.tag_keys.iter().map(String::as_str))?)
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTags {
    resource: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedTags {
    tags: Tags,
}

impl Operation for ListTags {
    const NAME: &'static str = "ListTags";
    const SHAPE: &'static Shape =
        &Shape::structure("ListTagsRequest", &[Member::required("Resource", shapes::TAGGABLE)]);
    type Output = ListedTags;

    fn run(self, cx: &Context<'_>) -> Result<ListedTags, Failure> {
        let tags = cx.store.try_read(|r| {
            let arn = tagged(r, cx, &self.resource)?;
            Ok::<_, Failure>(r.tags(&arn)?)
        })?;
        Ok(ListedTags { tags })
    }
}
