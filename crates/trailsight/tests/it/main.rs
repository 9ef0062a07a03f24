//! What the `trailsight` binary promises whoever runs it, asked of the real binary.
//!
//! ```text
//!   made-up accounts (sim), hand-made records, real logs ─► folders and buckets ─► the binary ─► Told (door.rs)
//! ```
//!
//! Every run of `analyze` in here goes through one door, which holds it to what must always be true: the records add up, and
//! the exit code says what was found.

mod accounts;
mod choices;
mod command_line;
mod config;
mod counts;
mod door;
mod events_cases;
mod events_match;
mod events_test;
mod formats;
mod hostile;
mod laws;
mod moto;
mod operations;
mod permissions;
mod reconciliation;
mod records;
mod s3;
mod service;
