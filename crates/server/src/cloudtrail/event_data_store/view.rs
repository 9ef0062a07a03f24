//! An event data store as a query sees it: which events, and which Insights events, are in it.
//!
//! | store | events | Insights events |
//! |---|---|---|
//! | of events | of its account, or of all; of its Region, or of all; by its selectors | for statements that can mean nothing else: of all accounts, of its Region, or of all |
//! | of Insights, the destination of others | | of the kinds, accounts and Regions that these look at |
//! | of Insights, nobody's destination | | all that trails find |
//!
//! All of it within its retention, and within the times in which it took events in, or of which an import brought some in. A store of
//! events from outside of AWS has those that say that they are in it: a channel named it when they came.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::EventDataStore;
use crate::world::lake::{FieldCondition, Part, Selector, StoreView, Window};

impl EventDataStore {
    /// Its view, by the name that a statement gives it. `all`: the stores of its account and Region, itself among them.
    pub(crate) fn view(&self, named: &str, all: &[EventDataStore], now: Timestamp) -> StoreView {
        let windows = self.windows(now);
        if self.is_of_activity() {
            let windows = vec![Window { from: self.oldest(now), until: None }];
            let says_so = is_one_of("eventDataStores", vec![self.id.clone()]);
            let activity = Part { windows, selectors: vec![Selector { conditions: vec![says_so] }], ..Part::default() };
            return StoreView {
                named: named.to_owned(),
                events: None,
                insights: Part::default(),
                activity: Some(activity),
            };
        }
        if self.is_of_insights() {
            let sources = all.iter().filter(|source| source.sends_insights_to(self));
            let selectors = sources.map(EventDataStore::insights_selector).collect();
            let insights = Part { windows, selectors, ..Part::default() };
            return StoreView { named: named.to_owned(), events: None, insights, activity: None };
        }
        let regions = (!self.is_multi_region).then(|| BTreeSet::from([self.region()]));
        let events = Part {
            accounts: (!self.is_organization).then(|| BTreeSet::from([self.account()])),
            regions: regions.clone(),
            windows: windows.clone(),
            selectors: self.advanced_event_selectors.iter().map(|selector| selector.as_data()).collect(),
        };
        let insights = Part { regions, windows, ..Part::default() };
        StoreView { named: named.to_owned(), events: Some(events), insights, activity: None }
    }

    fn windows(&self, now: Timestamp) -> Vec<Window> {
        let oldest = self.oldest(now);
        let window = |from: Option<wire::Timestamp>, until: Option<wire::Timestamp>| Window {
            from: from.map_or(oldest, |from| from.0.max(oldest)),
            until: until.map(|until| until.0),
        };
        let windows =
            self.ingestion.iter().chain(&self.imported).map(|ingestion| window(ingestion.from, ingestion.until));
        windows.filter(|window| window.until.is_none_or(|until| window.from < until)).collect()
    }

    fn sends_insights_to(&self, destination: &EventDataStore) -> bool {
        !self.insight_selectors.is_empty() && self.insights_destination.as_ref() == Some(&destination.arn)
    }

    /// The Insights events that it sends to its destination.
    fn insights_selector(&self) -> Selector {
        let types = self.insight_selectors.iter().map(|selector| selector.insight_type.as_str().to_owned());
        let mut conditions = vec![is_one_of("insightType", types.collect())];
        if !self.is_organization {
            conditions.push(is_one_of("recipientAccountId", vec![self.account().to_string()]));
        }
        if !self.is_multi_region {
            conditions.push(is_one_of("awsRegion", vec![self.region().to_string()]));
        }
        Selector { conditions }
    }
}

fn is_one_of(field: &str, equals: Vec<String>) -> FieldCondition {
    FieldCondition { field: field.to_owned(), equals, ..FieldCondition::default() }
}
