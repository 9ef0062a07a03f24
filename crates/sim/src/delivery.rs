//! Delivery: calls cut into files as trails do it, and when each file is seen.
//!
//! A window opens at the first call after the last one closed, and closes 200 to 300 seconds later (one in five at
//! half of that; those that would just miss a mark of five minutes, at the mark). The file is named after its close,
//! rounded up to five minutes; the calls in it lie in any order.
//! It is seen up to five minutes later, one in a thousand up to an hour, one in ten thousand up to a day.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use record::time::Minute;

use crate::call::Call;
use crate::catalogue::CATALOGUE;
use crate::dice::{Dice, mix};
use crate::traffic::{BLOCK, Traffic};
use crate::world::World;

/// The calls of one file, and what the file is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub arrived_at: Minute,
    /// Seconds, a multiple of 300.
    pub file_time: i64,
    /// Sixteen characters of the name follow from it.
    pub unique: u64,
    pub account: usize,
    /// The Region in the name; calls of a second trail may be of another one.
    pub region: usize,
    pub calls: Vec<Call>,
}

impl Ord for Cut {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let order = |cut: &Cut| (cut.arrived_at, cut.file_time, cut.account, cut.region, cut.unique);
        order(self).cmp(&order(other))
    }
}

impl PartialOrd for Cut {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Windows that close so few seconds after a mark of five minutes close at it.
const NEAR: i64 = 25;

/// One trail in one lane.
struct Cutter {
    lane: usize,
    is_second: bool,
    dice: Dice,
    closes: i64,
    open: Vec<Call>,
}

impl Cutter {
    fn take(&mut self, call: Call, world: &World, cuts: &mut Vec<Cut>) {
        if !self.open.is_empty() && call.at >= self.closes {
            self.close(world, cuts);
        }
        if self.open.is_empty() {
            let length = self.dice.between(200.0, 300.0) * if self.dice.chance(0.2) { 0.5 } else { 1.0 };
            let closes = call.at + length as i64;
            let mark = closes.div_euclid(300) * 300;
            // Who would miss the mark by little goes with it.
            self.closes = if mark > call.at && closes - mark < NEAR { mark } else { closes };
        }
        self.open.push(call);
    }

    fn close(&mut self, world: &World, cuts: &mut Vec<Cut>) {
        let mut calls = std::mem::take(&mut self.open);
        if calls.is_empty() {
            return;
        }
        let lane = &world.lanes[self.lane];
        let mut closed = self.closes;
        if let Some((from, to)) = world.accounts[lane.account].gap {
            // What was held back comes when logging works again, over some minutes.
            if closed >= from && calls[0].at < to && closed < to + 300 {
                closed = to + self.dice.below(900) as i64;
            }
        }
        let file_time = (closed + 299).div_euclid(300) * 300;
        if self.dice.chance(0.7) {
            self.dice.shuffle(&mut calls);
        }
        // A second trail may deliver the global services' records as another Region's.
        if self.is_second && lane.region == 0 && world.plan.regions > 1 && self.dice.chance(0.25) {
            let (global, own): (Vec<Call>, Vec<Call>) =
                calls.into_iter().partition(|call| CATALOGUE.service(call.api).is_global);
            self.deliver(world, &global, file_time, world.plan.regions - 1, cuts);
            calls = own;
        }
        self.deliver(world, &calls, file_time, lane.region, cuts);
    }

    fn deliver(&mut self, world: &World, calls: &[Call], file_time: i64, region: usize, cuts: &mut Vec<Cut>) {
        for calls in calls.chunks(world.plan.records_per_file.max(1)) {
            let cut = Cut {
                arrived_at: self.arrival(file_time),
                file_time,
                unique: self.dice.bits(),
                account: world.lanes[self.lane].account,
                region,
                calls: calls.to_vec(),
            };
            if self.dice.chance(world.plan.redeliveries) {
                let again = self.arrival(file_time);
                cuts.push(Cut { arrived_at: again, unique: self.dice.bits(), ..cut.clone() });
            }
            cuts.push(cut);
        }
    }

    fn arrival(&mut self, file_time: i64) -> Minute {
        let late = match self.dice.below(10_000) {
            0 => 86_400.0,
            1..=10 => 3_600.0,
            _ => 300.0,
        };
        Minute::of_seconds(file_time + self.dice.between(0.0, late) as i64)
    }
}

/// All files' calls, in the order in which the files are seen.
pub(crate) struct Deliveries {
    world: Arc<World>,
    lanes: Vec<(Traffic, Vec<Cutter>)>,
    waiting: BinaryHeap<Reverse<Cut>>,
    /// Where the next block begins.
    next: i64,
    left: u64,
}

impl Deliveries {
    pub(crate) fn new(world: &Arc<World>) -> Deliveries {
        let lanes = (0..world.lanes.len()).map(|lane| {
            let of = &world.lanes[lane];
            let trails = 1 + usize::from(world.accounts[of.account].second_trail.is_some());
            let cutter = |trail: usize| Cutter {
                lane,
                is_second: trail == 1,
                dice: Dice::new(mix(of.seed, 40 + trail as u64)),
                closes: 0,
                open: Vec::new(),
            };
            (Traffic::new(Arc::clone(world), lane), (0..trails).map(cutter).collect())
        });
        Deliveries {
            lanes: lanes.collect(),
            waiting: BinaryHeap::new(),
            next: world.plan.start.seconds(),
            left: world.plan.limit.unwrap_or(u64::MAX),
            world: Arc::clone(world),
        }
    }

    fn advance(&mut self) {
        let (world, until) = (Arc::clone(&self.world), self.world.plan.until().seconds());
        let mut cuts = Vec::new();
        for (traffic, cutters) in &mut self.lanes {
            let calls = traffic.block(self.next);
            for cutter in cutters {
                let lane = &world.lanes[cutter.lane];
                let since = if cutter.is_second { world.accounts[lane.account].second_trail } else { None };
                for call in &calls {
                    if since.is_none_or(|since| call.at >= since.seconds()) {
                        cutter.take(*call, &world, &mut cuts);
                    }
                }
                if self.next + BLOCK >= until {
                    cutter.close(&world, &mut cuts);
                }
            }
        }
        self.next += BLOCK;
        self.waiting.extend(cuts.into_iter().map(Reverse));
    }
}

impl Iterator for Deliveries {
    type Item = Cut;

    fn next(&mut self) -> Option<Cut> {
        if self.left == 0 {
            return None;
        }
        let is_over = |of: &Deliveries| of.next >= of.world.plan.until().seconds();
        // No file that is still to be cut can be seen before the calls in it are made.
        while !is_over(self) && self.waiting.peek().is_none_or(|cut| cut.0.arrived_at.seconds() >= self.next) {
            self.advance();
        }
        let Reverse(mut cut) = self.waiting.pop()?;
        cut.calls.truncate(self.left.min(usize::MAX as u64) as usize);
        self.left -= cut.calls.len() as u64;
        Some(cut)
    }
}
