//! The real world, plugged in: files, folders and buckets. Nothing else of the binary touches them.

pub mod aws_profile;
pub mod objects;
