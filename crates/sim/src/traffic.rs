//! Traffic: the calls of one account in one Region, hour by hour, in the order in which they were made.
//!
//! Machines call at any moment alike, cron jobs in batches, people in sessions: at working hours, some fifteen keys
//! a session, some eight calls a key, seventeen seconds apart. So people's minutes are far more uneven than chance.

use std::sync::Arc;

use record::time::Minute;

use crate::account::Account;
use crate::call::Call;
use crate::dice::{Dice, mix};
use crate::happening::Effect;
use crate::lane::Key;
use crate::plan::{Arrivals, Plan};
use crate::world::World;

/// Seconds of one block of traffic.
pub(crate) const BLOCK: i64 = 3600;
/// How busy people are at each hour of their day.
const HOURS: [f64; 24] = [
    0.35, 0.25, 0.12, 0.1, 0.1, 0.12, 0.3, 0.7, 1.2, 1.6, 1.7, 1.7, 1.4, 1.5, 1.7, 1.7, 1.6, 1.4, 1.2, 1.1, 1.1, 1.0,
    0.7, 0.5,
];
/// How busy they are on each day, from Monday.
const DAYS: [f64; 7] = [1.0, 1.05, 1.05, 1.0, 0.9, 0.35, 0.3];
/// Mean seconds between two calls of one key in one session.
const GAP: f64 = 17.0;

/// The calls of one lane, block by block.
pub(crate) struct Traffic {
    world: Arc<World>,
    lane: usize,
    /// Calls of sessions that began in an earlier block.
    pending: Vec<Call>,
}

impl Traffic {
    pub(crate) fn new(world: Arc<World>, lane: usize) -> Traffic {
        Traffic { world, lane, pending: Vec::new() }
    }

    /// The calls of the block that begins at this second. Blocks are asked for in order.
    pub(crate) fn block(&mut self, start: i64) -> Vec<Call> {
        let world = Arc::clone(&self.world);
        let until = world.plan.until().seconds();
        let lane = &world.lanes[self.lane];
        let account = &world.accounts[lane.account];
        let end = (start + BLOCK).min(until);
        let begins = account.begins.seconds();
        let mut calls = std::mem::take(&mut self.pending);
        if end > begins {
            for key in &lane.keys {
                self.unattended(key, account, start, end, &mut calls);
            }
            self.sessions(account, start, end, &mut calls);
        }
        self.incidents(start, end, &mut calls);
        (calls, self.pending) = calls.into_iter().partition(|call| call.at < end);
        calls.retain(|call| call.at >= begins);
        self.pending.retain(|call| call.at < until);
        self.failures_and_silences(start, end, &mut calls);
        calls.sort_unstable_by_key(|call| (call.at, call.id));
        calls
    }

    fn call(&self, at: i64, key: &Key, actor: u16, dice: &mut Dice) -> Call {
        let lane = &self.world.lanes[self.lane];
        let error = if dice.chance(key.error_share) { 1 + *dice_pick(dice, &key.codes) } else { 0 };
        let (account, region) = (lane.account as u16, lane.region as u16);
        Call { at, id: dice.bits(), account, region, api: key.api, actor, error }
    }

    /// Machines and cron jobs.
    fn unattended(&self, key: &Key, account: &Account, start: i64, end: i64, calls: &mut Vec<Call>) {
        let lane = &self.world.lanes[self.lane];
        let mut dice = Dice::of(lane.seed, &[30, u64::from(key.api), start as u64]);
        let factor = growth(account, &self.world.plan, start) * rest(account, start);
        match key.arrivals {
            Arrivals::Human { .. } => {}
            Arrivals::Machine { per_minute, batch } => {
                let per_second = per_minute / 60.0 * factor / batch;
                if per_second <= 0.0 {
                    return;
                }
                let mut at = start as f64 + dice.wait() / per_second;
                while at < end as f64 {
                    let count =
                        if batch > 1.0 { 1 + (dice.wait() / -libm::log(1.0 - 1.0 / batch)) as usize } else { 1 };
                    let actor = *dice_pick(&mut dice, &key.actors);
                    for _ in 0..count {
                        calls.push(self.call(at as i64, key, actor, &mut dice));
                    }
                    at += dice.wait() / per_second;
                }
            }
            Arrivals::Cron { every, offset, batch } => {
                let (every, offset) = (i64::from(every) * 60, i64::from(offset) * 60);
                let mut due = (start - offset).div_euclid(every) * every + offset;
                while due < end {
                    if due >= start && due >= key.from.seconds() {
                        let actor = key.actors[0];
                        for _ in 0..batch {
                            calls.push(self.call(due + dice.below(20) as i64, key, actor, &mut dice));
                        }
                    }
                    due += every;
                }
            }
        }
    }

    /// People.
    fn sessions(&self, account: &Account, start: i64, end: i64, calls: &mut Vec<Call>) {
        let lane = &self.world.lanes[self.lane];
        let mut dice = Dice::of(lane.seed, &[31, start as u64]);
        let profile = people_profile(account, start) * growth(account, &self.world.plan, start);
        let minutes = (end - start) as f64 / 60.0;
        for _ in 0..dice.poisson(lane.sessions_per_minute * minutes * profile) {
            let begins = start + dice.below((end - start) as usize) as i64;
            let people = if dice.chance(0.03) { &account.rare_people } else { &account.people };
            let person = people[dice.below(people.len()).min(dice.below(people.len()))];
            // Some sessions are a glance, some an afternoon: 5 to 40 keys.
            let breadth = dice.between(0.4, 1.6);
            for key in lane.keys.iter().filter(|key| matches!(key.arrivals, Arrivals::Human { .. })) {
                let (mu, sigma, mean) = key.cluster();
                let mood = Dice::of(lane.seed, &[32, u64::from(key.api), start as u64]).normal();
                let touches = key.per_minute() / (lane.sessions_per_minute * mean) * mood * mood * breadth;
                if !dice.chance(touches.min(0.95)) {
                    continue;
                }
                let size = dice.lognormal(mu, sigma).min(250.0) * (touches / 0.95).max(1.0);
                let actor = if key.actors.is_empty() { person } else { *dice_pick(&mut dice, &key.actors) };
                let mut at = begins as f64 + dice.between(0.0, 600.0);
                for _ in 0..((size + 0.5) as usize).max(1) {
                    calls.push(self.call(at as i64, key, actor, &mut dice));
                    at += dice.wait() * GAP;
                }
            }
        }
    }

    /// Calls that would not be there otherwise, spread evenly over the time they take.
    fn incidents(&self, start: i64, end: i64, calls: &mut Vec<Call>) {
        for happening in self.world.happenings.iter().filter(|each| each.lane == self.lane) {
            let Effect::Add { calls: count, code, actor } = happening.effect else { continue };
            if happening.start >= end || happening.end <= start {
                continue;
            }
            let lane = &self.world.lanes[self.lane];
            let key = lane.key(happening.api).expect("a happening has its key");
            let minutes = (happening.end - happening.start) / 60;
            let share = |minute: i64| count as i64 * minute / minutes;
            for minute in ((start - happening.start) / 60).max(0)..minutes.min((end - happening.start + 59) / 60) {
                let mut dice = Dice::of(lane.seed, &[33, u64::from(key.api), happening.start as u64, minute as u64]);
                for _ in share(minute)..share(minute + 1) {
                    let at = happening.start + minute * 60 + dice.below(60) as i64;
                    let mut call = self.call(at, key, actor, &mut dice);
                    if let Some(code) = code {
                        call.error = code + 1;
                    }
                    calls.push(call);
                }
            }
        }
    }

    fn failures_and_silences(&self, start: i64, end: i64, calls: &mut Vec<Call>) {
        for happening in self.world.happenings.iter().filter(|each| each.lane == self.lane) {
            if happening.start >= end || happening.end <= start {
                continue;
            }
            let hit = |call: &Call| call.api == happening.api && call.at >= happening.start && call.at < happening.end;
            match happening.effect {
                Effect::Add { .. } => {}
                Effect::Stop => calls.retain(|call| !hit(call)),
                Effect::Fail { share, code } => {
                    for call in calls.iter_mut().filter(|call| hit(call)) {
                        if Dice::new(mix(call.id, 34)).chance(share) {
                            call.error = code + 1;
                        }
                    }
                }
            }
        }
    }
}

/// One of these, mostly the first.
#[inline]
fn dice_pick<'a, T>(dice: &mut Dice, of: &'a [T]) -> &'a T {
    if of.len() < 2 || dice.chance(0.7) { &of[0] } else { &of[dice.below(of.len())] }
}

/// The hour of the local week, as (hour of day, day from Monday).
fn local(account: &Account, at: i64) -> (usize, usize) {
    let summer = account.clock_change.is_some_and(|change| at >= change.seconds());
    let shift = i64::from(account.utc_offset) * 60 + if summer { 3600 } else { 0 };
    let hour = Minute::of_seconds(at + shift).hour_of_week();
    (hour % 24, hour / 24)
}

fn people_profile(account: &Account, at: i64) -> f64 {
    let (hour, day) = local(account, at);
    let mean = HOURS.iter().sum::<f64>() / 24.0 * DAYS.iter().sum::<f64>() / 7.0;
    HOURS[hour] * DAYS[day] / mean
}

fn rest(account: &Account, at: i64) -> f64 {
    if account.rests && local(account, at).1 >= 5 { 0.35 } else { 1.0 }
}

fn growth(account: &Account, plan: &Plan, at: i64) -> f64 {
    if account.growth_a_week == 1.0 {
        return 1.0;
    }
    libm::pow(account.growth_a_week, (at - plan.start.seconds()) as f64 / 604_800.0)
}

/// All calls of a plan, each once, in the order in which they were made.
pub fn calls(plan: &Plan) -> impl Iterator<Item = Call> + use<> {
    calls_of(&World::new(plan))
}

/// All calls of this world, each once, in the order in which they were made.
pub fn calls_of(world: &Arc<World>) -> impl Iterator<Item = Call> + use<> {
    let (start, until) = (world.plan.start.seconds(), world.plan.until().seconds());
    let mut lanes: Vec<Traffic> = (0..world.lanes.len()).map(|lane| Traffic::new(Arc::clone(world), lane)).collect();
    (start..until).step_by(BLOCK as usize).flat_map(move |block| {
        let mut calls: Vec<Call> = lanes.iter_mut().flat_map(|lane| lane.block(block)).collect();
        calls.sort_unstable_by_key(|call| (call.at, call.account, call.region, call.id));
        calls
    })
}
