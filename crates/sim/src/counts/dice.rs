//! Dice for counts: the crate's, with the distributions that counts are made of.

/// A stream of random numbers: the same for the same seed, on every machine.
#[derive(Clone, Debug)]
pub struct Dice(crate::dice::Dice);

impl Dice {
    /// A stream of its own for the part named by these numbers: what one part draws does not move the others.
    pub fn of(seed: u64, part: u64, number: u64) -> Dice {
        Dice(crate::dice::Dice::of(seed, &[part, number]))
    }

    /// Evenly in [0, 1).
    pub fn unit(&mut self) -> f64 {
        self.0.unit()
    }

    /// Evenly in [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0.between(low, high)
    }

    /// A whole number, evenly in [low, high).
    pub fn whole(&mut self, low: u32, high: u32) -> u32 {
        low + self.0.below((high - low) as usize) as u32
    }

    /// One of these, each as likely as the others.
    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.whole(0, of.len() as u32) as usize]
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.0.chance(probability)
    }

    /// Waiting time of a Poisson process.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        mean * self.0.wait()
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        self.0.normal()
    }

    /// e to the power of a normal.
    pub fn lognormal(&mut self, mu: f64, sigma: f64) -> f64 {
        self.0.lognormal(mu, sigma)
    }

    /// Gamma (Marsaglia and Tsang 2000).
    pub fn gamma(&mut self, shape: f64, scale: f64) -> f64 {
        if shape < 1.0 {
            let boost = libm::pow(1.0 - self.unit(), 1.0 / shape);
            return self.gamma(shape + 1.0, scale) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = cube(1.0 + c * x);
            if v > 0.0 && -self.0.wait() < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v * scale;
            }
        }
    }

    /// How many of a Poisson process: by its waiting times, halved by gamma steps while there are many.
    pub fn poisson(&mut self, mean: f64) -> u32 {
        let (mut left, mut count) = (mean, 0u32);
        while left > 30.0 {
            // Waiting for the (step)-th call takes a gamma time: past the end, the rest are evenly spread before it.
            let step = (left * 0.875) as u32;
            let waited = self.gamma(f64::from(step), 1.0);
            if waited > left {
                return count + (1..step).filter(|_| self.chance(left / waited)).count() as u32;
            }
            count += step;
            left -= waited;
        }
        let (end, mut product) = (libm::exp(-left), self.unit());
        while product > end {
            count += 1;
            product *= self.unit();
        }
        count
    }

    /// Negative binomial with this mean and variance / mean (more than 1).
    pub fn negative_binomial(&mut self, mean: f64, variance_over_mean: f64) -> u32 {
        let scale = variance_over_mean - 1.0;
        if mean <= 0.0 {
            0
        } else {
            let rate = self.gamma(mean / scale, scale);
            self.poisson(rate)
        }
    }
}

fn cube(x: f64) -> f64 {
    x * x * x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_variance(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let all: Vec<f64> = (0..40_000).map(|_| draw()).collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        (mean, all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / all.len() as f64)
    }

    #[test]
    fn the_distributions_have_their_moments() {
        let near = |(mean, variance): (f64, f64), want: (f64, f64)| {
            assert!((mean / want.0 - 1.0).abs() < 0.05 && (variance / want.1 - 1.0).abs() < 0.1, "{mean} {variance}");
        };
        let mut dice = Dice::of(1, 0, 0);
        near(mean_and_variance(|| dice.gamma(0.5, 2.0)), (1.0, 2.0));
        near(mean_and_variance(|| f64::from(dice.poisson(0.3))), (0.3, 0.3));
        near(mean_and_variance(|| f64::from(dice.poisson(75.0))), (75.0, 75.0));
        near(mean_and_variance(|| f64::from(dice.negative_binomial(5.0, 4.0))), (5.0, 20.0));
        near(mean_and_variance(|| dice.exponential(17.0)), (17.0, 289.0));
        near(mean_and_variance(|| dice.normal() + 3.0), (3.0, 1.0));
    }
}
