//! Fills a data directory with the counts of a large installation, as if it had been counted for four weeks.
//!
//! The accounts have a thousand series each. They are those of `bench/detection`, drawn from seeds: the last 28 days of each are kept. Everything is evaluated
//! up to the end, so that a service which starts there has nothing to tell.

use std::path::Path;

use anyhow::Result;
use detect::tally::Tally;
use record::insight::Subject;
use record::names::{AccountId, EventCategory, Region};
use record::time::Minute;
use sim::counts::{CountsAccount, FIRST, MINUTES};
use store::{Options, Store};

/// Series of one account.
const OF_ACCOUNT: usize = 1_000;
/// Minutes that are kept: the last four weeks.
const KEPT: usize = 28 * 1440;

/// Fills a data directory with so many series; gives the minute in which the weeks end.
pub(crate) fn fill(folder: &Path, series: usize) -> Result<Minute> {
    std::fs::create_dir_all(folder)?;
    let store = Store::open(folder.join("trailsight.sqlite"), &Options::default())?;
    let end = Minute(FIRST.0 + MINUTES as i32);
    for (number, first) in (0..series).step_by(OF_ACCOUNT).enumerate() {
        let drawn = CountsAccount::quiet(number as u64, OF_ACCOUNT.min(series - first));
        let account = AccountId::from(format!("{:012}", 100_000_000_000 + number).as_str());
        let region = Region::from("us-east-1");
        let tally = tally(&drawn, &account, &region);
        store.write(|w| {
            w.add_counts(&tally)?;
            w.set_evaluated_until(&account, &region, end)
        })?;
    }
    Ok(end)
}

fn tally(drawn: &CountsAccount, account: &AccountId, region: &Region) -> Tally {
    let mut tally = Tally::new();
    for series in &drawn.series {
        let subject = Subject {
            account: account.clone(),
            region: region.clone(),
            source: "ec2.amazonaws.com".into(),
            name: series.name.as_str().into(),
            error: None,
            category: EventCategory::Management,
        };
        let kept = series.calls.iter().filter(|call| call.0 as usize >= MINUTES - KEPT);
        kept.for_each(|&(minute, calls)| tally.count(&subject, Minute(FIRST.0 + minute as i32), calls, false));
    }
    tally
}
