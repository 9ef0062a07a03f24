//! Whether there can be a decrease: looking for one costs more than saying that there can be none.

use serde::{Deserialize, Serialize};

use super::Series;
use crate::windows::COUNT;

/// Expected calls a minute from which bounds on decreases are not worth their price.
const DENSE: f64 = 0.1;

/// From how many expected calls on a window can be a decrease.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Decreases {
    /// In this hour no window can.
    NotThisHour,
    /// Before the next call or hour no window can.
    NotNow,
    /// Before the next call or hour, each window from so many on.
    From([f64; COUNT]),
    /// In this hour, from so many on whatever comes: twice the least clumpiness.
    Anyhow,
}

impl Series {
    /// Says in which windows there can be a decrease in this hour: a window without calls passes the gate
    /// `lack² > 2 variance` only if more than twice its clumpiness is expected.
    pub(super) fn enter_decreases(&mut self) {
        if self.means.at_most(COUNT - 1) <= 2.0 {
            self.decreases = Decreases::NotThisHour;
        } else if self.busiest() > DENSE {
            self.decreases = Decreases::Anyhow;
        } else {
            self.bound_decreases();
        }
    }

    /// Says so again after a call, which may be learned and then make for less clumpiness.
    pub(super) fn call_decreases(&mut self) {
        if matches!(self.decreases, Decreases::NotNow | Decreases::From(_)) {
            self.bound_decreases();
        }
    }

    fn bound_decreases(&mut self) {
        let learnable = self.calls.unlearned() as f64 + 2.0 * 60.0 * self.busiest();
        let mut worst = 1f64;
        let mut is_possible = false;
        let from = std::array::from_fn(|window| {
            worst = worst.max(self.clumpiness.at_least(window, learnable));
            is_possible |= window > 0 && self.means.at_most(window) > 2.0 * worst;
            2.0 * worst
        });
        self.decreases = if is_possible { Decreases::From(from) } else { Decreases::NotNow };
    }

    /// Calls expected a minute, of this hour or the one before.
    fn busiest(&self) -> f64 {
        self.means.back(0).per_minute.max(self.means.back(1).per_minute)
    }
}
