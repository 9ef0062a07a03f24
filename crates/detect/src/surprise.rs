//! Surprise: how unlikely a count is, as -log10 of a tail.
//!
//! Counts of calls are negative binomial: Poisson, but clumped, and with a mean that is itself only guessed. The upper
//! tail is an incomplete beta function; the lower one is taken from the gamma distribution, in units of variance / mean.
//! Everything is kept as a logarithm, because surprises of hundreds are common and 10^-300 is where f64 ends.
//!
//! The fraction of the gamma function is Lentz's (Numerical Recipes, 6.2); that of the beta function is the even part of
//! theirs (DiDonato and Morris, ACM TOMS 708), which takes half the steps and one division a step.

use std::f64::consts::LN_10;

const TINY: f64 = 1e-300;
const CLOSE: f64 = 1e-13;
const MOST_STEPS: u32 = 20_000;

/// The variance of a count of this mean: F times the mean, and what is not known of the mean.
pub(crate) fn variance_of(mean: f64, clumpiness: f64, uncertainty: f64) -> f64 {
    clumpiness * mean + mean * mean * uncertainty
}

/// -log10 P(Y >= k), Y negative binomial with this mean and variance (Poisson where the variance is not above the mean).
pub fn surprise_above(k: u64, mean: f64, variance: f64) -> f64 {
    if k == 0 {
        return 0.0;
    }
    if mean <= 0.0 {
        return 300.0;
    }
    let size = if variance > mean * (1.0 + 1e-9) { mean * mean / (variance - mean) } else { 1e9 };
    if size > 1e8 {
        return -ln_gamma_p(k as f64, mean) / LN_10;
    }
    -ln_beta_inc(k as f64, size, 1.0 - mean / variance) / LN_10
}

/// -log10 P(Y <= s), by the gamma approximation in units of variance / mean.
pub fn surprise_below(s: f64, mean: f64, variance: f64) -> f64 {
    let unit = variance / mean;
    -ln_gamma_q(s / unit + 1.0, mean / unit) / LN_10
}

/// -log10 of the chance that a gamma-distributed gap of this shape is more than `ratio` times its mean.
pub(crate) fn surprise_of_gap(shape: f64, ratio: f64) -> f64 {
    -ln_gamma_q(shape, shape * ratio) / LN_10
}

/// Whether `surprise_above(k, mean, variance) >= gate`, where `ten_to_gate` is 10^gate.
pub(crate) fn is_surprise_above(k: u64, mean: f64, variance: f64, gate: f64, ten_to_gate: f64) -> bool {
    // Cantelli: P(Y >= mean + d) <= variance / (variance + d²), whatever the distribution.
    let beyond = k as f64 - mean;
    beyond * beyond > (ten_to_gate - 1.0) * variance * (1.0 + 1e-9) || surprise_above(k, mean, variance) >= gate
}

/// The smallest count that at least the share `p` of all counts does not exceed.
pub fn quantile(mean: f64, variance: f64, p: f64) -> f64 {
    if mean <= 0.0 || p <= 0.0 {
        return 0.0;
    }
    // P(Y <= k) >= p says that more than k are at most 1 - p likely.
    let asked = -(1.0 - p).log10();
    let covers = |k: u64| surprise_above(k + 1, mean, variance) >= asked;
    let mut high = 1u64;
    while !covers(high - 1) && high < 1 << 52 {
        high *= 2;
    }
    // The answer is below `high`.
    let mut low = 0;
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        if covers(middle - 1) { high = middle } else { low = middle }
    }
    (high - 1) as f64
}

/// ln of the regularised incomplete beta function I_x(a, b).
fn ln_beta_inc(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if x >= 1.0 {
        return 0.0;
    }
    let front = a * x.ln() + b * (-x).ln_1p() - (ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b));
    if x >= (a + 1.0) / (a + b + 2.0) {
        let other = (front - b.ln()).exp() * beta_fraction(b, a, 1.0 - x);
        // What is left of 1 has lost its digits where it is little: then rather the slower fraction.
        if other < 0.9999 {
            return (-other).ln_1p();
        }
    }
    (front - a.ln() + beta_fraction(a, b, x).ln()).min(0.0)
}

/// ln of the regularised lower incomplete gamma function P(a, x).
fn ln_gamma_p(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let front = a * x.ln() - x - ln_gamma(a);
    if x < a + 1.0 {
        return (front + gamma_series(a, x).ln()).min(0.0);
    }
    ln_one_minus((front + gamma_fraction(a, x).ln()).exp())
}

/// ln of the regularised upper incomplete gamma function Q(a, x).
fn ln_gamma_q(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = a * x.ln() - x - ln_gamma(a);
    if x < a + 1.0 {
        return ln_one_minus((front + gamma_series(a, x).ln()).min(0.0).exp());
    }
    (front + gamma_fraction(a, x).ln()).min(0.0)
}

fn ln_one_minus(other: f64) -> f64 {
    if other >= 1.0 { f64::NEG_INFINITY } else { (-other).ln_1p() }
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() > TINY { x } else { TINY }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    // Convergents top / bottom, this one and the one before, kept near 1 by scaling.
    let mut inverse = 1.0 / (a + 1.0);
    let (mut top_before, mut bottom_before) = (0.0, 1.0);
    let (mut top, mut bottom) = (1.0, a * (a - (a + b) * x + 1.0) * inverse);
    let mut value = 1.0 / away_from_zero(bottom);
    for step in 1..MOST_STEPS {
        let m = f64::from(step);
        let before = inverse;
        inverse = 1.0 / (a + 2.0 * m + 1.0);
        let over = m * (b - m) * x * before;
        let term = (a + m - 1.0) * (a + b + m - 1.0) * x * before * over;
        let part = m + over + (a + m) * (a - (a + b) * x + 1.0 + m * (2.0 - x)) * inverse;
        (top_before, top) = (top, part * top + term * top_before);
        (bottom_before, bottom) = (bottom, part * bottom + term * bottom_before);
        let scale = 1.0 / away_from_zero(bottom);
        (top, top_before, bottom_before, bottom) = (top * scale, top_before * scale, bottom_before * scale, 1.0);
        let change = top - value;
        value = top;
        if change.abs() < CLOSE * value.abs() {
            break;
        }
    }
    a * value
}

/// ln of the gamma function of a positive number: Stirling's series, from 8 on.
fn ln_gamma(x: f64) -> f64 {
    const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;
    let (mut at, mut below) = (x, 1.0);
    while at < 8.0 {
        below *= at;
        at += 1.0;
    }
    let inverse = 1.0 / at;
    let square = inverse * inverse;
    let terms = [-691.0 / 360_360.0, 1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0];
    let series = terms.into_iter().fold(1.0 / 156.0, |sum, term| sum * square + term) * inverse;
    let value = (at - 0.5) * at.ln() - at + HALF_LN_TAU + series;
    if x < 8.0 { value - below.ln() } else { value }
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    let mut at = a;
    for _ in 0..MOST_STEPS {
        at += 1.0;
        term *= x / at;
        sum += term;
        if term < sum * 1e-14 {
            break;
        }
    }
    sum
}

fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut value = d;
    for step in 1..MOST_STEPS {
        let i = f64::from(step);
        let term = -i * (i - a);
        b += 2.0;
        d = 1.0 / away_from_zero(term * d + b);
        c = away_from_zero(b + term / c);
        value *= d * c;
        if (d * c - 1.0).abs() < CLOSE {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ln of the probability of exactly k, straight from the definition.
    fn ln_probability(k: u64, mean: f64, variance: f64) -> f64 {
        let k = k as f64;
        if variance <= mean {
            return k * mean.ln() - mean - ln_gamma(k + 1.0);
        }
        let size = mean * mean / (variance - mean);
        ln_gamma(k + size) - ln_gamma(size) - ln_gamma(k + 1.0)
            + size * (mean / variance).ln()
            + k * (1.0 - mean / variance).ln()
    }

    #[test]
    fn the_gamma_function_is_the_factorial() {
        let mut ln_factorial = 0.0;
        for n in 1..200 {
            assert!((ln_gamma(f64::from(n)) - ln_factorial).abs() < 1e-13 * ln_factorial.max(1.0), "{n}");
            ln_factorial += f64::from(n).ln();
        }
        // Of a half it is the root of pi; of little x it is 1 / x.
        assert!((ln_gamma(0.5) - 0.5 * std::f64::consts::PI.ln()).abs() < 1e-14);
        assert!((ln_gamma(1e-9) - 1e9f64.ln()).abs() < 1e-8);
    }

    #[test]
    fn the_upper_tail_is_the_sum_of_its_probabilities() {
        for (mean, variance) in [(0.01, 0.06), (0.5, 0.5), (3.0, 18.0), (40.0, 41.0), (250.0, 3000.0)] {
            for k in [1, 2, 5, 20, 60, 300] {
                let tail: f64 = (k..k + 20_000).map(|j| ln_probability(j, mean, variance).exp()).sum();
                let surprise = surprise_above(k, mean, variance);
                let error = (surprise + tail.log10()).abs();
                assert!(error < 1e-8 * surprise.max(1.0) || tail == 0.0, "{k} {mean} {variance}: {surprise}, {tail}");
            }
        }
    }

    #[test]
    fn a_quantile_is_the_first_count_that_covers() {
        for (mean, variance) in [(0.01, 0.06), (0.5, 0.5), (3.0, 18.0), (40.0, 41.0), (2500.0, 30_000.0)] {
            for p in [0.05, 0.5, 0.95] {
                let k = quantile(mean, variance, p) as u64;
                let covered = |k: u64| 1.0 - 10f64.powf(-surprise_above(k + 1, mean, variance));
                assert!(covered(k) >= p - 1e-12, "{k} {mean} {variance} {p}");
                assert!(k == 0 || covered(k - 1) < p, "{k} {mean} {variance} {p}");
            }
        }
        assert_eq!(quantile(0.0, 0.0, 0.95), 0.0);
    }

    #[test]
    fn a_sure_answer_is_the_computed_one() {
        for k in 1..60 {
            for mean in [0.001, 0.1, 1.0, 7.0, 30.0] {
                let variance = 4.0 * mean + 0.1 * mean * mean;
                if k as f64 > mean {
                    let computed = surprise_above(k, mean, variance) >= 2.0;
                    assert_eq!(is_surprise_above(k, mean, variance, 2.0, 100.0), computed);
                }
            }
        }
    }
}
