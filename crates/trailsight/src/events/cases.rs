//! `events test --cases`: many patterns, each with an event and perhaps with what is expected; a verdict a line.
//!
//! One case after the other, in no more memory than the longest needs. What is wrong with one hides no other.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use route::Pattern;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{exit_code, given};
use crate::report::words::{clean, count, plural};
use crate::stdout::stdout;

/// One line. Values are kept as they stand in it: repeated keys, numbers as they were written, blanks.
#[derive(Deserialize)]
struct Case<'a> {
    #[serde(borrow)]
    pattern: &'a RawValue,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    expected: Option<Value>,
}

/// How many there were.
#[derive(Default)]
struct Counts {
    /// Cases that expect something.
    expecting: u64,
    /// Cases whose verdict is another.
    differing: u64,
}

/// Runs the command.
pub fn run(argument: &str) -> Result<ExitCode> {
    let cannot_read = || format!("cannot read the cases {}", clean(argument));
    let file = given::open(argument).with_context(cannot_read)?;
    let mut lines = BufReader::with_capacity(1 << 16, file);
    let mut out = BufWriter::with_capacity(1 << 16, stdout());
    let (mut counts, mut line, mut number) = (Counts::default(), Vec::new(), 0);
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).with_context(cannot_read)? == 0 {
            break;
        }
        number += 1;
        if !line.trim_ascii().is_empty() {
            tell(&mut out, &line, number, &mut counts)?;
        }
    }
    out.flush()?;
    if counts.expecting > 0 {
        let (differing, cases) = (count(counts.differing), plural(&count(counts.expecting), "case"));
        let differ =
            if counts.differing == 1 { "differs from what it expects" } else { "differ from what they expect" };
        let _ = writeln!(io::stderr(), "{differing} of {cases} {differ}");
    }
    Ok(exit_code(counts.differing == 0))
}

fn tell(out: &mut dyn Write, line: &[u8], number: u64, counts: &mut Counts) -> io::Result<()> {
    let (verdict, expected) = match serde_json::from_slice::<Case<'_>>(line) {
        Ok(case) => (verdict(&case).map_err(|error| error.at_line(number)), case.expected),
        Err(error) => (Err(format!("line {number}: {}", without_line(&error))), None),
    };
    let told = match &verdict {
        Ok(verdict) => Value::Bool(*verdict),
        Err(_) => Value::from("error"),
    };
    write!(out, "{{\"verdict\":{told}")?;
    if let Err(error) = &verdict {
        write!(out, ",\"error\":{}", Value::from(error.as_str()))?;
    }
    if let Some(expected) = expected {
        counts.expecting += 1;
        if expected != told {
            counts.differing += 1;
            write!(out, ",\"expected\":{expected}")?;
        }
    }
    writeln!(out, "}}")
}

/// What is wrong with a case.
enum CaseError {
    /// With the pattern or with the event, in the words of `route`.
    Told(String),
    /// With the line.
    Line(String),
}

impl CaseError {
    fn at_line(self, number: u64) -> String {
        match self {
            CaseError::Told(text) => text,
            CaseError::Line(text) => format!("line {number}: {text}"),
        }
    }
}

fn verdict(case: &Case<'_>) -> Result<bool, CaseError> {
    let pattern = text_of(case.pattern, "pattern")?;
    let pattern = Pattern::compile(&pattern).map_err(|error| CaseError::Told(error.to_string()))?;
    let Some(event) = case.event else { return Err(CaseError::Line("there is no event".into())) };
    let event = text_of(event, "event")?;
    pattern.matches(&event).map_err(|error| CaseError::Told(error.to_string()))
}

/// A text without its escapes; anything else exactly as it stands.
fn text_of<'a>(value: &'a RawValue, what: &str) -> Result<Cow<'a, str>, CaseError> {
    if !value.get().starts_with('"') {
        return Ok(Cow::Borrowed(value.get()));
    }
    let text = serde_json::from_str::<String>(value.get());
    text.map(Cow::Owned).map_err(|error| CaseError::Line(format!("the {what}: {}", without_line(&error))))
}

/// It is one line, and which one is said already.
fn without_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&place) {
        Some(text) => format!("{text} at column {}", error.column()),
        None => text,
    }
}
