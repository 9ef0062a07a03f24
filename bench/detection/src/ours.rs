//! Our method, as `trailsight analyze` runs it: all counts first, then a replay under a promise of false alarms.

use detect::engine::{Engine, Found, Settings};
use detect::tally::Tally;
use record::insight::Subject;
use record::names::{AccountId, EventCategory, EventName, EventSource, Region};
use record::time::{Minute, Minutes};

use crate::method::{Alarm, Observed};

/// The alarms of our method, under this promise (false alarms an account and month).
///
/// Nothing is said of gaps: it must find them.
pub(crate) fn alarms(account: &Observed, false_alarms_per_month: f64) -> Vec<Alarm> {
    let tally = tally(account);
    let mut engine = Engine::new(Settings { false_alarms_per_month, ..Settings::default() });
    engine.advance(&tally, account.first + Minutes(account.minutes as i32));
    engine.settle(&tally);
    engine.found().into_iter().map(|found| alarm(found, account)).collect()
}

/// The counts of an account, as the engine takes them. The engine's number of a series is ours: they are told in order.
fn tally(account: &Observed) -> Tally {
    let mut tally = Tally::new();
    for (number, calls) in account.series.iter().enumerate() {
        let subject = subject(number);
        let (id, region) = (tally.series(&subject), tally.region(&subject.account, &subject.region));
        tally.has_writes(id);
        for &(minute, calls) in calls {
            let minute = account.first + Minutes(minute as i32);
            tally.add(id, minute, calls);
            tally.add_activity(region, minute, calls);
        }
    }
    tally
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
