//! What goes on while nobody asks: the pipeline's thread, and what happens because it is time.

use std::sync::mpsc::sync_channel;

use detect::engine::Settings;
use jiff::SignedDuration;
use record::time::DAY;
use server::metrics::Form;
use server::work::{Timed, walk_pipeline};
use store::deliveries::NewDelivery;

use crate::door::Door;
use crate::pipeline::{door_with_trail, moment};

#[test]
fn after_a_fault_of_the_store_the_pipeline_begins_again_from_what_is_remembered() {
    let plan = sim::Plan::demo(7);
    let door = &door_with_trail(moment(plan.start + DAY)).into_front_door();
    let (key, text) = sim::texts(&plan).next().expect("there are files");
    let error = || door.progress.now().error;
    let counted = || door.store.read(|r| r.ledger_counts()).expect("it reads").counted;
    let (put, puts) = sync_channel(1);
    std::thread::scope(|threads| {
        let walking = threads.spawn(move || walk_pipeline(door, Settings::default(), &puts));
        while door.progress.now().stepped_at.is_none() {
            std::thread::yield_now();
        }
        door.world.buckets.put("my-trail-logs", &key, &text).expect("there is room");
        door.store.pretend_it_is_read_only(true);
        put.send(("my-trail-logs".into(), key)).expect("it is listened to");
        while error().is_none() {
            std::thread::yield_now();
        }
        door.store.pretend_it_is_read_only(false);
        while error().is_some() {
            // It does not pause.
            walking.thread().unpark();
            std::thread::yield_now();
        }
        // The object was taken in the step that failed: only a listing, with which a walk begins, finds it now.
        assert_eq!(counted(), 1);
        drop(put);
        walking.join().expect("it does not break down").expect("it goes on");
    });
}

#[test]
fn what_is_put_off_while_a_look_waits_for_the_store_stays_put_off() {
    let mut door = Door::default();
    let due_at = door.now + SignedDuration::from_mins(5);
    let (kind, target) = ("sns-email".to_owned(), "ops@example.com".to_owned());
    let delivery = NewDelivery { kind, target, in_order: None, payload: Vec::new(), due_at };
    door.store.write(|w| w.add_delivery(&delivery, door.now)).expect("it is added");
    // The look began before; the clock has gone on to where the delivery was added.
    door.now -= SignedDuration::from_secs(1);
    Timed::default().look(&door.delivering());
    assert_eq!(door.store.read(|r| r.next_due_at(door.now)).expect("it reads"), Some(due_at));
}

#[test]
fn that_the_clock_cannot_be_heeded_is_counted_as_a_fault_and_tried_again() {
    let mut door = Door::default();
    let mut timed = Timed::default();
    timed.look(&door.delivering());
    door.store.pretend_it_is_read_only(true);
    // Nothing else is due then that writes.
    for _ in 0..2 {
        door.wait(SignedDuration::from_mins(1));
        timed.look(&door.delivering());
    }
    let text = door.into_front_door().metrics_text(Form::Prometheus);
    assert!(text.contains("\ntrailsight_faults_total{part=\"clockwork\"} 2\n"), "{text}");
}
