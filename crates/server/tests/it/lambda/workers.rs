//! Deliveries are made by several hands.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::time::Duration;

use server::http::FrontDoor;
use server::work::deliver;
use server::world::{Function, Functions, Invocation, InvokeError, Invoked};
use store::deliveries::{AtOnce, DeliveryList, DeliveryState, NewDelivery};

use super::{Service, returned};

const TEN: AtOnce = AtOnce { all: 10, per_target: 10, per_kind: 10 };

/// Runs `slow` until it is let go, and all else at once.
struct Held {
    begun: Mutex<Sender<String>>,
    let_go: Mutex<Receiver<()>>,
}

impl Functions for Held {
    fn invoke(&self, _: &Function, invocation: &Invocation) -> Result<Invoked, InvokeError> {
        let event = String::from_utf8_lossy(&invocation.payload).into_owned();
        self.begun.lock().expect("nobody panics with it").send(event.clone()).expect("somebody listens");
        if event == r#""slow""# {
            self.let_go.lock().expect("nobody panics with it").recv().expect("it is let go");
        }
        Ok(returned("null"))
    }

    fn cannot_run(&self, _: &str) -> Option<String> {
        None
    }

    fn forget(&self, _: &str) {}
}

#[test]
fn a_slow_function_holds_up_nobody_and_is_waited_for_when_the_service_stops() {
    let mut service = Service::with_warden();
    let (begin, begun) = channel();
    let (free, let_go) = channel();
    let functions = Box::new(Held { begun: Mutex::new(begin), let_go: Mutex::new(let_go) });
    let path = "/2015-03-31/functions/warden/invocations";
    for event in [r#""slow""#, r#""quick""#] {
        let reply = service.door.rest("POST", path, &[("x-amz-invocation-type", "Event")], event.as_bytes());
        assert_eq!(reply.status(), 202);
    }
    service.door.world_mut().functions = functions;
    let door = service.door.into_front_door();
    let (stop, stopped) = sync_channel::<()>(1);
    let states = |door: &FrontDoor| -> Vec<DeliveryState> {
        let all = door.store.read(|r| r.deliveries(&DeliveryList::default(), 10)).expect("it is read");
        all.into_iter().rev().map(|row| row.state).collect()
    };
    std::thread::scope(|scope| {
        let front = &door;
        let delivering = scope.spawn(move || deliver(front, &stopped));
        let patience = Duration::from_secs(60);
        let mut both =
            [begun.recv_timeout(patience), begun.recv_timeout(patience)].map(|event| event.expect("it is run"));
        both.sort();
        assert_eq!(both, [r#""quick""#, r#""slow""#]);
        drop(stop);
        free.send(()).expect("it waits");
        delivering.join().expect("it does not break down").expect("it delivers");
    });
    assert_eq!(states(&door), [DeliveryState::Done, DeliveryState::Done]);
}

#[test]
fn what_shares_an_order_is_never_delivered_at_once() {
    let service = Service::default();
    let new = |payload: &str| NewDelivery {
        kind: "lambda-async".into(),
        target: payload.into(),
        in_order: Some("one insight".into()),
        payload: payload.into(),
        due_at: service.door.now,
    };
    let (store, now) = (&service.door.store, service.door.now);
    store.write(|w| w.add_delivery(&new("start"), now).and(w.add_delivery(&new("end"), now))).expect("it is written");
    let take = || store.write(|w| w.take_due(now, now, TEN)).expect("it is taken").len();
    let until = now + jiff::SignedDuration::from_mins(1);
    let taken = store.write(|w| w.take_due(now, until, TEN)).expect("it is taken");
    assert_eq!(taken.iter().map(|row| row.target.as_str()).collect::<Vec<_>>(), ["start"]);
    assert_eq!(take(), 0);
    store.write(|w| w.delivered(taken[0].id, "done", now)).expect("it is noted");
    assert_eq!(take(), 1);
}
