//! One call, before it is a record.

use record::names::AccountId;
use record::time::Minute;

use crate::catalogue::CATALOGUE;
use crate::identity::Actor;
use crate::plan::{Arrivals, REGIONS};
use crate::world::World;

/// One call, before it is a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// What makes it this call and no other; its eventID follows from it.
    pub id: u64,
    /// Which account of the plan.
    pub account: u16,
    /// Which Region of the plan.
    pub region: u16,
    /// Which API of the catalogue.
    pub(crate) api: u16,
    /// Which actor of the account.
    pub actor: u16,
    /// Which error code, from 1; 0 for a call that went well.
    pub(crate) error: u16,
}

impl Call {
    /// Its minute.
    pub fn minute(&self) -> Minute {
        Minute::of_seconds(self.at)
    }

    /// `ec2.amazonaws.com`
    pub fn source(&self) -> &'static str {
        CATALOGUE.service(self.api).source
    }

    /// `RunInstances`
    pub fn name(&self) -> &'static str {
        CATALOGUE.apis[self.api as usize].name
    }

    /// What it failed with.
    pub fn error_code(&self) -> Option<&'static str> {
        (self.error > 0).then(|| CATALOGUE.codes[self.error as usize - 1])
    }

    /// Whether it only reads.
    pub fn is_read(&self) -> bool {
        CATALOGUE.apis[self.api as usize].is_read
    }

    /// Whether it is a data event.
    pub fn is_data(&self) -> bool {
        CATALOGUE.apis[self.api as usize].is_data
    }

    /// `us-east-1`
    pub fn region_name(&self) -> &'static str {
        REGIONS[self.region as usize]
    }

    /// The account it was made in.
    pub fn account_id<'a>(&self, world: &'a World) -> &'a AccountId {
        &world.accounts[self.account as usize].id
    }

    /// How calls of its kind come in this account and Region.
    pub fn arrivals(&self, world: &World) -> Arrivals {
        let lane = &world.lanes[world.plan.lane(self.account as usize, self.region as usize)];
        lane.key(self.api).expect("a call is of a key of its lane").arrivals
    }

    /// Who made it.
    pub fn actor<'a>(&self, world: &'a World) -> &'a Actor {
        &world.accounts[self.account as usize].actors[self.actor as usize]
    }
}
