//! Lanes: the keys of an account in one Region, and what is known of each: how its calls come, who makes them, how they fail.

use record::time::Minute;

use crate::account::Account;
use crate::catalogue::{CATALOGUE, Who};
use crate::dice::{Dice, mix};
use crate::plan::Arrivals;
use crate::words::text_seed;

mod keys;

/// A key without a place in a lane.
const NOT_USED: u16 = u16::MAX;

/// One account in one Region.
#[derive(Debug)]
pub(crate) struct Lane {
    pub account: usize,
    pub region: usize,
    pub seed: u64,
    pub keys: Vec<Key>,
    /// From the catalogue's place to the place in `keys`.
    by_api: Vec<u16>,
    /// Human sessions a minute, averaged over the week.
    pub sessions_per_minute: f64,
}

/// One key in one lane.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// Place in the catalogue.
    pub api: u16,
    pub arrivals: Arrivals,
    /// Not called before.
    pub from: Minute,
    pub error_share: f64,
    /// What it fails with, the commonest first.
    pub codes: Vec<u16>,
    /// Who calls; empty where whoever's session it is does.
    pub actors: Vec<u16>,
}

impl Lane {
    pub(crate) fn empty(account: usize, region: usize, account_seed: u64) -> Lane {
        let seed = mix(account_seed, 100 + region as u64);
        let by_api = vec![NOT_USED; CATALOGUE.apis.len()];
        Lane { account, region, seed, keys: Vec::new(), by_api, sessions_per_minute: 0.0 }
    }

    pub(crate) fn key(&self, api: u16) -> Option<&Key> {
        self.place(api).map(|at| &self.keys[at])
    }

    pub(crate) fn place(&self, api: u16) -> Option<usize> {
        let at = self.by_api[api as usize];
        (at != NOT_USED).then_some(at as usize)
    }

    pub(crate) fn put(&mut self, key: Key) {
        let at = &mut self.by_api[key.api as usize];
        if *at == NOT_USED {
            *at = self.keys.len() as u16;
            self.keys.push(key);
        } else {
            self.keys[*at as usize] = key;
        }
    }

    /// Calls a minute of all keys.
    fn per_minute(&self) -> f64 {
        self.keys.iter().map(Key::per_minute).sum()
    }

    /// As many sessions as it takes when each touches some fifteen keys.
    pub(crate) fn count_sessions(&mut self) {
        let human = self.keys.iter().filter(|key| matches!(key.arrivals, Arrivals::Human { .. }));
        let clusters: f64 = human.map(|key| key.per_minute() / key.cluster().2).sum();
        self.sessions_per_minute = clusters / 15.0;
    }

    /// The APIs that change something, can be called in its Region, and were never called here.
    pub(crate) fn unused_writes(&self) -> impl Iterator<Item = u16> {
        (0..CATALOGUE.apis.len() as u16).filter(|&api| {
            let of = &CATALOGUE.apis[api as usize];
            let is_here = self.region == 0 || !CATALOGUE.service(api).is_global;
            !of.is_read && !of.is_data && is_here && self.key(api).is_none()
        })
    }
}

impl Key {
    /// A key of this account, in the lane of this seed.
    pub(crate) fn new(api: u16, arrivals: Arrivals, account: &mut Account, lane_seed: u64) -> Key {
        let mut dice = Dice::of(lane_seed, &[5, u64::from(api)]);
        let service = CATALOGUE.service(api);
        let is_human = matches!(arrivals, Arrivals::Human { .. });
        let source = service.source;
        let actors = match CATALOGUE.apis[api as usize].who {
            Who::Anyone | Who::Console if is_human => Vec::new(),
            Who::Anyone | Who::Console => {
                let count = 1 + dice.below(3);
                (0..count).map(|_| account.machines[dice.below(account.machines.len())]).collect()
            }
            Who::Service(name) => vec![account.special(0, text_seed(name), |maker| maker.service(name))],
            Who::Event => vec![account.special(1, text_seed(source), |maker| maker.event_of(source))],
            Who::Internal => vec![account.special(2, 0, |maker| maker.internal())],
            Who::Via => {
                let services = [
                    "AWS Internal",
                    "s3.amazonaws.com",
                    "secretsmanager.amazonaws.com",
                    "ec2.amazonaws.com",
                    "rds.amazonaws.com",
                ];
                let count = 1 + dice.below(3);
                let mut one = || {
                    let (which, service) = (dice.below(8), dice.pick(&services));
                    account.special(3, text_seed(service) ^ which as u64, |maker| maker.via(which, service))
                };
                (0..count).map(|_| one()).collect()
            }
            who @ (Who::Saml | Who::Web) => {
                let web = who == Who::Web;
                (0..6)
                    .map(|which| {
                        account.special(4 + u8::from(web), which, |maker| maker.by_provider(web, which as usize))
                    })
                    .collect()
            }
        };
        let mut codes = service.codes.clone();
        let kept = 1 + dice.below(codes.len().min(2));
        dice.shuffle(&mut codes);
        codes.truncate(kept);
        Key { api, arrivals, from: Minute(i32::MIN), error_share: 0.0, codes, actors }
    }

    pub(crate) fn per_minute(&self) -> f64 {
        self.arrivals.per_minute()
    }

    /// How many calls of this key come together in one session, as (mu, sigma) of a lognormal number, and its mean.
    pub(crate) fn cluster(&self) -> (f64, f64, f64) {
        if self.per_minute() * 1440.0 >= 3.0 { (1.6, 1.0, 8.2) } else { (0.0, 0.6, 1.32) }
    }
}
