//! The truth is true: in each incident's time the counts of its key really are as said.

use std::collections::{BTreeSet, HashMap};

use record::log_key::LogKey;
use record::time::{Minute, Minutes};
use sim::{
    Arrivals, By, Decoy, DecoyKind, Incident, IncidentKind, Pin, Plan, RateClass, Target, Tier, Told, minute_counts,
    truth,
};

/// Calls (or failures with this code) of a truth's key within these minutes.
type Counts = HashMap<(String, String, String, Option<String>), Vec<(Minute, u32)>>;

fn counts(plan: &Plan) -> Counts {
    let named = |(of, minutes): (sim::Counted, Vec<(Minute, u32)>)| {
        let code = of.error_code.map(|code| code.to_string());
        ((format!("{} {}", of.account, of.region), of.source.to_string(), of.name.to_string(), code), minutes)
    };
    minute_counts(plan).into_iter().map(named).collect()
}

fn within(counts: &Counts, told: &Told, code: Option<&str>, from: Minute, until: Minute) -> u32 {
    let place = format!("{} {}", told.account, told.region.as_ref().expect("an incident has its Region"));
    let (source, name) = (told.event_source.clone().unwrap(), told.event_name.clone().unwrap());
    let minutes = counts.get(&(place, source, name, code.map(str::to_owned)));
    minutes.iter().copied().flatten().filter(|(at, _)| *at >= from && *at < until).map(|(_, count)| count).sum()
}

fn check(plan: &Plan) -> Vec<&'static str> {
    let (truth, counts) = (truth(plan), counts(plan));
    for told in truth.incidents.iter().filter(|told| !told.decoy) {
        let here = within(&counts, told, None, told.start, told.end);
        let before = within(&counts, told, None, plan.start, told.start);
        let failed = told.error_code.as_deref().map(|code| within(&counts, told, Some(code), told.start, told.end));
        match told.kind {
            "surge" | "burst" => assert!(here as usize >= told.added_calls, "{told:?}: {here}"),
            "neverSeen" => {
                assert!(here as usize == told.added_calls && before == 0, "{told:?}: {here} after {before}")
            }
            "errorShare" => {
                let share = f64::from(failed.expect("has a code")) / f64::from(here);
                assert!((share - told.size).abs() < 0.35 && here > 0, "{told:?}: {share} of {here}");
            }
            "silence" => {
                assert_eq!(here, 0, "{told:?}");
                assert!(before > 0, "{told:?}");
            }
            other => panic!("nobody knows {other}"),
        }
        if told.kind == "burst" && told.error_code.is_some() {
            assert!(failed.expect("has a code") as usize >= told.added_calls, "{told:?}");
        }
        if told.kind == "surge" && told.usual_per_minute * f64::from((told.end - told.start).0) > 50.0 {
            let factor = f64::from(here) / (told.usual_per_minute * f64::from((told.end - told.start).0));
            assert!(factor > told.size * 0.7, "{told:?}: {factor}");
        }
    }
    truth.incidents.iter().map(|told| told.kind).collect()
}

#[test]
fn every_incident_of_a_tier_is_in_the_counts() {
    for seed in 0..4 {
        assert!(check(&Plan::tier(Tier::T0, seed)).len() >= 2);
        assert!(check(&Plan::tier(Tier::T1, seed)).len() >= 10);
    }
}

/// The grid of T2 in accounts small enough for a test.
#[test]
fn every_kind_of_incident_happens() {
    let start = Plan::quiet(0).start;
    let plan = Plan {
        accounts: 10,
        regions: 2,
        hot_keys: 5,
        calls_per_day: 9_000.0,
        incidents: Incident::of_every_kind(1, 10, 2, start + Minutes(4_000), start + Minutes(14_400)),
        ..Plan::quiet(11)
    };
    let kinds = check(&plan);
    for kind in ["surge", "neverSeen", "errorShare", "silence"] {
        assert!(kinds.contains(&kind), "no {kind}");
    }
    let rates: BTreeSet<String> = truth(&plan)
        .incidents
        .iter()
        .filter(|told| told.kind == "surge")
        .map(|told| format!("{:?}", RateClass::of(told.usual_per_minute)))
        .collect();
    assert_eq!(rates.len(), 4, "surges at every rate: {rates:?}");
    assert!(kinds.len() >= plan.incidents.len() * 17 / 20, "{} of {} happened", kinds.len(), plan.incidents.len());
}

#[test]
fn the_demo_tells_its_story() {
    let plan = Plan::demo(7);
    let kinds = check(&plan);
    assert!(kinds.contains(&"neverSeen") && kinds.contains(&"burst") && kinds.contains(&"silence"));
    let theft: Vec<Told> = truth(&plan).incidents.into_iter().filter(|told| told.source_ip.is_some()).collect();
    let addresses: BTreeSet<_> = theft.iter().map(|told| told.source_ip.clone()).collect();
    assert_eq!(addresses.len(), 1, "one thief, one address: {theft:?}");
    let calls = sim::calls(&plan).count();
    assert!((60_000..200_000).contains(&calls), "{calls} calls");
}

fn pinned(arrivals: Arrivals) -> Plan {
    let pin = |region| Pin {
        account: 0,
        region,
        source: "lambda.amazonaws.com".to_owned(),
        name: "UpdateFunctionConfiguration20150331v2".to_owned(),
        arrivals: Some(arrivals),
        error_share: 0.0,
    };
    Plan { pins: vec![pin(0), pin(1)], length: Minutes(21 * 1440), calls_per_day: 300.0, ..Plan::quiet(2) }
}

/// Calls of the pinned key from one day to another.
fn pinned_calls(plan: &Plan, from_day: i32, until_day: i32) -> f64 {
    let day = |day: i32| plan.start + Minutes(day * 1440);
    sim::calls(plan)
        .filter(|call| call.name().starts_with("UpdateFunctionConf"))
        .filter(|call| call.minute() >= day(from_day) && call.minute() < day(until_day))
        .count() as f64
}

#[test]
fn decoys_do_what_they_say() {
    let machine = Arrivals::Machine { per_minute: 3.0, batch: 1.0 };
    let decoy = |plan: Plan, day: i32, kind| {
        let at = plan.start + Minutes(day * 1440);
        Plan {
            decoys: vec![Decoy { account: 0, at, kind }],
            second_trails: 0.0,
            redeliveries: 0.0,
            compression: 1,
            ..plan
        }
    };
    let calm = pinned(machine);

    let growing = decoy(calm.clone(), 0, DecoyKind::Growth { a_week: 1.2 });
    let growth = pinned_calls(&growing, 14, 21) / pinned_calls(&growing, 0, 7);
    assert!((growth / 1.44 - 1.0).abs() < 0.05, "grew by {growth}");

    let resting = decoy(calm.clone(), 0, DecoyKind::Weekend);
    let weekend = pinned_calls(&resting, 5, 7) / pinned_calls(&resting, 7, 9);
    assert!((weekend - 0.35).abs() < 0.2, "weekends have {weekend} of weekdays");

    let young = decoy(calm.clone(), 10, DecoyKind::NewAccount);
    assert_eq!(sim::calls(&young).next().map(|call| call.at / 86_400), Some(i64::from(young.start.0) / 1440 + 10));

    let cron = decoy(calm.clone(), 10, DecoyKind::NewCron);
    let told = truth(&cron).incidents[0].clone();
    let first = sim::calls(&cron).find(|call| Some(call.name()) == told.event_name.as_deref());
    assert!(first.is_some_and(|call| call.minute() >= told.start && call.minute() < told.start + Minutes(180)));

    let gap = decoy(calm.clone(), 10, DecoyKind::LoggingGap { minutes: 120 });
    let told = truth(&gap).incidents[0].clone();
    let silent = |file: &sim::LogFile| {
        let named = file.key.parse::<LogKey>().expect("files are named as AWS names them").time;
        named > told.start + Minutes(5) && named < told.end
    };
    assert_eq!(sim::log_files(&gap).filter(silent).map(|file| file.records).sum::<usize>(), 0);
    let all: usize = sim::log_files(&gap).map(|file| file.records).sum();
    assert_eq!(all, sim::calls(&gap).count(), "all of it comes in the end");

    let second = decoy(calm.clone(), 10, DecoyKind::SecondTrail);
    let at = second.decoys[0].at.seconds();
    let twice = sim::calls(&second).filter(|call| call.at >= at).count();
    let delivered: usize = sim::log_files(&second).map(|file| file.records).sum();
    assert_eq!(delivered, sim::calls(&second).count() + twice);

    let people = pinned(Arrivals::Human { per_minute: 3.0 });
    let summer = decoy(people.clone(), 0, DecoyKind::DaylightSaving);
    let clock = |plan: &Plan| {
        let night = |call: &sim::Call| call.name().starts_with("UpdateFunctionConf");
        let mut hours = [0.0f64; 24];
        sim::calls(plan).filter(night).for_each(|call| hours[(call.at / 3600 % 24) as usize] += 1.0);
        hours
    };
    let (winter, summer) = (clock(&Plan { second_trails: 0.0, ..people }), clock(&summer));
    let differ =
        |shift: usize| (0..24).map(|hour: usize| (winter[(hour + shift) % 24] - summer[hour]).abs()).sum::<f64>();
    assert!(differ(1) < differ(0) && differ(1) < differ(2), "the day begins an hour earlier by UTC");
}

#[test]
fn incidents_can_be_chosen_one_by_one() {
    let start = Plan::quiet(0).start;
    for (target, kind, minutes) in [
        (Target::Rate(RateClass::Low), IncidentKind::Surge { factor: 20.0 }, 30),
        (Target::NeverSeen, IncidentKind::Burst { calls: 50, code: None }, 5),
        (Target::Steady, IncidentKind::ErrorShare { to: 1.0, new_code: true }, 240),
        (Target::Cron, IncidentKind::Silence, 720),
        (
            Target::Api("s3.amazonaws.com", "DeleteBucket"),
            IncidentKind::Burst { calls: 40, code: Some("AccessDenied") },
            4,
        ),
    ] {
        let at = start + Minutes(10_000);
        let incident = Incident { account: 0, region: 0, target, kind, start: at, minutes, by: By::Stranger };
        let plan = Plan { incidents: vec![incident], ..Plan::quiet(3) };
        assert_eq!(check(&plan).len(), 1);
    }
}
