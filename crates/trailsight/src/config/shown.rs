//! `trailsight config check` and `trailsight config show`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;

use super::{InForce, Kind, Origin, Setting, places};
use crate::cli::{ConfigCommand, ServeArgs};
use crate::stdout::stdout;

/// Says whether the settings are right, or shows them. What clap or the file had against them was said before.
pub fn run(command: &ConfigCommand, in_force: &InForce) -> Result<ExitCode> {
    let told = match command {
        ConfigCommand::Check(arguments) => checked(arguments, in_force)?,
        ConfigCommand::Show(arguments) => shown(arguments, in_force),
    };
    stdout().write_all(told.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn checked(arguments: &ServeArgs, in_force: &InForce) -> Result<String> {
    in_force.check(arguments)?;
    let of_file = in_force.origins.iter().filter(|(_, origin)| matches!(origin, Origin::File(_))).count();
    Ok(format!(
        "ok: {}, {of_file} of {} settings in force from it\n",
        file(arguments, in_force),
        in_force.origins.len()
    ))
}

/// The file that was read, or where one was looked for.
fn file(arguments: &ServeArgs, in_force: &InForce) -> String {
    match &in_force.file {
        Some(file) => file.display().to_string(),
        None => {
            let places: Vec<String> =
                places(arguments.data.data_dir.as_deref()).map(|place| place.display().to_string()).collect();
            format!("no file of settings (there is no {})", places.join(", and no "))
        }
    }
}

fn shown(arguments: &ServeArgs, in_force: &InForce) -> String {
    let mut page = format!("# {}\n", file(arguments, in_force));
    let mut table = None;
    for (setting, origin) in sorted(in_force) {
        if setting.table() != table {
            table = setting.table();
            let _ = writeln!(page, "\n[{}]", table.as_deref().unwrap_or_default());
        }
        let from = match origin {
            Origin::Flag => format!("--{}", setting.flag()),
            Origin::Environment => setting.variable().unwrap_or_default().to_owned(),
            Origin::File(line) => format!("the file, line {line}"),
            Origin::Default => "default".to_owned(),
        };
        let value = value(setting, in_force).or_else(|| {
            let folder = (setting.id() == "data_dir").then(|| arguments.data.folder().ok()).flatten();
            folder.map(|folder| quoted(&folder.display().to_string()))
        });
        let _ = match value {
            Some(value) => writeln!(page, "{:<50} # {from}", format!("{} = {value}", setting.key())),
            None => writeln!(page, "# {} is not set", setting.key()),
        };
    }
    page
}

/// First those without a table, as a file must have them.
fn sorted(in_force: &InForce) -> impl Iterator<Item = &(Setting, Origin)> {
    let mut tables: Vec<Option<String>> = vec![None];
    for (setting, _) in &in_force.origins {
        if !tables.contains(&setting.table()) {
            tables.push(setting.table());
        }
    }
    tables.into_iter().flat_map(|table| in_force.origins.iter().filter(move |(setting, _)| setting.table() == table))
}

/// A value as the file has it.
fn value(setting: &Setting, in_force: &InForce) -> Option<String> {
    if setting.kind() == Kind::Boolean {
        return Some(in_force.matches.get_flag(setting.id()).to_string());
    }
    let values = in_force.matches.get_raw(setting.id())?;
    let one = |value: &str| match setting.kind() {
        _ if setting.is_hidden() && setting.secret().is_none_or(|secret| (secret.is_in)(value)) => quoted("…"),
        Kind::Boolean | Kind::Number | Kind::Fraction => value.to_owned(),
        Kind::Time | Kind::Text => quoted(value),
    };
    let values: Vec<String> = values.map(|value| one(&value.to_string_lossy())).collect();
    if setting.is_list() { Some(format!("[{}]", values.join(", "))) } else { values.into_iter().next() }
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}
