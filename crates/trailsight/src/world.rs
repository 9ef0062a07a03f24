//! The real world, plugged in: where log files are read from, and where Insight files go; and for the service the clock, dice,
//! mail, a key to sign with, and the buckets that are held here. Nothing else knows a bucket.

pub mod aws_chunked;
pub mod aws_profile;
pub mod buckets;
pub mod clock;
pub mod dice;
pub mod functions;
pub mod objects;
pub mod outbox;
pub mod s3_operations;
pub mod s3_port;
pub mod s3_request;
pub mod s3_words;
pub mod signer;
pub mod web;
