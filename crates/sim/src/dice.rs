//! Dice: chance that is the same on every machine and in every year.
//!
//! Same seed, same bytes is a promise of this crate, so nothing here may change with a library's version or with
//! the platform's mathematics: xoshiro256++ seeded by splitmix64 (<https://prng.di.unimi.it/>), and logarithms and
//! powers from `libm`, which computes them in plain arithmetic.

/// A stream of chance.
#[derive(Clone, Debug)]
pub(crate) struct Dice([u64; 4]);

/// One number out of two: how seeds of parts are made from the seed of the whole.
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let mut z = (a ^ b.wrapping_mul(0xD6E8_FEB8_6659_FD93)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Dice {
    /// The stream that belongs to this seed.
    pub(crate) fn new(seed: u64) -> Dice {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        };
        Dice([next(), next(), next(), next()])
    }

    /// The stream of a part: of the same whole, another for every path.
    pub(crate) fn of(seed: u64, path: &[u64]) -> Dice {
        Dice::new(path.iter().fold(seed, |seed, step| mix(seed, *step)))
    }

    /// Any 64 bits.
    #[inline]
    pub(crate) fn bits(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A whole number below `n` (0 for 0).
    #[inline]
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((self.bits() as u128 * n as u128) >> 64) as usize
    }

    /// A number in [0, 1).
    #[inline]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A number between the two.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with this probability.
    #[inline]
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.unit() < probability
    }

    /// One of these.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// A waiting time of mean 1.
    #[inline]
    pub(crate) fn wait(&mut self) -> f64 {
        -libm::log(1.0 - self.unit())
    }

    /// A standard normal number (Marsaglia's polar method: no sines).
    pub(crate) fn normal(&mut self) -> f64 {
        loop {
            let (a, b) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = a * a + b * b;
            if square > 0.0 && square < 1.0 {
                return a * libm::sqrt(-2.0 * libm::log(square) / square);
            }
        }
    }

    /// A lognormal number.
    pub(crate) fn lognormal(&mut self, mu: f64, sigma: f64) -> f64 {
        libm::exp(mu + sigma * self.normal())
    }

    /// A Poisson number of small mean, by waiting; of a mean above 60, its normal neighbour.
    pub(crate) fn poisson(&mut self, mean: f64) -> usize {
        if mean > 60.0 {
            return (mean + libm::sqrt(mean) * self.normal() + 0.5).max(0.0) as usize;
        }
        let (mut waited, mut count) = (self.wait(), 0);
        while waited < mean {
            waited += self.wait();
            count += 1;
        }
        count
    }

    /// Puts these in any order.
    pub(crate) fn shuffle<T>(&mut self, these: &mut [T]) {
        for last in (1..these.len()).rev() {
            these.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From another implementation of the two algorithms.
    #[test]
    fn the_stream_of_a_seed_never_changes() {
        let mut dice = Dice::new(7);
        let drawn: Vec<u64> = (0..3).map(|_| dice.bits()).collect();
        assert_eq!(drawn, FIRST_OF_SEVEN);
    }

    const FIRST_OF_SEVEN: [u64; 3] = [0x0e2c1a002aae913d, 0x2c0fc8ddfa4e9e14, 0xb7b311b3b0d45872];

    #[test]
    fn the_distributions_have_their_means() {
        let mut dice = Dice::new(1);
        let mut mean = |draw: fn(&mut Dice) -> f64| (0..100_000).map(|_| draw(&mut dice)).sum::<f64>() / 1e5;
        assert!((mean(Dice::wait) - 1.0).abs() < 0.02);
        assert!(mean(Dice::normal).abs() < 0.02);
        assert!((mean(|d| d.poisson(3.5) as f64) - 3.5).abs() < 0.05);
        assert!((mean(|d| d.poisson(200.0) as f64) - 200.0).abs() < 0.5);
        assert!((mean(|d| d.below(10) as f64) - 4.5).abs() < 0.05);
    }
}
