//! When a rate is unusual: counts and a time come in, findings go out.
//!
//! Pure and deterministic: no clock, no files, no randomness. `docs/DETECTION.md` tells the method with pictures;
//! the rooms, in the order in which a count passes them:
//!
//! | module | what it does |
//! |---|---|
//! | [`tally`] | calls → how many, per series and minute |
//! | [`region`] | which minutes of an account-Region are known, which are a gap |
//! | [`series`] | one series, step by step: expectation, windows, silence, surprise, history → the rarity of a minute |
//! | [`said`] | what somebody said: expected, a false alarm, real, muted |
//! | [`budget`] | promised false alarms → the rarity that is asked for |
//! | [`episode`] | rare minutes → an insight with Start and End |
//! | [`engine`] | all of it, for every series |
//! | [`attribution`] | who was behind it, and what was different |
//! | [`explanation`] | why: the numbers behind a decision |
//! | [`band`] | what was expected of one series, and what would have been usual, for whoever asks |
//! | [`findings`] | all that is told of an episode, a gap, or a young account, as data |

pub mod apis;
pub mod attribution;
pub mod band;
pub mod budget;
mod clumpiness;
pub mod counts;
mod decay;
pub mod engine;
pub mod episode;
pub mod expectation;
pub mod explanation;
pub mod findings;
mod guard;
mod heed;
mod history;
pub mod identities;
mod judged;
pub mod region;
pub mod said;
pub mod series;
mod silence;
mod size;
pub mod surprise;
pub mod tally;
pub mod watch;
mod windows;
