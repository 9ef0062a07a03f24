//! Early: increases in minutes that are not final yet.
//!
//! Log files come in any order for a quarter of an hour, so the engine goes on over minutes that are final only. But calls
//! can only be added to a minute, and whoever has called a hundred times too often will not have called less when the rest is
//! counted: an increase is told as soon as it is there. It is found on a copy, which goes on to the newest call and is thrown
//! away; so what becomes of the minutes when they are final does not depend on how they came.
//!
//! A decrease is never early: what is missing may be on its way.

use std::collections::BTreeSet;

use record::insight::Direction;
use record::time::{DAY, Minute};
use rustc_hash::FxHashSet;

use super::account::{Account, Watched, WatchedSeries};
use super::{Engine, Found, Settings};
use crate::budget::Alarms;
use crate::series::WARM;
use crate::tally::{RegionId, SeriesId, Tally};

impl Engine {
    /// The increases of these series that begin in minutes which are not final, as they stand; in the order of the ids.
    /// `until` says the first minute (excluded) that an account-Region is looked at in: what lies beyond is no call of ours
    /// to judge, as records of the future.
    pub fn early(&self, tally: &Tally, grown: &FxHashSet<SeriesId>, until: impl Fn(RegionId) -> Minute) -> Vec<Found> {
        let mut found = Vec::new();
        let regions: BTreeSet<RegionId> = grown.iter().map(|&id| tally.counted(id).region).collect();
        for id in regions {
            let id_of_account = &tally.region_tally(id).account;
            let Some(account) = self.accounts.get(id_of_account) else { continue };
            if let Some(watched) = account.regions.iter().find(|watched| watched.region.id() == id) {
                watched.early(tally, grown, until(id), account, self.settings.of(id_of_account), &mut found);
            }
        }
        found.sort_by_key(|found| found.series);
        found
    }
}

impl Watched {
    fn early(
        &self,
        tally: &Tally,
        grown: &FxHashSet<SeriesId>,
        until: Minute,
        account: &Account,
        settings: &Settings,
        found: &mut Vec<Found>,
    ) {
        let final_until = self.region.watch().frontier();
        let of_region = tally.region_tally(self.region.id());
        // It ends with a call: the minutes after it wait for the next one.
        let newest = of_region.activity.span().map_or(final_until, |span| span.1.next());
        let until = until.min(newest);
        if until <= final_until || self.region.watch().age().0 < WARM {
            return;
        }
        let mut region = self.region.clone();
        region.decide(&of_region.activity, until);
        let (mut alarms, mut calls) = (Alarms::default(), Vec::new());
        // What is asked for on a day that has not begun for the engine is what was asked for on the day before.
        let mut asked = account.asked.clone();
        let days = ((until.day_start() - account.first.day_start()).0 / DAY.0) as usize + 1;
        if let Some(&last) = asked.last() {
            asked.resize(days.max(asked.len()), last);
        }
        let mut look = |mut copy: WatchedSeries| {
            copy.has_decreases = false;
            let mut increases = Vec::new();
            copy.advance(&region, tally, &asked, account.first, &mut alarms, &mut increases, &mut calls);
            let open = copy.tracks[Direction::Increase as usize].finish();
            increases.extend(open.map(|episode| Found { series: copy.id, episode }));
            found.extend(increases.into_iter().filter(|found| found.episode.called >= final_until));
        };
        // Where one goes on, no other begins.
        let may_begin = |series: &&WatchedSeries| !series.tracks[Direction::Increase as usize].is_open();
        let grown_series = self.series.iter().filter(|series| grown.contains(&series.id)).filter(may_begin);
        grown_series.cloned().for_each(&mut look);
        // Their first call came in minutes that are not final.
        let unplaced = self.waiting.iter().chain(&of_region.series[self.placed..]);
        for &id in unplaced.filter(|id| grown.contains(id)) {
            let counted = tally.counted(id);
            if settings.watches(counted) {
                look(WatchedSeries::new(id, &counted.subject, self.template.clone(), &account.heard.said));
            }
        }
    }
}
