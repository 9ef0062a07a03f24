//! Metrics: a service that has lived a little tells of all of it, and of nothing that is not in the table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::sync_channel;

use detect::engine::Settings;
use detect::tally::Tally;
use record::insight::Subject;
use record::names::{AccountId, EventCategory};
use record::time::{DAY, Minute};
use serde_json::json;
use server::http::FrontDoor;
use server::metrics::table::{Kind, ROWS};
use server::metrics::{Form, MOST_SOURCES, Machine, Metrics, Process, Room};
use server::pipeline::Pipeline;
use server::work::walk_pipeline;
use server::world::QueueError;

use crate::door::Door;
use crate::pipeline::{door_with_trail, live_through, moment, with_mail};

struct Sevens;

impl Machine for Sevens {
    fn process(&self) -> Process {
        let (whole, seconds) = (Some(7), Some(7.0));
        Process {
            resident_bytes: whole,
            cpu_seconds: seconds,
            open_fds: whole,
            max_fds: whole,
            threads: whole,
            started_at: seconds,
        }
    }

    fn room(&self) -> Option<Room> {
        Some(Room { free_bytes: 1 << 40, size_bytes: 1 << 41, is_read_only: false })
    }
}

/// What is told, by name and labels.
fn told(text: &str) -> BTreeMap<String, f64> {
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("a sample has a value");
            (name.to_owned(), value.parse().expect("it is a number"))
        })
        .collect()
}

/// A service that has lived through a made-up account with a stolen key, was given a file twice and one that is none, was asked
/// some things, and cannot reach a queue.
pub(crate) fn lived() -> FrontDoor {
    let plan = sim::Plan::demo(7);
    let mut door = door_with_trail(moment(plan.start + DAY));
    door.metrics = Metrics::of_machine(Box::new(Sevens));
    with_mail(&door);
    let queue = "arn:aws:sqs:us-east-1:123456789012:somewhere";
    door.queues.refuse(queue, QueueError::NoQueue("there is none".into()));
    let targets = json!({ "Rule": "cloudtrail-insights-detected", "Targets": [{ "Id": "queue", "Arn": queue }] });
    assert_eq!(door.json("AWSEvents.PutTargets", targets).status, 200);
    let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
    live_through(&mut door, &mut pipeline, &plan);

    let (key, _) = sim::texts(&plan).next().expect("there are files");
    let objects =
        [("x", &b"this is no log file"[..]), ("y", br#"{"Records":[{"eventVersion":"1.08"}]}"#)].map(|(end, text)| {
            let key = key.replace(".json.gz", &format!("{end}.json.gz"));
            door.buckets().put("my-trail-logs", &key, text).expect("there is room");
            ("my-trail-logs".to_owned(), key)
        });
    pipeline.step(&door.delivering(), &objects).expect("it goes on");
    pipeline.step(&door.delivering(), &[("my-trail-logs".to_owned(), key)]).expect("it goes on");
    door.deliver();
    door.into_front_door()
}

/// Lets its pipeline walk until it has looked around once.
pub(crate) fn walked(door: &FrontDoor) {
    let (put, puts) = sync_channel(1);
    std::thread::scope(|threads| {
        threads.spawn(move || walk_pipeline(door, Settings::default(), &puts));
        while door.progress.now().stepped_at.is_none() {
            std::thread::yield_now();
        }
        drop(put);
    });
}

#[test]
fn a_service_tells_all_that_is_in_the_table_and_nothing_else() {
    let door = lived();
    walked(&door);
    let text = door.metrics_text(Form::Prometheus);
    let told = told(&text);
    let names: BTreeSet<&str> = told.keys().map(|name| name.split('{').next().unwrap_or(name)).collect();
    let asked_by_http = ["trailsight_requests", "trailsight_request_seconds"];
    let in_table: BTreeSet<String> =
        ROWS.iter().filter(|row| !asked_by_http.contains(&row.name)).flat_map(|row| row.told_names()).collect();
    assert_eq!(names, in_table.iter().map(String::as_str).collect());
    assert!(told["trailsight_evaluated_lag_seconds"] <= 1800.0);
    let mut corrections = told.iter().filter(|(name, _)| name.starts_with("trailsight_false_alarm_correction{"));
    assert!(corrections.all(|(_, correction)| (1.0..=20.0).contains(correction)));
    for row in ROWS {
        let kind = format!("{:?}", row.kind).to_lowercase();
        let name = if row.kind == Kind::Counter { format!("{}_total", row.name) } else { row.name.to_owned() };
        assert!(asked_by_http.contains(&row.name) || text.contains(&format!("# TYPE {name} {kind}\n")), "{name}");
    }
}

#[test]
fn what_is_told_is_what_happened() {
    let door = lived();
    let text = door.metrics_text(Form::Prometheus);
    let told = told(&text);
    let value = |name: &str| *told.get(name).unwrap_or_else(|| panic!("{name} is not told:\n{text}"));
    let ledger = door.store.read(|r| r.ledger_counts()).expect("it can be read");
    assert_eq!(value(r#"trailsight_log_files_total{outcome="counted"}"#), ledger.counted as f64);
    assert_eq!(value(r#"trailsight_log_files_total{outcome="refused"}"#), 1.0);
    assert_eq!(value(r#"trailsight_log_files_total{outcome="known"}"#), 1.0);
    assert_eq!(value(r#"trailsight_log_files_refused_total{reason="not JSON"}"#), 1.0);
    let rejected = told.iter().filter(|(name, _)| name.starts_with("trailsight_records_rejected_total{"));
    assert_eq!(rejected.map(|(_, count)| count).sum::<f64>(), value(r#"trailsight_records_total{outcome="rejected"}"#));
    let ids = door.store.read(|r| r.event_id_count()).expect("it can be read");
    assert!(value(r#"trailsight_records_total{outcome="counted"}"#) >= ids as f64);
    let live = told
        .iter()
        .filter(|(name, _)| name.starts_with("trailsight_insights_told_total{") && name.contains(r#"origin="live""#));
    let live: f64 = live.map(|(_, count)| count).sum();
    assert!(live > 0.0);
    assert_eq!(value(r#"trailsight_delivery_attempts_total{kind="sns-email",outcome="delivered"}"#), live);
    assert_eq!(value(r#"trailsight_delivery_seconds_count{kind="sns-email"}"#), live);
    assert_eq!(value(r#"trailsight_deliveries_dead{kind="rule-target"}"#), live);
    assert_eq!(value(r#"trailsight_delivery_attempts_total{kind="rule-target",outcome="given up"}"#), live);
    assert_eq!(value(r#"trailsight_deliveries_waiting{kind="sns-email"}"#), 0.0);
    assert_eq!(value("process_open_fds"), 7.0);
}

#[test]
fn a_thousand_account_regions_do_not_make_a_thousand_lines() {
    let door = door_with_trail("2026-02-12T14:30:00Z".parse().expect("it is a moment"));
    let now = Minute::of_seconds(door.now.as_second());
    let account = |number: usize| AccountId::from(format!("{:012}", 100_000_000_000 + number).as_str());
    let mut tally = Tally::new();
    for number in 0..MOST_SOURCES + 20 {
        let subject = Subject {
            account: account(number),
            region: "us-east-1".into(),
            source: "ec2.amazonaws.com".into(),
            name: "RunInstances".into(),
            error: None,
            category: EventCategory::Management,
        };
        tally.count(&subject, now - DAY, 1, true);
    }
    door.store.write(|w| w.add_counts(&tally)).expect("it can be written");
    let door = door.into_front_door();
    walked(&door);
    let told = told(&door.metrics_text(Form::Prometheus));
    let lines = |name: &str| told.keys().filter(|told| told.starts_with(name)).count();
    assert_eq!(lines("trailsight_source_learned_minutes{"), MOST_SOURCES);
    assert_eq!(lines("trailsight_rarity_asked{"), 2 * MOST_SOURCES);
    assert_eq!(told["trailsight_sources"], (MOST_SOURCES + 20) as f64);
    assert_eq!(told["trailsight_sources_left_out"], 40.0);
}

#[test]
fn whoever_asks_for_open_metrics_gets_it() {
    let door = Door::default().into_front_door();
    assert_eq!(Form::accepted("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"), Form::OpenMetrics);
    assert_eq!(Form::accepted("*/*"), Form::Prometheus);
    assert!(door.metrics_text(Form::OpenMetrics).ends_with("# EOF\n"));
    assert!(!door.metrics_text(Form::Prometheus).contains("# EOF"));
}
