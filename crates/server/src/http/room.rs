//! Room for connections: so many at once, and who is idle makes room for who comes.
//!
//! A connection is idle until the head of a request is here, and again when its answer is gone. With no room left, the one
//! that has been idle longest is closed: thousands that say nothing keep nobody out. Only if all are being answered is
//! somebody turned away.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Room for so many.
#[derive(Debug)]
pub struct Room {
    most: usize,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    count: usize,
    /// The number that who becomes idle next gets.
    next: u64,
    /// How those are told to go who are idle, longest first.
    idle: BTreeMap<u64, Arc<Notify>>,
}

/// A connection's place.
#[derive(Debug)]
pub(super) struct Seat {
    room: Arc<Room>,
    /// Among the idle, unless it is being answered.
    idle_as: Mutex<Option<u64>>,
    leave: Arc<Notify>,
}

impl Room {
    /// Room for so many connections.
    pub fn for_connections(most: usize) -> Arc<Room> {
        Arc::new(Room { most: most.max(1), inside: Mutex::default() })
    }

    /// Takes a seat. `None`: all are being answered.
    pub(super) fn enter(self: &Arc<Room>) -> Option<Arc<Seat>> {
        let mut inside = self.inside();
        if inside.count >= self.most {
            let (_, leave) = inside.idle.pop_first()?;
            leave.notify_one();
            inside.count -= 1;
        }
        inside.count += 1;
        let leave = Arc::new(Notify::new());
        let idle_as = Mutex::new(Some(inside.sit_idle(&leave)));
        Some(Arc::new(Seat { room: Arc::clone(self), idle_as, leave }))
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn sit_idle(&mut self, leave: &Arc<Notify>) -> u64 {
        self.next += 1;
        self.idle.insert(self.next, Arc::clone(leave));
        self.next
    }
}

impl Seat {
    /// Done when it must go.
    pub(super) async fn must_leave(&self) {
        self.leave.notified().await;
    }

    /// The head of a request is here. `None`: it must go, and is not answered any more.
    pub(super) fn begin(self: &Arc<Seat>) -> Option<Busy> {
        let mut inside = self.room.inside();
        let mut idle_as = self.idle_as();
        if let Some(number) = *idle_as {
            inside.idle.remove(&number)?;
        }
        *idle_as = None;
        Some(Busy(Arc::clone(self)))
    }

    /// Whether nothing is being answered.
    pub(super) fn is_idle(&self) -> bool {
        self.idle_as().is_some()
    }

    fn idle_as(&self) -> MutexGuard<'_, Option<u64>> {
        self.idle_as.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inside = self.room.inside();
        // Who was told to go has given its seat up.
        if self.idle_as().is_none_or(|number| inside.idle.remove(&number).is_some()) {
            inside.count -= 1;
        }
    }
}

/// A request is being answered; dropped, its connection is idle again.
#[derive(Debug)]
pub(super) struct Busy(Arc<Seat>);

impl Drop for Busy {
    fn drop(&mut self) {
        let mut inside = self.0.room.inside();
        let mut idle_as = self.0.idle_as();
        if idle_as.is_none() {
            *idle_as = Some(inside.sit_idle(&self.0.leave));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn must_leave(seat: &Seat) -> bool {
        // Whether it was told so already: the permit is there.
        let mut told = std::pin::pin!(seat.must_leave());
        told.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready()
    }

    #[test]
    fn who_is_idle_longest_makes_room_and_who_is_answered_does_not() {
        let room = Room::for_connections(3);
        let seats: Vec<_> = (0..3).map(|_| room.enter().expect("there is room")).collect();
        let busy = seats[0].begin().expect("it need not go");
        let fourth = room.enter().expect("one is idle");
        assert_eq!(seats.iter().map(|seat| must_leave(seat)).collect::<Vec<_>>(), [false, true, false]);
        assert!(seats[1].begin().is_none(), "it is too late");
        // Who was answered last is idle for the shortest time.
        drop(busy);
        let _fifth = room.enter().expect("one is idle");
        assert!(must_leave(&seats[2]) && !must_leave(&fourth) && !must_leave(&seats[0]));
    }

    #[test]
    fn when_all_are_answered_nobody_comes_in_until_one_goes() {
        let room = Room::for_connections(2);
        let seats: Vec<_> = (0..2).map(|_| room.enter().expect("there is room")).collect();
        let busy: Vec<_> = seats.iter().map(|seat| seat.begin().expect("it need not go")).collect();
        assert!(room.enter().is_none());
        drop((seats, busy));
        assert_eq!(room.inside().count, 0);
        assert!(room.inside().idle.is_empty());
    }

    #[test]
    fn whoever_comes_and_goes_the_seats_are_counted_right() {
        let room = Room::for_connections(4);
        let mut seats = std::collections::VecDeque::new();
        for step in 0..1_000 {
            if let Some(seat) = room.enter() {
                let busy = (step % 3 == 0).then(|| seat.begin()).flatten();
                seats.push_back((busy, seat));
            }
            if step % 2 == 0 {
                seats.pop_front();
            }
            assert!(room.inside().count <= 4, "step {step}");
        }
        drop(seats);
        let inside = room.inside();
        assert_eq!((inside.count, inside.idle.len()), (0, 0));
    }
}
