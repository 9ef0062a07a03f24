//! Enveloped: a CloudTrail record as the EventBridge event that its account would have been told of.

use std::fmt::Write;

use record::api_call::ApiCall;
use record::names::EventCategory;
use route::envelope::{EnvelopeError, Facts, is_read_only_management, write_event};

/// The room for an event: used again for the next one.
#[derive(Default)]
pub struct Enveloped {
    id: String,
    event: Vec<u8>,
}

impl Enveloped {
    /// The event of a call. Its id is the record's.
    pub fn event(&mut self, call: &ApiCall<'_>) -> Result<&[u8], EnvelopeError> {
        self.id.clear();
        write!(self.id, "{}", call.event_id).expect("memory takes all that is written");
        let facts = Facts {
            id: &self.id,
            event_type: call.event_type.as_deref(),
            event_source: &call.source,
            event_time: call.event_time,
            account: &call.account,
            region: &call.region,
        };
        write_event(call.raw, &facts, &mut self.event)?;
        Ok(&self.event)
    }
}

/// Whether a rule that is just `ENABLED` is not told of a call.
pub fn is_read(call: &ApiCall<'_>) -> bool {
    let is_management = call.category == EventCategory::Management;
    is_read_only_management(is_management, call.read_only, &call.source, &call.name)
}
