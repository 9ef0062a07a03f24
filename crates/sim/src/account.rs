//! Accounts: who is in them, when they work, and what is special about them.

use std::collections::HashMap;

use record::names::AccountId;
use record::time::Minute;

use crate::dice::{Dice, mix};
use crate::identity::{Actor, Maker};
use crate::plan::Plan;

/// One account.
#[derive(Debug)]
pub struct Account {
    /// Twelve digits.
    pub id: AccountId,
    /// Place of the home Region in [`REGIONS`](crate::REGIONS).
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

impl Account {
    /// The plan's account of this number.
    pub(crate) fn drawn(plan: &Plan, index: usize) -> Account {
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
        let mut actors = Vec::new();
        let people = draw_people(&mut maker, &mut actors);
        let rare_people = add_all(&mut actors, (0..5).map(|which| maker.rare_person(which)));
        let count = 12 + maker.dice.below(10);
        let machines = add_all(&mut actors, (0..count).map(|which| draw_machine(&mut maker, which)));
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

    pub(crate) fn maker<'a>(id: &'a AccountId, seed: u64, path: u64) -> Maker<'a> {
        Maker { account: id.as_str(), seed, dice: Dice::of(seed, &[4, path]) }
    }

    /// The one actor of a special kind, made when first asked for.
    pub(crate) fn special(&mut self, kind: u8, which: u64, make: impl FnOnce(&mut Maker) -> Actor) -> u16 {
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

/// People, each by one to three ways: a key, SSO, the console.
fn draw_people(maker: &mut Maker, actors: &mut Vec<Actor>) -> Vec<u16> {
    let mut people = Vec::new();
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
    people
}

/// A program, or every sixth time one with a user's key.
fn draw_machine(maker: &mut Maker, which: usize) -> Actor {
    if which % 6 == 5 {
        maker.robot(["ci-deploy", "terraform", "backup", "datadog"][which / 6 % 4])
    } else {
        maker.program(which)
    }
}

/// Adds actors; says where they are.
fn add_all(actors: &mut Vec<Actor>, more: impl Iterator<Item = Actor>) -> Vec<u16> {
    let first = actors.len() as u16;
    actors.extend(more);
    (first..actors.len() as u16).collect()
}
