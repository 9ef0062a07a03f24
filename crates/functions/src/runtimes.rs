//! Runtimes: what is installed, and which of it runs a function.
//!
//! ```text
//! runtimes/python3.11/lang/bin/python3.11     an interpreter of its own, with its library
//!                     lang/lib/python3.11/…
//!                     runtime/                awslambdaric, boto3 and what they need
//!                     runtime.json            what it is; written last
//! ```

pub mod install;

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Versions of Python that Lambda has or had, and those to come soon: 3.8 to 3.15.
const PYTHONS: std::ops::RangeInclusive<u32> = 8..=15;

/// The one that is installed if nobody says otherwise.
pub const USUAL: &str = "python3.11";

/// Runtimes that bring everything with them.
const PROVIDED: &[&str] = &["provided.al2023", "provided.al2", "provided"];

/// What is installed in a folder.
#[derive(Clone, Debug)]
pub struct Runtimes {
    folder: PathBuf,
}

/// A runtime that is installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// `python3.11`.
    pub name: String,
    /// `3.11.2`.
    pub version: String,
    /// What came with it: names and versions.
    pub packages: Vec<(String, String)>,
    /// The interpreter that it was copied from.
    pub from: PathBuf,
}

/// What runs a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) pack: Option<PathBuf>,
    /// `python:3.11.2…`.
    pub(crate) told: String,
    /// It is not quite what was asked for.
    pub(crate) warning: Option<String>,
    name: String,
}

impl Chosen {
    /// The program and its arguments.
    pub(crate) fn program(&self, lang: &Path, task: &Path, handler: &str) -> (PathBuf, Vec<String>) {
        match self.pack {
            Some(_) => {
                let arguments = ["-m", "awslambdaric", handler].map(str::to_owned).to_vec();
                (lang.join("bin").join(&self.name), arguments)
            }
            None => (task.join("bootstrap"), Vec::new()),
        }
    }
}

impl Runtimes {
    /// The runtimes in a folder, which need not be there yet.
    pub fn new(folder: impl Into<PathBuf>) -> Runtimes {
        Runtimes { folder: folder.into() }
    }

    /// What is installed, by name.
    pub fn installed(&self) -> Vec<Installed> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut installed: Vec<Installed> = entries.filter_map(|entry| self.get(entry.file_name().to_str()?)).collect();
        installed.sort_by_key(|installed| (minor(&installed.name), installed.name.clone()));
        installed
    }

    fn get(&self, name: &str) -> Option<Installed> {
        let text = fs::read(self.folder.join(name).join("runtime.json")).ok()?;
        let installed: Installed = serde_json::from_slice(&text).ok()?;
        (installed.name == name).then_some(installed)
    }

    /// What runs functions of this runtime; or a sentence that says what to do.
    pub(crate) fn choose(&self, runtime: &str) -> Result<Chosen, String> {
        if PROVIDED.contains(&runtime) {
            let name = runtime.to_owned();
            return Ok(Chosen { pack: None, told: runtime.to_owned(), warning: None, name });
        }
        let Some(wanted) = python(runtime) else { return Err(not_run(runtime)) };
        let name = format!("python3.{wanted}");
        let installed = match self.get(&name) {
            Some(installed) => installed,
            // The next newer one, or else the newest: old code more often runs on a newer Python than new code on an older.
            None => {
                let mut all: Vec<_> = self.installed().into_iter().filter(|one| minor(&one.name).is_some()).collect();
                let newer = all.iter().position(|one| minor(&one.name) > Some(wanted));
                match newer.map(|place| all.remove(place)).or_else(|| all.pop()) {
                    Some(installed) => installed,
                    None => {
                        return Err(format!(
                            "there is no Python here to run {name} with: `trailsight runtimes install {name}`"
                        ));
                    }
                }
            }
        };
        let packages: Vec<String> =
            installed.packages.iter().take(2).map(|(name, version)| format!("{name} {version}")).collect();
        let warning = (installed.name != name).then(|| {
            format!("{name} is not installed (`trailsight runtimes install {name}`): {} runs it", installed.name)
        });
        Ok(Chosen {
            pack: Some(self.folder.join(&installed.name)),
            told: format!("python:{}\tRuntime Version ARN: trailsight ({})", installed.version, packages.join(", ")),
            warning,
            name: installed.name,
        })
    }
}

/// Why functions of this runtime are not run, whatever is installed, in a sentence that says which are; `None`: they are, once what they need is installed.
pub fn never_run(runtime: &str) -> Option<String> {
    (python(runtime).is_none() && !PROVIDED.contains(&runtime)).then(|| not_run(runtime))
}

fn not_run(runtime: &str) -> String {
    format!(
        "Functions of the runtime {} are not run here: those of python3.8 to python3.15 are, and those of provided.al2023, whose \
         archives have a `bootstrap` of their own.",
        runtime.escape_debug()
    )
}

/// The 11 of `python3.11`, if Lambda has or had that.
fn python(runtime: &str) -> Option<u32> {
    minor(runtime).filter(|minor| PYTHONS.contains(minor))
}

/// The 11 of `python3.11`.
fn minor(runtime: &str) -> Option<u32> {
    let digits = runtime.strip_prefix("python3.")?;
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}
