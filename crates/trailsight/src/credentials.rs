//! `trailsight credentials`: the keys that clients sign with. Works while the service runs.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use server::world::Clock;

use crate::cli::CredentialsCommand;
use crate::stdout::stdout;
use crate::world::clock::SystemClock;
use crate::world::credentials::{create, delete, read};
use crate::world::dice::SystemDice;

/// Makes, lists or deletes credentials.
pub fn run(command: &CredentialsCommand) -> Result<ExitCode> {
    let mut out = stdout();
    match command {
        CredentialsCommand::Create { name, data } => {
            let folder = data.folder()?;
            let made = create(&folder, name.as_deref(), &SystemDice, SystemClock.now())?;
            let (id, secret) = (&made.access_key_id, &made.secret_access_key);
            let told = writeln!(out, "AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={secret}");
            if let Err(error) = told {
                delete(&folder, id)?;
                return Err(error).context("no credentials were made, for nobody was told the secret");
            }
            let _ = writeln!(
                std::io::stderr(),
                "This is the only time that the secret is told: put it where clients look for it (`aws configure`)."
            );
            data.tell_if_unused()?;
        }
        CredentialsCommand::List(data) => {
            let folder = data.folder()?;
            let all = read(&folder)?;
            if all.is_empty() {
                let _ = writeln!(std::io::stderr(), "there are no credentials in {}", folder.display());
            }
            for credential in all {
                let (name, id) = (&credential.name, &credential.access_key_id);
                writeln!(out, "{id}  {}  made {:.0}", if name == id { "-" } else { name }, credential.made_at)?;
            }
        }
        CredentialsCommand::Delete { name, data } => {
            delete(&data.folder()?, name)?;
            writeln!(out, "{name} lets nobody in any more")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
