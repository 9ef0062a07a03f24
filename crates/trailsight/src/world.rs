//! The real world, plugged in: where log files are read from, and where Insight files go; and for the service the clock, dice,
//! mail, queues, a key to sign with, and buckets, held here or linked. Nothing else knows a bucket.

pub mod all_buckets;
#[cfg(test)]
mod answering;
pub mod aws;
pub mod aws_chunked;
pub mod aws_profile;
pub mod buckets;
pub mod clock;
pub mod credentials;
pub mod dice;
pub mod functions;
pub mod lake;
pub mod linked;
pub mod links;
pub mod machine;
pub mod mail_form;
pub mod objects;
pub mod outbox;
pub mod push_keys;
pub mod queues;
pub mod s3_operations;
pub mod s3_port;
pub mod s3_request;
pub mod s3_words;
pub mod seal;
pub mod signer;
pub mod smtp;
pub mod tls;
pub mod watched_file;
pub mod web;
pub mod whole_file;
