//! Truth: what really happened in made-up accounts, to hold findings against.

use record::time::Minute;
use serde::Serialize;

use crate::plan::Plan;
use crate::world::World;

/// What happened, and what only looked like it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Truth {
    /// The seed that all of it follows from.
    pub seed: u64,
    /// The first minute with calls.
    #[serde(serialize_with = "as_time")]
    pub start: Minute,
    /// The first minute after the last.
    #[serde(serialize_with = "as_time")]
    pub until: Minute,
    /// Everything that happened, by start.
    pub incidents: Vec<Told>,
}

/// One thing that happened.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// `surge`, `burst`, `neverSeen`, `errorShare`, `silence`; decoys: `growth`, `newCron`, `weekend`,
    /// `daylightSaving`, `newAccount`, `loggingGap`, `secondTrail`.
    pub kind: &'static str,
    /// How large: a factor, a number of calls, or a share of errors; 0 where nothing has a size.
    pub size: f64,
    /// The first minute.
    #[serde(serialize_with = "as_time")]
    pub start: Minute,
    /// The first minute after.
    #[serde(serialize_with = "as_time")]
    pub end: Minute,
    /// Whose.
    pub account: String,
    /// Where; nothing: everywhere.
    pub region: Option<String>,
    /// `ec2.amazonaws.com`; nothing: all of them.
    pub event_source: Option<String>,
    /// `RunInstances`; nothing: all of them.
    pub event_name: Option<String>,
    /// With what the calls failed, where that is what happened.
    pub error_code: Option<String>,
    /// `increase` or `decrease`; decoys have none.
    pub direction: Option<&'static str>,
    /// True for what must stay silent.
    pub decoy: bool,
    /// Calls a minute that this key usually has, averaged over the week.
    pub usual_per_minute: f64,
    /// How many calls came that otherwise would not have.
    pub added_calls: usize,
    /// Who did it, where someone did.
    pub actor: Option<String>,
    /// From where.
    pub source_ip: Option<String>,
}

/// What really happens in a plan's accounts.
pub fn truth(plan: &Plan) -> Truth {
    truth_of(&World::new(plan))
}

pub(crate) fn truth_of(world: &World) -> Truth {
    let mut incidents = world.told.clone();
    incidents.sort_by_key(|told| (told.start, told.end));
    Truth { seed: world.plan.seed, start: world.plan.start, until: world.plan.until(), incidents }
}

fn as_time<S: serde::Serializer>(minute: &Minute, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(minute)
}
