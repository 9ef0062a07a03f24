//! Lists, a hundred at a time.

use store::{Key, List, Resource, Stored};

use super::invalid;
use crate::page::cut;
use crate::{Context, Failure};

/// <https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html>
const PAGE: usize = 100;

/// One page of a list of this account and Region, and the token of the next.
///
/// The token is the place of the last one, so that nothing is skipped or told twice when others come and go: what it stands
/// under, and its name. Neither has a colon.
pub(crate) fn page<T: Resource>(
    cx: &Context<'_>,
    list: List,
    token: Option<&str>,
) -> Result<(Vec<Stored<T>>, Option<String>), Failure> {
    let after = match token {
        None | Some("") => None,
        Some(token) => {
            let (parent, name) = token.split_once(':').ok_or_else(|| invalid("NextToken"))?;
            Some(Key::new(&cx.account, &cx.region, name).under(parent))
        }
    };
    let list = List { after, limit: Some(PAGE + 1), ..list };
    let page = cx.store.read(|r| r.list::<T>(&list))?;
    Ok(cut(page, PAGE, |last| format!("{}:{}", last.key.parent, last.key.name)))
}
