//! Learned: what is known of one account, to be kept while its counts are forgotten, and to go on from.
//!
//! A year of counts is judged once. What came of it is small, and an engine that resumes from it finds what one finds that
//! never stopped: all that goes on is in it, only the counts are not. So it is good as long as no count changes that was
//! judged for it ([`Learned::reached`]), what is set for the account stays, and the detector is this one
//! ([`Engine::made_with`]).
//!
//! Series are numbered as in the tally that they were learned from; another tally has other numbers, so their names go along.

use std::hash::{DefaultHasher, Hash, Hasher};

use record::insight::Subject;
use record::names::{AccountId, Region};
use record::time::{Minute, Minutes};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::account::{Account, Watched};
use super::{Engine, Found, Settings, SettingsBook};
use crate::tally::{RegionId, SeriesId, Tally};

/// What is told of a key that was not called for so long is what is told of a key that was never called.
const REMEMBERED: Minutes = Minutes(90 * 1440);

/// What is known of one account: to be written with serde, and read by the same version of this crate only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Learned {
    id: AccountId,
    regions: Vec<NamedRegion>,
    series: Vec<Named>,
    account: Account,
    /// What is over, of the time that is remembered.
    found: Vec<Found>,
}

/// A Region by its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct NamedRegion {
    id: RegionId,
    name: Region,
    span: Option<(Minute, Minute)>,
}

/// A series by its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Named {
    id: SeriesId,
    subject: Subject,
    writes: bool,
}

impl Learned {
    /// The account.
    pub fn account(&self) -> &AccountId {
        &self.id
    }

    /// How many series of it are watched.
    pub fn series(&self) -> usize {
        self.account.regions.iter().map(|watched| watched.series.len()).sum()
    }

    /// In each Region that was looked at, the first minute whose counts were not.
    pub fn reached(&self) -> impl Iterator<Item = (&Region, Minute)> {
        self.regions.iter().filter_map(|region| Some((&region.name, self.account.watched(region.id)?.reached)))
    }
}

impl Engine {
    /// What makes of the same counts of an account, those before `reached`, the same that is learned: this detector, what is
    /// set, and what was said of that time. Two that differ in it have nothing to tell each other.
    pub fn made_with(settings: &SettingsBook, account: &AccountId, reached: Minute) -> String {
        let Settings { false_alarms_per_month, reads, data_events } = settings.of(account);
        let made_with = format!("{} {false_alarms_per_month:?} {reads} {data_events}", env!("TRAILSIGHT_DETECTOR"));
        let said = settings.said.before(account, reached);
        if said.is_silent() {
            return made_with;
        }
        let mut hasher = DefaultHasher::new();
        format!("{said:?}").hash(&mut hasher);
        format!("{made_with} {:016x}", hasher.finish())
    }

    /// The accounts, and the first minute of the day that each is in.
    pub fn days(&self) -> impl Iterator<Item = (&AccountId, Minute)> {
        self.accounts.iter().map(|(id, account)| (id, account.day))
    }

    /// What is known of an account, if anything of it was looked at.
    pub fn learned(&self, tally: &Tally, id: &AccountId) -> Option<Learned> {
        let mut account = self.accounts.get(id)?.clone();
        let since = account.day - REMEMBERED;
        let regions = account.regions.iter().map(|watched| {
            let region = tally.region_tally(watched.region.id());
            NamedRegion { id: watched.region.id(), name: region.region.clone(), span: region.span() }
        });
        let regions = regions.collect();
        // They are placed again by whoever resumes, as others are that come by then.
        account.waiting.clear();
        for watched in &mut account.regions {
            watched.waiting.clear();
            watched
                .series
                .retain(|series| series.last_call >= since || series.tracks.iter().any(|track| track.is_busy()));
        }
        let of_account = |found: &&Found| tally.counted(found.series).subject.account == *id;
        let is_remembered = |found: &&Found| found.episode.end.is_none_or(|end| end >= since);
        let found: Vec<Found> = self.found.iter().filter(of_account).filter(is_remembered).cloned().collect();
        let mut named: Vec<SeriesId> =
            account.regions.iter().flat_map(|watched| &watched.series).map(|series| series.id).collect();
        named.extend(found.iter().map(|found| found.series));
        named.sort_unstable();
        named.dedup();
        let series = named.into_iter().map(|id| {
            let counted = tally.counted(id);
            Named { id, subject: counted.subject.clone(), writes: counted.writes }
        });
        Some(Learned { id: id.clone(), regions, series: series.collect(), account, found })
    }

    /// Goes on from what was learned of an account, in place of what is known of it. The tally has all counts since then; it
    /// is told of Regions and series that had none.
    pub fn resume(&mut self, tally: &mut Tally, learned: Learned) {
        let Learned { id, regions, series, mut account, found } = learned;
        self.forget(tally, &id);
        let regions: FxHashMap<RegionId, RegionId> = regions
            .into_iter()
            .map(|NamedRegion { id: number, name, span }| {
                let here = tally.region(&id, &name);
                if let Some((first, last)) = span {
                    tally.watch(here, first, last);
                }
                (number, here)
            })
            .collect();
        let series: FxHashMap<SeriesId, SeriesId> = series
            .into_iter()
            .map(|Named { id, subject, writes }| {
                let here = tally.series(&subject);
                if writes {
                    tally.has_writes(here);
                }
                (id, here)
            })
            .collect();
        account.regions.retain_mut(|watched| {
            let here = regions.get(&watched.region.id());
            here.inspect(|here| watched.renumber(**here, |id| series.get(&id).copied(), tally)).is_some()
        });
        account.alarms.renumber(|id| series.get(&id).copied());
        let found = found.into_iter().filter_map(|found| Some(Found { series: *series.get(&found.series)?, ..found }));
        self.found.extend(found);
        self.accounts.insert(id, account);
        self.placed = 0;
    }

    /// Forgets an account: it begins anew with the counts that the tally has.
    pub fn forget(&mut self, tally: &Tally, id: &AccountId) {
        self.accounts.remove(id);
        self.found.retain(|found| tally.counted(found.series).subject.account != *id);
        self.placed = 0;
    }
}

impl Account {
    fn watched(&self, id: RegionId) -> Option<&Watched> {
        self.regions.iter().find(|watched| watched.region.id() == id)
    }
}

impl Watched {
    /// The same, as another tally numbers it.
    fn renumber(&mut self, region: RegionId, number: impl Fn(SeriesId) -> Option<SeriesId>, tally: &Tally) {
        self.region.renumber(region);
        self.series.retain_mut(|series| {
            let here = number(series.id);
            here.inspect(|here| series.id = *here).is_some()
        });
        let placed: rustc_hash::FxHashSet<SeriesId> = self.series.iter().map(|series| series.id).collect();
        let all = &tally.region_tally(region).series;
        self.waiting = all.iter().copied().filter(|id| !placed.contains(id)).collect();
        self.placed = all.len();
    }
}
