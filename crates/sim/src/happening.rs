//! Happenings: what a plan says of incidents and decoys, decided for the accounts that it has.
//!
//! Here it is decided to which key an incident happens and who does it, and the truth is written down. What finds no fitting
//! key does not happen, and is not in the truth.

use record::time::Minute;

use crate::account::Account;
use crate::catalogue::CATALOGUE;
use crate::decoy::deceive;
use crate::dice::{Dice, mix};
use crate::incident::{By, Incident, IncidentKind, RateClass, Target};
use crate::lane::{Key, Lane};
use crate::plan::{Arrivals, REGIONS};
use crate::truth::Told;
use crate::world::World;

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

/// What it does to the calls of the key.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    /// So many come besides, of this actor, and fail with this code.
    Add { calls: usize, code: Option<u16>, actor: u16 },
    /// This share of them fails.
    Fail { share: f64, code: u16 },
    /// None comes.
    Stop,
}

impl Happening {
    /// How many calls come that otherwise would not.
    pub(crate) fn added_calls(&self) -> usize {
        if let Effect::Add { calls, .. } = self.effect { calls } else { 0 }
    }
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
        if incident.account < accounts && incident.region < regions && incident.end() <= until {
            happen(world, incident, nth);
        }
    }
}

fn happen(world: &mut World, incident: &Incident, nth: usize) {
    let mut dice = Dice::of(mix(world.plan.seed, nth as u64), &[22]);
    // Where it should happen, or else where the account has a key that it can happen to.
    let regions = [incident.region, world.accounts[incident.account].home].into_iter().chain(0..world.plan.regions);
    let mut lanes = regions.map(|region| world.plan.lane(incident.account, region));
    let found = lanes.find_map(|lane| Some((lane, aim(world, lane, incident, &mut dice)?)));
    let Some((lane, api)) = found else { return };
    if world.lanes[lane].key(api).is_none_or(|key| key.per_minute() == 0.0) {
        let never = Arrivals::Machine { per_minute: 0.0, batch: 1.0 };
        world.add_key(incident.account, world.lanes[lane].region, api, never, Minute(i32::MIN));
    }
    let (kind, size, effect) = decide(world, incident, nth, (lane, api), &mut dice);
    let (start, end) = (incident.start.seconds(), incident.end().seconds());
    let happening = Happening { lane, api, start, end, effect };
    world.told.push(told(world, incident, &happening, kind, size));
    world.happenings.push(happening);
}

/// What exactly happens to a key of a lane: of which kind and size the truth calls it, and its effect.
fn decide(
    world: &mut World,
    incident: &Incident,
    nth: usize,
    (lane, api): (usize, u16),
    dice: &mut Dice,
) -> (&'static str, f64, Effect) {
    let key = world.lanes[lane].key(api).expect("added if it was not there");
    let (usual, usual_code, usual_actors) = (key.per_minute(), key.codes[0], key.actors.clone());
    let mut add = |calls: usize, code: Option<&str>| Effect::Add {
        calls,
        code: code.and_then(|code| CATALOGUE.code(code)),
        actor: who(world, incident, nth, &usual_actors, dice),
    };
    match incident.kind {
        IncidentKind::Surge { factor } => {
            let expected = usual * f64::from(incident.minutes);
            ("surge", factor, add(((expected * (factor - 1.0) + 0.5) as usize).max(3), None))
        }
        IncidentKind::Burst { calls, code } => {
            (if usual == 0.0 { "neverSeen" } else { "burst" }, calls as f64, add(calls, code))
        }
        IncidentKind::ErrorShare { to, new_code } => {
            let code = if new_code { CATALOGUE.code("InternalFailure").expect("catalogue") } else { usual_code };
            ("errorShare", to, Effect::Fail { share: to, code })
        }
        IncidentKind::Silence => ("silence", 0.0, Effect::Stop),
    }
}

/// The truth of what happens.
fn told(world: &World, incident: &Incident, happening: &Happening, kind: &'static str, size: f64) -> Told {
    let Happening { lane, api, effect, .. } = happening;
    let (lane, account) = (&world.lanes[*lane], &world.accounts[incident.account]);
    let (actor, code) = match *effect {
        Effect::Add { code, actor, .. } => (Some(&account.actors[actor as usize]), code),
        Effect::Fail { code, .. } => (None, Some(code)),
        Effect::Stop => (None, None),
    };
    Told {
        kind,
        size,
        start: incident.start,
        end: incident.end(),
        account: account.id.to_string(),
        region: Some(REGIONS[lane.region].to_owned()),
        event_source: Some(CATALOGUE.service(*api).source.to_owned()),
        event_name: Some(CATALOGUE.apis[*api as usize].name.to_owned()),
        error_code: code.map(|code| CATALOGUE.codes[code as usize].to_owned()),
        direction: Some(if matches!(effect, Effect::Stop) { "decrease" } else { "increase" }),
        decoy: false,
        usual_per_minute: lane.key(*api).map_or(0.0, Key::per_minute),
        added_calls: happening.added_calls(),
        actor: actor.map(|actor| actor.name.clone()),
        source_ip: actor.map(|actor| actor.source_ip.clone()),
    }
}

/// Finds the key that it happens to: one that fits, and that nothing else happens to on that day.
fn aim(world: &World, lane: usize, incident: &Incident, dice: &mut Dice) -> Option<u16> {
    let start = incident.start.seconds();
    let is_free = |api: &u16| {
        let is_hit =
            |other: &Happening| other.lane == lane && other.api == *api && (other.start - start).abs() < 86_400;
        !world.happenings.iter().any(is_hit)
    };
    let lane = &world.lanes[lane];
    let fitting: Vec<u16> = match incident.target {
        Target::Api(source, name) => return CATALOGUE.find(source, name),
        Target::NeverSeen => lane.unused_writes().filter(is_free).collect(),
        Target::Rate(_) | Target::Steady | Target::Cron => {
            let is_write = |api: &u16| !CATALOGUE.apis[*api as usize].is_read;
            let writes: Vec<u16> = fitting(lane, incident, true).filter(is_write).filter(is_free).collect();
            // Where no write fits, a read does: small accounts have few.
            if writes.is_empty() { fitting(lane, incident, false).filter(is_free).collect() } else { writes }
        }
    };
    (!fitting.is_empty()).then(|| fitting[dice.below(fitting.len())])
}

/// The keys of a lane that are called as the incident's target is; `with_crons`: a cron job is steady, too.
fn fitting(lane: &Lane, incident: &Incident, with_crons: bool) -> impl Iterator<Item = u16> {
    let fits = move |key: &&Key| {
        let is_cron = matches!(key.arrivals, Arrivals::Cron { every, .. } if every * 2 <= incident.minutes);
        let is_machine = matches!(key.arrivals, Arrivals::Machine { batch, .. } if batch < 2.0);
        match incident.target {
            Target::Rate(class) => RateClass::of(key.per_minute()) == class,
            Target::Cron => is_cron,
            _ => {
                let expected = key.per_minute() * f64::from(incident.minutes);
                (is_machine || with_crons && is_cron) && expected >= 10.0 && key.error_share < 0.3
            }
        }
    };
    lane.keys.iter().filter(fits).map(|key| key.api)
}

/// Who does it, of those who are there or come for it.
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
