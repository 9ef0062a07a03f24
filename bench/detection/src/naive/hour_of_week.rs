//! Hour-of-week negative binomial: each of the 168 hours has a mean of its own, learned over all weeks before and leaned
//! on the series' mean; the spread is that of the past surprises of the same window.

use super::tails::{surprise_above, surprise_below};

use super::{Blocks, HOUR, Naive, Score};

pub(super) struct HourOfWeek {
    pub(super) name: &'static str,
    /// Lengths of the windows that are judged, in blocks.
    pub(super) windows: &'static [usize],
}

/// Blocks' worth of trust in the mean of the whole series.
const TRUST: f64 = HOUR as f64;

impl Naive for HourOfWeek {
    fn name(&self) -> &'static str {
        self.name
    }

    fn judge(&self, blocks: &Blocks<'_>, tell: &mut dyn FnMut(Score)) {
        let (mut hours, mut all) = ([(0.0, 0.0); 168], (0.0, 0.0));
        let mut means = vec![0.0; blocks.calls.len()];
        // Squares of what was too much or too little, and of what a Poisson process would have, for each window.
        let mut spread = vec![(4.0, 2.0); self.windows.len()];
        let mut sums = vec![(0.0, 0.0); self.windows.len()];
        for block in 0..blocks.calls.len() {
            let calls = blocks.calls[block];
            let hour = &mut hours[blocks.hour_of_week(block)];
            let overall = (all.0 + 0.5) / (all.1 + 1.0);
            let mean = (hour.0 + TRUST * overall) / (hour.1 + TRUST);
            means[block] = if blocks.is_known[block] { mean } else { calls };
            let mut worst: Option<Score> = None;
            for ((&window, sum), spread) in self.windows.iter().zip(&mut sums).zip(&mut spread) {
                sum.0 += calls;
                sum.1 += means[block];
                if block >= window {
                    sum.0 -= blocks.calls[block - window];
                    sum.1 -= means[block - window];
                }
                if !blocks.is_known[block] {
                    continue;
                }
                let (calls, mean) = (sum.0, sum.1.max(1e-6));
                let clumpiness = f64::max(spread.0 / spread.1, 1.0);
                let variance = clumpiness * mean;
                let score = if calls > mean + 2.0 * variance.sqrt() + 1.0 {
                    Score::up(block, surprise_above(calls, mean, variance))
                } else if calls < mean - 1.5 * variance.sqrt() {
                    Score::down(block, surprise_below(calls, mean, variance))
                } else {
                    Score::up(block, 0.0)
                };
                if worst.as_ref().is_none_or(|worst| score.score > worst.score) {
                    worst = Some(score);
                }
                spread.0 += (calls - mean).powi(2);
                spread.1 += mean;
            }
            if let Some(worst) = worst.filter(|worst| worst.score > 1.0) {
                tell(worst);
            }
            if blocks.is_known[block] {
                let hour = &mut hours[blocks.hour_of_week(block)];
                *hour = (hour.0 + calls, hour.1 + 1.0);
                all = (all.0 + calls, all.1 + 1.0);
            }
        }
    }
}
