//! The real world, plugged in: where log files are read from, and where Insight files go. Nothing else knows a bucket.

pub mod aws_profile;
pub mod objects;
