//! Queries of event data stores, as operations find and tell them.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/lake-queries-cli.html>

use jiff::Timestamp;
use record::names::AccountId;
use store::Reader;
use store::queries::{Query, QueryState};
use wire::ApiError;
use wire::check::Shape;

use super::event_data_store::EventDataStore;
use crate::{Context, Failure};

/// A query's id.
pub(crate) const QUERY_ID: Shape = Shape::string().length(36, 36).pattern(r"^[a-f0-9\-]+$");
/// The name of a query of a dashboard.
pub(crate) const QUERY_ALIAS: Shape = Shape::string().length(1, 256).pattern(r"^[a-zA-Z][a-zA-Z0-9._\-]*$");
pub(crate) const NEXT_TOKEN: Shape = Shape::string().length(4, 1000).pattern(".*");
/// Results in one answer, and queries in one.
pub(crate) const MAX_RESULTS: Shape = Shape::integer().range(1.0, 1000.0);

/// What the token of a list means; `None`: the list begins.
pub(crate) fn token_of_list<T>(token: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ApiError> {
    let stranger = || ApiError::new("InvalidNextTokenException", "The token is not one of this list's.");
    token.map(|token| read(token).ok_or_else(stranger)).transpose()
}

/// AWS's words, and what they stand for.
const STATES: [(&str, QueryState); 6] = [
    ("QUEUED", QueryState::Queued),
    ("RUNNING", QueryState::Running),
    ("FINISHED", QueryState::Finished),
    ("FAILED", QueryState::Failed),
    ("CANCELLED", QueryState::Cancelled),
    ("TIMED_OUT", QueryState::TimedOut),
];

/// AWS's word for a state.
pub(crate) fn state_word(state: QueryState) -> &'static str {
    STATES.iter().find(|(_, of)| *of == state).map_or("", |(word, _)| word)
}

/// The state that a word stands for.
pub(crate) fn state_of(word: &str) -> Option<QueryState> {
    STATES.iter().find(|(of, _)| *of == word).map(|(_, state)| *state)
}

/// The query of this id. If a store is named, the query must ask it.
pub(crate) fn find(
    r: &Reader<'_>,
    cx: &Context<'_>,
    id: &str,
    event_data_store: Option<&str>,
) -> Result<Query, Failure> {
    let named = event_data_store.map(|store| EventDataStore::find_active(r, cx, store)).transpose()?;
    let asks = |query: &Query| match &named {
        Some(store) => query.details.stores.iter().any(|(_, id)| *id == store.id),
        None => true,
    };
    find_of(r, &cx.account, cx.now, id, |query| query.region == cx.region && asks(query))
}

/// The query of this id in an account, if it is one of these. Queries of a store that was deleted are not told of.
pub(crate) fn find_of(
    r: &Reader<'_>,
    account: &AccountId,
    now: Timestamp,
    id: &str,
    is_one: impl Fn(&Query) -> bool,
) -> Result<Query, Failure> {
    let Some(query) = r.query(id)?.filter(|query| query.account == *account && is_one(query)) else {
        let message = format!("The query {id} was not found. Queries are known for seven days.");
        return Err(ApiError::new("QueryIdNotFoundException", message).into());
    };
    let all = EventDataStore::of(r, account, &query.region, now)?;
    for (_, id) in &query.details.stores {
        if let Some(store) = all.iter().find(|store| store.id == *id) {
            store.check_active()?;
        }
    }
    Ok(query)
}

/// What is said where queries are asked for by an alias.
pub(crate) fn no_aliases() -> ApiError {
    let message = "Queries have no aliases here, because there are no dashboards of CloudTrail Lake: \
                   start a query with its QueryStatement, and ask for it by its QueryId.";
    ApiError::new("UnsupportedOperationException", message)
}

/// Refuses to ask stores of another account.
pub(crate) fn check_owner(cx: &Context<'_>, owner: Option<&str>) -> Result<(), ApiError> {
    match owner {
        Some(owner) if owner != cx.account.as_str() => {
            let message = format!(
                "Event data stores of other accounts are not shared here: EventDataStoreOwnerAccountId can only be {}.",
                cx.account
            );
            Err(ApiError::new("OperationNotPermittedException", message))
        }
        _ => Ok(()),
    }
}
