//! `GET insights/{id}/timeline` and `GET series/timeline`: calls over time, with what was expected of them.
//!
//! The band is the detector's own: the one series is replayed (`detect::band`), and no other.

use detect::band::{STEPS, band};
use detect::said::Said;
use detect::tally::{SeriesId, Tally};
use record::insight::Subject;
use record::names::{ErrorCode, EventCategory};
use record::time::{DAY, Minute, Minutes};
use serde::Serialize;
use store::insight_events::Lookup;
use store::insights::StoredInsight;
use store::{Reader, StoreError};

use super::current::until;
use super::insight::find;
use super::query::Query;
use super::wrong;
use crate::Failure;
use crate::http::FrontDoor;
use crate::pipeline::heeded;

/// Points, at most, where the step is not asked for.
const POINTS: i32 = 1500;
/// Points that can be asked for.
const MOST_POINTS: i32 = 22_000;
/// A forecast goes no further.
const AHEAD: Minutes = Minutes(60);
/// How long counts are kept.
const KEPT: Minutes = Minutes(92 * 1440);

/// Columns of one length: the n-th value of each is of the step that begins n steps after `from`. Calls are sums of a step, beside the
/// most of one of its minutes: over a month, a sum hides what lasted three minutes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Timeline {
    from: i64,
    step_seconds: i32,
    calls: Vec<u64>,
    most: Vec<u32>,
    expected: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    /// Whether there were logs: what is not known is not zero.
    is_known: Vec<bool>,
    /// What was found in it.
    insights: Vec<Shade>,
}

/// An insight on the picture.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shade {
    id: String,
    start: i64,
    /// `None`: it goes on.
    end: Option<i64>,
    direction: &'static str,
    is_held_back: bool,
}

impl Shade {
    /// If any of it lies in the time shown.
    fn of(stored: StoredInsight, from: Minute, until: Minute) -> Option<Shade> {
        let StoredInsight { id, insight, held_by, .. } = stored;
        (insight.start < until && insight.end.is_none_or(|end| end > from)).then(|| Shade {
            id,
            start: insight.start.seconds(),
            end: insight.end.map(Minute::seconds),
            direction: insight.direction.as_str(),
            is_held_back: held_by.is_some(),
        })
    }
}

/// Of an insight: around it, if nothing else is asked for.
pub(super) fn of_insight(door: &FrontDoor, id: &str, query: &Query) -> Result<Timeline, Failure> {
    query.only(&["from", "until", "step"])?;
    let now = Minute::of_seconds(door.world.clock.now().as_second());
    door.store.try_read(|r| {
        let insight = find(r, id, now)?.insight;
        let usual = around(insight.start, until(&insight), now);
        read(r, &insight.subject, usual, query, now, &heeded(r, &door.place.account)?)
    })
}

/// Of any series.
pub(super) fn of_series(door: &FrontDoor, query: &Query) -> Result<Timeline, Failure> {
    query.only(&["account", "region", "source", "name", "error", "category", "from", "until", "step"])?;
    let now = Minute::of_seconds(door.world.clock.now().as_second());
    let subject = subject_of(door, query)?;
    door.store.try_read(|r| {
        let said = heeded(r, &door.place.account)?;
        read(r, &subject, (Minute(now.0 - DAY.0), now), query, now, &said)
    })
}

/// The series that a question is about.
pub(super) fn subject_of(door: &FrontDoor, query: &Query) -> Result<Subject, Failure> {
    Ok(Subject {
        account: query.text("account").map_or_else(|| door.place.account.clone(), Into::into),
        region: query.text("region").map_or_else(|| door.place.region.clone(), Into::into),
        source: query.required("source")?.into(),
        name: query.required("name")?.into(),
        error: query.text("error").map(ErrorCode::from),
        category: match query.word("category", &["Management", "Data"])? {
            Some("Data") => EventCategory::Data,
            _ => EventCategory::Management,
        },
    })
}

/// All that is counted of one series.
pub(super) struct Counted {
    /// The activity of its account-Region, and its counts.
    pub(super) tally: Tally,
    /// It.
    pub(super) series: SeriesId,
    /// The minute after the last with a call of any kind in its account-Region.
    pub(super) end: Minute,
}

impl Counted {
    /// Reads as much as is kept.
    pub(super) fn read(r: &Reader<'_>, subject: &Subject, now: Minute) -> Result<Counted, StoreError> {
        let mut tally = Tally::new();
        let region = tally.region(&subject.account, &subject.region);
        let first = Minute(now.0 - KEPT.0);
        let activity = r.activity(&subject.account, &subject.region, first, now.next())?;
        let end = activity.last().map_or(first, |last| last.0.next());
        if let (Some((first, _)), Some((last, _))) = (activity.first(), activity.last()) {
            tally.watch(region, *first, *last);
        }
        activity.into_iter().for_each(|(minute, calls)| tally.add_activity(region, minute, calls));
        let series = tally.series(subject);
        r.counts(subject, first, now.next())?.into_iter().for_each(|(minute, calls)| tally.add(series, minute, calls));
        Ok(Counted { tally, series, end })
    }

    /// The first and the last minute of its account-Region.
    pub(super) fn span(&self) -> Option<(Minute, Minute)> {
        self.tally.region_tally(self.tally.counted(self.series).region).span()
    }
}

/// As AWS's console does it: the longer it lasted, the more around it is shown.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-insights-events-console.html>
fn around(start: Minute, end: Minute, now: Minute) -> (Minute, Minute) {
    let length = (end - start).0;
    let shown = [(240, 180), (720, 720), (1440, 1440), (4320, 4320)];
    let shown = shown.into_iter().find(|(most, _)| length < *most).map_or(10_080, |(_, shown)| shown);
    let spare = (shown - length).max(shown / 3);
    let until = Minute(end.0 + spare / 3).min(now.next()).max(end);
    (Minute(start.0 - (spare - (until - end).0)), until)
}

fn read(
    r: &Reader<'_>,
    subject: &Subject,
    usual: (Minute, Minute),
    query: &Query,
    now: Minute,
    said: &Said,
) -> Result<Timeline, Failure> {
    let (from, until) = query.span(usual, 93)?;
    let until = until.min(now + AHEAD).max(from.next());
    let length = (until - from).0;
    let step = match query.text("step") {
        None => STEPS.into_iter().find(|step| length <= step.0 * POINTS).unwrap_or(STEPS[3]),
        Some(said) => {
            let asked = said.parse().map(Minutes).ok().filter(|step| STEPS.contains(step));
            asked.ok_or_else(|| wrong("step is 1, 5, 15 or 60 minutes."))?
        }
    };
    if length / step.0 > MOST_POINTS {
        return Err(wrong(format!("These are more than {MOST_POINTS} points: ask for a longer step.")));
    }
    let from = Minute(from.0.div_euclid(step.0) * step.0);
    let until = Minute((until.0 + step.0 - 1).div_euclid(step.0) * step.0);
    let Counted { tally, series, end } = Counted::read(r, subject, now)?;
    // Where nothing is known, nothing was counted in the time that is shown.
    let end = end.max(from);
    let mut calls = vec![(0, 0); ((until - from).0 / step.0) as usize];
    for (minute, count) in tally.counted(series).counts.within(from, until) {
        if let Some((sum, most)) = calls.get_mut(((minute - from).0 / step.0) as usize) {
            *sum += u64::from(count);
            *most = count.max(*most);
        }
    }
    let band = band(&tally, series, (from, until), step, end, said);
    // What is to come has no calls yet, and no gaps.
    let seen = |index: usize| from + Minutes(index as i32 * step.0) < end;
    let calls = calls.into_iter().enumerate().take_while(|(index, _)| seen(*index));
    let (calls, most) = calls.map(|(_, calls)| calls).unzip();
    Ok(Timeline {
        from: from.seconds(),
        step_seconds: step.0 * 60,
        calls,
        most,
        expected: band.expected,
        low: band.low,
        high: band.high,
        is_known: band.is_known,
        insights: shades(r, subject, from, until)?,
    })
}

/// The insights of a series that lie in the time shown.
fn shades(r: &Reader<'_>, subject: &Subject, from: Minute, until: Minute) -> Result<Vec<Shade>, Failure> {
    let lookup = Lookup {
        until: Some(until),
        name: Some(subject.name.clone()),
        source: Some(subject.source.clone()),
        account: Some(subject.account.clone()),
        region: Some(subject.region.clone()),
        insight_type: Some(subject.insight_type()),
        ..Lookup::default()
    };
    let (events, _) = r.insight_events(&lookup, None, 500)?;
    let mut shades: Vec<Shade> = Vec::new();
    for event in events {
        if event.insight.subject != *subject || shades.iter().any(|shade| shade.id == event.insight_id) {
            continue;
        }
        let Some(stored) = r.insight(&event.insight_id)? else { continue };
        shades.extend(Shade::of(stored, from, until));
    }
    // Of what was expected no event was cut.
    for stored in r.held_insights(&subject.account, &subject.region, from, until)? {
        if stored.insight.subject == *subject && shades.iter().all(|shade| shade.id != stored.id) {
            shades.extend(Shade::of(stored, from, until));
        }
    }
    shades.sort_by_key(|shade| shade.start);
    Ok(shades)
}
