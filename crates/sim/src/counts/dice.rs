//! Dice: the same throws for the same seed, everywhere and always.
//!
//! xoshiro256++ for the bits, and the distributions that traffic is made of. Written out here, not taken from a crate,
//! so that no update of a dependency can change what a seed means.

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Dice([u64; 4]);

impl Dice {
    /// The stream of this seed.
    pub fn new(seed: u64) -> Dice {
        let mut state = seed;
        Dice(std::array::from_fn(|_| split_mix(&mut state)))
    }

    /// A stream of its own for the part named by these numbers: what one part draws does not move the others.
    pub fn of(seed: u64, part: u64, number: u64) -> Dice {
        let mut state = seed ^ part.wrapping_mul(0xA076_1D64_78BD_642F) ^ number.wrapping_mul(0xE703_7ED1_A0B4_28DB);
        Dice::new(split_mix(&mut state))
    }

    fn bits(&mut self) -> u64 {
        let s = &mut self.0;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// Evenly in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Evenly in [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number, evenly in [low, high).
    pub fn whole(&mut self, low: u32, high: u32) -> u32 {
        low + (self.unit() * f64::from(high - low)) as u32
    }

    /// One of these, each as likely as the others.
    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.whole(0, of.len() as u32) as usize]
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Waiting time of a Poisson process.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// e to the power of a normal.
    pub fn lognormal(&mut self, mu: f64, sigma: f64) -> f64 {
        (mu + sigma * self.normal()).exp()
    }

    /// Gamma (Marsaglia and Tsang 2000).
    pub fn gamma(&mut self, shape: f64, scale: f64) -> f64 {
        if shape < 1.0 {
            let boost = (1.0 - self.unit()).powf(1.0 / shape);
            return self.gamma(shape + 1.0, scale) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && (1.0 - self.unit()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
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
        let (end, mut product) = ((-left).exp(), self.unit());
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

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
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
        let mut dice = Dice::new(1);
        near(mean_and_variance(|| dice.gamma(0.5, 2.0)), (1.0, 2.0));
        near(mean_and_variance(|| f64::from(dice.poisson(0.3))), (0.3, 0.3));
        near(mean_and_variance(|| f64::from(dice.poisson(75.0))), (75.0, 75.0));
        near(mean_and_variance(|| f64::from(dice.negative_binomial(5.0, 4.0))), (5.0, 20.0));
        near(mean_and_variance(|| dice.exponential(17.0)), (17.0, 289.0));
        near(mean_and_variance(|| dice.normal() + 3.0), (3.0, 1.0));
    }
}
