//! What the binary is made of, so that tests and examples can use it too.

mod allocator;
pub mod analyze;
pub mod backup;
pub mod bucket_links;
pub mod cli;
mod client;
pub mod cluster_roles;
pub mod config;
pub mod credentials;
pub mod events;
pub mod expected;
pub mod insights;
pub mod listening;
pub mod log_lines;
mod lost_database;
pub mod operations;
mod out_file;
pub mod push_keys;
pub mod query;
pub mod report;
pub mod runtimes;
pub mod serve;
pub mod simulate;
pub mod status;
pub mod stdout;
pub mod world;
