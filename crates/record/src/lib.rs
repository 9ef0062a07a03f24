//! What a CloudTrail record is: how log files are read, what an Insight record looks like, and how objects are named.
//!
//! Knows nothing of ours; no clock, no files, no network.

pub mod api_call;
pub mod digest;
pub mod event_id;
pub mod identity;
pub mod insight;
pub mod insight_record;
pub mod log_file;
pub mod log_key;
pub mod names;
pub mod scan;
pub mod texts;
pub mod time;
