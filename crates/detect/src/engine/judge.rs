//! The judge: what a series says of its minutes becomes alarms, episodes, and in the end what was found.

use record::insight::Direction;
use record::time::{DAY, Minute};

use super::Found;
use crate::budget::{Alarms, Asked};
use crate::episode::{Episode, Peak, Surroundings, Track};
use crate::judged::{Judged, Listener, Verdict};
use crate::said::Remember;
use crate::series::Series;
use crate::tally::SeriesId;
use crate::watch::Watch;

/// Hears what a series says of its minutes, and makes episodes of it.
pub(super) struct Judge<'a> {
    pub(super) id: SeriesId,
    pub(super) has_decreases: bool,
    pub(super) tracks: &'a mut [Track; 2],
    pub(super) around: Surroundings<'a>,
    pub(super) asked: &'a [[Asked; 2]],
    /// The first minute of the account.
    pub(super) first: Minute,
    pub(super) alarms: &'a mut Alarms,
    pub(super) found: &'a mut Vec<Found>,
}

impl Judge<'_> {
    /// Passes the minutes up to `until` (excluded), all of the hour that the surroundings tell of.
    pub(super) fn pass(&mut self, until: Minute) {
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
