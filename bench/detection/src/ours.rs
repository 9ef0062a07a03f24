//! Our method, as `trailsight analyze` runs it: all counts first, then a replay under a promise of false alarms.

use detect::engine::{Engine, Found, Settings};
use detect::tally::Tally;
use record::insight::Subject;
use record::names::{AccountId, EventCategory, EventName, EventSource, Region};
use record::time::{Minute, Minutes};

use crate::method::{Alarm, Observed};

/// The counts of an account, as the engine takes them.
pub(crate) struct Ours<'a> {
    account: &'a Observed,
    tally: Tally,
}

impl Ours<'_> {
    /// Counts. The engine's number of a series is ours: they are told in order. Nothing is said of gaps: it must find them.
    pub(crate) fn new(account: &Observed) -> Ours<'_> {
        let mut tally = Tally::new();
        let at = |minute: usize| account.first + Minutes(minute as i32);
        let mut activity = vec![0; account.minutes];
        for (number, calls) in account.series.iter().enumerate() {
            let id = tally.series(&subject(number));
            tally.has_writes(id);
            for &(minute, calls) in calls {
                tally.add(id, at(minute as usize), calls);
                activity[minute as usize] += calls;
            }
        }
        let region = subject(0);
        let region = tally.region(&region.account, &region.region);
        for (minute, calls) in activity.into_iter().enumerate().filter(|(_, calls)| *calls > 0) {
            tally.add_activity(region, at(minute), calls);
        }
        Ours { account, tally }
    }

    /// The alarms under this promise (false alarms an account and month).
    pub(crate) fn alarms(&self, false_alarms_per_month: f64) -> Vec<Alarm> {
        let mut engine = Engine::new(Settings { false_alarms_per_month, ..Settings::default() });
        engine.advance(&self.tally, self.account.first + Minutes(self.account.minutes as i32));
        engine.settle(&self.tally);
        engine.found().into_iter().map(|found| alarm(found, self.account)).collect()
    }
}

fn subject(number: usize) -> Subject {
    Subject {
        account: AccountId::from("123456789012"),
        region: Region::from("us-east-1"),
        source: EventSource::from("made-up.amazonaws.com"),
        name: EventName::from(format!("Series{number}").as_str()),
        error: None,
        category: EventCategory::Management,
    }
}

fn alarm(found: Found, account: &Observed) -> Alarm {
    let number = |minute: Minute| (minute - account.first).0.max(0) as usize;
    let episode = found.episode;
    let end = episode.end.map_or(account.minutes, number);
    let (start, called) = (number(episode.start), number(episode.called));
    Alarm { series: found.series.0 as usize, direction: episode.direction, start, end, called }
}
