//! What a CloudTrail record is: how log files are read, what an Insight record looks like, and how objects are named; and findings,
//! as data and in words.
//!
//! Knows nothing of ours but `skim`; no clock, no files, no network.

pub mod api_call;
pub mod digest;
pub mod event_id;
pub mod facts;
pub mod identity;
pub mod insight;
pub mod insight_record;
pub mod log_file;
pub mod log_key;
pub mod names;
pub mod scan;
pub mod selection;
pub mod sentences;
pub mod texts;
pub mod time;
pub mod together;
pub mod words;
