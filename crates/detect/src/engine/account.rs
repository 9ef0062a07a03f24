//! An account: its days, what is asked for on each, and its Regions with their series, each brought up to its known minutes.

use std::sync::Arc;

use record::insight::{Direction, Subject};
use record::names::AccountId;
use record::time::{DAY, Minute};
use serde::{Deserialize, Serialize};

use super::judge::Judge;
use super::{Found, Settings};
use crate::budget::{Alarms, Asked, MEMORY, believed, said_correction};
use crate::counts::Cursor;
use crate::episode::{Surroundings, Track};
use crate::heed;
use crate::region::Region;
use crate::said::{OfSeries, Said};
use crate::series::Series;
use crate::tally::{RegionId, SeriesId, Tally};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) first: Minute,
    /// The first minute of the day that its Regions are in; on the first day, the first minute.
    pub(super) day: Minute,
    /// What is asked for, of increases and decreases, on each UTC day from the first on.
    pub(super) asked: Vec<[Asked; 2]>,
    pub(super) alarms: Alarms,
    pub(super) waiting: Vec<RegionId>,
    pub(super) regions: Vec<Watched>,
    #[serde(skip)]
    pub(super) heard: Heard,
}

/// What an account has heard of what was said.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    pub(super) said: Arc<Said>,
    /// The Starts of insights that were called false alarms.
    pub(super) false_alarms: Vec<(Direction, Minute)>,
}

/// A Region and its series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Watched {
    pub(super) region: Region,
    /// Counts before this minute were final when it was last looked at.
    pub(super) reached: Minute,
    /// How many series of the Region's tally are in `waiting` or `series`.
    pub(super) placed: usize,
    /// Series without a call so far, or not watched.
    pub(super) waiting: Vec<SeriesId>,
    pub(super) series: Vec<WatchedSeries>,
    /// A key never called.
    pub(super) template: Series,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WatchedSeries {
    pub(super) id: SeriesId,
    pub(super) has_decreases: bool,
    pub(super) last_call: Minute,
    #[serde(skip)]
    pub(super) cursor: Cursor,
    pub(super) series: Series,
    /// As it was before a change that is, or was, expected.
    pub(super) before: Option<Box<Series>>,
    pub(super) tracks: [Track; 2],
    /// What was said of it.
    #[serde(skip)]
    pub(super) said: Option<Box<OfSeries>>,
}

impl Account {
    pub(super) fn new(first: Minute) -> Account {
        let (waiting, regions, asked, heard) = Default::default();
        Account { first, day: first, asked, alarms: Alarms::default(), waiting, regions, heard }
    }

    /// Whether this Region is one of those that were placed here.
    pub(super) fn has(&self, region: RegionId) -> bool {
        self.waiting.contains(&region) || self.regions.iter().any(|watched| watched.region.id() == region)
    }

    /// Hears what was said, if it did not yet.
    pub(super) fn hear(&mut self, tally: &Tally, id: &AccountId, said: &Arc<Said>) {
        if Arc::ptr_eq(&self.heard.said, said) {
            return;
        }
        self.heard = Heard { said: Arc::clone(said), false_alarms: said.false_alarms(id) };
        for series in self.regions.iter_mut().flat_map(|watched| &mut watched.series) {
            series.said = OfSeries::of(said, &tally.counted(series.id).subject);
        }
    }

    /// What is asked for on this day, if that is not settled yet.
    fn ask(&mut self, day: Minute, settings: &Settings) {
        if (day - self.first.day_start()).0 / DAY.0 < self.asked.len() as i32 {
            return;
        }
        let active = |series: &&WatchedSeries| series.last_call >= day - MEMORY;
        let all = self.regions.iter().flat_map(|watched| &watched.series).filter(active).count() as u32;
        let calls = self.regions.iter().flat_map(|watched| &watched.series).filter(active);
        let calls = calls.filter(|series| series.has_decreases).count() as u32;
        let asked = [(Direction::Increase, all), (Direction::Decrease, calls)].map(|(direction, series)| {
            let series = believed(self.asked.iter().map(|asked| asked[direction as usize].series), series);
            let promise = settings.false_alarms_per_month;
            let correction = self.alarms.correction(direction, day, self.first, series, promise);
            let said = said_correction(&self.heard.false_alarms, direction, day, self.first, promise);
            let correction = correction.max(said);
            Asked::new(direction, series, promise, correction)
        });
        self.asked.push(asked);
    }

    /// Brings each Region up to what `until` says of it, day by day: at midnight they wait for one another.
    pub(super) fn advance_days(
        &mut self,
        tally: &Tally,
        until: impl Fn(RegionId) -> Minute,
        settings: &Settings,
        found: &mut Vec<Found>,
    ) {
        loop {
            let day = self.day.day_start();
            self.ask(day, settings);
            let end = day + DAY;
            if !self.advance(tally, |region| until(region).min(end), end, settings, found) {
                return;
            }
            self.day = end;
        }
    }

    /// Brings each Region up to what `until` says of it. Says whether all of them have reached `end`.
    pub(super) fn advance(
        &mut self,
        tally: &Tally,
        until: impl Fn(RegionId) -> Minute,
        end: Minute,
        settings: &Settings,
        found: &mut Vec<Found>,
    ) -> bool {
        let (regions, mut all_are_there) = (&mut self.regions, true);
        self.waiting.retain(|&id| {
            let until = until(id);
            let first = tally.region_tally(id).span().map_or(until, |span| span.0);
            // Nobody waits at midnight for one that comes later.
            all_are_there &= until >= end || first >= end;
            if first < until {
                regions.push(Watched::new(Region::new(id, first)));
            }
            first >= until
        });
        for watched in &mut self.regions {
            let until = until(watched.region.id());
            all_are_there &= until >= end;
            watched.reached = watched.reached.max(until);
            watched.region.decide(&tally.region_tally(watched.region.id()).activity, until);
            watched.place_series(tally, settings, &self.heard.said);
            watched.advance(tally, &self.asked, self.first, &mut self.alarms, found);
        }
        all_are_there
    }
}

impl Watched {
    pub(super) fn new(region: Region) -> Watched {
        let template = Series::new(region.watch());
        let reached = region.watch().first();
        Watched { region, reached, placed: 0, waiting: Vec::new(), series: Vec::new(), template }
    }

    /// Series whose first call comes now begin as what they were until now: a key never called.
    fn place_series(&mut self, tally: &Tally, settings: &Settings, said: &Said) {
        let all = &tally.region_tally(self.region.id()).series;
        self.waiting.extend(&all[self.placed..]);
        self.placed = all.len();
        let (series, template, until) = (&mut self.series, &self.template, self.region.watch().frontier());
        self.waiting.retain(|&id| {
            let counted = tally.counted(id);
            let begins = counted.counts.span().is_some_and(|span| span.0 < until) && settings.watches(counted);
            if begins {
                series.push(WatchedSeries::new(id, &counted.subject, template.clone(), said));
            }
            !begins
        });
    }

    /// Brings every series up to the Region's known minutes.
    pub(super) fn advance(
        &mut self,
        tally: &Tally,
        asked: &[[Asked; 2]],
        first: Minute,
        alarms: &mut Alarms,
        found: &mut Vec<Found>,
    ) {
        let watch = self.region.watch();
        let until = watch.frontier();
        if until <= self.template.frontier() {
            return;
        }
        let mut calls = Vec::new();
        for watched in &mut self.series {
            watched.advance(&self.region, tally, asked, first, alarms, found, &mut calls);
        }
        self.template.advance(watch, until, &[], &mut ());
        self.region.passed(until);
    }
}

impl WatchedSeries {
    pub(super) fn new(id: SeriesId, subject: &Subject, series: Series, said: &Said) -> WatchedSeries {
        let tracks = [Direction::Increase, Direction::Decrease].map(Track::new);
        let (last_call, cursor) = (Minute(i32::MIN), Cursor::default());
        let (has_decreases, said) = (subject.error.is_none(), OfSeries::of(said, subject));
        WatchedSeries { id, has_decreases, last_call, cursor, series, before: None, tracks, said }
    }

    /// Brings the series up to the Region's known minutes. `calls` is room to read into.
    #[expect(clippy::too_many_arguments, reason = "one step of the loop above")]
    pub(super) fn advance(
        &mut self,
        region: &Region,
        tally: &Tally,
        asked: &[[Asked; 2]],
        first: Minute,
        alarms: &mut Alarms,
        found: &mut Vec<Found>,
        calls: &mut Vec<(Minute, u32)>,
    ) {
        let watch = region.watch();
        let (from, until) = (self.series.frontier(), watch.frontier());
        calls.clear();
        tally.counted(self.id).counts.read(&mut self.cursor, from, until, calls);
        if !region.new_gaps().is_empty() {
            calls.retain(|pair| watch.is_known(pair.0));
        }
        if let Some(last) = calls.last() {
            self.last_call = last.0;
        }
        let (per_minute, said) = (self.series.expectation().per_minute, self.said.as_deref());
        let around = Surroundings { watch, calls, gaps: region.new_gaps(), per_minute, said };
        let (id, has_decreases) = (self.id, self.has_decreases);
        let mut judge = Judge { id, has_decreases, tracks: &mut self.tracks, around, asked, first, alarms, found };
        heed::advance(&mut self.series, &mut self.before, watch, until, calls, said, &mut judge);
        judge.pass(until);
    }
}
