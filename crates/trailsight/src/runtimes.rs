//! `trailsight runtimes`: what Lambda functions are run with.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use functions::FIRST_USER;
use functions::runtimes::install::{Wanted, install};
use functions::runtimes::{Installed, Runtimes};

use crate::cli::{DataDirArgs, InstallArgs, RuntimesCommand};
use crate::stdout::stdout;
use crate::world::functions::launcher;
use crate::world::whole_file::advised;

/// Installs or lists.
pub fn run(command: &RuntimesCommand) -> Result<ExitCode> {
    match command {
        RuntimesCommand::Install(arguments) => put_in_place(arguments)?,
        RuntimesCommand::List(arguments) => list(arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn put_in_place(arguments: &InstallArgs) -> Result<()> {
    let folder = arguments.data.folder()?.join("runtimes");
    if let Some(wheels) = &arguments.wheels {
        ensure!(wheels.is_dir(), "there is no folder {} that wheels could lie in", wheels.display());
    }
    let launcher = launcher();
    let wanted = Wanted {
        name: &arguments.name,
        python: arguments.python.as_deref(),
        wheels: arguments.wheels.as_deref(),
        launcher: &launcher,
        user: FIRST_USER,
    };
    let mut say = |line: &str| drop(writeln!(std::io::stderr(), "{line}"));
    let installed = install(&Runtimes::new(&folder), &wanted, &mut say)?;
    writeln!(stdout(), "{} is in {}", told(&installed), folder.join(&installed.name).display())?;
    arguments.data.tell_if_unused()?;
    Ok(())
}

fn list(arguments: &DataDirArgs) -> Result<()> {
    let folder = arguments.folder()?.join("runtimes");
    match std::fs::read_dir(&folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(advised(error)).with_context(|| format!("cannot look into {}", folder.display()));
        }
        Ok(_) | Err(_) => {}
    }
    let installed = Runtimes::new(&folder).installed();
    for installed in &installed {
        writeln!(stdout(), "{}", told(installed))?;
    }
    if installed.is_empty() {
        let usual = functions::runtimes::USUAL;
        let _ =
            writeln!(std::io::stderr(), "there is none in {}: `trailsight runtimes install {usual}`", folder.display());
    }
    Ok(())
}

fn told(installed: &Installed) -> String {
    let packages: Vec<String> =
        installed.packages.iter().take(2).map(|(name, version)| format!("{name} {version}")).collect();
    format!("{} (Python {}, {})", installed.name, installed.version, packages.join(", "))
}
