//! Room for connections: so many at once, and who is idle makes room for who comes.
//!
//! A connection is idle until the head of a request is here, and again when its answer has gone over to the last byte. With no
//! room left, the one that has been idle longest is closed: thousands that say nothing keep nobody out. Only if all are being
//! answered is somebody turned away.
//!
//! [In shares](Room::in_shares), one address of another machine has a quarter of it at most: beyond that it makes room itself.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tokio::sync::Notify;

/// The part of all connections that one address may have.
const SHARES: usize = 4;

/// Room for so many.
#[derive(Debug)]
pub struct Room {
    most: usize,
    /// Of one address. `None`: as many as there are.
    share: Option<usize>,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    count: usize,
    /// The number that who becomes idle next gets.
    next: u64,
    /// Who is idle, longest first.
    idle: BTreeMap<u64, Idle>,
    /// How many there are of an address that has a share.
    of: FxHashMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Idle {
    of: Option<IpAddr>,
    /// How it is told to go.
    leave: Arc<Notify>,
}

/// A connection's place.
#[derive(Debug)]
pub(super) struct Seat {
    room: Arc<Room>,
    /// Whose share it is of.
    of: Option<IpAddr>,
    doing: Mutex<Doing>,
    leave: Arc<Notify>,
}

/// What a connection does.
#[derive(Clone, Copy, Debug)]
enum Doing {
    /// Nothing. Its number among the idle.
    Idle(u64),
    /// A request is being answered.
    Answering,
    /// The answer is whole, but has not all gone over.
    Writing,
}

impl Room {
    /// Room for so many connections, whosever they are.
    pub fn for_connections(most: usize) -> Arc<Room> {
        Arc::new(Room { most: most.max(1), share: None, inside: Mutex::default() })
    }

    /// The same, of which one address of another machine has a quarter at most. Behind a proxy all would be of one address.
    pub fn in_shares(most: usize) -> Arc<Room> {
        let most = most.max(1);
        Arc::new(Room { most, share: Some(most.div_ceil(SHARES)), inside: Mutex::default() })
    }

    /// Takes a seat. `None`: all that could make room are being answered.
    pub(super) fn enter(self: &Arc<Room>, address: IpAddr) -> Option<Arc<Seat>> {
        let of = self.share.and_then(|_| whose_share(address));
        let mut inside = self.inside();
        let has_its_share = |inside: &Inside, of| inside.of.get(&of).copied() >= self.share;
        if of.is_some_and(|of| has_its_share(&inside, of)) {
            inside.dismiss(|idle| idle.of == of)?;
        } else if inside.count >= self.most {
            inside.dismiss(|_| true)?;
        }
        inside.count += 1;
        if let Some(of) = of {
            *inside.of.entry(of).or_default() += 1;
        }
        let leave = Arc::new(Notify::new());
        let doing = Mutex::new(Doing::Idle(inside.sit_idle(of, &leave)));
        Some(Arc::new(Seat { room: Arc::clone(self), of, doing, leave }))
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn sit_idle(&mut self, of: Option<IpAddr>, leave: &Arc<Notify>) -> u64 {
        self.next += 1;
        self.idle.insert(self.next, Idle { of, leave: Arc::clone(leave) });
        self.next
    }

    /// Tells the one to go that is idle longest of some. `None`: none of them is idle.
    fn dismiss(&mut self, is_one: impl Fn(&Idle) -> bool) -> Option<()> {
        let number = self.idle.iter().find(|(_, idle)| is_one(idle)).map(|(number, _)| *number)?;
        let Idle { of, leave } = self.idle.remove(&number)?;
        leave.notify_one();
        self.leave(of);
        Some(())
    }

    /// A seat is given up.
    fn leave(&mut self, of: Option<IpAddr>) {
        self.count -= 1;
        if let Some(of) = of
            && let Some(count) = self.of.get_mut(&of)
        {
            *count -= 1;
            if *count == 0 {
                self.of.remove(&of);
            }
        }
    }
}

/// Whose share an address's connections are of; this machine's own have none. Who has one address of IPv6 has all of its /64.
fn whose_share(address: IpAddr) -> Option<IpAddr> {
    match address.to_canonical() {
        own if own.is_loopback() => None,
        IpAddr::V6(address) => Some(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()),
        address => Some(address),
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
        let mut doing = self.doing();
        if let Doing::Idle(number) = *doing {
            inside.idle.remove(&number)?;
        }
        *doing = Doing::Answering;
        Some(Busy(Arc::clone(self)))
    }

    /// All that was written has gone over.
    pub(super) fn all_is_written(&self) {
        let mut inside = self.room.inside();
        let mut doing = self.doing();
        if let Doing::Writing = *doing {
            *doing = Doing::Idle(inside.sit_idle(self.of, &self.leave));
        }
    }

    /// Whether nothing is being answered.
    pub(super) fn is_idle(&self) -> bool {
        matches!(*self.doing(), Doing::Idle(_))
    }

    fn doing(&self) -> MutexGuard<'_, Doing> {
        self.doing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inside = self.room.inside();
        // Who was told to go has given its seat up.
        let has_seat = match *self.doing() {
            Doing::Idle(number) => inside.idle.remove(&number).is_some(),
            Doing::Answering | Doing::Writing => true,
        };
        if has_seat {
            inside.leave(self.of);
        }
    }
}

/// A request is being answered. Dropped, its answer is whole: its connection is idle again once [all of it has gone
/// over](Seat::all_is_written).
#[derive(Debug)]
pub(super) struct Busy(Arc<Seat>);

impl Drop for Busy {
    fn drop(&mut self) {
        *self.0.doing() = Doing::Writing;
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn must_leave(seat: &Seat) -> bool {
        // Whether it was told so already: the permit is there.
        let mut told = std::pin::pin!(seat.must_leave());
        told.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready()
    }

    #[test]
    fn who_is_idle_longest_makes_room_and_who_is_answered_does_not() {
        let room = Room::for_connections(3);
        let seats: Vec<_> = (0..3).map(|_| room.enter(HERE).expect("there is room")).collect();
        let busy = seats[0].begin().expect("it need not go");
        let fourth = room.enter(HERE).expect("one is idle");
        assert_eq!(seats.iter().map(|seat| must_leave(seat)).collect::<Vec<_>>(), [false, true, false]);
        assert!(seats[1].begin().is_none(), "it is too late");
        // Who was answered last is idle for the shortest time.
        drop(busy);
        seats[0].all_is_written();
        let _fifth = room.enter(HERE).expect("one is idle");
        assert!(must_leave(&seats[2]) && !must_leave(&fourth) && !must_leave(&seats[0]));
    }

    #[test]
    fn an_answer_that_has_not_all_gone_over_makes_no_room() {
        let room = Room::for_connections(1);
        let seat = room.enter(HERE).expect("there is room");
        seat.all_is_written();
        let busy = seat.begin().expect("it need not go");
        // The head went over before the rest is there.
        seat.all_is_written();
        assert!(!seat.is_idle() && room.enter(HERE).is_none());
        drop(busy);
        assert!(!seat.is_idle() && room.enter(HERE).is_none());
        // The next request came with this one.
        let next = seat.begin().expect("it need not go");
        seat.all_is_written();
        assert!(!seat.is_idle() && room.enter(HERE).is_none());
        drop(next);
        seat.all_is_written();
        assert!(seat.is_idle() && room.enter(HERE).is_some());
    }

    #[test]
    fn when_all_are_answered_nobody_comes_in_until_one_goes() {
        let room = Room::for_connections(2);
        let seats: Vec<_> = (0..2).map(|_| room.enter(HERE).expect("there is room")).collect();
        let busy: Vec<_> = seats.iter().map(|seat| seat.begin().expect("it need not go")).collect();
        assert!(room.enter(HERE).is_none());
        drop((seats, busy));
        assert_eq!(room.inside().count, 0);
        assert!(room.inside().idle.is_empty());
    }

    #[test]
    fn whoever_comes_and_goes_the_seats_are_counted_right() {
        let room = Room::for_connections(4);
        let mut seats = std::collections::VecDeque::new();
        for step in 0..1_000 {
            if let Some(seat) = room.enter(HERE) {
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

    #[test]
    fn one_address_has_a_quarter_and_makes_room_itself() {
        let room = Room::in_shares(8);
        let of = |address: &str| room.enter(address.parse().expect("it is an address"));
        let seats = ["192.0.2.7", "::ffff:192.0.2.7"].map(|address| of(address).expect("there is room"));
        let neighbour = of("192.0.2.8").expect("there is room");
        let third = of("192.0.2.7").expect("one of its own is idle");
        assert!(must_leave(&seats[0]) && !must_leave(&seats[1]) && !must_leave(&neighbour));
        let busy = [&seats[1], &third].map(|seat| seat.begin().expect("it need not go"));
        assert!(of("192.0.2.7").is_none(), "though there is room for others");
        let others = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"].map(|address| of(address).expect("room"));
        let prefix = of("2001:db8::3").expect("one of its own is idle");
        assert!(must_leave(&others[0]));
        let own = [(); 3].map(|()| of("127.0.0.1").expect("this machine's own have no share"));
        assert!(must_leave(&neighbour), "there is no room any more, and it was idle longest");
        assert_eq!(room.inside().count, 8);
        drop((busy, seats, third, neighbour, others, prefix, own));
        let inside = room.inside();
        assert_eq!((inside.count, inside.of.len(), inside.idle.len()), (0, 0, 0));
    }
}
