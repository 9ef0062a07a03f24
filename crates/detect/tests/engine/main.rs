//! The engine, through its one door: counts in, findings out.

mod early;
mod laws;
mod made_up;
mod said;
mod stories;
