//! `trailsight events`: EventBridge event patterns, tried before they are relied on.
//!
//! ```text
//!   test    a pattern and an event ─► given ─► route ─► answer: does it match, and if not, which field failed; hints
//!           lines of both          ─► cases ─► route ─► a verdict a line
//!   match   patterns and logs      ─► records, each in its envelope, on all cores ─► matched: each once, a day's count
//! ```
//!
//! What a pattern means is the affair of `route`, and nothing here knows better: `hints` only guess what was meant.

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::EventsCommand;

pub mod answer;
pub mod cases;
pub mod enveloped;
pub mod given;
pub mod hints;
pub mod json;
pub mod matched;
pub mod mistaken;
pub mod places;
pub mod summary;
pub mod test;

/// It does not match.
pub const NO_MATCH: u8 = 1;
/// A bad pattern, a bad event, a file that cannot be read.
pub const ERROR: u8 = 2;

/// Runs the command.
pub fn run(command: &EventsCommand) -> Result<ExitCode> {
    match command {
        EventsCommand::Test(arguments) => match &arguments.cases {
            Some(cases) => cases::run(cases),
            None => test::run(arguments),
        },
        EventsCommand::Match(arguments) => matched::run(arguments),
    }
}

fn exit_code(is_match: bool) -> ExitCode {
    if is_match { ExitCode::SUCCESS } else { ExitCode::from(NO_MATCH) }
}
