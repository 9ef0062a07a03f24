//! Calls counted as they are: of every key and every error code, minute by minute.

use std::collections::BTreeMap;

use record::names::{AccountId, ErrorCode, EventName, EventSource, Region};
use record::time::Minute;

use crate::catalogue::CATALOGUE;
use crate::plan::{Plan, REGIONS};
use crate::traffic::calls_of;
use crate::world::World;

/// What is counted: one account, Region and API, and all its calls or those that failed with one code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counted {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub region: Region,
    /// `ec2.amazonaws.com`
    pub source: EventSource,
    /// `RunInstances`
    pub name: EventName,
    /// Nothing: all calls.
    pub error_code: Option<ErrorCode>,
    /// Whether these only read.
    pub is_read: bool,
    /// Whether these are data events.
    pub is_data: bool,
}

/// How many calls there were, for everything that is counted and every minute that has any.
pub fn minute_counts(plan: &Plan) -> Vec<(Counted, Vec<(Minute, u32)>)> {
    let world = World::new(plan);
    let count = |minutes: &mut Vec<(Minute, u32)>, at: Minute| match minutes.last_mut() {
        Some((minute, count)) if *minute == at => *count += 1,
        _ => minutes.push((at, 1)),
    };
    let (regions, apis) = (plan.regions, CATALOGUE.apis.len());
    let mut all = vec![Vec::new(); world.lanes.len() * apis];
    let mut counts = BTreeMap::<(u16, u16, u16, u16), Vec<(Minute, u32)>>::new();
    for call in calls_of(&world) {
        let lane = plan.lane(call.account as usize, call.region as usize);
        count(&mut all[lane * apis + call.api as usize], call.minute());
        if call.error > 0 {
            count(counts.entry((call.account, call.region, call.api, call.error)).or_default(), call.minute());
        }
    }
    for (at, minutes) in all.into_iter().enumerate().filter(|(_, minutes)| !minutes.is_empty()) {
        let (lane, api) = (at / apis, at % apis);
        counts.insert(((lane / regions) as u16, (lane % regions) as u16, api as u16, 0), minutes);
    }
    let named = |((account, region, api, error), minutes)| {
        let of = &CATALOGUE.apis[api as usize];
        let counted = Counted {
            account: world.accounts[account as usize].id.clone(),
            region: REGIONS[region as usize].into(),
            source: CATALOGUE.service(api).source.into(),
            name: of.name.into(),
            error_code: (error > 0).then(|| CATALOGUE.codes[error as usize - 1].into()),
            is_read: of.is_read,
            is_data: of.is_data,
        };
        (counted, minutes)
    };
    counts.into_iter().map(named).collect()
}
