//! Accounts: who is in them, which keys they use and how often: all that is drawn once and remembered.
//!
//! A *key* is an event source and name; a *lane* is an account in one Region, the place where keys are used.
//! An account uses a key with probability 0.8 in its home Region and 0.35 elsewhere; how often is lognormal, and a
//! fifth of the keys come less than once a day. Some keys fail now and then, few fail always.

use std::collections::HashMap;
use std::sync::Arc;

use record::names::AccountId;
use record::time::Minute;

use crate::catalogue::{CATALOGUE, Who};
use crate::dice::{Dice, mix};
use crate::identity::{Actor, Maker};
use crate::incident::{self, Happening};
use crate::plan::{Arrivals, Plan, REGIONS};
use crate::truth::Told;
use crate::words::text_seed;

/// A key without a place in a lane.
const NOT_USED: u16 = u16::MAX;

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

/// One account.
#[derive(Debug)]
pub struct Account {
    /// Twelve digits.
    pub id: AccountId,
    /// Place of the home Region in [`REGIONS`].
    pub home: usize,
    /// Everyone who calls.
    pub actors: Vec<Actor>,
    pub(crate) seed: u64,
    /// Minutes from UTC to the clocks on its walls.
    pub(crate) utc_offset: i32,
    /// When its clocks go forward by an hour.
    pub(crate) clock_change: Option<Minute>,
    /// No calls before.
    pub(crate) begins: Minute,
    /// Busier by this factor every week.
    pub(crate) growth_a_week: f64,
    /// Its machines rest on weekends, too.
    pub(crate) rests: bool,
    /// Nothing is delivered between these seconds.
    pub(crate) gap: Option<(i64, i64)>,
    /// Since when a second trail writes everything again.
    pub(crate) second_trail: Option<Minute>,
    pub(crate) people: Vec<u16>,
    /// Root, a federated user, another account, …
    pub(crate) rare_people: Vec<u16>,
    pub(crate) machines: Vec<u16>,
    special: HashMap<(u8, u64), u16>,
}

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

impl Key {
    pub(crate) fn per_minute(&self) -> f64 {
        self.arrivals.per_minute()
    }

    /// How many calls of this key come together in one session, as (mu, sigma) of a lognormal number, and its mean.
    pub(crate) fn cluster(&self) -> (f64, f64, f64) {
        if self.per_minute() * 1440.0 >= 3.0 { (1.6, 1.0, 8.2) } else { (0.0, 0.6, 1.32) }
    }
}

impl Lane {
    pub(crate) fn key(&self, api: u16) -> Option<&Key> {
        self.place(api).map(|at| &self.keys[at])
    }

    pub(crate) fn place(&self, api: u16) -> Option<usize> {
        let at = self.by_api[api as usize];
        (at != NOT_USED).then_some(at as usize)
    }

    fn put(&mut self, key: Key) {
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
}

impl World {
    /// Draws everything that a plan's accounts are.
    pub fn new(plan: &Plan) -> Arc<World> {
        let mut accounts: Vec<Account> = (0..plan.accounts).map(|index| account(plan, index)).collect();
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
            draw_keys(lane, account, plan, per_day * weight / total);
            draw_errors(lane);
        }
        for hot in 0..plan.hot_keys {
            let home = accounts[hot % plan.accounts].home;
            heat(&mut lanes[hot % plan.accounts * plan.regions + home], &accounts[hot % plan.accounts], hot);
        }
        for pin in plan.pins.iter().filter(|pin| pin.account < plan.accounts && pin.region < plan.regions) {
            let lane = &mut lanes[pin.account * plan.regions + pin.region];
            let api = CATALOGUE.find(&pin.source, &pin.name).expect("a pinned API is in the catalogue");
            let arrivals = pin.arrivals.unwrap_or(Arrivals::Machine { per_minute: 0.0, batch: 1.0 });
            let mut key = Key::new(api, arrivals, &mut accounts[pin.account], lane.seed);
            key.error_share = pin.error_share;
            lane.put(key);
        }
        let mut world = World { plan: plan.clone(), accounts, lanes, happenings: Vec::new(), told: Vec::new() };
        incident::befall(&mut world);
        for lane in &mut world.lanes {
            lane.count_sessions();
        }
        Arc::new(world)
    }

    /// The Region's name.
    pub fn region(&self, region: usize) -> &'static str {
        REGIONS[region]
    }

    pub(crate) fn lane_mut(&mut self, account: usize, region: usize) -> (&mut Lane, &mut Account) {
        (&mut self.lanes[account * self.plan.regions + region], &mut self.accounts[account])
    }

    pub(crate) fn add_key(&mut self, account: usize, region: usize, api: u16, arrivals: Arrivals, from: Minute) {
        let (lane, account) = self.lane_mut(account, region);
        let key = Key { from, ..Key::new(api, arrivals, account, lane.seed) };
        lane.put(key);
    }
}

fn account(plan: &Plan, index: usize) -> Account {
    let seed = mix(plan.seed, 1000 + index as u64);
    let mut dice = Dice::of(seed, &[3]);
    let id: String = (0..12)
        .map(|place| char::from(b'0' + if place == 0 { 1 + dice.below(9) } else { dice.below(10) } as u8))
        .collect();
    let home = if index == 0 { 0 } else { dice.below(plan.regions) };
    let elsewhere = [-480, -300, 0, 60, 60, 120, 330, 600][dice.below(8)];
    let utc_offset = if index == 0 { 60 } else { elsewhere };
    // Spread evenly over the accounts, so that even a few of them have their share.
    let phase = Dice::of(plan.seed, &[9]).unit();
    let before = |accounts: usize| (accounts as f64 * plan.second_trails + phase).floor();
    let second_trail = (before(index + 1) > before(index)).then_some(plan.start);
    let mut maker = Maker { account: &id, seed, dice };
    let (mut actors, mut people, mut machines) = (Vec::new(), Vec::new(), Vec::new());
    for which in 0..5 + maker.dice.below(6) {
        for way in 0..3 {
            if way > 0 && maker.dice.chance(0.5) {
                continue;
            }
            people.push(actors.len() as u16);
            actors.push(match (way + which) % 3 {
                0 => maker.person_with_key(which),
                1 => maker.person_by_sso(which),
                _ => maker.person_at_console(which),
            });
        }
    }
    let rare_people = (0..5).map(|which| (actors.len() as u16 + which, maker.rare_person(which as usize)));
    let (rare_people, rare_actors): (Vec<u16>, Vec<Actor>) = rare_people.unzip();
    actors.extend(rare_actors);
    for which in 0..12 + maker.dice.below(10) {
        machines.push(actors.len() as u16);
        actors.push(if which % 6 == 5 {
            maker.robot(["ci-deploy", "terraform", "backup", "datadog"][which / 6 % 4])
        } else {
            maker.program(which)
        });
    }
    Account {
        id: AccountId::from(id.as_str()),
        home,
        actors,
        seed,
        utc_offset,
        clock_change: None,
        begins: plan.start,
        growth_a_week: 1.0,
        rests: false,
        gap: None,
        second_trail,
        people,
        rare_people,
        machines,
        special: HashMap::new(),
    }
}

impl Account {
    pub(crate) fn maker<'a>(id: &'a AccountId, seed: u64, path: u64) -> Maker<'a> {
        Maker { account: id.as_str(), seed, dice: Dice::of(seed, &[4, path]) }
    }

    /// The one actor of a special kind, made when first asked for.
    fn special(&mut self, kind: u8, which: u64, make: impl FnOnce(&mut Maker) -> Actor) -> u16 {
        if let Some(known) = self.special.get(&(kind, which)) {
            return *known;
        }
        let id = self.id.clone();
        let actor = make(&mut Account::maker(&id, self.seed, mix(u64::from(kind), which)));
        let at = self.add(actor);
        self.special.insert((kind, which), at);
        at
    }

    pub(crate) fn add(&mut self, actor: Actor) -> u16 {
        self.actors.push(actor);
        self.actors.len() as u16 - 1
    }
}

impl Key {
    fn new(api: u16, arrivals: Arrivals, account: &mut Account, lane_seed: u64) -> Key {
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
}

impl Lane {
    fn empty(account: usize, region: usize, account_seed: u64) -> Lane {
        let seed = mix(account_seed, 100 + region as u64);
        let by_api = vec![NOT_USED; CATALOGUE.apis.len()];
        Lane { account, region, seed, keys: Vec::new(), by_api, sessions_per_minute: 0.0 }
    }

    /// As many sessions as it takes when each touches some fifteen keys.
    fn count_sessions(&mut self) {
        let human = self.keys.iter().filter(|key| matches!(key.arrivals, Arrivals::Human { .. }));
        let clusters: f64 = human.map(|key| key.per_minute() / key.cluster().2).sum();
        self.sessions_per_minute = clusters / 15.0;
    }
}

/// Draws which keys a lane uses, how often, and how the calls come.
fn draw_keys(lane: &mut Lane, account: &mut Account, plan: &Plan, calls_per_day: f64) {
    let mut dice = Dice::of(lane.seed, &[6]);
    let mut drawn: Vec<(u16, f64, bool)> = Vec::new();
    for (at, api) in CATALOGUE.apis.iter().enumerate() {
        let service = &CATALOGUE.services[api.service];
        let is_at_home = lane.region == account.home || service.is_global;
        let (used, rare) = (dice.chance(if is_at_home { 0.8 } else { 0.35 }), dice.chance(0.2));
        let (often, seldom) = (api.weight * dice.lognormal(0.0, 1.65), libm::exp(dice.between(-4.0, 0.0)));
        if !used || (service.is_global && lane.region != 0) || (api.is_data && !plan.data_events) {
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
        let key = Key::new(api, arrivals, account, lane.seed);
        lane.put(key);
    }
}

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
    let (is_batched, which, offset) = (dice.chance(0.1), dice.bits() as usize, dice.bits() as usize);
    let periods: Vec<i32> =
        [5, 15, 60, 120].into_iter().filter(|every| per_minute * f64::from(*every) >= 0.7).collect();
    match letter {
        'c' if !rare && !periods.is_empty() => {
            let every = periods[which % periods.len()];
            let batch = ((per_minute * f64::from(every) + 0.5) as usize).max(1);
            Arrivals::Cron { every, offset: (offset % every as usize) as i32, batch }
        }
        'm' => Arrivals::Machine { per_minute, batch: if is_batched { 3.2 } else { 1.0 } },
        // A job that runs less than every two hours is a person's errand here.
        _ => Arrivals::Human { per_minute },
    }
}

/// Draws which keys ever fail: 9 to 16 % of them, and together 8 to 28 % of all calls.
fn draw_errors(lane: &mut Lane) {
    let mut dice = Dice::of(lane.seed, &[7]);
    let total = lane.per_minute();
    let fails_often =
        |at: &usize| !matches!(CATALOGUE.apis[lane.keys[*at].api as usize].who, Who::Event | Who::Internal);
    let mut order: Vec<usize> = (0..lane.keys.len()).filter(fails_often).collect();
    dice.shuffle(&mut order);
    let wanted = (lane.keys.len() as f64 * dice.between(0.09, 0.16)) as usize;
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
        let more = lane.keys[at].per_minute() / total * error_share;
        if share + more > 0.26 {
            continue;
        }
        lane.keys[at].error_share = error_share;
        (failing, share) = (failing + 1, share + more);
    }
    // A caller that fails all day long and that nobody minds.
    order.sort_by(|a, b| lane.keys[*b].per_minute().total_cmp(&lane.keys[*a].per_minute()));
    for at in order {
        let its_share = lane.keys[at].per_minute() / total;
        if share < 0.09 && lane.keys[at].error_share == 0.0 && its_share < 0.15 {
            lane.keys[at].error_share = (0.11 / its_share).min(1.0);
            share += its_share * lane.keys[at].error_share;
        }
    }
}

/// Makes one of a lane's steady keys a hot one: 30 to 90 calls a minute.
fn heat(lane: &mut Lane, account: &Account, which: usize) {
    let mut dice = Dice::of(account.seed, &[8, which as u64]);
    let busiest = lane
        .keys
        .iter_mut()
        .filter(|key| matches!(key.arrivals, Arrivals::Machine { per_minute, .. } if per_minute < 30.0))
        .max_by(|a, b| a.per_minute().total_cmp(&b.per_minute()));
    if let Some(key) = busiest {
        key.arrivals = Arrivals::Machine { per_minute: dice.between(32.0, 90.0), batch: 1.0 };
        key.error_share = key.error_share.min(0.02);
    }
}
