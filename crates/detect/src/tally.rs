//! Tally: how many calls of every series in every minute.
//!
//! Adding is order-free: the same calls in any order, in any pieces, give the same counts. Minutes without calls take no
//! room, and those with calls some two bytes, so that a year of a busy account fits in memory.

use record::insight::Subject;
use record::names::{AccountId, Region};
use record::time::Minute;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::counts::Counts;

/// A series of a [`Tally`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesId(pub u32);

/// An account-Region of a [`Tally`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RegionId(pub u32);

/// The counts of one series.
#[derive(Clone, Debug)]
pub struct Counted {
    /// What is counted.
    pub subject: Subject,
    /// Where it belongs.
    pub region: RegionId,
    /// At least one of the calls was no read.
    pub writes: bool,
    /// How many calls in which minute.
    pub counts: Counts,
}

/// All that happened in one Region of one account.
#[derive(Clone, Debug)]
pub struct RegionTally {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// Calls of any kind: they tell in which minutes the account was heard of.
    pub activity: Counts,
    watched: Option<(Minute, Minute)>,
    /// Its series, in the order in which they were first seen.
    pub series: Vec<SeriesId>,
}

impl RegionTally {
    /// The first and the last minute that was watched: those with a call, unless somebody said more.
    pub fn span(&self) -> Option<(Minute, Minute)> {
        let spans = [self.watched, self.activity.span()].into_iter().flatten();
        spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}

/// Counts of any number of series.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    series: Vec<Counted>,
    regions: Vec<RegionTally>,
    series_index: FxHashMap<Subject, SeriesId>,
    region_index: FxHashMap<(AccountId, Region), RegionId>,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new() -> Tally {
        Tally::default()
    }

    /// The series of this subject; a new one if there is none.
    pub fn series(&mut self, subject: &Subject) -> SeriesId {
        if let Some(&id) = self.series_index.get(subject) {
            return id;
        }
        let region = self.region(&subject.account, &subject.region);
        let id = SeriesId(self.series.len() as u32);
        self.series.push(Counted { subject: subject.clone(), region, writes: false, counts: Counts::default() });
        self.regions[region.0 as usize].series.push(id);
        self.series_index.insert(subject.clone(), id);
        id
    }

    /// The account-Region of this name; a new one if there is none.
    pub fn region(&mut self, account: &AccountId, region: &Region) -> RegionId {
        if let Some(id) = self.find_region(account, region) {
            return id;
        }
        let id = RegionId(self.regions.len() as u32);
        self.regions.push(RegionTally {
            account: account.clone(),
            region: region.clone(),
            activity: Counts::default(),
            watched: None,
            series: Vec::new(),
        });
        self.region_index.insert((account.clone(), region.clone()), id);
        id
    }

    /// Counts so many calls of a series in this minute. Does not touch the activity of its account-Region.
    pub fn add(&mut self, series: SeriesId, minute: Minute, calls: u32) {
        self.series[series.0 as usize].counts.add(minute, calls);
    }

    /// Says that calls of this series change something.
    pub fn has_writes(&mut self, series: SeriesId) {
        self.series[series.0 as usize].writes = true;
    }

    /// Says that an account-Region was heard of in this minute.
    pub fn add_activity(&mut self, region: RegionId, minute: Minute, calls: u32) {
        self.regions[region.0 as usize].activity.add(minute, calls);
    }

    /// Says that an account-Region was watched from `first` to `last`, whether it was heard of or not.
    pub fn watch(&mut self, region: RegionId, first: Minute, last: Minute) {
        let watched = &mut self.regions[region.0 as usize].watched;
        *watched = Some(watched.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
    }

    /// Counts so many calls of a subject: all that a reader without ids needs. Reads are calls that change nothing.
    pub fn count(&mut self, subject: &Subject, minute: Minute, calls: u32, read: bool) {
        let id = self.series(subject);
        self.add(id, minute, calls);
        if !read {
            self.has_writes(id);
        }
        if subject.error.is_none() {
            let region = self.series[id.0 as usize].region;
            self.add_activity(region, minute, calls);
        }
    }

    /// Adds all that another tally has.
    pub fn merge(&mut self, other: &Tally) {
        for region in &other.regions {
            let mine = self.region(&region.account, &region.region);
            region.activity.for_each(|minute, calls| self.add_activity(mine, minute, calls));
            if let Some((first, last)) = region.watched {
                self.watch(mine, first, last);
            }
        }
        for counted in &other.series {
            let mine = self.series(&counted.subject);
            self.series[mine.0 as usize].writes |= counted.writes;
            counted.counts.for_each(|minute, calls| self.add(mine, minute, calls));
        }
    }

    /// Takes what another tally counted of its account-Regions and series in place of what is known of them here.
    pub fn replace(&mut self, other: Tally) {
        for region in other.regions {
            let mine = self.region(&region.account, &region.region);
            if let Some((first, last)) = region.watched {
                self.watch(mine, first, last);
            }
            self.regions[mine.0 as usize].activity = region.activity;
        }
        for counted in other.series {
            let mine = self.series(&counted.subject);
            let mine = &mut self.series[mine.0 as usize];
            mine.writes |= counted.writes;
            mine.counts = counted.counts;
        }
    }

    /// Forgets what was counted before this minute; the series stay.
    pub fn forget_before(&mut self, minute: Minute) {
        for region in &mut self.regions {
            let span = region.span();
            region.activity.forget_before(minute);
            // When it was last heard of stays known.
            region.watched = span.map(|(first, last)| (first.max(minute).min(last), last));
        }
        self.series.iter_mut().for_each(|counted| counted.counts.forget_before(minute));
    }

    /// The series of this subject, if it was ever counted.
    pub fn find(&self, subject: &Subject) -> Option<SeriesId> {
        self.series_index.get(subject).copied()
    }

    /// The account-Region of this name, if anything was ever counted there.
    pub fn find_region(&self, account: &AccountId, region: &Region) -> Option<RegionId> {
        self.region_index.get(&(account.clone(), region.clone())).copied()
    }

    /// The counts of a series.
    pub fn counted(&self, series: SeriesId) -> &Counted {
        &self.series[series.0 as usize]
    }

    /// All that happened in an account-Region.
    pub fn region_tally(&self, region: RegionId) -> &RegionTally {
        &self.regions[region.0 as usize]
    }

    /// Every series, by id.
    pub fn all_series(&self) -> impl ExactSizeIterator<Item = (SeriesId, &Counted)> {
        self.series.iter().enumerate().map(|(id, counted)| (SeriesId(id as u32), counted))
    }

    /// Every account-Region, by id.
    pub fn all_regions(&self) -> impl ExactSizeIterator<Item = (RegionId, &RegionTally)> {
        self.regions.iter().enumerate().map(|(id, region)| (RegionId(id as u32), region))
    }

    /// The first and the last minute that was watched, over all account-Regions.
    pub fn span(&self) -> Option<(Minute, Minute)> {
        let spans = self.regions.iter().filter_map(RegionTally::span);
        spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}
