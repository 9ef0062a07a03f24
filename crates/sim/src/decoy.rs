//! Decoys: what changes in a made-up account, looks as if something went wrong, and must stay silent.

use record::time::Minute;

use crate::catalogue::CATALOGUE;
use crate::dice::Dice;
use crate::plan::{Arrivals, REGIONS};
use crate::truth::Told;
use crate::world::World;

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

/// Lets it happen, and writes the truth down.
pub(crate) fn deceive(world: &mut World, decoy: &Decoy, nth: usize) {
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
            let lane = &world.lanes[world.plan.lane(decoy.account, region)];
            let unused: Vec<u16> = lane.unused_writes().collect();
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
