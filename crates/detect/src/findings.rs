//! Findings: all that is told of an episode, of a gap, or of an account that is too young for either, as data.

use record::insight::{FailedShare, Insight, InsightType, NoData, StandsOut, Statistics, Subject, Timeline};
use record::time::{Minute, Minutes, WEEK};

use crate::engine::{Engine, Found, Settings};
use crate::explanation::explanation;
use crate::series::WARM;
use crate::surprise::{quantile, variance_of};
use crate::tally::{Counted, Tally};

/// Points of a timeline, at most.
const POINTS: i32 = 240;
/// Peaks shown of calls, and of errors, while little is learned.
const SHOWN: usize = 5;
/// Calls that such a peak must have.
const LEAST_CALLS: u64 = 3;
/// Its length.
const PEAK: Minutes = Minutes(5);

/// The minutes that an insight's baseline covers: from 00:00 UTC seven days before the Start's day up to the Start.
///
/// That is AWS's arithmetic, derived from its samples.
pub fn baseline_of(start: Minute) -> (Minute, Minute) {
    (start.day_start() - WEEK, start)
}

/// Everything told of an episode but who was behind it. `until`: the minute up to which all is counted.
pub fn insight(found: &Found, tally: &Tally, settings: &Settings, until: Minute) -> Insight {
    let (counted, episode) = (tally.counted(found.series), &found.episode);
    let (from, start) = baseline_of(episode.start);
    let end = episode.end.unwrap_or(until).max(start);
    let counts = counted.counts.within(from, end.max(start + Statistics::START_MINUTES));
    let statistics = Statistics {
        baseline_calls: sum(&counts, from, start),
        baseline_minutes: start - from,
        start_calls: sum(&counts, start, start + Statistics::START_MINUTES),
        insight_calls: sum(&counts, start, end),
        insight_minutes: end - start,
    };
    Insight {
        subject: counted.subject.clone(),
        direction: episode.direction,
        start,
        end: episode.end,
        called: episode.called,
        statistics,
        attributions: Vec::new(),
        differences: Vec::new(),
        explanation: explanation(&episode.peak, settings.false_alarms_per_month),
        failed_share: failed_share(counted, tally, &statistics, (from, start, end)),
        new_usual: episode.new_usual,
        timeline: timeline(found, counted, start, end, until),
    }
}

/// Share of an API's calls that failed with this code, before and during; `None` for call rates.
fn failed_share(
    counted: &Counted,
    tally: &Tally,
    statistics: &Statistics,
    (from, start, end): (Minute, Minute, Minute),
) -> Option<FailedShare> {
    counted.subject.error.as_ref()?;
    let calls = tally.find(&Subject { error: None, ..counted.subject.clone() })?;
    let counts = tally.counted(calls).counts.within(from, end);
    let share = |failed: u64, calls: u64| (calls > 0).then(|| failed as f64 / calls as f64);
    Some(FailedShare {
        before: share(statistics.baseline_calls, sum(&counts, from, start)),
        during: share(statistics.insight_calls, sum(&counts, start, end)),
    })
}

/// The minutes around: as long before and after as the episode itself, an hour at least.
fn timeline(found: &Found, counted: &Counted, start: Minute, end: Minute, until: Minute) -> Timeline {
    let around = Minutes((end - start).0.clamp(60, 180));
    let verdict = &found.episode.peak.verdict;
    let expected = &found.episode.expected;
    let mut timeline = counts_between(counted, start - around, until.min(end + around));
    for step in 0..timeline.calls.len() as i32 {
        let from = timeline.from + Minutes(step * timeline.step.0);
        let minutes = (0..timeline.step.0).map(|minute| {
            let at = expected.partition_point(|hour| hour.0 <= from + Minutes(minute));
            at.checked_sub(1).map_or(0.0, |at| expected[at].1)
        });
        let mean: f64 = minutes.sum();
        timeline.expected.push(mean);
        timeline.high.push(quantile(mean, variance_of(mean, verdict.clumpiness, verdict.uncertainty), 0.95));
    }
    timeline
}

/// Calls of [from, until), in so many steps as can be shown; what was expected is still to be filled in.
fn counts_between(counted: &Counted, from: Minute, until: Minute) -> Timeline {
    let length = (until - from).0.max(1);
    let step = [1, 5, 15, 60, 360].into_iter().find(|step| length <= step * POINTS).unwrap_or(1440);
    let from = Minute(from.0.div_euclid(step) * step);
    let mut calls = vec![0; ((until - from).0.max(1) + step - 1) as usize / step as usize];
    for (minute, count) in counted.counts.within(from, until) {
        calls[((minute - from).0 / step) as usize] += u64::from(count);
    }
    Timeline { from, step: Minutes(step), calls, expected: Vec::new(), high: Vec::new() }
}

/// Every gap, in the order of its start.
pub fn no_data(engine: &Engine, tally: &Tally) -> Vec<NoData> {
    let mut all: Vec<NoData> = engine
        .gaps()
        .map(|(region, gap)| {
            let region = tally.region_tally(region);
            let (account, region) = (region.account.clone(), region.region.clone());
            NoData { account, region, start: gap.start, end: gap.end, expected: gap.expected }
        })
        .collect();
    all.sort_by(|a, b| (a.start, &a.account, &a.region).cmp(&(b.start, &b.account, &b.region)));
    all
}

/// In account-Regions that were watched for less than 36 hours: the five largest peaks of calls, and the five of errors.
pub fn stands_out(engine: &Engine, tally: &Tally, settings: &Settings) -> Vec<StandsOut> {
    let mut peaks: Vec<StandsOut> = Vec::new();
    for (id, region) in tally.all_regions() {
        let minutes_learned = engine.minutes_learned(tally, id);
        if minutes_learned.0 >= WARM {
            continue;
        }
        let watched =
            region.series.iter().map(|&series| tally.counted(series)).filter(|counted| settings.watches(counted));
        peaks.extend(watched.filter_map(|counted| peak(counted, minutes_learned)));
    }
    peaks.sort_by(|a, b| (b.calls, a.start, &a.subject).cmp(&(a.calls, b.start, &b.subject)));
    let (mut calls, errors): (Vec<_>, Vec<_>) =
        peaks.into_iter().partition(|peak| peak.subject.insight_type() == InsightType::ApiCallRateInsight);
    calls.truncate(SHOWN);
    calls.extend(errors.into_iter().take(SHOWN));
    calls
}

/// The five minutes with the most calls, if they are enough.
fn peak(counted: &Counted, minutes_learned: Minutes) -> Option<StandsOut> {
    let counts = counted.counts.within(Minute(i32::MIN), Minute(i32::MAX));
    let (mut best, mut calls, mut tail) = (None, 0, 0);
    for (head, &(minute, count)) in counts.iter().enumerate() {
        calls += u64::from(count);
        while minute - counts[tail].0 >= PEAK {
            calls -= u64::from(counts[tail].1);
            tail += 1;
        }
        if best.is_none_or(|(most, _, _)| calls > most) {
            best = Some((calls, counts[tail].0, counts[head].0.next()));
        }
    }
    let (calls, start, end) = best.filter(|best| best.0 >= LEAST_CALLS)?;
    let timeline = counts_between(counted, start - Minutes(60), end + Minutes(60));
    let zeros = vec![0.0; timeline.calls.len()];
    let timeline = Timeline { expected: zeros.clone(), high: zeros, ..timeline };
    let (subject, attributions) = (counted.subject.clone(), Vec::new());
    Some(StandsOut {
        subject,
        start,
        end,
        calls,
        calls_in_all: counted.counts.calls(),
        minutes_learned,
        attributions,
        timeline,
    })
}

fn sum(counts: &[(Minute, u32)], from: Minute, until: Minute) -> u64 {
    counts.iter().filter(|pair| from <= pair.0 && pair.0 < until).map(|pair| u64::from(pair.1)).sum()
}
