//! What somebody said, from the document to what is told: held back, kept, and never told twice.

use record::time::{Minute, Minutes};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Key, Resource};

use super::{BURST, FIRST, HOURS, KEYS, ROLES, door, live, looked_up, names, open};
use crate::door::Door;
use crate::pipeline::{moment, with_mail};

/// A document as it lies in the store: its form stays what it is.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Saying(Value);

impl Resource for Saying {
    const KIND: &'static str = "saying";
}

fn key(door: &Door, id: &str) -> Key {
    Key::global(&door.place.account, id)
}

fn say(door: &Door, id: &str, what: Value, insight: Option<&str>) {
    let said = json!({ "what": what, "why": "a test", "said_by": "", "said_at": 0, "insight": insight });
    door.store.write(|w| w.put(&key(door, id), &Saying(said), door.now)).expect("it is kept");
}

fn take_back(door: &Door, id: &str) {
    assert!(door.store.write(|w| w.delete::<Saying>(&key(door, id))).expect("it is forgotten"));
}

fn muted(apis: &str) -> Value {
    json!({ "muted": { "keys": { "account": null, "region": null, "apis": apis, "error": null }, "since": FIRST, "until": null } })
}

fn expected(apis: &str, from: Minute, until: Minute) -> Value {
    let keys = json!({ "account": "111122223333", "region": "us-east-1", "apis": apis, "error": null });
    json!({ "expected": { "keys": keys, "from": from, "until": until, "direction": "increase" } })
}

/// Names of the insights that are kept, and what holds them back.
fn kept(door: &Door) -> Vec<(String, Option<String>)> {
    let all = door.store.read(|r| r.insights(FIRST, Minute(i32::MAX), None, 100)).expect("it reads");
    let mut kept: Vec<_> = all.into_iter().map(|one| (one.insight.subject.name.to_string(), one.held_by)).collect();
    kept.sort();
    kept
}

#[test]
fn what_somebody_muted_is_kept_and_shown_and_told_to_nobody() {
    let mut door = door();
    with_mail(&door);
    say(&door, "quiet", muted("iam/Delete*"), None);
    let mut pipeline = open(&door);
    live(&mut door, &mut pipeline, 0..HOURS, &[ROLES, KEYS]);
    assert_eq!(names(&door), ["ScheduleKeyDeletion End", "ScheduleKeyDeletion Start"]);
    assert_eq!(looked_up(&door), ["DeleteRole", "DeleteRole", "ScheduleKeyDeletion", "ScheduleKeyDeletion"]);
    assert_eq!(door.outbox.take().len(), 2);
    assert_eq!(kept(&door), [("DeleteRole".into(), Some("quiet".into())), ("ScheduleKeyDeletion".into(), None)]);
    let held = door.store.read(|r| r.held_back()).expect("it reads");
    assert_eq!(held.iter().map(|held| (&*held.by, held.count)).collect::<Vec<_>>(), [("quiet", 1)]);
    // Nobody is told later of what was held back.
    take_back(&door, "quiet");
    let mut again = open(&door);
    for pipeline in [&mut pipeline, &mut again] {
        pipeline.step(&door.delivering(), &[]).expect("it goes on");
        door.deliver();
    }
    assert_eq!((names(&door).len(), door.outbox.take().len()), (2, 0));
}

#[test]
fn what_an_identity_does_is_muted_and_what_others_do_is_told() {
    for (by, is_held) in
        [("*:user/alice", true), ("arn:aws:iam::*:user/bob arn:*:user/ali*", true), ("*:user/bob", false)]
    {
        let mut door = door();
        with_mail(&door);
        let mut what = muted("*");
        what["muted"]["by"] = json!(by);
        say(&door, "quiet", what, None);
        let mut pipeline = open(&door);
        live(&mut door, &mut pipeline, 0..HOURS, &[ROLES]);
        assert_eq!(
            (kept(&door), names(&door).is_empty()),
            (vec![("DeleteRole".into(), is_held.then(|| "quiet".into()))], is_held)
        );
        assert_eq!(door.outbox.take().is_empty(), is_held, "{by}");
    }
}

#[test]
fn what_was_expected_is_kept_and_is_no_insight_event() {
    let mut door = door();
    with_mail(&door);
    let mut pipeline = open(&door);
    live(&mut door, &mut pipeline, 0..24, &[]);
    say(&door, "release", expected("iam", BURST - Minutes(30), BURST + Minutes(60)), None);
    live(&mut door, &mut pipeline, 24..HOURS, &[ROLES, KEYS]);
    assert_eq!(names(&door), ["ScheduleKeyDeletion End", "ScheduleKeyDeletion Start"]);
    assert_eq!(looked_up(&door), ["ScheduleKeyDeletion", "ScheduleKeyDeletion"]);
    assert_eq!(door.outbox.take().len(), 2);
    let all = [("DeleteRole".to_owned(), Some("release".to_owned())), ("ScheduleKeyDeletion".into(), None)];
    assert_eq!(kept(&door), all);
    assert_eq!(door.store.read(|r| r.open_insights()).expect("it reads"), []);
    // As if it had never been said, all is judged again: what was held back is not told now, not after a restart either.
    take_back(&door, "release");
    let mut restarted = open(&door);
    for pipeline in [&mut restarted, &mut pipeline] {
        pipeline.step(&door.delivering(), &[]).expect("it goes on");
        door.deliver();
    }
    assert_eq!((names(&door).len(), door.outbox.take().len(), kept(&door)), (2, 0, all.into()));
}

#[test]
fn what_was_told_and_is_then_expected_is_told_to_end_once() {
    let mut door = door();
    with_mail(&door);
    let mut pipeline = open(&door);
    let burst = (BURST - FIRST).0 / 60;
    live(&mut door, &mut pipeline, 0..burst + 1, &[ROLES]);
    assert_eq!(names(&door), ["DeleteRole Start"]);
    say(&door, "release", expected("iam/*", BURST - Minutes(30), BURST + Minutes(600)), None);
    pipeline.step(&door.delivering(), &[]).expect("it goes on");
    door.deliver();
    assert_eq!(names(&door), ["DeleteRole Start"]);
    live(&mut door, &mut pipeline, burst + 1..HOURS, &[ROLES]);
    assert_eq!(names(&door), ["DeleteRole End", "DeleteRole Start"]);
    assert_eq!((door.outbox.take().len(), kept(&door)), (2, vec![("DeleteRole".into(), None)]));
}

#[test]
fn what_an_insight_was_called_is_learned_and_what_comes_to_light_by_that_is_told_to_nobody() {
    let mut door = door();
    with_mail(&door);
    let mut pipeline = open(&door);
    live(&mut door, &mut pipeline, 0..HOURS, &[ROLES, KEYS]);
    let before = (names(&door), looked_up(&door), kept(&door));
    assert_eq!(door.outbox.take().len(), 4);
    let stored = door.store.read(|r| r.insights(FIRST, Minute(i32::MAX), None, 1)).expect("it reads").remove(0);
    let correction = |pipeline: &server::pipeline::Pipeline| {
        pipeline.accounts().iter().map(|account| account.increase.correction).fold(0.0, f64::max)
    };
    let calm = correction(&pipeline);
    let each = |door: &Door, pipeline: &mut server::pipeline::Pipeline| {
        pipeline.step(&door.delivering(), &[]).expect("it goes on");
        door.deliver();
        assert_eq!((names(door), looked_up(door), kept(door)), before.clone());
        assert_eq!(door.outbox.take().len(), 0);
    };
    for is_real in [false, true] {
        let insight = &stored.insight;
        let called = json!({ "called": {
            "subject": insight.subject, "direction": insight.direction, "start": insight.start, "end": null, "is_real": is_real,
        } });
        say(&door, "called", called, Some(&stored.id));
        each(&door, &mut pipeline);
        each(&door, &mut open(&door));
    }
    take_back(&door, "called");
    each(&door, &mut pipeline);
    live(&mut door, &mut pipeline, HOURS..HOURS + 20, &[]);
    assert_eq!(correction(&pipeline), calm);
    assert_eq!(door.now, moment(FIRST + Minutes(60 * (HOURS + 20))));
}
