//! The methods that everybody tries first, each with the threshold that suits it best in hindsight.
//!
//! All of them look at five minutes at a time and give them a score; a threshold on the score makes alarms. Which
//! threshold keeps a promise of so many false alarms they cannot know: here it is looked up in the results, for each
//! direction apart, which is more than they would get in life.

mod holt_winters;
mod hour_of_week;
mod poisson_week;
mod spot;
mod tails;
mod three_sigma;

use record::insight::Direction;

use crate::method::{Alarm, Observed};

/// Minutes looked at together.
pub(crate) const BLOCK: usize = 5;
/// Blocks of an hour, of a day and of a week.
const HOUR: usize = 60 / BLOCK;
const DAY: usize = 24 * HOUR;
const WEEK: usize = 7 * DAY;
/// Alarms of one series and direction no further apart are one.
const MERGE: usize = 60;

/// The calls of one series in blocks of five minutes.
pub(crate) struct Blocks<'a> {
    /// Calls of each block.
    calls: &'a [f64],
    /// Whether all its minutes were logged.
    is_known: &'a [bool],
    /// Hour of the week of block 0, and how far into it that is, in blocks.
    hour_of_week: usize,
}

impl Blocks<'_> {
    fn hour_of_week(&self, block: usize) -> usize {
        (self.hour_of_week + block / HOUR) % 168
    }
}

/// How unusual a block is, by a scale of the method's own.
pub(crate) struct Score {
    block: usize,
    direction: Direction,
    score: f64,
}

impl Score {
    fn up(block: usize, score: f64) -> Score {
        Score { block, direction: Direction::Increase, score }
    }

    fn down(block: usize, score: f64) -> Score {
        Score { block, direction: Direction::Decrease, score }
    }
}

/// A naive method.
pub(crate) trait Naive: Sync {
    /// How it is called.
    fn name(&self) -> &'static str;

    /// Tells the score of every block that is at all unusual.
    fn judge(&self, blocks: &Blocks<'_>, tell: &mut dyn FnMut(Score));
}

/// All of them. To add one: write its file, then name it here.
pub(crate) static NAIVE: &[&dyn Naive] = &[
    &three_sigma::ThreeSigma,
    &poisson_week::PoissonWeek,
    &hour_of_week::HourOfWeek { name: "hour-of-week negative binomial", windows: &[1] },
    &hour_of_week::HourOfWeek { name: "the same, two windows", windows: &[1, HOUR] },
    &holt_winters::HoltWinters,
    &spot::Spot,
];

/// An unusual block of an account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exceedance {
    pub(crate) series: u32,
    /// Its first minute.
    pub(crate) minute: u32,
    pub(crate) is_up: bool,
    pub(crate) score: f32,
}

/// All unusual blocks of an account, series by series and in order of time.
pub(crate) fn exceedances(method: &dyn Naive, account: &Observed) -> Vec<Exceedance> {
    let blocks = account.minutes / BLOCK;
    let mut is_known = vec![true; blocks];
    for gap in &account.gaps {
        is_known[(gap.start / BLOCK).min(blocks)..gap.end.div_ceil(BLOCK).min(blocks)].fill(false);
    }
    let mut all = Vec::new();
    let mut calls = vec![0.0; blocks];
    for (series, of) in account.series.iter().enumerate() {
        calls.fill(0.0);
        for &(minute, n) in of {
            if let Some(block) = calls.get_mut(minute as usize / BLOCK) {
                *block += f64::from(n);
            }
        }
        let blocks = Blocks { calls: &calls, is_known: &is_known, hour_of_week: account.first.hour_of_week() };
        method.judge(&blocks, &mut |score| {
            all.push(Exceedance {
                series: series as u32,
                minute: (score.block * BLOCK) as u32,
                is_up: score.direction == Direction::Increase,
                score: score.score as f32,
            });
        });
    }
    all
}

/// The alarms above this threshold in one direction: runs of blocks, an hour apart at least.
pub(crate) fn alarms(exceedances: &[Exceedance], is_up: bool, threshold: f32) -> Vec<Alarm> {
    let direction = if is_up { Direction::Increase } else { Direction::Decrease };
    let mut alarms: Vec<Alarm> = Vec::new();
    for exceedance in exceedances.iter().filter(|e| e.is_up == is_up && e.score >= threshold) {
        let (series, start) = (exceedance.series as usize, exceedance.minute as usize);
        match alarms.last_mut() {
            Some(last) if last.series == series && start <= last.end + MERGE => last.end = start + BLOCK,
            _ => alarms.push(Alarm { series, direction, start, end: start + BLOCK, called: start + BLOCK - 1 }),
        }
    }
    alarms
}
