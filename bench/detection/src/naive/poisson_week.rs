//! Poisson week: how unlikely so many calls in five minutes are, if they come as evenly as the week before had them.

use super::tails::{surprise_above, surprise_below};

use super::{Blocks, Naive, Score, WEEK};

pub(super) struct PoissonWeek;

impl Naive for PoissonWeek {
    fn name(&self) -> &'static str {
        "Poisson week"
    }

    fn judge(&self, blocks: &Blocks<'_>, tell: &mut dyn FnMut(Score)) {
        let (mut sum, mut known) = (0.0, 0.0);
        for block in 0..blocks.calls.len() {
            if blocks.is_known[block] {
                let (calls, mean) = (blocks.calls[block], (sum + 0.5) / (known + 1.0));
                if calls > mean + 2.0 * f64::sqrt(mean) + 1.0 {
                    tell(Score::up(block, surprise_above(calls, mean, mean)));
                } else if calls < mean - 2.0 * f64::sqrt(mean) {
                    tell(Score::down(block, surprise_below(calls, mean, mean)));
                }
                sum += calls;
                known += 1.0;
            }
            if block >= WEEK && blocks.is_known[block - WEEK] {
                sum -= blocks.calls[block - WEEK];
                known -= 1.0;
            }
        }
    }
}
