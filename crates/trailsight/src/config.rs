//! Settings: what the service is told by flags, by the environment and by a file.
//!
//! ```text
//!  --flag  ►  TRAILSIGHT_VARIABLE  ►  trailsight.toml  ►  default        who goes before whom
//! ```
//!
//! Nothing is written down twice: an option of `serve` is a setting, its heading is its table in the file, and what the file
//! says is handed to clap as options that nobody else gave. So types, choices, and what goes together are clap's, from any
//! of the three. Other commands that take `--config` take from the file what they have options for: most often where the data is.
//!
//! One file is read: the one that is named, else `trailsight.toml` in the data directory, else that in `/etc/trailsight`.

mod fault;
mod file;
mod page;
mod setting;
mod shown;

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::builder::{BoolishValueParser, Resettable};
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches};

use crate::backup::DATABASE;
use crate::cli::{Cli, DataDirArgs, ServeArgs};
use crate::world::whole_file::advised;

pub use self::fault::{Fault, Faults, Wrong};
use self::file::SettingsFile;
pub use self::page::page;
pub use self::setting::{Kind, Setting, settings};
pub use self::shown::run;

/// What the file is called.
pub const FILE_NAME: &str = "trailsight.toml";

/// Where it is looked for when the data directory has none.
pub const SYSTEM_FILE: &str = "/etc/trailsight/trailsight.toml";

/// The exit code of wrong settings: that of wrong usage.
pub const WRONG: u8 = 2;

/// The option that names it.
const FILE_OPTION: &str = "config";

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It stands on the command line.
    Flag,
    /// It is its environment variable's.
    Environment,
    /// It stands in the file, in this line.
    File(usize),
    /// Nobody said anything.
    Default,
}

/// What is in force of a command's options.
#[derive(Debug)]
pub struct InForce {
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// Each setting that the command has an option for, and where its value comes from.
    pub origins: Vec<(Setting, Origin)>,
    /// The values.
    pub matches: ArgMatches,
}

/// Reads the command line, and what the environment and the file add to it.
pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<(Cli, InForce), Wrong> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    // First only who says what: what an option asks for besides may stand in the file.
    let told =
        each_alone(command()).try_get_matches_from(&arguments).map_err(|error| by_its_variable(error, &arguments))?;
    let (path, told) = leaf(&told);
    let mut command = command();
    let options = options(&command, &path);
    let takes_a_file = options.iter().any(|id| id == FILE_OPTION);
    let file = if takes_a_file { find(told)? } else { None };
    let mut origins: Vec<(Setting, Origin)> = Vec::new();
    if takes_a_file {
        let settings = settings().into_iter().filter(|setting| options.iter().any(|id| id == setting.id()));
        origins.extend(settings.map(|setting| {
            let origin = origin(told, setting.id());
            (setting, origin)
        }));
    }
    if let Some(file) = &file {
        let mut added = Vec::new();
        if !is_said(told, FILE_OPTION) {
            added.push(setting::option(FILE_OPTION, file));
        }
        for value in SettingsFile::read(file)?.values {
            let known = origins.iter_mut().find(|(setting, _)| setting.id() == value.setting.id());
            let Some((setting, origin @ Origin::Default)) = known else { continue };
            *origin = Origin::File(value.line);
            added.extend(value.options());
            // A list of the file has its own commas.
            let id = setting.id().to_owned();
            command = changed(command, &path, &|leaf| leaf.mut_arg(&id, |argument| argument.value_delimiter(None)));
        }
        // Before the command's own words: none above it has options, and behind them may stand `--`.
        let place = 1 + path.len();
        arguments.splice(place..place, added);
    }
    let matches = command.try_get_matches_from(arguments)?;
    let cli = Cli::from_arg_matches(&matches)?;
    Ok((cli, InForce { file, origins, matches: leaf(&matches).1.clone() }))
}

impl InForce {
    /// Whether the service can be run so; or all that clap did not see.
    pub fn check(&self, arguments: &ServeArgs) -> Result<(), Faults> {
        let faults: Vec<Fault> = crate::serve::faults(arguments)
            .into_iter()
            .map(|(flag, error)| self.fault(flag, &format!("{error:#}")))
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
    }

    /// A fault of a setting, where it was said.
    fn fault(&self, flag: &str, text: &str) -> Fault {
        let text = text.to_owned();
        let Some((setting, origin)) = self.origins.iter().find(|(setting, _)| setting.flag() == flag) else {
            return Fault { file: None, line: None, key: Some(flag.to_owned()), text };
        };
        match origin {
            Origin::File(line) => Fault { file: self.file.clone(), line: Some(*line), key: Some(setting.name()), text },
            Origin::Environment => Fault { file: None, line: None, key: setting.variable().map(str::to_owned), text },
            Origin::Flag | Origin::Default => Fault { file: None, line: None, key: Some(format!("--{flag}")), text },
        }
    }
}

/// Clap's table. A switch's variable takes 1, yes and on, not `true` alone.
fn table() -> Command {
    fn with_words(command: Command) -> Command {
        let heard = |argument: Arg| match argument.get_action() {
            ArgAction::SetTrue if argument.get_env().is_some() => argument.value_parser(BoolishValueParser::new()),
            _ => argument,
        };
        command.mut_args(heard).mut_subcommands(with_words)
    }
    with_words(Cli::command())
}

/// The same without variables that are empty: they say nothing. So they are in files of systemd and Docker.
fn command() -> Command {
    fn without_empty_ones(command: Command) -> Command {
        let is_empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
        let heard = move |argument: Arg| match argument.get_env() {
            Some(name) if is_empty(name) => argument.env(Resettable::Reset),
            _ => argument,
        };
        command.mut_args(heard).mut_subcommands(without_empty_ones)
    }
    without_empty_ones(table())
}

/// clap says of which option a value is wrong. Where it stands in a variable, that is told, and what is wrong with others.
fn by_its_variable(error: clap::Error, arguments: &[OsString]) -> Wrong {
    let is_given = |setting: &Setting| {
        let flag = format!("--{}", setting.flag());
        arguments.iter().any(|word| {
            word.to_string_lossy().strip_prefix(&flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        })
    };
    let faults = |setting: &Setting| {
        let fault = |text| Fault { file: None, line: None, key: setting.variable().map(str::to_owned), text };
        setting.refusals_of_variable().into_iter().map(fault).collect::<Vec<_>>()
    };
    let settings: Vec<Setting> = settings().into_iter().filter(|setting| !is_given(setting)).collect();
    let is_meant = |setting: &Setting| match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(option)) => option.split([' ', '=']).next() == Some(&format!("--{}", setting.flag())),
        _ => false,
    };
    match settings.iter().find(|setting| is_meant(setting)).map(faults) {
        Some(its) if !its.is_empty() => Faults(settings.iter().flat_map(faults).collect()).into(),
        _ => error.into(),
    }
}

/// The file of settings: the one that is named, or the first that is there.
fn find(told: &ArgMatches) -> Result<Option<PathBuf>, Faults> {
    if let Some(named) = told.get_one::<PathBuf>(FILE_OPTION) {
        return Ok(Some(named.clone()));
    }
    for place in places(told.get_one::<PathBuf>("data_dir").map(PathBuf::as_path)) {
        match std::fs::metadata(&place) {
            Ok(_) => return Ok(Some(place)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            // Whether there is one cannot be told: to go on without it may be to go on without what it forbids.
            Err(error) => return Err(Faults::of_file(&place, format!("cannot be looked for: {}", advised(error)))),
        }
    }
    Ok(None)
}

/// Where a file of settings is looked for.
fn places(data_folder: Option<&Path>) -> impl Iterator<Item = PathBuf> {
    let data_folder = data_folder.map(Path::to_owned).or_else(|| usual_data_folder().ok());
    data_folder.map(|folder| folder.join(FILE_NAME)).into_iter().chain([SYSTEM_FILE.into()])
}

/// Whether a folder is there, or can be made there as far as its path tells.
pub(crate) fn can_be_folder(path: &Path) -> bool {
    std::fs::metadata(path).map_or_else(|error| error.kind() != ErrorKind::NotADirectory, |found| found.is_dir())
}

impl DataDirArgs {
    /// Where the service keeps its data; it need not be there yet.
    pub fn folder(&self) -> Result<PathBuf> {
        let folder = self.data_dir.clone().map_or_else(usual_data_folder, Ok)?;
        ensure!(
            can_be_folder(&folder),
            "{} is a file, or below one: name a directory, which need not be there yet",
            folder.display()
        );
        Ok(folder)
    }

    /// Says on stderr, once something was kept there, if no service ever kept its data there: it may be another directory that is
    /// meant. Nothing is refused for that: a service may be given its keys before it runs for the first time.
    pub fn tell_if_unused(&self) -> Result<()> {
        let folder = self.folder()?;
        if !folder.join(DATABASE).exists() {
            let said = folder.display();
            // Nobody may be there to be told.
            let _ = writeln!(
                std::io::stderr(),
                "No service has kept its data in {said} yet: only one that is started with this directory heeds what is kept \
                 there now. If yours has another, name it with --data-dir."
            );
        }
        Ok(())
    }
}

/// Where everything is kept if nobody says where.
/// <https://specifications.freedesktop.org/basedir-spec/latest/>
fn usual_data_folder() -> Result<PathBuf> {
    // What is relative there is to be ignored.
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let data = folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")));
    Ok(data.context("there is no HOME: say --data-dir DIR")?.join("trailsight"))
}

/// The command in which no option asks for another, nor forbids one.
fn each_alone(command: Command) -> Command {
    let alone = |argument: Arg| argument.requires(Resettable::Reset).conflicts_with(Resettable::Reset);
    command.mut_args(alone).mut_subcommands(each_alone)
}

/// The innermost command that is meant: the names on the way, and what was said to it.
fn leaf(mut matches: &ArgMatches) -> (Vec<String>, &ArgMatches) {
    let mut path = Vec::new();
    while let Some((name, inner)) = matches.subcommand() {
        path.push(name.to_owned());
        matches = inner;
    }
    (path, matches)
}

/// The ids of the options of a command.
fn options(command: &Command, path: &[String]) -> Vec<String> {
    let leaf = path.iter().try_fold(command, |command, name| command.find_subcommand(name));
    leaf.into_iter().flat_map(Command::get_arguments).map(|argument| argument.get_id().to_string()).collect()
}

/// The same with a change to the innermost command.
fn changed(command: Command, path: &[String], change: &dyn Fn(Command) -> Command) -> Command {
    match path.split_first() {
        None => change(command),
        Some((name, rest)) => command.mut_subcommand(name, |inner| changed(inner, rest, change)),
    }
}

fn origin(told: &ArgMatches, id: &str) -> Origin {
    match told.value_source(id) {
        Some(ValueSource::CommandLine) => Origin::Flag,
        Some(ValueSource::EnvVariable) => Origin::Environment,
        _ => Origin::Default,
    }
}

fn is_said(told: &ArgMatches, id: &str) -> bool {
    origin(told, id) != Origin::Default
}

#[cfg(test)]
mod tests;
