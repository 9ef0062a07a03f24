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
use std::sync::{Arc, Mutex, PoisonError};

use record::insight::{Direction, Subject};
use record::names::{AccountId, EventCategory};
use record::time::{DAY, Minute, Minutes};
use serde::{Deserialize, Serialize};

use crate::budget::{Alarms, Asked, MEMORY, believed, said_correction};
use crate::counts::Cursor;
use crate::episode::{Episode, Peak, Surroundings, Track};
use crate::heed;
use crate::judged::{Judged, Listener, Verdict};
use crate::region::{Gap, Region};
use crate::said::{OfSeries, Remember, Said};
use crate::series::Series;
use crate::tally::{Counted, RegionId, SeriesId, Tally};
use crate::watch::Watch;

mod early;
mod learned;
mod replay;

pub use learned::Learned;
pub use replay::replay;

/// What a person may set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// B: false alarms that are promised, an account and month.
    pub false_alarms_per_month: f64,
    /// Call rates of reads are watched too. AWS watches those of writes only.
    pub reads: bool,
    /// Data events are watched too.
    pub data_events: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { false_alarms_per_month: 3.0, reads: false, data_events: false }
    }
}

impl Settings {
    /// Whether this series is watched.
    ///
    /// AWS's scope: call rates of write management events, error rates of all management events
    /// (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html>).
    pub fn watches(&self, counted: &Counted) -> bool {
        match counted.subject.category {
            EventCategory::Management => counted.subject.error.is_some() || counted.writes || self.reads,
            EventCategory::Data => self.data_events,
            EventCategory::NetworkActivity | EventCategory::Insight => false,
        }
    }
}

/// An episode, and the series that it is of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Found {
    /// The series.
    pub series: SeriesId,
    /// What it did.
    pub episode: Episode,
}

/// What is set for each account, and what somebody said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsBook {
    /// For accounts that nothing is set for.
    pub usual: Settings,
    /// For the others.
    pub accounts: BTreeMap<AccountId, Settings>,
    /// What somebody said, of any account.
    pub said: Arc<Said>,
}

impl SettingsBook {
    /// What is set for this account.
    pub fn of(&self, account: &AccountId) -> &Settings {
        self.accounts.get(account).unwrap_or(&self.usual)
    }

    /// Whether another book finds the same in this account before a minute, which is asked for where it matters.
    pub fn is_alike(&self, other: &SettingsBook, account: &AccountId, minute: impl FnOnce() -> Minute) -> bool {
        let is_said_alike = || {
            let minute = minute();
            self.said.before(account, minute) == other.said.before(account, minute)
        };
        self.of(account) == other.of(account) && (Arc::ptr_eq(&self.said, &other.said) || is_said_alike())
    }
}

impl From<Settings> for SettingsBook {
    fn from(usual: Settings) -> SettingsBook {
        SettingsBook { usual, ..SettingsBook::default() }
    }
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

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Account {
    first: Minute,
    /// The first minute of the day that its Regions are in; on the first day, the first minute.
    day: Minute,
    /// What is asked for, of increases and decreases, on each UTC day from the first on.
    asked: Vec<[Asked; 2]>,
    alarms: Alarms,
    waiting: Vec<RegionId>,
    regions: Vec<Watched>,
    #[serde(skip)]
    heard: Heard,
}

/// What an account has heard of what was said.
#[derive(Clone, Debug, Default)]
struct Heard {
    said: Arc<Said>,
    /// The Starts of insights that were called false alarms.
    false_alarms: Vec<(Direction, Minute)>,
}

/// A Region and its series.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Watched {
    region: Region,
    /// Counts before this minute were final when it was last looked at.
    reached: Minute,
    /// How many series of the Region's tally are in `waiting` or `series`.
    placed: usize,
    /// Series without a call so far, or not watched.
    waiting: Vec<SeriesId>,
    series: Vec<WatchedSeries>,
    /// A key never called.
    template: Series,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct WatchedSeries {
    id: SeriesId,
    has_decreases: bool,
    last_call: Minute,
    #[serde(skip)]
    cursor: Cursor,
    series: Series,
    /// As it was before a change that is, or was, expected.
    before: Option<Box<Series>>,
    tracks: [Track; 2],
    /// What was said of it.
    #[serde(skip)]
    said: Option<Box<OfSeries>>,
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

impl Account {
    fn new(first: Minute) -> Account {
        let (waiting, regions, asked, heard) = Default::default();
        Account { first, day: first, asked, alarms: Alarms::default(), waiting, regions, heard }
    }

    /// Whether this Region is one of those that were placed here.
    fn has(&self, region: RegionId) -> bool {
        self.waiting.contains(&region) || self.regions.iter().any(|watched| watched.region.id() == region)
    }

    /// Hears what was said, if it did not yet.
    fn hear(&mut self, tally: &Tally, id: &AccountId, said: &Arc<Said>) {
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
    fn advance_days(
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
    fn advance(
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
    fn new(region: Region) -> Watched {
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
    fn advance(
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
    fn new(id: SeriesId, subject: &Subject, series: Series, said: &Said) -> WatchedSeries {
        let tracks = [Direction::Increase, Direction::Decrease].map(Track::new);
        let (last_call, cursor) = (Minute(i32::MIN), Cursor::default());
        let (has_decreases, said) = (subject.error.is_none(), OfSeries::of(said, subject));
        WatchedSeries { id, has_decreases, last_call, cursor, series, before: None, tracks, said }
    }

    /// Brings the series up to the Region's known minutes. `calls` is room to read into.
    #[expect(clippy::too_many_arguments, reason = "one step of the loop above")]
    fn advance(
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

/// Hears what a series says of its minutes, and makes episodes of it.
struct Judge<'a> {
    id: SeriesId,
    has_decreases: bool,
    tracks: &'a mut [Track; 2],
    around: Surroundings<'a>,
    asked: &'a [[Asked; 2]],
    /// The first minute of the account.
    first: Minute,
    alarms: &'a mut Alarms,
    found: &'a mut Vec<Found>,
}

impl Judge<'_> {
    /// Passes the minutes up to `until` (excluded), all of the hour that the surroundings tell of.
    fn pass(&mut self, until: Minute) {
        for track in self.tracks.iter_mut().filter(|track| track.is_busy()) {
            let over = track.pass(until, &self.around);
            self.found.extend(over.map(|episode| Found { series: self.id, episode }));
        }
    }

    fn verdict(&mut self, series: &Series, minute: Minute, direction: Direction, verdict: &Verdict) {
        let day = ((minute.day_start() - self.first.day_start()).0 / DAY.0) as usize;
        let Some(&asked) = self.asked.get(day).map(|asked| &asked[direction as usize]) else { return };
        let how = self.around.said.map(|said| said.remember(direction, minute, verdict.window));
        if verdict.rarity >= asked.noted && how != Some(Remember::Not) {
            self.alarms.note(self.id, direction, minute, verdict.rarity);
        }
        if verdict.rarity < asked.rarity {
            return;
        }
        let minutes_learned = self.around.watch.age_at(minute.next());
        let peak = Peak { minute, verdict: *verdict, expectation: series.expectation(), asked, minutes_learned };
        let over = self.tracks[direction as usize].called(series, peak, &self.around);
        self.found.extend(over.map(|episode| Found { series: self.id, episode }));
    }
}

impl Listener for Judge<'_> {
    fn hour(&mut self, start: Minute, expected_per_minute: f64) {
        self.pass(start);
        self.around.per_minute = expected_per_minute;
        for track in self.tracks.iter_mut() {
            track.hour(start, expected_per_minute);
        }
    }

    fn judged(&mut self, series: &Series, judged: &Judged) {
        if let Some(verdict) = &judged.increase {
            self.verdict(series, judged.minute, Direction::Increase, verdict);
        }
        if let Some(verdict) = &judged.decrease
            && self.has_decreases
        {
            self.verdict(series, judged.minute, Direction::Decrease, verdict);
        }
    }

    fn edge(&mut self, at: Minute, direction: Direction) {
        self.pass(at);
        let over = self.tracks[direction as usize].cut(at);
        self.found.extend(over.map(|episode| Found { series: self.id, episode }));
    }
}

/// The episodes of one series that nothing else surrounds, asked for these rarities (increase, decrease): of each day the same.
/// Calls in unknown minutes do not count. The counts are whole: an episode that goes on at their end is open.
pub fn episodes_alone(watch: &Watch, calls: &[(Minute, u32)], asked: [Asked; 2]) -> Vec<Episode> {
    episodes(watch, calls, asked, Track::new)
}

/// The same, echoes included: the method as the reference has it, for checks.
pub fn episodes_of(watch: &Watch, calls: &[(Minute, u32)], asked: [Asked; 2]) -> Vec<Episode> {
    episodes(watch, calls, asked, Track::with_echoes)
}

fn episodes(
    watch: &Watch,
    calls: &[(Minute, u32)],
    asked: [Asked; 2],
    track: impl Fn(Direction) -> Track,
) -> Vec<Episode> {
    let mut series = Series::new(watch);
    let mut tracks = [Direction::Increase, Direction::Decrease].map(track);
    let (mut alarms, mut found) = (Alarms::default(), Vec::new());
    let asked: Vec<[Asked; 2]> = vec![asked; ((watch.frontier() - watch.first()).0 / DAY.0) as usize + 2];
    let around = Surroundings { watch, calls, gaps: &[], per_minute: series.expectation().per_minute, said: None };
    let mut judge = Judge {
        id: SeriesId(0),
        has_decreases: true,
        tracks: &mut tracks,
        around,
        asked: &asked,
        first: watch.first(),
        alarms: &mut alarms,
        found: &mut found,
    };
    series.advance(watch, watch.frontier(), calls, &mut judge);
    judge.pass(watch.frontier());
    let mut episodes: Vec<Episode> = found.into_iter().map(|found| found.episode).collect();
    episodes.extend(tracks.into_iter().filter_map(|mut track| track.finish()));
    episodes.sort_by_key(|episode| (episode.start, episode.direction));
    episodes
}
