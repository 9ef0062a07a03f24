//! Which keys a lane uses, how often, how their calls come, and which of them fail.
//!
//! An account uses a key with probability 0.8 in its home Region and 0.35 elsewhere; how often is lognormal, and a
//! fifth of the keys come less than once a day. Some keys fail now and then, few fail always.

use super::{Key, Lane};
use crate::account::Account;
use crate::catalogue::{CATALOGUE, Who};
use crate::dice::Dice;
use crate::plan::{Arrivals, Plan};

impl Lane {
    /// Draws which keys it uses, how often, and how the calls come.
    pub(crate) fn draw_keys(&mut self, account: &mut Account, plan: &Plan, calls_per_day: f64) {
        let mut dice = Dice::of(self.seed, &[6]);
        let mut drawn: Vec<(u16, f64, bool)> = Vec::new();
        for (at, api) in CATALOGUE.apis.iter().enumerate() {
            let service = &CATALOGUE.services[api.service];
            let is_at_home = self.region == account.home || service.is_global;
            let (used, rare) = (dice.chance(if is_at_home { 0.8 } else { 0.35 }), dice.chance(0.2));
            let (often, seldom) = (api.weight * dice.lognormal(0.0, 1.65), libm::exp(dice.between(-4.0, 0.0)));
            if !used || (service.is_global && self.region != 0) || (api.is_data && !plan.data_events) {
                continue;
            }
            drawn.push((at as u16, if rare { seldom } else { often }, rare));
        }
        // Scale what is not rare to the wanted sum; nothing is more than a quarter of it.
        let wanted =
            (calls_per_day - drawn.iter().filter(|key| key.2).map(|key| key.1).sum::<f64>()).max(calls_per_day * 0.5);
        for _ in 0..20 {
            let sum: f64 = drawn.iter().filter(|key| !key.2).map(|key| key.1).sum();
            for key in drawn.iter_mut().filter(|key| !key.2) {
                key.1 = (key.1 * wanted / sum).min(calls_per_day * 0.25);
            }
        }
        for (api, a_day, rare) in drawn {
            let arrivals = draw_arrivals(&mut dice, CATALOGUE.apis[api as usize].called_by, a_day, rare);
            let key = Key::new(api, arrivals, account, self.seed);
            self.put(key);
        }
    }

    /// Draws which of its keys ever fail: 9 to 16 % of them, and together 8 to 28 % of all calls.
    pub(crate) fn draw_errors(&mut self) {
        let mut dice = Dice::of(self.seed, &[7]);
        let total = self.per_minute();
        let fails_often =
            |at: &usize| !matches!(CATALOGUE.apis[self.keys[*at].api as usize].who, Who::Event | Who::Internal);
        let mut order: Vec<usize> = (0..self.keys.len()).filter(fails_often).collect();
        dice.shuffle(&mut order);
        let wanted = (self.keys.len() as f64 * dice.between(0.09, 0.16)) as usize;
        let (mut failing, mut share) = (0, 0.0);
        for &at in &order {
            if failing >= wanted {
                break;
            }
            let error_share = match dice.below(10) {
                0 | 1 => 1.0,
                2..=4 => dice.between(0.3, 0.9),
                _ => dice.between(0.01, 0.2),
            };
            let more = self.keys[at].per_minute() / total * error_share;
            if share + more > 0.26 {
                continue;
            }
            self.keys[at].error_share = error_share;
            (failing, share) = (failing + 1, share + more);
        }
        // A caller that fails all day long and that nobody minds.
        order.sort_by(|a, b| self.keys[*b].per_minute().total_cmp(&self.keys[*a].per_minute()));
        for at in order {
            let its_share = self.keys[at].per_minute() / total;
            if share < 0.09 && self.keys[at].error_share == 0.0 && its_share < 0.15 {
                self.keys[at].error_share = (0.11 / its_share).min(1.0);
                share += its_share * self.keys[at].error_share;
            }
        }
    }

    /// Makes one of its steady keys a hot one: 30 to 90 calls a minute.
    pub(crate) fn heat(&mut self, account: &Account, which: usize) {
        let mut dice = Dice::of(account.seed, &[8, which as u64]);
        let busiest = self
            .keys
            .iter_mut()
            .filter(|key| matches!(key.arrivals, Arrivals::Machine { per_minute, .. } if per_minute < 30.0))
            .max_by(|a, b| a.per_minute().total_cmp(&b.per_minute()));
        if let Some(key) = busiest {
            key.arrivals = Arrivals::Machine { per_minute: dice.between(32.0, 90.0), batch: 1.0 };
            key.error_share = key.error_share.min(0.02);
        }
    }
}

/// Draws how the calls of a key come that is called so often.
fn draw_arrivals(dice: &mut Dice, called_by: &str, a_day: f64, rare: bool) -> Arrivals {
    let weight = |letter: char| match letter {
        'm' => 1.0,
        'c' => 0.6,
        _ => 1.4,
    };
    let mut left = dice.unit() * called_by.chars().map(weight).sum::<f64>();
    let mut letter = called_by.chars().next_back().unwrap_or('m');
    for each in called_by.chars() {
        left -= weight(each);
        if left < 0.0 {
            letter = each;
            break;
        }
    }
    let per_minute = a_day / 1440.0;
    let (is_batched, which, offset) = (dice.chance(0.1), dice.bits(), dice.bits());
    let periods: Vec<i32> =
        [5, 15, 60, 120].into_iter().filter(|every| per_minute * f64::from(*every) >= 0.7).collect();
    match letter {
        'c' if !rare && !periods.is_empty() => {
            let every = periods[(which % periods.len() as u64) as usize];
            let batch = ((per_minute * f64::from(every) + 0.5) as usize).max(1);
            Arrivals::Cron { every, offset: (offset % every as u64) as i32, batch }
        }
        'm' => Arrivals::Machine { per_minute, batch: if is_batched { 3.2 } else { 1.0 } },
        // A job that runs less than every two hours is a person's errand here.
        _ => Arrivals::Human { per_minute },
    }
}
