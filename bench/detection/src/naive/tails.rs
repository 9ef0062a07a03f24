//! Tails of the negative binomial (and of Poisson, where the variance is no more than the mean), by adding up.
//!
//! Kept apart from the detector's own: the yardstick and what it measures share no arithmetic.

use std::f64::consts::LN_10;

/// -log10 P(Y >= calls), for more calls than the mean.
pub(super) fn surprise_above(calls: f64, mean: f64, variance: f64) -> f64 {
    let shape = Shape::new(mean, variance);
    let (mut term, mut sum, mut at) = (1.0, 0.0, calls);
    while term > 1e-9 * sum {
        sum += term;
        term *= shape.next_over_this(at);
        at += 1.0;
    }
    -(shape.ln_probability(calls) + f64::ln(sum)) / LN_10
}

/// -log10 P(Y <= calls), for fewer calls than the mean.
pub(super) fn surprise_below(calls: f64, mean: f64, variance: f64) -> f64 {
    let shape = Shape::new(mean, variance);
    let (mut term, mut sum, mut at) = (1.0, 0.0, calls);
    while term > 1e-9 * sum {
        sum += term;
        if at < 1.0 {
            break;
        }
        at -= 1.0;
        term /= shape.next_over_this(at);
    }
    -(shape.ln_probability(calls) + f64::ln(sum)) / LN_10
}

struct Shape {
    mean: f64,
    /// `None`: Poisson.
    size: Option<f64>,
}

impl Shape {
    fn new(mean: f64, variance: f64) -> Shape {
        Shape { mean, size: (variance > mean * 1.0001).then(|| mean * mean / (variance - mean)) }
    }

    fn next_over_this(&self, at: f64) -> f64 {
        match self.size {
            Some(size) => (at + size) / (at + 1.0) * self.mean / (size + self.mean),
            None => self.mean / (at + 1.0),
        }
    }

    fn ln_probability(&self, at: f64) -> f64 {
        match self.size {
            Some(size) => {
                ln_gamma(at + size) - ln_gamma(at + 1.0) - ln_gamma(size) - size * (self.mean / size).ln_1p()
                    + at * (self.mean / (size + self.mean)).ln()
            }
            None => at * self.mean.ln() - self.mean - ln_gamma(at + 1.0),
        }
    }
}

/// Stirling's series, from 8 on; below, by recurrence.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut below) = (x, 1.0);
    while x < 8.0 {
        below *= x;
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let series = inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)));
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series - below.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tails_are_right() {
        // scipy.stats: nbinom.logsf(9, 0.5, 1/5)/-ln 10, poisson.logsf(9, 2), nbinom.logcdf(3, 5, 1/3)
        assert!((surprise_above(10.0, 2.0, 10.0) - 1.4329).abs() < 0.001, "{}", surprise_above(10.0, 2.0, 10.0));
        assert!((surprise_above(10.0, 2.0, 2.0) - 4.3326).abs() < 0.001, "{}", surprise_above(10.0, 2.0, 2.0));
        assert!((surprise_below(3.0, 10.0, 30.0) - 1.0558).abs() < 0.001, "{}", surprise_below(3.0, 10.0, 30.0));
        assert!((surprise_below(0.0, 2.0, 2.0) - 2.0 / LN_10).abs() < 1e-9);
    }
}
