//! Incidents and decoys: what goes wrong in a made-up account, and what only looks like it.
//!
//! A plan says what should happen, roughly where; here it is decided to which key it happens and who does it,
//! and the truth is written down. What finds no fitting key does not happen, and is not in the truth.

use record::time::Minute;

use crate::account::{Account, World};
use crate::catalogue::CATALOGUE;
use crate::dice::{Dice, mix};
use crate::plan::{Arrivals, REGIONS};
use crate::truth::Told;

/// Something that should be found.
#[derive(Clone, Debug)]
pub struct Incident {
    /// Which account, from 0.
    pub account: usize,
    /// Which Region, from 0.
    pub region: usize,
    /// To which key it happens.
    pub target: Target,
    /// What happens.
    pub kind: IncidentKind,
    /// The first minute.
    pub start: Minute,
    /// For how many minutes.
    pub minutes: i32,
    /// Who does it.
    pub by: By,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum IncidentKind {
    /// The key is called this many times as often.
    Surge {
        /// How many times as often.
        factor: f64,
    },
    /// So many calls come besides.
    Burst {
        /// How many.
        calls: usize,
        /// What all of them fail with, if they do.
        code: Option<&'static str>,
    },
    /// As many calls as always, and this share of them fails.
    ErrorShare {
        /// The share, up to 1.
        to: f64,
        /// With a code that this key never had.
        new_code: bool,
    },
    /// No calls at all.
    Silence,
}

/// To which key it happens.
#[derive(Clone, Debug)]
pub enum Target {
    /// One that is called about so often.
    Rate(RateClass),
    /// A machine's or a cron job's, often enough to be missed or to fail visibly within the time.
    Steady,
    /// A cron job's.
    Cron,
    /// One that this account never used in this Region.
    NeverSeen,
    /// This one.
    Api(&'static str, &'static str),
}

/// How often a key is called a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateClass {
    /// Less than 0.01.
    Rare,
    /// 0.01 to 1.
    Low,
    /// 1 to 30.
    Medium,
    /// More than 30.
    High,
}

impl RateClass {
    /// All of them.
    pub const ALL: [RateClass; 4] = [RateClass::Rare, RateClass::Low, RateClass::Medium, RateClass::High];

    /// The class of a rate.
    pub fn of(per_minute: f64) -> RateClass {
        match per_minute {
            rate if rate < 0.01 => RateClass::Rare,
            rate if rate < 1.0 => RateClass::Low,
            rate if rate <= 30.0 => RateClass::Medium,
            _ => RateClass::High,
        }
    }
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whoever calls this key anyway.
    Usual,
    /// Someone else of the account.
    Insider,
    /// Someone with the access key of a person of the account, from another address.
    Thief,
    /// An identity that nobody has seen.
    Stranger,
}

/// Something that must stay silent.
#[derive(Clone, Debug)]
pub struct Decoy {
    /// Which account, from 0.
    pub account: usize,
    /// From when on.
    pub at: Minute,
    /// What changes.
    pub kind: DecoyKind,
}

/// What changes and is no incident.
#[derive(Clone, Copy, Debug)]
pub enum DecoyKind {
    /// The account is busier every week.
    Growth {
        /// By this factor.
        a_week: f64,
    },
    /// A cron job begins, of a key not used before.
    NewCron,
    /// The account's machines rest on weekends as its people do.
    Weekend,
    /// Its clocks go forward by an hour.
    DaylightSaving,
    /// The account begins.
    NewAccount,
    /// Nothing is delivered; then all of it.
    LoggingGap {
        /// For so many minutes.
        minutes: i32,
    },
    /// A second trail is switched on.
    SecondTrail,
}

/// What happens, decided.
#[derive(Clone, Debug)]
pub(crate) struct Happening {
    pub lane: usize,
    pub api: u16,
    /// Seconds, the end excluded.
    pub start: i64,
    pub end: i64,
    pub effect: Effect,
}

#[derive(Clone, Debug)]
pub(crate) enum Effect {
    Add { calls: usize, code: Option<u16>, actor: u16 },
    Fail { share: f64, code: u16 },
    Stop,
}

impl Happening {
    /// How many calls come that otherwise would not.
    pub(crate) fn added_calls(&self) -> usize {
        if let Effect::Add { calls, .. } = self.effect { calls } else { 0 }
    }
}

impl Incident {
    /// So many incidents, spread over the accounts: of all kinds and sizes, but no floods of a small account.
    pub fn some(
        seed: u64,
        count: usize,
        accounts: usize,
        regions: usize,
        from: Minute,
        until: Minute,
    ) -> Vec<Incident> {
        let mut all = Incident::of_every_kind(seed, accounts, regions, from, until);
        all.retain(|incident| match (&incident.target, &incident.kind) {
            (Target::Rate(RateClass::High | RateClass::Medium), _) => false,
            (_, IncidentKind::Surge { factor }) => *factor < 100.0 || incident.minutes < 240,
            _ => incident.minutes < (until - from).0,
        });
        let mut picked: Vec<Incident> = (0..count).map(|nth| all[nth * 7 % all.len()].clone()).collect();
        let mut dice = Dice::of(seed, &[20]);
        for (nth, incident) in picked.iter_mut().enumerate() {
            (incident.account, incident.region) = (nth % accounts, nth / accounts % regions);
            incident.start = spread(&mut dice, nth, count, from, until, incident.minutes);
        }
        picked
    }

    /// Every kind and size once: four factors on four rates for four lengths, keys never seen, errors, silences.
    pub fn of_every_kind(seed: u64, accounts: usize, regions: usize, from: Minute, until: Minute) -> Vec<Incident> {
        let mut kinds: Vec<(Target, IncidentKind, i32)> = Vec::new();
        for rate in RateClass::ALL {
            for factor in [2.0, 5.0, 20.0, 100.0] {
                for minutes in [1, 5, 30, 240] {
                    kinds.push((Target::Rate(rate), IncidentKind::Surge { factor }, minutes));
                }
            }
        }
        for calls in [10, 20, 50, 200, 1000] {
            for minutes in [2, 30] {
                kinds.push((Target::NeverSeen, IncidentKind::Burst { calls, code: None }, minutes));
            }
        }
        for to in [0.5, 1.0] {
            for new_code in [false, true] {
                for minutes in [30, 240] {
                    kinds.push((Target::Steady, IncidentKind::ErrorShare { to, new_code }, minutes));
                }
            }
        }
        for minutes in [60, 240, 720, 1440] {
            kinds.push((Target::Steady, IncidentKind::Silence, minutes));
            kinds.push((Target::Cron, IncidentKind::Silence, minutes));
        }
        let mut dice = Dice::of(seed, &[21]);
        dice.shuffle(&mut kinds);
        let count = kinds.len();
        let mut high = 0..;
        let who = [By::Usual, By::Insider, By::Thief, By::Stranger];
        let mut one = |(nth, (target, kind, minutes)): (usize, (Target, IncidentKind, i32))| Incident {
            // The hot keys are where the plan puts them: in the first accounts' home Regions.
            account: match target {
                Target::Rate(RateClass::High) => high.next().unwrap_or(0) % accounts.min(5),
                _ => nth % accounts,
            },
            region: if nth % 3 == 0 { 0 } else { nth % regions },
            target,
            kind,
            start: spread(&mut dice, nth, count, from, until, minutes),
            minutes,
            by: who[nth / 3 % 4],
        };
        kinds.into_iter().enumerate().map(&mut one).collect()
    }
}

/// Starts that keep apart: the n-th of so many equal parts of the time.
fn spread(dice: &mut Dice, nth: usize, count: usize, from: Minute, until: Minute, minutes: i32) -> Minute {
    let room = (until.0 - from.0 - minutes).max(1) as f64;
    Minute(from.0 + (room * (nth as f64 + dice.unit() * 0.8) / count as f64) as i32)
}

/// Lets everything that a plan says happen to its accounts.
pub(crate) fn befall(world: &mut World) {
    // What a plan that was made smaller has no account or no time left for does not happen.
    let (accounts, regions, until) = (world.plan.accounts, world.plan.regions, world.plan.until());
    for (nth, decoy) in world.plan.decoys.clone().iter().enumerate() {
        if decoy.account < accounts && decoy.at < until {
            deceive(world, decoy, nth);
        }
    }
    for (nth, incident) in world.plan.incidents.clone().iter().enumerate() {
        if incident.account < accounts && incident.region < regions && incident.start.0 + incident.minutes <= until.0 {
            happen(world, incident, nth);
        }
    }
}

fn happen(world: &mut World, incident: &Incident, nth: usize) {
    let mut dice = Dice::of(mix(world.plan.seed, nth as u64), &[22]);
    // Where it should happen, or else where the account has a key that it can happen to.
    let regions = [incident.region, world.accounts[incident.account].home].into_iter().chain(0..world.plan.regions);
    let lane_in = |region: usize| incident.account * world.plan.regions + region;
    let found =
        regions.into_iter().find_map(|region| Some((region, aim(world, lane_in(region), incident, &mut dice)?)));
    let Some((region, api)) = found else { return };
    let lane = lane_in(region);
    let unused = world.lanes[lane].key(api).is_none_or(|key| key.per_minute() == 0.0);
    if unused {
        let never = Arrivals::Machine { per_minute: 0.0, batch: 1.0 };
        world.add_key(incident.account, region, api, never, Minute(i32::MIN));
    }
    let end = incident.start.0 + incident.minutes;
    let key = world.lanes[lane].key(api).expect("added if it was not there");
    let (usual, usual_code, key_actors) = (key.per_minute(), key.codes[0], key.actors.clone());
    let expected = usual * f64::from(incident.minutes);
    let mut add = |world: &mut World, calls: usize, code: Option<&str>| Effect::Add {
        calls,
        code: code.and_then(|code| CATALOGUE.code(code)),
        actor: who(world, incident, nth, &key_actors, &mut dice),
    };
    let (kind, size, effect) = match incident.kind {
        IncidentKind::Surge { factor } => {
            ("surge", factor, add(world, ((expected * (factor - 1.0) + 0.5) as usize).max(3), None))
        }
        IncidentKind::Burst { calls, code } => {
            (if unused { "neverSeen" } else { "burst" }, calls as f64, add(world, calls, code))
        }
        IncidentKind::ErrorShare { to, new_code } => {
            let code = if new_code { CATALOGUE.code("InternalFailure").expect("catalogue") } else { usual_code };
            ("errorShare", to, Effect::Fail { share: to, code })
        }
        IncidentKind::Silence => ("silence", 0.0, Effect::Stop),
    };
    let (added_calls, actor, code) = match effect {
        Effect::Add { calls, code, actor } => {
            (calls, Some(&world.accounts[incident.account].actors[actor as usize]), code)
        }
        Effect::Fail { code, .. } => (0, None, Some(code)),
        Effect::Stop => (0, None, None),
    };
    let told = Told {
        kind,
        size,
        start: incident.start,
        end: Minute(end),
        account: world.accounts[incident.account].id.to_string(),
        region: Some(REGIONS[region].to_owned()),
        event_source: Some(CATALOGUE.service(api).source.to_owned()),
        event_name: Some(CATALOGUE.apis[api as usize].name.to_owned()),
        error_code: code.map(|code| CATALOGUE.codes[code as usize].to_owned()),
        direction: Some(if matches!(effect, Effect::Stop) { "decrease" } else { "increase" }),
        decoy: false,
        usual_per_minute: usual,
        added_calls,
        actor: actor.map(|actor| actor.name.clone()),
        source_ip: actor.map(|actor| actor.source_ip.clone()),
    };
    world.told.push(told);
    let (start, end) = (incident.start.seconds(), i64::from(end) * 60);
    world.happenings.push(Happening { lane, api, start, end, effect });
}

/// Finds the key that it happens to: one that fits, and that nothing else happens to on that day.
fn aim(world: &World, lane: usize, incident: &Incident, dice: &mut Dice) -> Option<u16> {
    let start = incident.start.seconds();
    let is_free = |api: u16| {
        !world
            .happenings
            .iter()
            .any(|other| other.lane == lane && other.api == api && (other.start - start).abs() < 86_400)
    };
    if let Target::Api(source, name) = incident.target {
        return CATALOGUE.find(source, name);
    }
    let home = world.lanes[lane].region == 0;
    if matches!(incident.target, Target::NeverSeen) {
        let fits = |api: &u16| {
            let of = &CATALOGUE.apis[*api as usize];
            let wanted = !of.is_read && !of.is_data && (home || !CATALOGUE.service(*api).is_global);
            wanted && world.lanes[lane].key(*api).is_none() && is_free(*api)
        };
        let unused: Vec<u16> = (0..CATALOGUE.apis.len() as u16).filter(fits).collect();
        return (!unused.is_empty()).then(|| unused[dice.below(unused.len())]);
    }
    let fits = |key: &&crate::account::Key| {
        let expected = key.per_minute() * f64::from(incident.minutes);
        let is_cron = matches!(key.arrivals, Arrivals::Cron { every, .. } if every * 2 <= incident.minutes);
        let is_steady = matches!(key.arrivals, Arrivals::Machine { batch, .. } if batch < 2.0);
        let fitting = match incident.target {
            Target::Rate(class) => RateClass::of(key.per_minute()) == class,
            Target::Cron => is_cron,
            _ => (is_cron || is_steady) && expected >= 10.0 && key.error_share < 0.3,
        };
        fitting && !CATALOGUE.apis[key.api as usize].is_read && is_free(key.api)
    };
    let mut fitting: Vec<u16> = world.lanes[lane].keys.iter().filter(fits).map(|key| key.api).collect();
    if fitting.is_empty() {
        // Where no write fits, a read does: small accounts have few.
        let any_read = |key: &&crate::account::Key| {
            let of = key.per_minute() * f64::from(incident.minutes);
            let steady = matches!(key.arrivals, Arrivals::Machine { batch, .. } if batch < 2.0) && of >= 10.0;
            match incident.target {
                Target::Rate(class) => RateClass::of(key.per_minute()) == class && is_free(key.api),
                Target::Cron => {
                    matches!(key.arrivals, Arrivals::Cron { every, .. } if every * 2 <= incident.minutes)
                        && is_free(key.api)
                }
                _ => steady && key.error_share < 0.3 && is_free(key.api),
            }
        };
        fitting = world.lanes[lane].keys.iter().filter(any_read).map(|key| key.api).collect();
    }
    (!fitting.is_empty()).then(|| fitting[dice.below(fitting.len())])
}

fn who(world: &mut World, incident: &Incident, nth: usize, usual: &[u16], dice: &mut Dice) -> u16 {
    let account = &mut world.accounts[incident.account];
    let victim = account.people[dice.below(account.people.len())];
    let id = account.id.clone();
    let mut maker = Account::maker(&id, account.seed, 500 + nth as u64);
    match incident.by {
        By::Usual if !usual.is_empty() => usual[0],
        By::Usual | By::Insider => victim,
        // One thief a plan and account: what belongs together comes from one address.
        By::Thief => {
            let mut maker = Account::maker(&id, account.seed, 499);
            let first_key = account.people.iter().find(|at| {
                account.actors[**at as usize].name.contains(":user/") && !account.actors[**at as usize].is_console
            });
            let thief = maker.thief_of(&account.actors[*first_key.unwrap_or(&victim) as usize]);
            match account.actors.iter().position(|actor| actor.name == thief.name && actor.source_ip == thief.source_ip)
            {
                Some(known) => known as u16,
                None => account.add(thief),
            }
        }
        By::Stranger => {
            let stranger = maker.stranger();
            account.add(stranger)
        }
    }
}

fn deceive(world: &mut World, decoy: &Decoy, nth: usize) {
    let (start, until) = (decoy.at, world.plan.until());
    let region = world.accounts[decoy.account].home;
    let mut told = Told {
        kind: "",
        size: 0.0,
        start,
        end: until,
        account: world.accounts[decoy.account].id.to_string(),
        region: None,
        event_source: None,
        event_name: None,
        error_code: None,
        direction: None,
        decoy: true,
        usual_per_minute: 0.0,
        added_calls: 0,
        actor: None,
        source_ip: None,
    };
    let account = &mut world.accounts[decoy.account];
    match decoy.kind {
        DecoyKind::Growth { a_week } => {
            (account.growth_a_week, told.kind, told.size) = (a_week, "growth", a_week);
        }
        DecoyKind::Weekend => (account.rests, told.kind) = (true, "weekend"),
        DecoyKind::DaylightSaving => (account.clock_change, told.kind) = (Some(start), "daylightSaving"),
        DecoyKind::NewAccount => (account.begins, told.kind) = (start, "newAccount"),
        DecoyKind::SecondTrail => (account.second_trail, told.kind) = (Some(start), "secondTrail"),
        DecoyKind::LoggingGap { minutes } => {
            told.end = Minute(start.0 + minutes);
            account.gap = Some((start.seconds(), told.end.seconds()));
            (told.kind, told.size) = ("loggingGap", f64::from(minutes));
        }
        DecoyKind::NewCron => {
            let mut dice = Dice::of(world.plan.seed, &[23, nth as u64]);
            let lane = &world.lanes[decoy.account * world.plan.regions + region];
            let unused: Vec<u16> = (0..CATALOGUE.apis.len() as u16)
                .filter(|api| {
                    let of = &CATALOGUE.apis[*api as usize];
                    let here = region == 0 || !CATALOGUE.service(*api).is_global;
                    !of.is_read && !of.is_data && here && lane.key(*api).is_none()
                })
                .collect();
            let api = unused[dice.below(unused.len())];
            let (every, batch) = ([15, 60, 120][dice.below(3)], 1 + dice.below(6));
            let arrivals = Arrivals::Cron { every, offset: dice.below(every as usize) as i32, batch };
            world.add_key(decoy.account, region, api, arrivals, start);
            (told.kind, told.size, told.usual_per_minute) = ("newCron", batch as f64, arrivals.per_minute());
            told.region = Some(REGIONS[region].to_owned());
            told.event_source = Some(CATALOGUE.service(api).source.to_owned());
            told.event_name = Some(CATALOGUE.apis[api as usize].name.to_owned());
        }
    }
    world.told.push(told);
}
