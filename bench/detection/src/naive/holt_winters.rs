//! Holt-Winters: level, trend and the day's season, smoothed exponentially, and a band as wide as the usual error of the
//! same time of day (Brutlag 2000, "Aberrant Behavior Detection in Time Series for Network Monitoring").

use super::{Blocks, DAY, Naive, Score};

pub(super) struct HoltWinters;

/// How fast level, trend, season and band follow.
const LEVEL: f64 = 0.01;
const TREND: f64 = 0.0001;
const SEASON: f64 = 0.1;
/// No band is narrower: a call in a day.
const NARROWEST: f64 = 1.0 / DAY as f64;

impl Naive for HoltWinters {
    fn name(&self) -> &'static str {
        "Holt-Winters"
    }

    fn judge(&self, blocks: &Blocks<'_>, tell: &mut dyn FnMut(Score)) {
        let (mut level, mut trend, mut usual_error) = (0.0, 0.0, 0.0);
        let mut season = [0.0; DAY];
        let mut band = [0.0; DAY];
        for block in 0..blocks.calls.len() {
            if !blocks.is_known[block] {
                continue;
            }
            let (calls, time) = (blocks.calls[block], block % DAY);
            let error = calls - (level + trend + season[time]);
            if block >= DAY {
                let width = f64::max(band[time], usual_error).max(NARROWEST);
                if error > 3.0 * width {
                    tell(Score::up(block, error / width));
                } else if error < -2.0 * width {
                    tell(Score::down(block, -error / width));
                }
            }
            // The first day only sets the level.
            let (follow, season_follow) = if block < DAY { (1.0 / (block + 1) as f64, 0.0) } else { (LEVEL, SEASON) };
            let before = level;
            level = follow * (calls - season[time]) + (1.0 - follow) * (level + trend);
            if block >= DAY {
                trend = TREND * (level - before) + (1.0 - TREND) * trend;
            }
            season[time] = season_follow * (calls - level) + (1.0 - season_follow) * season[time];
            band[time] = SEASON * error.abs() + (1.0 - SEASON) * band[time];
            usual_error = follow.min(0.1) * error.abs() + (1.0 - follow.min(0.1)) * usual_error;
        }
    }
}
