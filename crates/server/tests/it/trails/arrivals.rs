//! However files come, in swarms, late, of one Region and not of another: what is told is the same.

use jiff::SignedDuration;
use record::time::Minutes;
use serde_json::json;
use server::pipeline::ObjectName;

use super::{ACCOUNT, ALL, BURST, FIRST, HOURS, KeptSettings, ROLES, door, hour, live, looked_up, names, open, trail};
use crate::door::Door;
use crate::pipeline::{moment, with_mail};

#[test]
fn what_lay_there_before_is_learned_from_shown_and_told_to_nobody() {
    let mut door = Door::default();
    for number in 0..HOURS {
        let (key, text) = hour("us-east-1", number, &[ROLES]);
        door.buckets().put("logs", &key, text.as_bytes()).expect("there is room");
    }
    door.now = moment(FIRST + Minutes(60 * HOURS));
    trail(&door, "my-trail", json!({}));
    with_mail(&door);
    let rule = json!({ "Name": "all", "EventPattern": r#"{"source": [{"prefix": ""}]}"# });
    assert_eq!(door.json("AWSEvents.PutRule", rule).status, 200);
    let topic = "arn:aws:sns:us-east-1:123456789012:cloudtrail-insights-alerts";
    let targets = json!({ "Rule": "all", "Targets": [{ "Id": "1", "Arn": topic }] });
    assert_eq!(door.json("AWSEvents.PutTargets", targets).status, 200);

    let mut pipeline = open(&door);
    let missed = pipeline.missed(&door.delivering()).expect("it lists");
    let days: Vec<&str> =
        missed.iter().map(|(_, key)| &key.split("/us-east-1/").nth(1).expect("it has one")[..10]).collect();
    assert!(days.is_sorted_by(|a, b| a >= b) && days[0] > days[days.len() - 1], "the newest days first: {days:?}");
    for part in missed.chunks(50) {
        pipeline.count(&door.delivering(), part).expect("it counts");
    }
    pipeline.evaluate(&door.delivering()).expect("it goes on");
    door.wait(SignedDuration::from_hours(3));
    pipeline.evaluate(&door.delivering()).expect("it goes on");
    door.deliver();
    assert_eq!(looked_up(&door), ["DeleteRole", "DeleteRole"]);
    assert!(names(&door).is_empty() && door.outbox.take().is_empty());
}

/// What is told, if the hours' files come in swarms of so many, late ones among them, and the service is restarted after so
/// many swarms.
fn told_in_swarms(swarm: usize, restart_every: usize) -> Vec<String> {
    let mut door = door();
    let mut pipeline = open(&door);
    let hours: Vec<i32> = (0..HOURS).collect();
    for (number, hours) in hours.chunks(swarm).enumerate() {
        let mut objects: Vec<ObjectName> = Vec::new();
        for &number in hours.iter().rev() {
            let (key, text) = hour("us-east-1", number, ALL);
            door.buckets().put("logs", &key, text.as_bytes()).expect("there is room");
            objects.push(("logs".into(), key));
        }
        door.now = moment(FIRST + Minutes(60 * (hours[hours.len() - 1] + 1)));
        pipeline.step(&door.delivering(), &objects).expect("it goes on");
        door.deliver();
        if number % restart_every == restart_every - 1 {
            pipeline = open(&door);
        }
    }
    let keys = door.buckets().list("logs", "", "", usize::MAX).expect("it lists");
    keys.into_iter().map(|(key, _)| key).filter(|key| key.contains("/CloudTrail-Insight/")).collect()
}

#[test]
fn however_files_come_and_the_service_restarts_the_same_files_lie_there() {
    let usual = told_in_swarms(1, usize::MAX);
    assert_eq!(usual.len(), 4, "{usual:?}");
    assert_eq!(told_in_swarms(5, 2), usual);
}

#[test]
fn a_quiet_region_holds_up_no_other() {
    let mut door = door();
    let mut pipeline = open(&door);
    let burst = (BURST - FIRST).0 / 60;
    for number in 0..=burst {
        let mut objects = Vec::new();
        for region in ["us-east-1", "eu-west-1"] {
            // The other Region is quiet from some hours before on.
            if region == "eu-west-1" && number > burst - 5 {
                continue;
            }
            let (key, text) = hour(region, number, if region == "us-east-1" { &[ROLES] } else { &[] });
            door.buckets().put("logs", &key, text.as_bytes()).expect("there is room");
            objects.push(("logs".to_owned(), key));
        }
        door.now = moment(FIRST + Minutes(60 * (number + 1)));
        pipeline.step(&door.delivering(), &objects).expect("it goes on");
        door.deliver();
    }
    let come = pipeline.regions();
    let until =
        |region: &str| come.iter().find(|come| come.region.as_str() == region).expect("it is there").evaluated_until;
    let now = door.now.as_second();
    assert_eq!((until("us-east-1"), until("eu-west-1")), (Some(now - 15 * 60), Some(now - 30 * 60)));
    assert_eq!(names(&door), ["DeleteRole Start"]);
}

#[test]
fn a_file_of_the_future_settles_nothing_and_a_late_one_is_caught_up_with() {
    let mut door = door();
    let mut pipeline = open(&door);
    let burst = (BURST - FIRST).0 / 60;
    live(&mut door, &mut pipeline, 0..burst, &[]);
    // Somebody may put what they like.
    let (key, text) = hour("us-east-1", burst - 1, &[]);
    let future = key.replace("2026", "2099");
    door.buckets().put("logs", &future, text.as_bytes()).expect("there is room");
    pipeline.step(&door.delivering(), &[("logs".into(), future)]).expect("it goes on");
    // The hour of the burst comes two hours late.
    let late = hour("us-east-1", burst, &[ROLES]);
    live(&mut door, &mut pipeline, burst + 1..burst + 3, &[]);
    assert!(!pipeline.is_behind());
    door.buckets().put("logs", &late.0, late.1.as_bytes()).expect("there is room");
    pipeline.step(&door.delivering(), &[("logs".into(), late.0)]).expect("it goes on");
    assert!(pipeline.is_behind());
    pipeline.catch_up(&door.delivering()).expect("it learns");
    pipeline.evaluate(&door.delivering()).expect("it goes on");
    door.deliver();
    assert!(names(&door).contains(&"DeleteRole Start".to_owned()), "{:?}", names(&door));
}

#[test]
fn what_is_kept_of_an_account_is_written_when_it_changes_and_not_with_every_other() {
    let mut door = door();
    let mut pipeline = open(&door);
    let accounts = [ACCOUNT, "222233334444", "333344445555"];
    for (number, account) in accounts.iter().enumerate() {
        let (key, text) = hour("us-east-1", number as i32, &[]);
        let (key, text) = (key.replace(ACCOUNT, account), text.replace(ACCOUNT, account));
        door.now = moment(FIRST + Minutes(60 * (number as i32 + 1)));
        door.buckets().put("logs", &key, text.as_bytes()).expect("there is room");
        pipeline.step(&door.delivering(), &[("logs".into(), key)]).expect("it goes on");
    }
    let kept = door.store.read(|r| r.list::<KeptSettings>(&store::List::default())).expect("it reads");
    let written: Vec<_> = kept.iter().map(|kept| (kept.key.account.as_str(), kept.changed_at)).collect();
    let came = (1..).map(|number| moment(FIRST + Minutes(60 * number)));
    assert_eq!(written, accounts.into_iter().zip(came).collect::<Vec<_>>());
}
