//! Clumpiness: variance over mean of a count, learned for each length of window.
//!
//! Calls come in clumps (a deployment, a page of a console, a batch), and a day's clumps are larger than a minute's.
//! Known minutes are cut into blocks as long as the window; every full block adds its squared error and its calls.

use serde::{Deserialize, Serialize};

use crate::decay::Decays;
use crate::windows::{COUNT, WINDOWS};

/// Clumpiness that is believed before anything is learned, and how much of it.
const CLUMP_PRIOR: f64 = 6.0;
const CLUMP_WEIGHT: f64 = 5.0;
/// Minutes after which half of what was learned is forgotten.
pub(crate) const CLUMP_HALF_LIFE: f64 = 20_160.0;
/// What an hour leaves, at least, of what was learned: one block of six hours leaves 0.988.
const LEFT_AFTER_AN_HOUR: f64 = 0.98;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Clumpiness {
    /// Decayed squared errors, and decayed calls (the mean of counted and expected ones), of full blocks.
    errors: [f64; COUNT],
    calls: [f64; COUNT],
    /// The open block: its calls, what was expected of it, and the minutes it still lacks.
    block_calls: [f64; COUNT],
    block_mean: [f64; COUNT],
    block_left: [u16; COUNT],
}

impl Clumpiness {
    pub(crate) fn new() -> Clumpiness {
        let zero = [0.0; COUNT];
        let block_left = WINDOWS.map(|minutes| minutes as u16);
        Clumpiness { errors: zero, calls: zero, block_calls: zero, block_mean: zero, block_left }
    }

    /// Variance over mean of windows of this kind; at least 1.
    pub(crate) fn of(&self, window: usize) -> f64 {
        ((self.errors[window] + CLUMP_WEIGHT * CLUMP_PRIOR) / (self.calls[window] + CLUMP_WEIGHT)).max(1.0)
    }

    /// Whether `of` is so much that a lack or excess `beyond` the mean is nothing, with a variance of twice it at least.
    pub(crate) fn covers(&self, window: usize, beyond: f64, mean: f64) -> bool {
        let calls = self.calls[window] + CLUMP_WEIGHT;
        let errors = (self.errors[window] + CLUMP_WEIGHT * CLUMP_PRIOR).max(calls);
        beyond * beyond * calls <= 2.0 * mean * errors
    }

    /// What `of` cannot fall below within the hour, if no more than so many calls are counted or expected in it.
    pub(crate) fn at_least(&self, window: usize, calls: f64) -> f64 {
        let errors = LEFT_AFTER_AN_HOUR * self.errors[window] + CLUMP_WEIGHT * CLUMP_PRIOR;
        let block = self.block_calls[window] + self.block_mean[window];
        (errors / (self.calls[window] + CLUMP_WEIGHT + 0.5 * (block + calls))).max(1.0)
    }

    /// One minute with calls. On the first day blocks are dropped instead of learned.
    pub(crate) fn learn(&mut self, calls: f64, mean: f64, is_learned: bool, decays: &Decays) {
        for window in 0..COUNT {
            self.block_calls[window] += calls;
            self.block_mean[window] += mean;
            self.block_left[window] -= 1;
            if self.block_left[window] == 0 {
                self.close(window, is_learned, decays);
            }
        }
    }

    /// So many minutes without calls, at most sixty, of the same mean.
    pub(crate) fn learn_quiet(&mut self, minutes: usize, mean: f64, is_learned: bool, decays: &Decays) {
        if is_learned {
            let (left, sum) = (decays.clump.power(minutes), decays.clump.sum(minutes));
            self.errors[0] = self.errors[0] * left + mean * mean * sum;
            self.calls[0] = self.calls[0] * left + 0.5 * mean * sum;
        }
        self.learn_quiet_blocks::<1>(minutes, mean, is_learned, decays);
        self.learn_quiet_blocks::<2>(minutes, mean, is_learned, decays);
        self.learn_quiet_blocks::<3>(minutes, mean, is_learned, decays);
        self.learn_quiet_blocks::<4>(minutes, mean, is_learned, decays);
    }

    fn learn_quiet_blocks<const WINDOW: usize>(
        &mut self,
        minutes: usize,
        mean: f64,
        is_learned: bool,
        decays: &Decays,
    ) {
        let lacking = usize::from(self.block_left[WINDOW]);
        if minutes < lacking {
            self.block_mean[WINDOW] += mean * minutes as f64;
            self.block_left[WINDOW] -= minutes as u16;
            return;
        }
        self.block_mean[WINDOW] += mean * lacking as f64;
        self.close(WINDOW, is_learned, decays);
        let length = const { WINDOWS[WINDOW] as usize };
        let (blocks, rest) = ((minutes - lacking) / length, (minutes - lacking) % length);
        if is_learned && blocks > 0 {
            let left = decays.clump.power(blocks * length);
            let sum = (1.0 - left) * decays.block_loss[WINDOW];
            let block = mean * length as f64;
            self.errors[WINDOW] = self.errors[WINDOW] * left + block * block * sum;
            self.calls[WINDOW] = self.calls[WINDOW] * left + 0.5 * block * sum;
        }
        self.block_mean[WINDOW] = mean * rest as f64;
        self.block_left[WINDOW] -= rest as u16;
    }

    fn close(&mut self, window: usize, is_learned: bool, decays: &Decays) {
        if is_learned {
            let (calls, mean) = (self.block_calls[window], self.block_mean[window]);
            let left = decays.block[window];
            self.errors[window] = left * self.errors[window] + (calls - mean) * (calls - mean);
            self.calls[window] = left * self.calls[window] + 0.5 * (calls + mean);
        }
        self.block_calls[window] = 0.0;
        self.block_mean[window] = 0.0;
        self.block_left[window] = WINDOWS[window] as u16;
    }
}
