//! What happens because it is time, at one look after the other.

use jiff::SignedDuration;
use server::metrics::Form;
use server::work::Timed;
use store::deliveries::NewDelivery;

use crate::door::Door;

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
