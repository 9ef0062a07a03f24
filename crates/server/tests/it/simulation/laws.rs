//! What must hold in the end, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use detect::engine::Settings;
use detect::tally::Tally;
use jiff::Timestamp;
use record::insight::Insight;
use record::insight_record::{State, shared_event_id};
use record::time::Minute;
use serde_json::Value;
use server::evaluate::{Evaluator, Settled};
use server::ingest::{Fetched, ingest};
use store::Store;
use store::deliveries::DeliveryState;
use store::insight_events::Lookup;
use store::insights::Origin;
use store::log_events::{LogEventList, LogGroupName};
use store::log_files::LogFileState;

use super::outside::Fault;
use super::service::Service;
use super::traffic::{ACCOUNT, Arrival, Call, Cell, Damage, PLACES, START, TOLD, Traffic, WARM};

/// Says what does not hold. `latest`: the latest moment that the service's clock ever showed.
pub(crate) fn hold(service: &Service, traffic: &Traffic, now: Timestamp, latest: Timestamp) -> Result<(), String> {
    let mut files = last_of_each(traffic);
    let pushed = what_was_pushed_lies_in_files(service, traffic)?;
    files.extend(pushed.iter().map(|file| ((file.bucket, file.key.as_str()), file)));
    let calls: BTreeMap<&str, &Call> =
        files.values().flat_map(|file| &file.calls).map(|call| (call.id.as_str(), call)).collect();
    the_ledger_holds_every_file(service.store(), &files)?;
    each_record_is_counted_once(service.store(), &calls)?;
    each_record_is_logged_once(service.store(), &calls)?;
    each_record_that_a_rule_wants_is_told(service, &calls)?;
    a_schedule_tells_of_a_minute_once(service, latest)?;
    everything_is_delivered_or_dead_with_a_reason(service)?;
    let usual = uninterrupted(&files, now);
    each_insight_is_told_and_none_is_invented(service, &usual, now)?;
    digests_list_each_insight_file_once(service)
}

/// Of each object, what it was in the end.
fn last_of_each(traffic: &Traffic) -> BTreeMap<(&str, &str), &Arrival> {
    traffic.arrivals.iter().map(|arrival| ((arrival.bucket, arrival.key.as_str()), arrival)).collect()
}

/// The files that were written of what was pushed: every call of every post is in one.
fn what_was_pushed_lies_in_files(service: &Service, traffic: &Traffic) -> Result<Vec<Arrival>, String> {
    let arrived: BTreeSet<&str> = traffic.arrivals.iter().map(|arrival| arrival.key.as_str()).collect();
    let pushed = || traffic.posts.iter().flat_map(|post| &post.calls);
    let calls: BTreeMap<&str, &Call> = pushed().map(|call| (call.id.as_str(), call)).collect();
    let (mut files, mut written) = (Vec::new(), BTreeSet::new());
    let bucket = PLACES[0].0;
    for (key, bytes) in service.outside.objects(bucket, "/CloudTrail/") {
        if arrived.contains(key.as_str()) {
            continue;
        }
        let records = crate::pipeline::unpacked(&bytes);
        let ids = records["Records"].as_array().into_iter().flatten().filter_map(|record| record["eventID"].as_str());
        let of_file: Option<Vec<Call>> = ids.map(|id| calls.get(id).map(|call| (*call).clone())).collect();
        let calls = of_file.ok_or(format!("{key} has a call that nobody pushed"))?;
        written.extend(calls.iter().map(|call| call.id.clone()));
        let at = Minute(i32::MAX);
        files.push(Arrival { at, bucket, key, bytes, damage: Damage::Whole, calls, rejected: 0 });
    }
    match pushed().find(|call| !written.contains(&call.id)) {
        Some(lost) => Err(format!("{} was pushed and taken, and is in no file", lost.id)),
        None => Ok(files),
    }
}

fn read<T>(store: &Store, ask: impl FnOnce(&store::Reader<'_>) -> Result<T, store::StoreError>) -> T {
    store.read(ask).expect("it reads")
}

fn the_ledger_holds_every_file(store: &Store, files: &BTreeMap<(&str, &str), &Arrival>) -> Result<(), String> {
    for ((bucket, key), file) in files {
        let line = read(store, |r| r.log_file(bucket, key)).ok_or(format!("{bucket}/{key} is not in the ledger"))?;
        match (file.damage, &line.state) {
            (Damage::Poisoned, LogFileState::Refused { reason }) if !reason.is_empty() => {}
            (Damage::Whole | Damage::Cut, LogFileState::Counted { records, .. })
                if *records == (file.calls.len() + file.rejected) as u64 => {}
            (damage, state) => {
                return Err(format!(
                    "{bucket}/{key} ({damage:?}, {} calls, {} others) is {state:?}",
                    file.calls.len(),
                    file.rejected
                ));
            }
        }
    }
    let counts = read(store, |r| r.ledger_counts());
    let all = counts.new + counts.counted + counts.refused;
    if all == files.len() as u64 { Ok(()) } else { Err(format!("{counts:?} of {} files", files.len())) }
}

fn each_record_is_counted_once(store: &Store, calls: &BTreeMap<&str, &Call>) -> Result<(), String> {
    let mut expected: BTreeMap<Cell, u32> = BTreeMap::new();
    calls.values().flat_map(|call| call.cells()).for_each(|cell| *expected.entry(cell).or_default() += 1);
    let counted = cells(&read(store, |r| r.load_tally(START)));
    if let Some((cell, calls)) = expected.iter().find(|(cell, calls)| counted.get(cell) != Some(calls)) {
        return Err(format!("{cell:?}: {calls} calls were made, {:?} counted", counted.get(cell)));
    }
    if let Some(cell) = counted.keys().find(|cell| !expected.contains_key(cell)) {
        return Err(format!("{cell:?} is counted and was not called"));
    }
    // Those of days ago are forgotten.
    let ids = read(store, |r| r.event_id_count());
    if ids > calls.len() as u64 {
        return Err(format!("{ids} records are known of {} calls", calls.len()));
    }
    Ok(())
}

fn cells(tally: &Tally) -> BTreeMap<Cell, u32> {
    let mut cells = BTreeMap::new();
    for (_, series) in tally.all_series() {
        let subject = &series.subject;
        for (minute, calls) in series.counts.within(Minute(i32::MIN), Minute(i32::MAX)) {
            let cell = (
                subject.account.to_string(),
                subject.region.to_string(),
                subject.name.to_string(),
                subject.error.as_ref().map(ToString::to_string),
                minute,
            );
            *cells.entry(cell).or_default() += calls;
        }
    }
    cells
}

/// In the group of each trail.
fn each_record_is_logged_once(store: &Store, calls: &BTreeMap<&str, &Call>) -> Result<(), String> {
    for number in 0..PLACES.len() {
        let group =
            LogGroupName { account: ACCOUNT.into(), region: "us-east-1".into(), group: format!("trail-{number}") };
        let mut logged: BTreeMap<String, usize> = BTreeMap::new();
        read(store, |r| {
            r.each_log_event(&group, &LogEventList::default(), |event| {
                let record: Value = serde_json::from_str(&event.message).expect("it is a record");
                if record["insightDetails"].is_null() {
                    *logged.entry(record["eventID"].as_str().unwrap_or_default().into()).or_default() += 1;
                }
                true
            })
        });
        // The second trail does not have all files; and that an account's records lie in a trail's files is not known before
        // the first of them: what the other trail's told before that, it does not log.
        let is_known = |call: &Call| call.account == ACCOUNT && call.minute >= START + WARM;
        let lacks = calls.values().find(|call| is_known(call) && !logged.contains_key(&call.id));
        if let Some(Call { id, .. }) = lacks.filter(|_| number == 0) {
            return Err(format!("{id} is not in the log group of trail {number}"));
        }
        if let Some((id, times)) = logged.iter().find(|(id, times)| **times > 1 || !calls.contains_key(id.as_str())) {
            return Err(format!("{id} is in the log group of trail {number} {times} times"));
        }
    }
    Ok(())
}

fn each_record_that_a_rule_wants_is_told(service: &Service, calls: &BTreeMap<&str, &Call>) -> Result<(), String> {
    let told: BTreeSet<String> = service
        .outside
        .messages()
        .into_iter()
        .filter(|message| !message.contains('|'))
        .map(|id| id.replace('"', ""))
        .collect();
    let wanted = calls.iter().filter(|(_, call)| call.name == TOLD).map(|(id, _)| (*id).to_owned()).collect();
    // What the queue refused for a day is given up.
    let may_lack = service.outside.had(Fault::Queue);
    if told == wanted || (may_lack && told.is_subset(&wanted)) {
        return Ok(());
    }
    Err(format!("a rule wants {wanted:?} and was told {told:?}"))
}

fn a_schedule_tells_of_a_minute_once(service: &Service, latest: Timestamp) -> Result<(), String> {
    let mut told: BTreeMap<Timestamp, BTreeSet<String>> = BTreeMap::new();
    for message in service.outside.messages() {
        let mut parts = message.trim_matches('"').split('|');
        if parts.next() == Some("due")
            && let (Some(time), Some(id)) = (parts.next(), parts.next())
        {
            told.entry(time.parse().expect("it is a moment")).or_default().insert(id.to_owned());
        }
    }
    if let Some((time, ids)) = told.iter().find(|(_, ids)| ids.len() > 1) {
        return Err(format!("of {time} there are {} events", ids.len()));
    }
    if let Some((time, _)) = told.iter().find(|(time, _)| time.as_second() % 60 != 0 || **time > latest) {
        return Err(format!("nothing was due at {time}"));
    }
    match told.is_empty() && !service.outside.had(Fault::Queue) {
        true => Err("a schedule told nothing".into()),
        false => Ok(()),
    }
}

fn everything_is_delivered_or_dead_with_a_reason(service: &Service) -> Result<(), String> {
    for delivery in service.deliveries() {
        let is_over = match delivery.state {
            DeliveryState::Done => delivery.outcome.is_some(),
            DeliveryState::Dead => delivery.outcome.is_some() && delivery.last_error.is_some(),
            DeliveryState::Waiting => false,
        };
        if !is_over {
            return Err(format!("{delivery:?}"));
        }
    }
    Ok(())
}

/// What is found if nothing happens: every file is counted, and then all of it is judged.
fn uninterrupted(files: &BTreeMap<(&str, &str), &Arrival>, now: Timestamp) -> Vec<Insight> {
    let store = Store::in_memory().expect("there is memory");
    let fetched: Vec<Fetched> =
        files.values().map(|file| Fetched::named(file.bucket, &file.key, file.bytes.clone())).collect();
    ingest(&store, 1, &fetched, now).expect("it counts");
    let mut evaluator = Evaluator::load(&store, Settings::default(), START).expect("it loads");
    let settled = Settled::new(&read(&store, |r| r.newest_delivered()), Minute::of_seconds(now.as_second()));
    let all = |insight: &Insight, writes: bool| (writes || insight.subject.error.is_some()).then_some(Origin::Live);
    evaluator.advance(&store, &settled, now, all, |_, _| Ok(())).expect("it evaluates");
    insights(&store)
}

fn insights(store: &Store) -> Vec<Insight> {
    let all = read(store, |r| r.insights(Minute(i32::MIN), Minute(i32::MAX), None, usize::MAX >> 1));
    all.into_iter().map(|stored| stored.insight).collect()
}

/// Whether two insights are of the same calls.
fn are_the_same(one: &Insight, other: &Insight) -> bool {
    let end = |insight: &Insight| insight.end.unwrap_or(Minute(i32::MAX));
    one.subject == other.subject && one.direction == other.direction && one.start < end(other) && other.start < end(one)
}

fn each_insight_is_told_and_none_is_invented(
    service: &Service,
    usual: &[Insight],
    now: Timestamp,
) -> Result<(), String> {
    let found = insights(service.store());
    let short = |insight: &Insight| {
        let Insight { subject, direction, start, end, .. } = insight;
        format!("{} {:?} in {} {direction:?} {start} to {end:?}", subject.name, subject.error, subject.region)
    };
    if let Some(lost) = usual.iter().find(|usual| !found.iter().any(|found| are_the_same(usual, found))) {
        return Err(format!("not told: {}; told: {:?}", short(lost), found.iter().map(short).collect::<Vec<_>>()));
    }
    // What was told early, or when a part was missing, and is usual now that all is counted, has ended.
    let is_usual = |found: &&Insight| usual.iter().any(|usual| are_the_same(usual, found));
    if let Some(open) = found.iter().find(|found| found.end.is_none() && !is_usual(found)) {
        return Err(format!("goes on, and is none: {}", short(open)));
    }
    for usual in usual.iter().filter(|usual| usual.end.is_some()) {
        let is_open = |found: &&Insight| are_the_same(usual, found) && found.end.is_none();
        if let Some(open) = found.iter().find(is_open) {
            return Err(format!("has no End at {now}: {}", short(open)));
        }
    }
    let mut cut: BTreeSet<(String, State)> = BTreeSet::new();
    for event in read(service.store(), |r| r.insight_events(&Lookup::default(), None, usize::MAX >> 1)).0 {
        if event.origin != Origin::Live {
            return Err(format!("{:?}: {}", event.origin, short(&event.insight)));
        }
        cut.insert((event.insight_id, event.state));
    }
    for insight in &found {
        let id = shared_event_id(insight);
        if !cut.contains(&(id.clone(), State::Start)) || cut.contains(&(id, State::End)) != insight.end.is_some() {
            return Err(format!("not cut as it is: {}", short(insight)));
        }
    }
    for (sink, told, faults) in sinks(service) {
        if let Some(invented) = told.iter().find(|told| !cut.contains(told)) {
            return Err(format!("{sink} was told {invented:?}, which is nothing; cut: {cut:?}"));
        }
        let may_lack = faults.iter().any(|fault| service.outside.had(*fault));
        for one in &cut {
            if !told.contains(one) && !may_lack {
                return Err(format!("{sink} was not told {one:?}"));
            }
        }
        for (id, _) in cut.iter().filter(|(_, state)| *state == State::End) {
            let first = |state| told.iter().position(|told| *told == (id.clone(), state));
            if let (Some(start), Some(end)) = (first(State::Start), first(State::End))
                && end < start
            {
                return Err(format!("{sink} was told the End of {id} before its Start"));
            }
        }
    }
    Ok(())
}

/// A sink, what it was told in the order of its coming, and which faults may have it given up.
type Sink = (&'static str, Vec<(String, State)>, &'static [Fault]);

fn sinks(service: &Service) -> Vec<Sink> {
    let outside = &service.outside;
    let states = |texts: Vec<String>| texts.iter().filter_map(|text| told(text)).collect::<Vec<_>>();
    let files = |bucket| {
        // The objects of a bucket have no order: that an End is not put before its Start, the order of deliveries tells.
        let mut told: Vec<(String, State)> = outside
            .objects(bucket, "/CloudTrail-Insight/")
            .into_iter()
            .map(|(_, bytes)| {
                let record = &crate::pipeline::unpacked(&bytes)["Records"][0];
                let state = state(record["insightDetails"]["state"].as_str().unwrap_or_default());
                (record["sharedEventID"].as_str().unwrap_or_default().to_owned(), state.expect("it has one"))
            })
            .collect();
        told.sort();
        told
    };
    vec![
        ("the first trail's bucket", files(PLACES[0].0), &[]),
        ("the second trail's bucket", files(PLACES[1].0), &[]),
        ("the mail address", states(outside.mails()), &[]),
        ("the web server", states(outside.posts()), &[Fault::Web500, Fault::WebTimeout]),
        ("the function", states(outside.invocations()), &[Fault::Function]),
        // It is given up after a day, and a clock that jumps makes it one.
        ("the queue", states(outside.messages()), &[Fault::Queue]),
    ]
}

/// `insight|<id>|<state>|` in a text.
fn told(text: &str) -> Option<(String, State)> {
    let mut parts = text.split("insight|").nth(1)?.split('|');
    Some((parts.next()?.to_owned(), state(parts.next()?)?))
}

fn state(name: &str) -> Option<State> {
    match name {
        "Start" => Some(State::Start),
        "End" => Some(State::End),
        _ => None,
    }
}

fn digests_list_each_insight_file_once(service: &Service) -> Result<(), String> {
    for (bucket, _) in PLACES {
        let mut listed: BTreeMap<String, usize> = BTreeMap::new();
        let (mut named, mut firsts) = (BTreeSet::new(), 0);
        let digests = service.outside.objects(bucket, "/CloudTrail-Digest/");
        for (key, bytes) in &digests {
            let digest = crate::pipeline::unpacked(bytes);
            for file in digest["logFiles"].as_array().into_iter().flatten() {
                *listed.entry(file["s3Object"].as_str().unwrap_or_default().into()).or_default() += 1;
            }
            match digest["previousDigestS3Object"].as_str() {
                Some(previous) if !digests.iter().any(|(other, _)| other == previous) => {
                    return Err(format!("{key} names {previous}, which is not there"));
                }
                Some(previous) if !named.insert(previous.to_owned()) => {
                    return Err(format!("{previous} is named by two digests"));
                }
                Some(_) => {}
                None => firsts += 1,
            }
        }
        // An account's in a Region is one.
        let chain = |key: &'_ str| {
            let (account, rest) = key.split_once("/CloudTrail-Digest/")?;
            Some((account.to_owned(), rest.split('/').next()?.to_owned()))
        };
        let chains: BTreeSet<_> = digests.iter().filter_map(|(key, _)| chain(key)).collect();
        if firsts != chains.len() {
            return Err(format!("{bucket} has {firsts} first digests of {chains:?}"));
        }
        for (key, _) in service.outside.objects(bucket, "/CloudTrail-Insight/") {
            if listed.get(&key) != Some(&1) {
                return Err(format!("digests list {key} {:?} times", listed.get(&key)));
            }
        }
    }
    Ok(())
}
