//! The engine, through its one door: counts in, findings out.

mod early;
mod laws;
mod said;
mod stories;
