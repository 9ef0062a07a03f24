//! SPOT: peaks over a threshold, by extreme value theory (Siffer et al. 2017, "Anomaly Detection in Streams with Extreme
//! Value Theory").
//!
//! The largest two percent of all five minutes are peaks; by how much they pass the threshold follows a generalized Pareto
//! distribution, which says how unlikely a larger one is. The same for the smallest two percent, upside down.

use super::{Blocks, Naive, Score, WEEK};

pub(super) struct Spot;

/// Blocks from which the thresholds are taken.
const CALIBRATION: usize = 2 * WEEK;
/// Share of blocks that are peaks.
const PEAKS: f64 = 0.02;

impl Naive for Spot {
    fn name(&self) -> &'static str {
        "SPOT"
    }

    fn judge(&self, blocks: &Blocks<'_>, tell: &mut dyn FnMut(Score)) {
        let mut sorted: Vec<f64> = blocks.calls.iter().copied().take(CALIBRATION).collect();
        sorted.sort_by(f64::total_cmp);
        let Some(last) = sorted.len().checked_sub(1) else { return };
        let (low, high) = (sorted[(PEAKS * last as f64) as usize], sorted[((1.0 - PEAKS) * last as f64) as usize]);
        let mut above = Tail::default();
        let mut below = Tail::default();
        let mut seen = 0.0;
        for (block, &calls) in blocks.calls.iter().enumerate() {
            if !blocks.is_known[block] {
                continue;
            }
            seen += 1.0;
            if calls > high {
                if block >= CALIBRATION {
                    tell(Score::up(block, above.score(calls - high, seen)));
                }
                above.add(calls - high);
            } else if calls < low {
                if block >= CALIBRATION {
                    tell(Score::down(block, below.score(low - calls, seen)));
                }
                below.add(low - calls);
            }
        }
    }
}

/// Excesses over a threshold, and the generalized Pareto distribution that fits them.
#[derive(Default)]
struct Tail {
    excesses: Vec<f64>,
    fitted_to: usize,
    shape: f64,
    scale: f64,
}

impl Tail {
    fn add(&mut self, excess: f64) {
        self.excesses.push(excess);
    }

    /// -log10 of the probability of a block with at least this excess.
    fn score(&mut self, excess: f64, seen: f64) -> f64 {
        if self.excesses.len() * 4 >= self.fitted_to * 5 {
            self.fit();
        }
        let beyond = if self.shape.abs() < 1e-6 {
            -excess / self.scale
        } else {
            -(1.0 + self.shape * excess / self.scale).max(1e-12).ln() / self.shape
        };
        -((self.excesses.len() as f64 + 0.5) / (seen + 1.0)).log10() - beyond / std::f64::consts::LN_10
    }

    /// Most likely shape and scale, along the one-dimensional profile of Grimshaw (1993).
    fn fit(&mut self) {
        let (n, most) = (self.excesses.len() as f64, self.excesses.iter().copied().fold(0.0, f64::max));
        self.fitted_to = self.excesses.len();
        let mean = self.excesses.iter().sum::<f64>() / n;
        (self.shape, self.scale) = (0.0, if n > 0.0 { mean } else { 1.0 });
        if n < 5.0 {
            return;
        }
        let mut best = -n * (mean.ln() + 1.0);
        for step in -12..=24 {
            // shape / scale, from just above -1 / the largest excess to many times 1 / the mean.
            let over =
                if step < 0 { -(1.0 - 0.75f64.powi(-step)) / most * 0.999 } else { 1.6f64.powi(step - 12) / mean };
            let shape = self.excesses.iter().map(|excess| (over * excess).ln_1p()).sum::<f64>() / n;
            let scale = shape / over;
            let likelihood = -n * (scale.ln() + shape + 1.0);
            if shape > -0.5 && scale > 0.0 && likelihood > best {
                best = likelihood;
                (self.shape, self.scale) = (shape, scale);
            }
        }
    }
}
