//! Pages of lists: what comes after a token, and the token of what comes after that.
//!
//! Most tokens are the name of a page's last item, in hexadecimal: opaque to clients, and nothing is skipped or told twice when
//! others come and go. How large a page is, and what is said of a token that is none of ours, each service knows itself.

use store::{Key, List, Resource, StoreError, Stored};
use wire::ApiError;

use crate::Context;

/// The page after a token of what is in the order of its names, and the next token if there is more. `unknown`: what is said of
/// a token that is none of ours.
pub(crate) fn page<T>(
    all: Vec<T>,
    name: impl Fn(&T) -> &str,
    token: Option<&str>,
    limit: usize,
    unknown: impl FnOnce() -> ApiError,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let after = name_of(token, unknown)?;
    Ok(page_after(all, name, after.as_deref(), limit))
}

/// The page after a name of what lies in the store under this account and Region, as it is listed.
pub(crate) fn stored_page<T: Resource>(
    cx: &Context<'_>,
    list: List,
    after: Option<String>,
    limit: usize,
) -> Result<(Vec<Stored<T>>, Option<String>), StoreError> {
    let after = after.map(|name| {
        let key = Key::new(&cx.account, &cx.region, name);
        match &list.parent {
            Some(parent) => key.under(parent.clone()),
            None => key,
        }
    });
    let list = List { after, limit: Some(limit + 1), ..list };
    let page = cx.store.read(|r| r.list::<T>(&list))?;
    Ok(cut(page, limit, |last| token_of(&last.key.name)))
}

/// The first page of `all`, and the token of what comes after its last item if there is more. It is enough to hand over one item
/// more than a page has.
pub(crate) fn cut<T>(mut all: Vec<T>, limit: usize, token: impl FnOnce(&T) -> String) -> (Vec<T>, Option<String>) {
    let has_more = all.len() > limit;
    all.truncate(limit);
    let next = all.last().filter(|_| has_more).map(token);
    (all, next)
}

/// The page after a name of what is in the order of its names, and the next token if there is more.
pub(crate) fn page_after<T>(
    mut all: Vec<T>,
    name: impl Fn(&T) -> &str,
    after: Option<&str>,
    limit: usize,
) -> (Vec<T>, Option<String>) {
    all.retain(|one| after.is_none_or(|after| name(one) > after));
    cut(all, limit, |last| token_of(name(last)))
}

/// The name that a token stands for. `unknown`: what is said of one that is none of ours.
pub(crate) fn name_of(token: Option<&str>, unknown: impl FnOnce() -> ApiError) -> Result<Option<String>, ApiError> {
    token.map(|token| token_name(token).ok_or_else(unknown)).transpose()
}

pub(crate) fn token_of(name: &str) -> String {
    record::digest::hexadecimal(name.as_bytes())
}

pub(crate) fn token_name(token: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> =
        token.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    String::from_utf8(bytes?).ok()
}
