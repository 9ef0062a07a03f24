//! Hindsight: the thresholds that would have suited a naive method best, looked up in the results.

use std::ops::Range;

use record::insight::Direction;

use crate::method::{Alarm, Observed};
use crate::naive::{self, BLOCK, Exceedance, Naive};

/// What a method is asked: to be silent on some accounts, and to find things in some.
pub(crate) struct Exam<'a> {
    /// Accounts on which false alarms are counted.
    pub(crate) quiet: Vec<Observed>,
    /// Whether an alarm on one of them is false.
    pub(crate) is_false: &'a (dyn Fn(usize, &Alarm) -> bool + Sync),
    /// How long they are, in months (or in series-months, or whatever the rate is to be of).
    pub(crate) months: f64,
    /// Accounts in which something is to be found.
    pub(crate) struck: Vec<Observed>,
    /// What is to be found in them, series by series.
    pub(crate) wanted: Vec<Wanted>,
    /// How many minutes before and after it still count.
    pub(crate) around: (usize, usize),
}

/// Something to be found.
pub(crate) struct Wanted {
    pub(crate) account: usize,
    pub(crate) series: usize,
    pub(crate) minutes: Range<usize>,
    /// `None`: either will do.
    pub(crate) direction: Option<Direction>,
}

/// What one threshold in one direction does.
struct Point {
    false_alarms: f64,
    /// For each thing wanted, whether it is found.
    found: Vec<bool>,
}

/// A naive method that has sat an exam, ready to be asked what it would do at any rate of false alarms.
pub(crate) struct Hindsight {
    pub(crate) name: &'static str,
    up: Vec<Point>,
    down: Vec<Point>,
}

/// The best that a method could do.
pub(crate) struct Best {
    pub(crate) false_alarms: f64,
    /// For each thing wanted, whether it is found.
    pub(crate) found: Vec<bool>,
}

/// How many thresholds are tried in each direction.
const TRIED: usize = 160;
/// False alarms a month beyond which nobody would listen any more.
const MOST: f64 = 150.0;

impl Hindsight {
    /// Runs a method over all accounts.
    pub(crate) fn new(method: &dyn Naive, exam: &Exam<'_>) -> Hindsight {
        let run = |accounts: &[Observed]| -> Vec<Vec<Exceedance>> {
            accounts.iter().map(|account| naive::exceedances(method, account)).collect()
        };
        let (calm, wild) = (run(&exam.quiet), run(&exam.struck));
        let [up, down] = [true, false].map(|is_up| points(exam, is_up, &calm, &wild));
        Hindsight { name: method.name(), up, down }
    }

    /// The pair of thresholds that is worth most with at most so many false alarms.
    pub(crate) fn best(&self, most: f64, worth: impl Fn(&[bool]) -> f64) -> Best {
        let mut best: Option<(f64, Best)> = None;
        for up in self.up.iter().filter(|up| up.false_alarms <= most) {
            // The lower the threshold, the more is found: the last that is allowed is the best.
            let down = self.down.iter().rfind(|down| up.false_alarms + down.false_alarms <= most);
            let down = down.expect("the highest threshold raises no alarm");
            let found: Vec<bool> = up.found.iter().zip(&down.found).map(|(up, down)| *up || *down).collect();
            let worth = worth(&found);
            if best.as_ref().is_none_or(|best| worth > best.0) {
                best = Some((worth, Best { false_alarms: up.false_alarms + down.false_alarms, found }));
            }
        }
        best.expect("the highest threshold raises no alarm").1
    }
}

fn points(exam: &Exam<'_>, is_up: bool, calm: &[Vec<Exceedance>], wild: &[Vec<Exceedance>]) -> Vec<Point> {
    let highest: Vec<f32> = exam.wanted.iter().map(|wanted| highest_at(exam, wanted, is_up, wild)).collect();
    let mut points = Vec::new();
    for threshold in thresholds(is_up, calm) {
        let false_alarms = calm.iter().enumerate().map(|(account, calm)| {
            let alarms = naive::alarms(calm, is_up, threshold);
            alarms.iter().filter(|alarm| (exam.is_false)(account, alarm)).count()
        });
        let false_alarms = false_alarms.sum::<usize>() as f64 / exam.months;
        points.push(Point { false_alarms, found: highest.iter().map(|score| *score >= threshold).collect() });
        if false_alarms > MOST {
            break;
        }
    }
    points
}

/// From above the highest score down, each letting pass some nine percent more blocks than the one before.
fn thresholds(is_up: bool, calm: &[Vec<Exceedance>]) -> Vec<f32> {
    let mut scores: Vec<f32> = calm.iter().flatten().filter(|e| e.is_up == is_up).map(|e| e.score).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    let mut thresholds = vec![f32::MAX];
    let mut rank = 1.0;
    while let Some(&score) = scores.get(rank as usize - 1).filter(|_| thresholds.len() < TRIED) {
        thresholds.push(score * 1.000_001);
        rank = (rank * 1.09f64).max(rank + 1.0);
    }
    thresholds
}

/// The highest score at something wanted: a threshold below finds it.
fn highest_at(exam: &Exam<'_>, wanted: &Wanted, is_up: bool, wild: &[Vec<Exceedance>]) -> f32 {
    let direction = if is_up { Direction::Increase } else { Direction::Decrease };
    if wanted.direction.is_some_and(|wanted| wanted != direction) {
        return f32::MIN;
    }
    let wild = &wild[wanted.account];
    let from = wild.partition_point(|e| (e.series as usize) < wanted.series);
    let of_series = &wild[from..wild.partition_point(|e| (e.series as usize) <= wanted.series)];
    let (before, after) = exam.around;
    let near = of_series.iter().filter(|e| {
        let minute = e.minute as usize;
        e.is_up == is_up && minute < wanted.minutes.end + after && minute + BLOCK + before > wanted.minutes.start
    });
    near.map(|e| e.score).fold(f32::MIN, f32::max)
}
