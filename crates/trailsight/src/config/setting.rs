//! A setting: an option of `serve`, and what it is called in the file and in the environment.

use std::any::TypeId;
use std::ffi::{OsStr, OsString};

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Command};
use url::Url;

use super::{FILE_OPTION, table};

/// A setting of the service.
#[derive(Clone, Debug)]
pub struct Setting(Arg);

/// What a value is in a file of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A number without a point.
    Number,
    /// Any number.
    Fraction,
    /// A date and a time; also in quotes.
    Time,
    /// Text in quotes.
    Text,
}

/// A setting that may hold a secret.
#[derive(Clone, Copy, Debug)]
pub struct Secret {
    /// The option's name.
    pub flag: &'static str,
    /// The option that names a file, which holds the secret instead.
    pub file_flag: &'static str,
    /// Whether this value of it holds one.
    pub is_in: fn(&str) -> bool,
}

/// What may hold a secret: of each such option, clap hides the environment's value in its help (`hide_env_values`).
pub(super) const SECRETS: &[Secret] =
    &[Secret { flag: "smtp-url", file_flag: "smtp-password-file", is_in: holds_a_password }];

fn holds_a_password(url: &str) -> bool {
    Url::parse(url).map_or(true, |url| url.password().is_some())
}

/// All settings, in the order of the help.
pub fn settings() -> Vec<Setting> {
    let command = table();
    let serve = command.find_subcommand("serve").expect("there is a service");
    serve.get_arguments().filter(|argument| argument.get_id() != FILE_OPTION).cloned().map(Setting).collect()
}

impl Setting {
    /// clap's name of it.
    pub fn id(&self) -> &str {
        self.0.get_id().as_str()
    }

    /// The option's name: `functions-port`.
    pub fn flag(&self) -> &str {
        self.0.get_long().unwrap_or_else(|| self.id())
    }

    /// The environment variable.
    pub fn variable(&self) -> Option<&str> {
        self.0.get_env().and_then(OsStr::to_str)
    }

    /// The table that it stands in: its heading. Without one it stands before all tables.
    pub fn table(&self) -> Option<String> {
        self.0.get_help_heading().map(str::to_ascii_lowercase)
    }

    /// Its key in that table: the option's name, without the table's in front.
    pub fn key(&self) -> &str {
        let flag = self.flag();
        let short = self.table().and_then(|table| flag.strip_prefix(&table)?.strip_prefix('-'));
        short.unwrap_or(flag)
    }

    /// Table and key: `functions.port`.
    pub fn name(&self) -> String {
        self.table().map_or_else(|| self.key().to_owned(), |table| format!("{table}.{}", self.key()))
    }

    /// What its values are.
    pub fn kind(&self) -> Kind {
        let id = self.0.get_value_parser().type_id();
        let is_one_of = |types: &[TypeId]| types.iter().any(|other| id == *other);
        if matches!(self.0.get_action(), ArgAction::SetTrue) {
            Kind::Boolean
        } else if is_one_of(&[
            TypeId::of::<u8>(),
            TypeId::of::<u16>(),
            TypeId::of::<u32>(),
            TypeId::of::<u64>(),
            TypeId::of::<usize>(),
        ]) {
            Kind::Number
        } else if is_one_of(&[TypeId::of::<f64>()]) {
            Kind::Fraction
        } else if is_one_of(&[TypeId::of::<jiff::Timestamp>()]) {
            Kind::Time
        } else {
            Kind::Text
        }
    }

    /// Whether it takes any number of values.
    pub fn is_list(&self) -> bool {
        matches!(self.0.get_action(), ArgAction::Append)
    }

    /// What it is without anybody saying anything.
    pub fn default(&self) -> Option<&str> {
        self.0.get_default_values().first().and_then(|value| value.to_str())
    }

    /// What it is for, as the help says it.
    pub fn help(&self) -> String {
        let help = self.0.get_long_help().or(self.0.get_help());
        help.map(ToString::to_string).unwrap_or_default()
    }

    /// What stands for its value in the help.
    pub fn value_name(&self) -> Option<&str> {
        self.0.get_value_names().and_then(|names| names.first()).map(|name| name.as_str())
    }

    /// The values that there are, if they can be counted.
    pub fn choices(&self) -> Vec<String> {
        if self.kind() == Kind::Boolean {
            return Vec::new();
        }
        self.0.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
    }

    /// The secret that it may hold.
    pub fn secret(&self) -> Option<&'static Secret> {
        SECRETS.iter().find(|secret| secret.flag == self.flag())
    }

    /// Whether its values are not to be told to whoever looks over a shoulder.
    pub fn is_hidden(&self) -> bool {
        self.0.is_hide_env_values_set()
    }

    /// It as an option of the command line.
    pub fn option(&self, value: &str) -> OsString {
        match self.kind() {
            Kind::Boolean => format!("--{}", self.flag()).into(),
            _ => option(self.flag(), value),
        }
    }

    /// What clap says against the values in its environment variable.
    pub fn refusals_of_variable(&self) -> Vec<String> {
        let told = self.variable().and_then(|name| std::env::var(name).ok()).filter(|value| !value.is_empty());
        let Some(told) = told else { return Vec::new() };
        let one_by_one = self.is_list().then(|| self.0.get_value_delimiter()).flatten();
        match one_by_one {
            Some(comma) => told.split(comma).filter_map(|value| self.refusal(value)).collect(),
            None => self.refusal(&told).into_iter().collect(),
        }
    }

    /// What clap says against a value.
    pub fn refusal(&self, value: &str) -> Option<String> {
        let alone = self.0.clone().requires(Resettable::Reset).conflicts_with(Resettable::Reset);
        // A switch, too, has a value here: a variable gives it one.
        let action = if self.kind() == Kind::Boolean { ArgAction::Set } else { self.0.get_action().clone() };
        let alone = alone.env(Resettable::Reset).value_delimiter(None).action(action);
        let command = Command::new("serve").no_binary_name(true).disable_help_flag(true).arg(alone);
        let error = command.try_get_matches_from([option(self.flag(), value)]).err()?;
        let choices = match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(choices)) if !choices.is_empty() => Some(choices.join(", ")),
            _ => None,
        };
        let why = std::error::Error::source(&error).map(ToString::to_string);
        let value = if self.is_hidden() { String::new() } else { format!("{value:?} is not right: ") };
        Some(match (choices, why) {
            (Some(choices), _) => format!("{value}it is one of {choices}"),
            (None, Some(why)) => format!("{value}{why}"),
            (None, None) => format!("{value}a value is needed"),
        })
    }
}

/// A flag and its value, as one word.
pub(super) fn option(flag: &str, value: impl AsRef<OsStr>) -> OsString {
    let mut option = OsString::from(format!("--{flag}="));
    option.push(value);
    option
}
