//! Decay: what n minutes leave of what was, and what n equal additions come to by then.

use std::sync::LazyLock;

/// Powers of one decay a minute, for as many minutes as an hour has.
pub(crate) struct Decay {
    power: [f64; 61],
    sum: [f64; 61],
}

impl Decay {
    fn by_half_in(minutes: f64) -> Decay {
        let one = 0.5f64.powf(1.0 / minutes);
        let power: [f64; 61] = std::array::from_fn(|n| 0.5f64.powf(n as f64 / minutes));
        Decay { power, sum: power.map(|left| (1.0 - left) / (1.0 - one)) }
    }

    /// dⁿ: what n minutes leave of one. n is at most 60.
    pub(crate) fn power(&self, n: usize) -> f64 {
        self.power[n]
    }

    /// 1 + d + … + dⁿ⁻¹: what one a minute comes to after n minutes. n is at most 60.
    pub(crate) fn sum(&self, n: usize) -> f64 {
        self.sum[n]
    }
}

/// The decays of everything that is learned, minute by minute.
pub(crate) struct Decays {
    pub(crate) level: Decay,
    pub(crate) level_adopting: Decay,
    /// A minute of the clumpiness of one-minute windows; the longer windows are whole powers of it.
    pub(crate) clump: Decay,
    /// A whole block of each window: its decay, and 1 over what one block loses.
    pub(crate) block: [f64; crate::windows::COUNT],
    pub(crate) block_loss: [f64; crate::windows::COUNT],
}

/// Computed once.
pub(crate) static DECAYS: LazyLock<Decays> = LazyLock::new(|| {
    use crate::clumpiness::CLUMP_HALF_LIFE;
    use crate::expectation::{LEVEL_HALF_LIFE, LEVEL_HALF_LIFE_ADOPTING};
    let block = crate::windows::WINDOWS.map(|minutes| 0.5f64.powf(f64::from(minutes) / CLUMP_HALF_LIFE));
    Decays {
        level: Decay::by_half_in(LEVEL_HALF_LIFE),
        level_adopting: Decay::by_half_in(LEVEL_HALF_LIFE_ADOPTING),
        clump: Decay::by_half_in(CLUMP_HALF_LIFE),
        block,
        block_loss: block.map(|left| 1.0 / (1.0 - left)),
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_minutes_at_once_are_minutes_one_by_one() {
        let decay = Decay::by_half_in(720.0);
        let (mut left, mut sum) = (1.0, 0.0);
        for n in 0..=60 {
            assert!((decay.power(n) - left).abs() < 1e-14 && (decay.sum(n) - sum).abs() < 1e-10, "{n}");
            left *= decay.power(1);
            sum = sum * decay.power(1) + 1.0;
        }
    }
}
