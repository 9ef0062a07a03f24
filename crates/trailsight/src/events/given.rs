//! What was given on the command line: a file, standard input (`-`), or the text itself, which begins with `{`.

use std::fs::File;
use std::io::{self, Read};

use anyhow::{Context, Result, anyhow, bail};
use route::Pattern;

use crate::report::words::clean;

/// A text, and what to call it.
#[derive(Debug)]
pub struct Given {
    /// `rule.json`; `the pattern` if it was given as text.
    pub name: String,
    /// The text.
    pub text: String,
}

/// What EventBridge puts before the reason.
const NOT_VALID: &str = "Event pattern is not valid. Reason: ";

/// Reads what an argument gives: the pattern, or the event.
pub fn read(argument: &str, what: &str) -> Result<Given> {
    if argument.trim_start().starts_with('{') {
        return Ok(Given { name: format!("the {what}"), text: argument.to_owned() });
    }
    let name = if argument == "-" { format!("the {what} on standard input") } else { clean(argument) };
    let mut bytes = Vec::new();
    let read = open(argument).and_then(|mut open| open.read_to_end(&mut bytes));
    read.with_context(|| {
        format!("cannot read the {what} {} (a file, -, or a text that begins with {{)", clean(argument))
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|error| anyhow!("{name} is not UTF-8 at byte {}", error.utf8_error().valid_up_to()))?;
    // Some editors begin a file with a byte order mark; no JSON reader wants it.
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Ok(Given { name, text })
}

/// A file, or standard input.
pub fn open(argument: &str) -> io::Result<Box<dyn Read>> {
    match argument {
        "-" => Ok(Box::new(io::stdin().lock())),
        path => Ok(Box::new(File::open(path)?)),
    }
}

/// Standard input can be read once.
pub fn once_from_stdin<'a>(arguments: impl Iterator<Item = &'a str>) -> Result<()> {
    if arguments.filter(|argument| *argument == "-").count() > 1 {
        bail!("standard input (-) can be only one of the things that are given");
    }
    Ok(())
}

/// Compiles a pattern; what is wrong with it is told in EventBridge's words.
pub fn compile(given: &Given) -> Result<Pattern, String> {
    Pattern::compile(&given.text).map_err(|error| format!("{NOT_VALID}{error}"))
}

/// A text of several lines for a terminal: control characters other than line ends are shown as such.
pub fn clean_lines(text: &str) -> String {
    text.split('\n').map(clean).collect::<Vec<_>>().join("\n")
}
