//! What is wrong with settings: every fault with its place, not only the first.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong with settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, if it stands in one.
    pub file: Option<PathBuf>,
    /// The line, if it is about one; the first is 1.
    pub line: Option<usize>,
    /// The setting: `mail.smtp-url`, or the flag or variable that it was given by.
    pub key: Option<String>,
    /// What is wrong, and what to do.
    pub text: String,
}

/// All that is wrong with settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// The command line or the environment, in clap's words.
    #[error(transparent)]
    Usage(#[from] clap::Error),
    /// The file.
    #[error(transparent)]
    File(#[from] Faults),
}

impl Faults {
    pub(super) fn of_file(file: &Path, text: String) -> Faults {
        Faults(vec![Fault { file: Some(file.to_owned()), line: None, key: None, text }])
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}", file.display())?;
            if let Some(line) = self.line {
                write!(f, ":{line}")?;
            }
            f.write_str(": ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{}: ", key.escape_debug())?;
        }
        f.write_str(&self.text)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let end = if index + 1 < self.0.len() { "\n" } else { "" };
            write!(f, "{fault}{end}")?;
        }
        Ok(())
    }
}
