//! Size: how far a count lies from what was expected, in the usual distances of surprises.
//!
//! The logarithm of the ratio over its own spread; then standardised by what exceedances with so many clumps expected
//! usually have. The table was fitted once, over made-up accounts.

use crate::windows::{TAU_DOWN, TAU_UP};

/// Expected clumps: the edges of the table.
const EDGES: [f64; 10] = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0];
const UP_MEAN: [f64; 11] = [1.3, 1.4, 1.7, 2.1, 2.1, 1.4, 1.4, 1.45, 1.3, 1.0, 0.65];
const UP_SPREAD: [f64; 11] = [0.85, 0.85, 0.9, 0.7, 0.45, 0.40, 0.27, 0.27, 0.27, 0.27, 0.2];
const DOWN_MEAN: [f64; 11] = [2.95, 2.95, 2.95, 2.95, 2.95, 2.95, 2.95, 2.95, 2.13, 1.33, 0.7];
const DOWN_SPREAD: [f64; 11] = [1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 0.52, 0.36, 0.3];

/// The size of an increase.
pub(crate) fn size_above(calls: f64, mean: f64, clumps: f64) -> f64 {
    let place = place(clumps);
    (distance(calls, mean, clumps, TAU_UP) - UP_MEAN[place]) / UP_SPREAD[place]
}

/// The size of a decrease.
pub(crate) fn size_below(calls: f64, mean: f64, clumps: f64) -> f64 {
    let place = place(clumps);
    (distance(mean, calls, clumps, TAU_DOWN) - DOWN_MEAN[place]) / DOWN_SPREAD[place]
}

fn distance(more: f64, less: f64, clumps: f64, tau: f64) -> f64 {
    ((more + 1.0) / (less + 1.0)).ln() / (tau * tau + 1.0 / clumps.max(1.0)).sqrt()
}

fn place(clumps: f64) -> usize {
    EDGES.iter().filter(|&&edge| clumps >= edge).count()
}
