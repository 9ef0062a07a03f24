//! Made-up counts of many shapes, exact from a seed.

/// SplitMix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// From 0 to 1, excluded.
    pub(crate) fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.share() * end as f64) as usize
    }

    pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
        if mean > 60.0 {
            // Near enough: the sum of twelve shares is nearly normal.
            let normal: f64 = (0..12).map(|_| self.share()).sum::<f64>() - 6.0;
            return (mean + normal * mean.sqrt()).round().max(0.0) as u32;
        }
        let (mut left, mut calls) = ((-mean).exp(), 0);
        let mut share = self.share();
        while share > left && calls < 1000 {
            share -= left;
            calls += 1;
            left *= mean / f64::from(calls);
        }
        calls
    }
}

/// How many shapes there are.
pub(crate) const SHAPES: u64 = 12;

/// Seven weeks of counts; the shape is `seed % SHAPES`.
pub(crate) fn counts(seed: u64) -> Vec<Option<u32>> {
    let mut dice = Dice(seed.wrapping_mul(0x1234_5678_9abc_def1) + 7);
    let length = 7 * 10_080 + dice.below(3000);
    let rate = 10f64.powf(dice.share() * 2.5 - 2.5);
    let day = |at: usize| 1.0 + 0.9 * (at as f64 * std::f64::consts::TAU / 1440.0).sin();
    let mut counts: Vec<u32> = match seed % SHAPES {
        0 => vec![0; length],
        1 => (0..length).map(|_| dice.poisson(rate)).collect(),
        2 => (0..length).map(|at| dice.poisson(rate * 20.0 * day(at))).collect(),
        3 => (0..length).map(|_| dice.poisson(300.0 * rate)).collect(),
        4 => (0..length).map(|at| if at % 37 == 5 { 1 + dice.poisson(8.0) } else { 0 }).collect(),
        5 => (0..length).map(|at| if at % 1440 == 130 { 40 + dice.poisson(4.0) } else { 0 }).collect(),
        6 => (0..length).map(|_| if dice.share() < 0.002 { dice.poisson(30.0) } else { 0 }).collect(),
        7 => {
            let shift = dice.below(length);
            (0..length).map(|at| dice.poisson(if at < shift { rate } else { rate * 12.0 })).collect()
        }
        8 => {
            let shift = dice.below(length);
            (0..length).map(|at| if at < shift { dice.poisson(1.0 + 20.0 * rate) } else { 0 }).collect()
        }
        9 => (0..length).map(|at| if at % 10_080 > 7_200 { 0 } else { dice.poisson(rate * 5.0 * day(at)) }).collect(),
        10 => {
            let mut counts = vec![0; length];
            for _ in 0..6 {
                counts[dice.below(length)] = 1 + dice.poisson(3.0);
            }
            counts
        }
        _ => {
            let mut busy = 0;
            let mut call = |_| {
                busy = if dice.share() < 0.003 { 30 } else { (busy as i32 - 1).max(0) as u32 };
                if busy > 0 { dice.poisson(2.0) } else { dice.poisson(0.003) }
            };
            (0..length).map(&mut call).collect()
        }
    };
    for _ in 0..dice.below(8) {
        let (at, long) = (dice.below(length), 1 + dice.below(90));
        let more = 10f64.powf(dice.share() * 3.0);
        for calls in counts.iter_mut().skip(at).take(long) {
            *calls += dice.poisson(more);
        }
    }
    for _ in 0..dice.below(5) {
        let (at, long) = (dice.below(length), 1 + dice.below(3000));
        counts.iter_mut().skip(at).take(long).for_each(|calls| *calls = 0);
    }
    if dice.share() < 0.3 {
        let at = dice.below(length);
        counts.iter_mut().skip(at).for_each(|calls| *calls = 0);
    }
    let mut counts: Vec<Option<u32>> = counts.into_iter().map(Some).collect();
    for _ in 0..dice.below(7) {
        let longest = if dice.share() < 0.2 { 4000 } else { 70 };
        let (at, long) = (dice.below(length), 1 + dice.below(longest));
        counts.iter_mut().skip(at).take(long).for_each(|calls| *calls = None);
    }
    let first = if dice.share() < 0.5 { 0 } else { dice.below(5000) };
    counts.iter_mut().take(first).for_each(|calls| *calls = None);
    counts
}
