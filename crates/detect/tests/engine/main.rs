//! The engine, through its one door: counts in, findings out.

mod laws;
mod stories;
