//! `trailsight push-keys`: the keys that EventBridge of other accounts pushes events with. Works while the service runs.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use server::world::Clock;

use crate::cli::PushKeysCommand;
use crate::stdout::stdout;
use crate::world::clock::SystemClock;
use crate::world::dice::SystemDice;
use crate::world::push_keys::{create, delete, read};

/// Makes, lists or deletes keys.
pub fn run(command: &PushKeysCommand) -> Result<ExitCode> {
    let mut out = stdout();
    match command {
        PushKeysCommand::Create { name, data } => {
            let folder = data.folder()?;
            let key = create(&folder, name, &SystemDice, SystemClock.now())?;
            if let Err(error) = writeln!(out, "{key}") {
                delete(&folder, name)?;
                return Err(error).context("no key was made, for nobody was told it");
            }
            let _ = writeln!(
                std::io::stderr(),
                "This is the only time that the key is told: keep it where AWS's connection is made (docs/PUSH.md)."
            );
            data.tell_if_unused()?;
        }
        PushKeysCommand::List(data) => {
            let folder = data.folder()?;
            let all = read(&folder)?;
            if all.is_empty() {
                let _ = writeln!(std::io::stderr(), "there are no push keys in {}", folder.display());
            }
            for key in all {
                writeln!(out, "{}  made {:.0}", key.name, key.made_at)?;
            }
        }
        PushKeysCommand::Delete { name, data } => {
            delete(&data.folder()?, name)?;
            writeln!(out, "{name} lets nobody in any more")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
