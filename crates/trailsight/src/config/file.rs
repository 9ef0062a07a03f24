//! A file of settings: its values with their lines, or all that is wrong with it.
//!
//! ```toml
//! listen = "127.0.0.1:4580"
//!
//! [mail]
//! smtp-url = "smtps://alerts@mail.example.com"
//! smtp-password-file = "/run/secrets/smtp-password"
//! ```

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use toml_edit::{Document, Item, TableLike, Value};

use super::fault::{Fault, Faults};
use super::setting::{Kind, Setting, settings};

/// Bytes of a file of settings at most: a device has no end.
const LONGEST: u64 = 1 << 20;
/// How alike two words are when one may be meant by the other, as clap has it.
const ALIKE: f64 = 0.7;

/// A file that was read.
pub(super) struct SettingsFile {
    /// What it says.
    pub(super) values: Vec<FileValue>,
}

/// What a file says of one setting.
pub(super) struct FileValue {
    pub(super) setting: Setting,
    pub(super) line: usize,
    values: Vec<String>,
}

impl FileValue {
    /// The same on a command line.
    pub(super) fn options(&self) -> impl Iterator<Item = OsString> {
        // A switch can only be on there; off is what it is without.
        let is_off = |value: &String| self.setting.kind() == Kind::Boolean && value == "false";
        self.values.iter().filter(move |value| !is_off(value)).map(|value| self.setting.option(value))
    }
}

impl SettingsFile {
    /// Reads it. One that is wrong anywhere is wrong: half a file is no setting.
    pub(super) fn read(path: &Path) -> Result<SettingsFile, Faults> {
        let (text, mode) = content(path).map_err(|error| Faults::of_file(path, format!("cannot be read: {error}")))?;
        let mut reading = Reading { path, text: &text, settings: settings(), values: Vec::new(), faults: Vec::new() };
        match Document::parse(text.as_str()) {
            Ok(document) => reading.table(document.as_table(), None),
            Err(error) => {
                reading.fault(error.span().map(|span| span.start), None, format!("is no TOML: {}", error.message()))
            }
        }
        reading.secrets(mode);
        let Reading { values, mut faults, .. } = reading;
        faults.sort_by_key(|fault| fault.line);
        if faults.is_empty() { Ok(SettingsFile { values }) } else { Err(Faults(faults)) }
    }
}

/// What a file holds, and who may read it.
fn content(path: &Path) -> std::io::Result<(String, u32)> {
    let file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode();
    let mut text = String::new();
    file.take(LONGEST + 1).read_to_string(&mut text)?;
    match text.len() as u64 > LONGEST {
        true => Err(std::io::Error::other("it has more than a MiB, and is no file of settings")),
        false => Ok((text, mode)),
    }
}

struct Reading<'a> {
    path: &'a Path,
    text: &'a str,
    settings: Vec<Setting>,
    values: Vec<FileValue>,
    faults: Vec<Fault>,
}

impl Reading<'_> {
    fn table(&mut self, table: &dyn TableLike, name: Option<&str>) {
        for (key, item) in table.iter() {
            let place = table.key(key).and_then(|key| key.span()).or(item.span()).map(|span| span.start);
            let full = name.map_or_else(|| key.to_owned(), |name| format!("{name}.{key}"));
            let found =
                self.settings.iter().find(|setting| setting.name() == full && setting.table().as_deref() == name);
            if let Some(setting) = found.cloned() {
                match values(&setting, item) {
                    Ok(values) => self.set(setting, place, values),
                    Err(why) => self.fault(place, Some(full), why),
                }
            } else if name.is_none() && self.is_table(key) {
                match item.as_table_like() {
                    Some(inner) => self.table(inner, Some(key)),
                    None => self.fault(place, Some(full), format!("is a table, and is written once, as [{key}]")),
                }
            } else {
                let text = format!("is no setting{}", self.meant(name, key));
                self.fault(place, Some(full), text);
            }
        }
    }

    fn is_table(&self, name: &str) -> bool {
        self.settings.iter().any(|setting| setting.table().as_deref() == Some(name))
    }

    fn set(&mut self, setting: Setting, place: Option<usize>, values: Vec<String>) {
        let refusals: Vec<String> = values.iter().filter_map(|value| setting.refusal(value)).collect();
        for refusal in refusals {
            self.fault(place, Some(setting.name()), refusal);
        }
        let line = self.line(place).unwrap_or(1);
        self.values.push(FileValue { setting, line, values });
    }

    /// A secret that every user of the machine can read is none.
    fn secrets(&mut self, mode: u32) {
        if mode & 0o004 == 0 {
            return;
        }
        let told = self.values.iter().filter_map(|value| {
            let secret = value.setting.secret()?;
            value.values.iter().any(|text| (secret.is_in)(text)).then(|| Fault {
                file: Some(self.path.to_owned()),
                line: Some(value.line),
                key: Some(value.setting.name()),
                text: format!(
                    "holds a secret, and everybody on this machine may read the file: `chmod o-r {}`, or keep the secret in a \
                     file of its own ({})",
                    self.path.display(),
                    self.settings.iter().find(|other| other.flag() == secret.file_flag).map(Setting::name).unwrap_or_default(),
                ),
            })
        });
        let told: Vec<Fault> = told.collect();
        self.faults.extend(told);
    }

    /// What may have been meant by an unknown key.
    fn meant(&self, table: Option<&str>, key: &str) -> String {
        let key = key.to_lowercase().replace('_', "-");
        let told = |setting: &Setting| match (setting.table(), setting.table().as_deref() == table) {
            (_, true) => format!("; `{}` may be meant", setting.key()),
            (Some(other), _) => format!("; `{}` in the table [{other}] may be meant", setting.key()),
            (None, _) => format!("; `{}` before the first table may be meant", setting.key()),
        };
        let is_called = |setting: &&Setting| setting.key() == key || setting.flag() == key || setting.name() == key;
        let (here, elsewhere): (Vec<&Setting>, Vec<&Setting>) =
            self.settings.iter().partition(|setting| setting.table().as_deref() == table);
        if let Some(setting) =
            here.iter().copied().find(is_called).or_else(|| elsewhere.iter().copied().find(is_called))
        {
            return told(setting);
        }
        let likeness = |word: &str| strsim::jaro(word, &key);
        let nearest = |among: &[&Setting]| {
            let rated =
                among.iter().map(|setting| (likeness(setting.key()).max(likeness(setting.flag())), told(setting)));
            rated.max_by(|one, other| one.0.total_cmp(&other.0)).filter(|(likeness, _)| *likeness > ALIKE)
        };
        let tables = self.settings.iter().filter_map(Setting::table).filter(|_| table.is_none());
        let tables = tables.map(|name| (likeness(&name), format!("; the table [{name}] may be meant")));
        let table = tables.max_by(|one, other| one.0.total_cmp(&other.0)).filter(|(likeness, _)| *likeness > ALIKE);
        let best = [nearest(&here), table].into_iter().flatten().max_by(|one, other| one.0.total_cmp(&other.0));
        best.or_else(|| nearest(&elsewhere))
            .map_or_else(|| "; `trailsight config show` lists all".to_owned(), |(_, text)| text)
    }

    fn fault(&mut self, place: Option<usize>, key: Option<String>, text: String) {
        self.faults.push(Fault { file: Some(self.path.to_owned()), line: self.line(place), key, text });
    }

    fn line(&self, place: Option<usize>) -> Option<usize> {
        let before = self.text.as_bytes().get(..place?)?;
        Some(1 + before.iter().filter(|byte| **byte == b'\n').count())
    }
}

/// What an item says, as the command line would; or what is wanted instead.
fn values(setting: &Setting, item: &Item) -> Result<Vec<String>, String> {
    let wanted = match setting.kind() {
        Kind::Boolean => "true or false",
        Kind::Number | Kind::Fraction => "a number, without quotes",
        Kind::Time => "a time, such as 2026-02-11T00:00:00Z",
        Kind::Text => "a text, in quotes",
    };
    let of = |value: &Value| {
        value_text(setting.kind(), value)
            .ok_or_else(|| format!("is {wanted}, and here stands {}", a(value.type_name())))
    };
    match (item, setting.is_list()) {
        (Item::Value(Value::Array(list)), true) => list.iter().map(of).collect(),
        (Item::Value(_), true) => Err(format!("is a list: {} = […], each {wanted}", setting.key())),
        (Item::Value(value), false) => Ok(vec![of(value)?]),
        (_, _) => Err(format!("is {wanted}, and here stands a table")),
    }
}

fn value_text(kind: Kind, value: &Value) -> Option<String> {
    match (kind, value) {
        (Kind::Boolean, Value::Boolean(value)) => Some(value.value().to_string()),
        (Kind::Number | Kind::Fraction, Value::Integer(value)) => Some(value.value().to_string()),
        (Kind::Fraction, Value::Float(value)) => Some(value.value().to_string()),
        (Kind::Time, Value::Datetime(value)) => Some(value.value().to_string()),
        (Kind::Time | Kind::Text, Value::String(value)) => Some(value.value().clone()),
        _ => None,
    }
}

fn a(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("{article} {}", if kind == "array" { "list" } else { kind }).replace("an list", "a list")
}
