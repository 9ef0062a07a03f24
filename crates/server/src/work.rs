//! What goes on while nobody asks: one thread walks the pipeline, others deliver what is due.
//!
//! They are woken by what happens and look by themselves from time to time, so that nothing is lost with a waking that was
//! missed. A fault of the store is logged and tried again: what a step had not written is found by the next.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use detect::engine::Settings;
use store::StoreError;

use crate::deliver::Delivering;
use crate::http::FrontDoor;
use crate::pipeline::{ObjectName, Pipeline};

mod deliveries;

pub use deliveries::deliver;

/// How often minutes are looked at that are settled by the clock alone.
const TICK: Duration = Duration::from_secs(5);
/// So many ticks from one listing of the trails' buckets to the next.
const TICKS_BETWEEN_LISTINGS: u32 = 60;
/// Objects that are counted in one step.
const STEP_OBJECTS: usize = 512;

impl FrontDoor {
    fn delivering(&self) -> Delivering<'_> {
        Delivering {
            store: &self.store,
            world: &self.world,
            rules: &self.rules,
            place: &self.place,
            public_url: &self.public_url,
            now: self.world.clock.now(),
        }
    }
}

/// Walks the pipeline until nobody can tell of objects any more. `puts`: objects that were put.
pub fn walk_pipeline(door: &FrontDoor, settings: Settings, puts: &Receiver<ObjectName>) -> Result<(), StoreError> {
    let mut pipeline = Pipeline::open(&door.delivering(), settings)?;
    let mut ticks = 0;
    loop {
        let mut objects = Vec::new();
        match puts.recv_timeout(if ticks == 0 { Duration::ZERO } else { TICK }) {
            Ok(object) => objects.push(object),
            Err(RecvTimeoutError::Timeout) => {
                if ticks % TICKS_BETWEEN_LISTINGS == 0 {
                    objects = pipeline.missed(&door.delivering()).unwrap_or_else(|error| {
                        tracing::error!(error = &error as &dyn std::error::Error, "trails' buckets cannot be listed");
                        Vec::new()
                    });
                }
                ticks += 1;
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        objects.extend(puts.try_iter().take(STEP_OBJECTS));
        for objects in objects.chunks(STEP_OBJECTS).chain(objects.is_empty().then_some(&[][..])) {
            if let Err(error) = pipeline.step(&door.delivering(), objects) {
                tracing::error!(error = &error as &dyn std::error::Error, "log files cannot be counted");
                // What is in memory may be ahead of what is remembered.
                pipeline = Pipeline::open(&door.delivering(), settings)?;
            }
        }
    }
}
