//! Traffic: the calls of one account in one Region, hour by hour, in the order in which they were made.
//!
//! Machines call at any moment alike, cron jobs in batches, people in sessions: at working hours, some fifteen keys
//! a session, some eight calls a key, seventeen seconds apart. So people's minutes are far more uneven than chance.

use std::collections::BTreeMap;
use std::sync::Arc;

use record::names::{AccountId, ErrorCode, EventName, EventSource, Region};
use record::time::Minute;

use crate::account::{Account, Key, World};
use crate::catalogue::CATALOGUE;
use crate::dice::{Dice, mix};
use crate::identity::Actor;
use crate::incident::Effect;
use crate::plan::{Arrivals, Plan, REGIONS};

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

/// One call, before it is a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// What makes it this call and no other; its eventID follows from it.
    pub id: u64,
    /// Which account of the plan.
    pub account: u16,
    /// Which Region of the plan.
    pub region: u16,
    /// Which API of the catalogue.
    pub(crate) api: u16,
    /// Which actor of the account.
    pub actor: u16,
    /// Which error code, from 1; 0 for a call that went well.
    pub(crate) error: u16,
}

impl Call {
    /// Its minute.
    pub fn minute(&self) -> Minute {
        Minute::of_seconds(self.at)
    }

    /// `ec2.amazonaws.com`
    pub fn source(&self) -> &'static str {
        CATALOGUE.service(self.api).source
    }

    /// `RunInstances`
    pub fn name(&self) -> &'static str {
        CATALOGUE.apis[self.api as usize].name
    }

    /// What it failed with.
    pub fn error_code(&self) -> Option<&'static str> {
        (self.error > 0).then(|| CATALOGUE.codes[self.error as usize - 1])
    }

    /// Whether it only reads.
    pub fn is_read(&self) -> bool {
        CATALOGUE.apis[self.api as usize].is_read
    }

    /// Whether it is a data event.
    pub fn is_data(&self) -> bool {
        CATALOGUE.apis[self.api as usize].is_data
    }

    /// `us-east-1`
    pub fn region_name(&self) -> &'static str {
        REGIONS[self.region as usize]
    }

    /// The account it was made in.
    pub fn account_id<'a>(&self, world: &'a World) -> &'a AccountId {
        &world.accounts[self.account as usize].id
    }

    /// How calls of its kind come in this account and Region.
    pub fn arrivals(&self, world: &World) -> Arrivals {
        let lane = &world.lanes[self.account as usize * world.plan.regions + self.region as usize];
        lane.key(self.api).expect("a call is of a key of its lane").arrivals
    }

    /// Who made it.
    pub fn actor<'a>(&self, world: &'a World) -> &'a Actor {
        &world.accounts[self.account as usize].actors[self.actor as usize]
    }
}

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

/// What is counted: one account, Region and API, and all its calls or those that failed with one code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counted {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub region: Region,
    /// `ec2.amazonaws.com`
    pub source: EventSource,
    /// `RunInstances`
    pub name: EventName,
    /// Nothing: all calls.
    pub error_code: Option<ErrorCode>,
    /// Whether these only read.
    pub is_read: bool,
    /// Whether these are data events.
    pub is_data: bool,
}

/// How many calls there were, for everything that is counted and every minute that has any.
pub fn minute_counts(plan: &Plan) -> Vec<(Counted, Vec<(Minute, u32)>)> {
    let world = World::new(plan);
    let count = |minutes: &mut Vec<(Minute, u32)>, at: Minute| match minutes.last_mut() {
        Some((minute, count)) if *minute == at => *count += 1,
        _ => minutes.push((at, 1)),
    };
    let (regions, apis) = (plan.regions, CATALOGUE.apis.len());
    let mut all = vec![Vec::new(); world.lanes.len() * apis];
    let mut counts = BTreeMap::<(u16, u16, u16, u16), Vec<(Minute, u32)>>::new();
    for call in calls_of(&world) {
        let lane = call.account as usize * regions + call.region as usize;
        count(&mut all[lane * apis + call.api as usize], call.minute());
        if call.error > 0 {
            count(counts.entry((call.account, call.region, call.api, call.error)).or_default(), call.minute());
        }
    }
    for (at, minutes) in all.into_iter().enumerate().filter(|(_, minutes)| !minutes.is_empty()) {
        let (lane, api) = (at / apis, at % apis);
        counts.insert(((lane / regions) as u16, (lane % regions) as u16, api as u16, 0), minutes);
    }
    let named = |((account, region, api, error), minutes)| {
        let of = &CATALOGUE.apis[api as usize];
        let counted = Counted {
            account: world.accounts[account as usize].id.clone(),
            region: REGIONS[region as usize].into(),
            source: CATALOGUE.service(api).source.into(),
            name: of.name.into(),
            error_code: (error > 0).then(|| CATALOGUE.codes[error as usize - 1].into()),
            is_read: of.is_read,
            is_data: of.is_data,
        };
        (counted, minutes)
    };
    counts.into_iter().map(named).collect()
}
