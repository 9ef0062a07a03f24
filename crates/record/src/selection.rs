//! A selection: which of all records are meant, by account, Region, time and what they are.
//!
//! An event data store is one, of all events that are kept. <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store.html>

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::names::{AccountId, Region};

/// A part of a table: what all of it holds for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// `recipientAccountId`; `None`: of every account.
    pub accounts: Option<BTreeSet<AccountId>>,
    /// `awsRegion`; `None`: of every Region.
    pub regions: Option<BTreeSet<Region>>,
    /// `eventTime` is in one of these; where there are none, nothing is.
    pub windows: Vec<Window>,
    /// One of these takes it; where there are none, all is taken.
    pub selectors: Vec<Selector>,
}

impl Part {
    /// All there is.
    pub fn all() -> Part {
        Part { windows: vec![Window { from: Timestamp::MIN, until: None }], ..Part::default() }
    }
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it; `None`: it goes on.
    pub until: Option<Timestamp>,
}

/// An advanced event selector: all its conditions hold.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// What must hold.
    pub conditions: Vec<FieldCondition>,
}

/// A condition on one field. What must be is joined by "or", what must not be by "and"; where nothing must be, anything may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldCondition {
    /// As AWS names it: `eventCategory`, `readOnly`, `resources.ARN`; of Insights events `insightType`, `recipientAccountId` and
    /// `awsRegion`; of events from outside of AWS `eventDataStores`, any of which it may be.
    pub field: String,
    /// It must be one of these,
    pub equals: Vec<String>,
    /// or begin like one of these,
    pub starts_with: Vec<String>,
    /// or end like one of these.
    pub ends_with: Vec<String>,
    /// It must be none of these,
    pub not_equals: Vec<String>,
    /// begin like none of these,
    pub not_starts_with: Vec<String>,
    /// and end like none of these.
    pub not_ends_with: Vec<String>,
}
