//! The engine: every series of every account, from counts to episodes and gaps.
//!
//! Counts and a time go in, what was found comes out; there is no clock and no order but that of the minutes. However the
//! way is cut into calls of [`Engine::advance`], and whichever Region of an account goes first, the same is found. Only at
//! midnight UTC, when it is taken anew what is asked for, the Regions of an account wait for one another:
//!
//! ```text
//!   for each account and UTC day: N and q ─► what rarity is asked for
//!     for each Region: activity ─► Region: which minutes are known, which are a gap
//!       for each series: counts of the known minutes ─► Series ─► judged minutes ─► Track ─► episodes
//!                                                                            └────► Alarms ─► tomorrow's q
//! ```

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use record::names::AccountId;
use record::time::{Minute, Minutes};
use serde::{Deserialize, Serialize};

use crate::budget::Asked;
use crate::episode::Episode;
use crate::region::Gap;
use crate::tally::{RegionId, SeriesId, Tally};

mod account;
mod early;
mod judge;
mod learned;
mod replay;
mod settings;

pub use judge::{episodes_alone, episodes_of};
pub use learned::Learned;
pub use replay::replay;
pub use settings::{Settings, SettingsBook};

use account::{Account, Watched};

/// An episode, and the series that it is of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Found {
    /// The series.
    pub series: SeriesId,
    /// What it did.
    pub episode: Episode,
}

/// All that is known of all accounts.
#[derive(Clone, Debug)]
pub struct Engine {
    settings: SettingsBook,
    accounts: BTreeMap<AccountId, Account>,
    found: Vec<Found>,
    /// Regions of the tally that are placed in an account.
    placed: usize,
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new(settings: impl Into<SettingsBook>) -> Engine {
        Engine { settings: settings.into(), accounts: BTreeMap::new(), found: Vec::new(), placed: 0 }
    }

    /// Goes on to `until` (excluded) everywhere. The counts of all minutes before it are final.
    pub fn advance(&mut self, tally: &Tally, until: Minute) {
        self.advance_each(tally, |_| until);
    }

    /// Goes on in each account-Region as far as its counts are final: `until` says the first minute (excluded) of which they
    /// are not.
    pub fn advance_each(&mut self, tally: &Tally, until: impl Fn(RegionId) -> Minute) {
        self.place_regions(tally);
        for (id, account) in &mut self.accounts {
            account.hear(tally, id, &self.settings.said);
            account.advance_days(tally, &until, self.settings.of(id), &mut self.found);
        }
    }

    /// As [`advance_each`](Engine::advance_each), for a long way: so many threads share the accounts, which have nothing to do
    /// with one another.
    pub fn advance_far(&mut self, tally: &Tally, threads: usize, until: impl Fn(RegionId) -> Minute + Sync) {
        self.place_regions(tally);
        let Engine { settings, accounts, found, .. } = self;
        let found_of: Vec<Mutex<Vec<Found>>> = accounts.iter().map(|_| Mutex::default()).collect();
        // The next one is taken by whoever is free: some accounts are a hundred times as busy as others.
        let waiting = Mutex::new(accounts.iter_mut().zip(&found_of));
        let (settings, until, waiting) = (&*settings, &until, &waiting);
        let go = || {
            loop {
                let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(((id, account), found)) = next else { return };
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                account.hear(tally, id, &settings.said);
                account.advance_days(tally, until, settings.of(id), &mut found);
            }
        };
        std::thread::scope(|scope| {
            (1..threads).for_each(|_| drop(scope.spawn(go)));
            go();
        });
        found.extend(found_of.into_iter().flat_map(|found| found.into_inner().unwrap_or_else(PoisonError::into_inner)));
    }

    /// Nothing more is to come: minutes that wait for the next call were without calls.
    pub fn settle(&mut self, tally: &Tally) {
        for account in self.accounts.values_mut() {
            for watched in &mut account.regions {
                watched.region.settle(watched.reached);
                watched.advance(tally, &account.asked, account.first, &mut account.alarms, &mut self.found);
            }
        }
    }

    /// The episodes that are over and can no longer change, in the order in which that became known.
    pub fn closed(&self) -> &[Found] {
        &self.found
    }

    /// The episodes that go on, or ended so lately that they may go on.
    pub fn open(&self) -> impl Iterator<Item = Found> {
        let all_series =
            self.accounts.values().flat_map(|account| &account.regions).flat_map(|watched| &watched.series);
        all_series.flat_map(|series| {
            let tracks = series.tracks.iter().filter(|track| track.is_busy()).cloned();
            tracks.filter_map(|mut track| track.finish()).map(|episode| Found { series: series.id, episode })
        })
    }

    /// The first minute of an account-Region that was not judged yet; `None`: nothing of it was looked at.
    pub fn judged_until(&self, tally: &Tally, region: RegionId) -> Option<Minute> {
        self.watched(tally, region).map(|watched| watched.region.watch().frontier())
    }

    /// Up to where the counts of an account-Region were looked at, whether or not its last minutes are judged; `None`: nothing of
    /// it was.
    pub fn looked_until(&self, tally: &Tally, region: RegionId) -> Option<Minute> {
        self.watched(tally, region).map(|watched| watched.reached)
    }

    /// What is set for each account.
    pub fn settings(&self) -> &SettingsBook {
        &self.settings
    }

    /// Sets it anew. Of an account that has begun, what was judged stays as it was: to judge it by other settings, begin
    /// with another engine.
    pub fn set(&mut self, settings: SettingsBook) {
        self.settings = settings;
    }

    /// Whether anything of this account was looked at, by what is set for it.
    pub fn has_begun(&self, account: &AccountId) -> bool {
        self.accounts.contains_key(account)
    }

    /// All episodes so far, open ones too, in the order of their Start.
    pub fn found(&self) -> Vec<Found> {
        let mut found = self.found.clone();
        found.extend(self.open());
        found.sort_by_key(|found| (found.episode.start, found.series, found.episode.direction));
        found
    }

    /// What is asked for in each account on the newest of its days: of increases, and of decreases.
    pub fn asked(&self) -> impl Iterator<Item = (&AccountId, &[Asked; 2])> {
        self.accounts.iter().filter_map(|(id, account)| Some((id, account.asked.last()?)))
    }

    /// All gaps of whole account-Regions so far in which calls were missed.
    pub fn gaps(&self) -> impl Iterator<Item = (RegionId, &Gap)> {
        let watched = self.accounts.values().flat_map(|account| &account.regions);
        let gaps = watched.flat_map(|watched| watched.region.gaps().iter().map(|gap| (watched.region.id(), gap)));
        gaps.filter(|(_, gap)| gap.is_told())
    }

    /// Minutes of this account-Region that were watched.
    pub fn minutes_learned(&self, tally: &Tally, region: RegionId) -> Minutes {
        self.watched(tally, region).map_or(Minutes(0), |watched| watched.region.watch().age())
    }

    fn watched(&self, tally: &Tally, region: RegionId) -> Option<&Watched> {
        let account = self.accounts.get(&tally.region_tally(region).account)?;
        account.regions.iter().find(|watched| watched.region.id() == region)
    }

    fn place_regions(&mut self, tally: &Tally) {
        for (id, region) in tally.all_regions().skip(self.placed) {
            self.placed += 1;
            let Some((first, _)) = region.span() else { continue };
            let account = self.accounts.entry(region.account.clone()).or_insert_with(|| Account::new(first));
            if account.has(id) {
                continue;
            }
            if account.asked.is_empty() && first < account.first {
                account.first = first;
                account.day = first;
            }
            account.waiting.push(id);
        }
    }
}
