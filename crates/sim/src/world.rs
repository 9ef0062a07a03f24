//! The world: all accounts of a plan and their Regions, before the first call.
//!
//! A *key* is an event source and name; a *lane* is an account in one Region, the place where keys are used. Everything
//! is drawn once: sizes, keys, errors, what is hot, what must be there, and last what happens to it.

use std::sync::Arc;

use record::time::Minute;

use crate::account::Account;
use crate::catalogue::CATALOGUE;
use crate::dice::Dice;
use crate::happening::{self, Happening};
use crate::lane::{Key, Lane};
use crate::plan::{Arrivals, Plan, REGIONS};
use crate::truth::Told;

/// Everything that a plan's accounts are, before the first call.
#[derive(Debug)]
pub struct World {
    /// The plan it was made from.
    pub plan: Plan,
    /// The accounts.
    pub accounts: Vec<Account>,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) happenings: Vec<Happening>,
    pub(crate) told: Vec<Told>,
}

impl World {
    /// Draws everything that a plan's accounts are.
    pub fn new(plan: &Plan) -> Arc<World> {
        let mut accounts: Vec<Account> = (0..plan.accounts).map(|index| Account::drawn(plan, index)).collect();
        let (mut lanes, mut weights) = (Vec::new(), Vec::new());
        for (index, account) in accounts.iter_mut().enumerate() {
            let size = Dice::of(account.seed, &[1]).lognormal(0.0, 0.5);
            for region in 0..plan.regions {
                let share = if region == account.home {
                    1.0
                } else {
                    Dice::of(account.seed, &[2, region as u64]).between(0.2, 0.5)
                };
                lanes.push(Lane::empty(index, region, account.seed));
                weights.push(size * share);
            }
        }
        let total: f64 = weights.iter().sum();
        let per_day = plan.calls_per_day * lanes.len() as f64;
        for (lane, weight) in lanes.iter_mut().zip(&weights) {
            let account = &mut accounts[lane.account];
            lane.draw_keys(account, plan, per_day * weight / total);
            lane.draw_errors();
        }
        for hot in 0..plan.hot_keys {
            let account = hot % plan.accounts;
            lanes[plan.lane(account, accounts[account].home)].heat(&accounts[account], hot);
        }
        for pin in plan.pins.iter().filter(|pin| pin.account < plan.accounts && pin.region < plan.regions) {
            let lane = &mut lanes[plan.lane(pin.account, pin.region)];
            let api = CATALOGUE.find(&pin.source, &pin.name).expect("a pinned API is in the catalogue");
            let arrivals = pin.arrivals.unwrap_or(Arrivals::Machine { per_minute: 0.0, batch: 1.0 });
            let mut key = Key::new(api, arrivals, &mut accounts[pin.account], lane.seed);
            key.error_share = pin.error_share;
            lane.put(key);
        }
        let mut world = World { plan: plan.clone(), accounts, lanes, happenings: Vec::new(), told: Vec::new() };
        happening::befall(&mut world);
        for lane in &mut world.lanes {
            lane.count_sessions();
        }
        Arc::new(world)
    }

    /// The Region's name.
    pub fn region(&self, region: usize) -> &'static str {
        REGIONS[region]
    }

    /// Lets an account use a key in a Region, from some minute on.
    pub(crate) fn add_key(&mut self, account: usize, region: usize, api: u16, arrivals: Arrivals, from: Minute) {
        let lane = &mut self.lanes[self.plan.lane(account, region)];
        let key = Key { from, ..Key::new(api, arrivals, &mut self.accounts[account], lane.seed) };
        lane.put(key);
    }
}
