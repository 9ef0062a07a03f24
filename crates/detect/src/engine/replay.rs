//! Replay: what one series would have been told for, had another rarity been asked for.

use record::time::{DAY, Minute};

use super::account::{Watched, WatchedSeries};
use crate::budget::{Alarms, Asked};
use crate::episode::Episode;
use crate::region::Region;
use crate::said::Said;
use crate::tally::{SeriesId, Tally};

/// The episodes of one series, from its first count on, if the same was asked for on every day: of increases, and of decreases. In
/// the order of their Start. The tally holds the activity of its account-Region and its counts; `counted` is the end of what was
/// counted. What was `said` is heeded.
///
/// The other series need not be there: an account's series share what is asked for, and nothing else.
pub fn replay(tally: &Tally, id: SeriesId, asked: [Asked; 2], counted: Minute, said: &Said) -> Vec<Episode> {
    let series = tally.counted(id);
    let of_region = tally.region_tally(series.region);
    let Some((first, _)) = of_region.span() else { return Vec::new() };
    let mut watched = Watched::new(Region::new(series.region, first));
    watched.region.decide(&of_region.activity, counted);
    watched.series.push(WatchedSeries::new(id, &series.subject, watched.template.clone(), said));
    let days = (counted - first).0.max(0) / DAY.0 + 2;
    let asked = vec![asked; days as usize];
    let (mut alarms, mut found) = (Alarms::default(), Vec::new());
    watched.advance(tally, &asked, first, &mut alarms, &mut found);
    let mut episodes: Vec<Episode> = found.into_iter().map(|found| found.episode).collect();
    let tracks = watched.series.into_iter().flat_map(|series| series.tracks);
    episodes.extend(tracks.filter(|track| track.is_busy()).filter_map(|mut track| track.finish()));
    episodes.sort_by_key(|episode| (episode.start, episode.direction));
    episodes
}

#[cfg(test)]
mod tests {
    use record::insight::{Direction, Subject};
    use record::names::EventCategory;

    use super::*;
    use crate::engine::{Engine, Settings};

    fn subject(name: &str) -> Subject {
        Subject {
            account: "123456789012".into(),
            region: "us-east-1".into(),
            source: "ec2.amazonaws.com".into(),
            name: name.into(),
            error: None,
            category: EventCategory::Management,
        }
    }

    /// Ten days at twelve calls a minute; two bursts, of which one is larger. So many other APIs are called as ever.
    fn bursts(others: i32) -> (Tally, SeriesId) {
        let subject = subject("RunInstances");
        let mut tally = Tally::new();
        for other in 0..others {
            let other_subject = self::subject(&format!("Other{other}"));
            for minute in 0..14_400 {
                tally.count(&other_subject, Minute(minute), 5 + ((minute + other) * 7919 % 11) as u32, false);
            }
        }
        for minute in 0..14_400 {
            let calls = match minute {
                9_000..9_005 => 23,
                12_000..12_020 => 120,
                // As the calls of an account do.
                _ => 8 + (minute * 7919 % 9) as u32,
            };
            tally.count(&subject, Minute(minute), calls, false);
        }
        let id = tally.find(&subject).expect("it was counted");
        (tally, id)
    }

    fn asked(series: u32, promise: f64) -> [Asked; 2] {
        [Direction::Increase, Direction::Decrease].map(|direction| Asked::new(direction, series, promise, 1.0))
    }

    #[test]
    fn asked_for_what_the_engine_asks_for_it_tells_the_same() {
        let (tally, id) = bursts(40);
        let promise = 30.0;
        let mut engine = Engine::new(Settings { false_alarms_per_month: promise, ..Settings::default() });
        engine.advance(&tally, Minute(14_400));
        let of = |episodes: &mut dyn Iterator<Item = Episode>| {
            episodes.map(|one| (one.direction, one.start, one.end)).collect::<Vec<_>>()
        };
        let of_series = engine.found().into_iter().filter(|found| found.series == id);
        let told = of(&mut of_series.map(|found| found.episode));
        let (_, now) = engine.asked().next().expect("there is an account");
        assert_eq!(now.map(|asked| (asked.series, asked.correction)), [(41, 1.0), (41, 1.0)]);
        assert_eq!(of(&mut replay(&tally, id, *now, Minute(14_400), &Said::default()).into_iter()), told);
        assert!(told.iter().any(|one| one.1 >= Minute(11_990) && one.1 <= Minute(12_010)), "{told:?}");
    }

    #[test]
    fn who_promises_more_false_alarms_is_told_more() {
        let (tally, id) = bursts(0);
        let told = |promise| replay(&tally, id, asked(2_000, promise), Minute(14_400), &Said::default()).len();
        assert!(told(0.01) <= told(3.0) && told(3.0) <= told(300.0), "{} {} {}", told(0.01), told(3.0), told(300.0));
        assert!(told(0.01) < told(3_000.0), "{} {}", told(0.01), told(3_000.0));
        assert_eq!(told(1e-300), 0);
    }
}
