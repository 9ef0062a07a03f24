//! The measurements: which accounts are drawn, what each method is asked about them.

use std::path::Path;

use anyhow::Result;
use record::insight::Direction;
use sim::counts::decoy::{DECOY_START, Decoy};
use sim::counts::incident::Incident;
use sim::counts::{CountsAccount, MINUTES, REPORTED_FROM};

use crate::hindsight::{Exam, Hindsight, Wanted};
use crate::labelled::{self, LEARNING};
use crate::method::{Alarm, Observed};
use crate::naive::NAIVE;
use crate::ours::Ours;
use crate::parallel;
use crate::score::{AFTER, BEFORE, MONTHS, Outcome, Recall, Unasked, outcomes, unasked};

/// How much is measured.
pub(crate) struct Extent {
    /// Accounts in which nothing is wrong: of so many series, so many.
    pub(crate) quiet: &'static [(usize, usize)],
    /// Accounts with incidents: of so many series, so many.
    pub(crate) struck: (usize, usize),
    /// In how many copies of an account its incidents are spread.
    pub(crate) copies: usize,
    /// What is promised: false alarms an account and month.
    pub(crate) promises: &'static [f64],
}

/// Everything.
pub(crate) const WHOLE: Extent = Extent {
    quiet: &[(30, 20), (250, 12), (1000, 2)],
    struck: (250, 4),
    copies: 25,
    promises: &[0.3, 1.0, 3.0, 10.0, 30.0],
};
/// A few small accounts.
pub(crate) const QUICK: Extent =
    Extent { quiet: &[(30, 10)], struck: (30, 10), copies: 3, promises: &[1.0, 3.0, 10.0] };

/// An account drawn under each seed; those of one size share none.
fn seed(series: usize, number: usize) -> u64 {
    (series * 1000 + number) as u64
}

/// What our method said of accounts in which nothing is wrong.
pub(crate) struct Silence {
    pub(crate) series: usize,
    pub(crate) promise: f64,
    /// Of each account, in the reported weeks, and in the weeks before: the first, and the second and third.
    pub(crate) reported: Vec<Unasked>,
    pub(crate) first_week: Vec<Unasked>,
    pub(crate) next_weeks: Vec<Unasked>,
}

impl Silence {
    /// False alarms a month, on average and in the worst account.
    pub(crate) fn false_alarms(&self) -> (f64, f64) {
        let of = self.reported.iter().map(|unasked| unasked.false_alarms() as f64 / MONTHS);
        (mean(of.clone()), of.fold(0.0, f64::max))
    }
}

/// The mean of these.
pub(crate) fn mean(of: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = of.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count.max(1))
}

/// Runs our method over accounts in which nothing is wrong.
pub(crate) fn silences(extent: &Extent) -> Vec<Silence> {
    let mut silences = Vec::new();
    for &(series, count) in extent.quiet {
        let of_accounts = parallel::each(count, |number| {
            let account = CountsAccount::quiet(seed(series, number), series);
            let observed = Observed::from(&account);
            let ours = Ours::new(&observed);
            let under = |promise: &f64| {
                let alarms = ours.alarms(*promise);
                [REPORTED_FROM..MINUTES, 0..10_080, 10_080..REPORTED_FROM].map(|when| unasked(&account, &alarms, when))
            };
            extent.promises.iter().map(under).collect::<Vec<_>>()
        });
        for (at, &promise) in extent.promises.iter().enumerate() {
            let of = |when: usize| of_accounts.iter().map(|account| account[at][when]).collect();
            silences.push(Silence { series, promise, reported: of(0), first_week: of(1), next_weeks: of(2) });
        }
    }
    silences
}

/// What our method found of the incidents, under each promise.
///
/// Two incidents a series are far more than an account ever sees, and every one of them would raise the correction q for
/// the others. So they are spread: in each copy of an account only a few of its series are struck, all others are calm.
pub(crate) fn found(extent: &Extent) -> Vec<Vec<Outcome>> {
    let (series, count) = extent.struck;
    let mut of_copies = Vec::new();
    for number in 0..count {
        let seed = seed(series, number);
        let (quiet, struck) = (CountsAccount::quiet(seed, series), CountsAccount::struck(seed, series));
        of_copies.extend(parallel::each(extent.copies, |number| {
            let mut copy = quiet.clone();
            for at in (number..series).step_by(extent.copies) {
                copy.series[at] = struck.series[at].clone();
            }
            let observed = Observed::from(&copy);
            let ours = Ours::new(&observed);
            let under = |promise: &f64| outcomes(&copy, &ours.alarms(*promise));
            extent.promises.iter().map(under).collect::<Vec<_>>()
        }));
    }
    let of = |at: usize| of_copies.iter().flat_map(|copy| copy[at].iter().cloned()).collect();
    (0..extent.promises.len()).map(of).collect()
}

/// A naive method, ready for any number of false alarms an account and month.
pub(crate) struct Rival {
    hindsight: Hindsight,
    incidents: Vec<Incident>,
}

impl Rival {
    pub(crate) fn name(&self) -> &'static str {
        self.hindsight.name
    }

    /// What it finds with at most so many false alarms an account and month.
    pub(crate) fn recall(&self, most: f64) -> Recall {
        let recall = |found: &[bool]| Recall::of(self.incidents.iter().copied().zip(found.iter().copied()));
        recall(&self.hindsight.best(most, |found| recall(found).all_kinds(None)).found)
    }
}

/// Runs the naive methods over the accounts in which ours was to find something, and over the quiet ones of that size.
pub(crate) fn rivals(extent: &Extent) -> Vec<Rival> {
    let (series, count) = extent.struck;
    let quiet_count = extent.quiet.iter().find(|of| of.0 == series).expect("there are quiet accounts of that size").1;
    let quiet: Vec<_> = (0..quiet_count).map(|number| CountsAccount::quiet(seed(series, number), series)).collect();
    let struck: Vec<_> = (0..count).map(|number| CountsAccount::struck(seed(series, number), series)).collect();
    let (mut wanted, mut incidents) = (Vec::new(), Vec::new());
    for (account, struck) in struck.iter().enumerate() {
        for (series, of) in struck.series.iter().enumerate() {
            for truth in &of.truths {
                let direction = Some(truth.incident.direction());
                wanted.push(Wanted { account, series, minutes: truth.start..truth.end, direction });
                incidents.push(truth.incident);
            }
        }
    }
    let is_false = |account: usize, alarm: &Alarm| {
        unasked(&quiet[account], std::slice::from_ref(alarm), REPORTED_FROM..MINUTES).false_alarms() > 0
    };
    let exam = Exam {
        quiet: quiet.iter().map(Observed::from).collect(),
        is_false: &is_false,
        months: MONTHS * quiet.len() as f64,
        struck: struck.iter().map(Observed::from).collect(),
        wanted,
        around: (BEFORE, AFTER),
    };
    let rival = |method: usize| Rival { hindsight: Hindsight::new(NAIVE[method], &exam), incidents: incidents.clone() };
    parallel::each(NAIVE.len(), rival)
}

/// Insights on the series that a decoy reaches, with it and without it.
pub(crate) struct Decoyed {
    pub(crate) decoy: Decoy,
    pub(crate) series: usize,
    pub(crate) accounts: usize,
    pub(crate) reached: usize,
    pub(crate) with: usize,
    pub(crate) without: usize,
}

/// Runs our method over accounts with decoys, at the usual promise.
pub(crate) fn decoys(series: usize, accounts: usize) -> Vec<Decoyed> {
    parallel::each(Decoy::ALL.len(), |at| {
        let decoy = Decoy::ALL[at];
        let from = if matches!(decoy, Decoy::NewCron | Decoy::FirstCron | Decoy::DaylightSaving) {
            DECOY_START
        } else {
            REPORTED_FROM
        };
        let mut decoyed = Decoyed { decoy, series, accounts, reached: 0, with: 0, without: 0 };
        for number in 0..accounts {
            // Accounts of their own: what they show must not depend on those that the promise was measured on.
            let seed = seed(series, 500 + number);
            let (with, without) = (CountsAccount::with_decoy(seed, series, decoy), CountsAccount::quiet(seed, series));
            let insights = |account: &CountsAccount| {
                let mut alarms = Ours::new(&Observed::from(account)).alarms(3.0);
                alarms.retain(|alarm| with.series[alarm.series].is_decoy);
                let unasked = unasked(account, &alarms, from..MINUTES);
                unasked.false_alarms()
            };
            decoyed.reached += with.series.iter().filter(|series| series.is_decoy).count();
            decoyed.with += insights(&with);
            decoyed.without += insights(&without);
        }
        decoyed
    })
}

/// A method on the outside series.
pub(crate) struct Outside {
    pub(crate) name: String,
    /// False insights a series-month, and the share of labelled runs found: at each limit asked for.
    pub(crate) at: Vec<(f64, f64)>,
}

/// The outside series: how many, with how many labelled runs, and what the methods did with them.
pub(crate) struct OutsideResults {
    pub(crate) series: usize,
    pub(crate) runs: usize,
    pub(crate) months: f64,
    pub(crate) limits: Vec<f64>,
    pub(crate) ours_at_promises: Vec<(f64, f64, f64)>,
    pub(crate) methods: Vec<Outside>,
}

/// Runs all methods over the labelled series in this folder.
pub(crate) fn outside(folder: &Path, limits: &[f64]) -> Result<OutsideResults> {
    let all = labelled::read_all(folder)?;
    let months = all.iter().map(|labelled| (labelled.observed.minutes - LEARNING) as f64 / 43_200.0).sum::<f64>();
    let touches = |alarm: &Alarm, account: usize| {
        let (before, after) = labelled::AROUND;
        all[account].runs.iter().any(|run| alarm.touches(run, before, after))
    };
    let is_false = |account: usize, alarm: &Alarm| alarm.called >= LEARNING && !touches(alarm, account);
    let wanted = || {
        let runs =
            all.iter().enumerate().flat_map(|(account, labelled)| labelled.runs.iter().map(move |run| (account, run)));
        runs.map(|(account, run)| Wanted { account, series: 0, minutes: run.clone(), direction: None })
    };
    let count = wanted().count();

    // Ours, under many promises: what it promises, and how it would stand in hindsight, like the others.
    const PROMISES: [f64; 12] = [0.03, 0.06, 0.1, 0.2, 0.3, 0.6, 1.0, 2.0, 3.0, 6.0, 10.0, 30.0];
    let of_series = parallel::each(all.len(), |account| {
        let ours = Ours::new(&all[account].observed);
        let under = |promise: &f64| {
            let alarms = ours.alarms(*promise);
            let false_alarms = alarms.iter().filter(|alarm| is_false(account, alarm)).count();
            let (before, after) = labelled::AROUND;
            let is_found = |run: &&std::ops::Range<usize>| {
                alarms.iter().any(|alarm| alarm.called + before >= run.start && alarm.touches(run, before, after))
            };
            (false_alarms, all[account].runs.iter().filter(is_found).count())
        };
        PROMISES.iter().map(under).collect::<Vec<_>>()
    });
    let sum = |at: usize| {
        let (false_alarms, found) = of_series.iter().fold((0, 0), |sum, of| (sum.0 + of[at].0, sum.1 + of[at].1));
        (PROMISES[at], false_alarms as f64 / months, found as f64 / count as f64)
    };
    let ours_at_promises: Vec<_> = (0..PROMISES.len()).map(sum).collect();
    let within = |limit: &f64| {
        let allowed = ours_at_promises.iter().filter(|at| at.1 <= *limit);
        allowed.map(|at| (at.1, at.2)).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default()
    };
    let mut methods = vec![Outside { name: "Trailsight".to_owned(), at: limits.iter().map(within).collect() }];

    let observed = || all.iter().map(|labelled| labelled.observed.clone()).collect::<Vec<_>>();
    let exam = || Exam {
        quiet: observed(),
        is_false: &is_false,
        months,
        struck: observed(),
        wanted: wanted().collect(),
        around: labelled::AROUND,
    };
    methods.extend(parallel::each(NAIVE.len(), |method| {
        let hindsight = Hindsight::new(NAIVE[method], &exam());
        let share = |found: &[bool]| found.iter().filter(|found| **found).count() as f64 / count as f64;
        let at = limits.iter().map(|limit| {
            let best = hindsight.best(*limit, share);
            (best.false_alarms, share(&best.found))
        });
        Outside { name: hindsight.name.to_owned(), at: at.collect() }
    }));
    Ok(OutsideResults {
        series: all.len() / labelled::TARGETS.len(),
        runs: count / labelled::TARGETS.len(),
        months,
        limits: limits.to_vec(),
        ours_at_promises,
        methods,
    })
}

/// Shares found by our method.
pub(crate) fn recall(outcomes: &[Outcome]) -> Recall {
    Recall::of(outcomes.iter().map(|outcome| (outcome.truth.incident, outcome.found.is_some())))
}

/// Macro recall of increases, of decreases, and of all kinds.
pub(crate) fn macro_recall(recall: &Recall) -> [f64; 3] {
    [Some(Direction::Increase), Some(Direction::Decrease), None].map(|direction| recall.all_kinds(direction))
}
