//! What a CloudTrail record is: how log files are read, what an Insight record looks like, and how objects are named.
//!
//! Knows nothing of ours; no clock, no files, no network.

pub mod insight;
pub mod insight_record;
pub mod names;
pub mod time;
