//! `trailsight simulate`: made-up accounts as log files.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use sim::{Plan, Tier};

use crate::cli::{SimulateArgs, Size};

/// Runs the command.
pub fn run(arguments: &SimulateArgs) -> Result<ExitCode> {
    let mut plan = match arguments.tier {
        Size::Demo => Plan::demo(arguments.seed),
        Size::Organization => Plan::organization(arguments.seed),
        Size::T0 => Plan::tier(Tier::T0, arguments.seed),
        Size::T1 => Plan::tier(Tier::T1, arguments.seed),
        Size::T2 => Plan::tier(Tier::T2, arguments.seed),
        Size::T3 => Plan::tier(Tier::T3, arguments.seed),
    };
    if let Some(days) = arguments.days {
        plan = plan.with_days(days);
    }
    if let Some(records) = arguments.records {
        plan = plan.with_records(records);
    }
    let mut stderr = std::io::stderr();
    let on_terminal = stderr.is_terminal();
    let written = sim::write(&plan, &arguments.out, |progress| {
        if on_terminal {
            let _ = write!(stderr, "\r{:3.0} %  {} records", 100.0 * progress.share, progress.records);
        }
    })
    .with_context(|| format!("cannot write below {}", arguments.out.display()))?;
    if on_terminal {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
    let _ = writeln!(
        std::io::stderr(),
        "{} records in {} files, {:.1} MB, below {}; the truth is in truth.json",
        written.records,
        written.files,
        written.bytes as f64 / 1e6,
        arguments.out.display()
    );
    Ok(ExitCode::SUCCESS)
}
