//! Three sigma: five minutes against the mean and spread of all five minutes of the week before.

use super::{Blocks, Naive, Score, WEEK};

pub(super) struct ThreeSigma;

impl Naive for ThreeSigma {
    fn name(&self) -> &'static str {
        "3 sigma over five minutes"
    }

    fn judge(&self, blocks: &Blocks<'_>, tell: &mut dyn FnMut(Score)) {
        let (mut sum, mut squares, mut known) = (0.0, 0.0, 0.0f64);
        for block in 0..blocks.calls.len() {
            if blocks.is_known[block] {
                let calls = blocks.calls[block];
                if known > 0.0 {
                    let mean = sum / known;
                    // One call more, or nothing would have a spread where nothing ever happened.
                    let variance: f64 = (squares + 1.0) / known - mean * mean;
                    let sigma = variance.max(1.0 / known).sqrt();
                    let score = (calls - mean) / sigma;
                    if score > 3.0 {
                        tell(Score::up(block, score));
                    } else if score < -2.0 {
                        tell(Score::down(block, -score));
                    }
                }
                sum += calls;
                squares += calls * calls;
                known += 1.0;
            }
            if block >= WEEK && blocks.is_known[block - WEEK] {
                let old = blocks.calls[block - WEEK];
                sum -= old;
                squares -= old * old;
                known -= 1.0;
            }
        }
    }
}
