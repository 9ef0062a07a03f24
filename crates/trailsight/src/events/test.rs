//! `events test`: one pattern, one event.

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use anyhow::{Result, anyhow};

use super::answer::Answer;
use super::{ERROR, exit_code, given, json};
use crate::cli::{AnswerFormat, EventsTestArgs};
use crate::report::words::clean;
use crate::stdout::stdout;

/// Runs the command.
pub fn run(arguments: &EventsTestArgs) -> Result<ExitCode> {
    let (pattern, event) = (arguments.pattern.as_deref().unwrap_or("-"), arguments.event.as_deref().unwrap_or("-"));
    let answer = given::once_from_stdin([pattern, event].into_iter()).and_then(|()| answer(pattern, event));
    let mut out = BufWriter::new(stdout());
    let code = match (&answer, arguments.format) {
        (Ok(answer), AnswerFormat::Text) => {
            answer.write_text(&mut out)?;
            exit_code(answer.is_match)
        }
        (Ok(answer), AnswerFormat::Json) => {
            writeln!(out, "{}", json::line(answer)?)?;
            exit_code(answer.is_match)
        }
        (Err(error), AnswerFormat::Json) => {
            writeln!(out, "{}", json::error_line(&format!("{error:#}"))?)?;
            ExitCode::from(ERROR)
        }
        (Err(error), AnswerFormat::Text) => return Err(anyhow!(given::clean_lines(&format!("{error:#}")))),
    };
    out.flush()?;
    Ok(code)
}

fn answer(pattern: &str, event: &str) -> Result<Answer> {
    let pattern = given::read(pattern, "pattern")?;
    let event = given::read(event, "event")?;
    let compiled = given::compile(&pattern).map_err(|error| anyhow!("{}: {error}", pattern.name))?;
    Answer::of(&compiled, &event.text).map_err(|error| anyhow!("{}: {error}", clean(&event.name)))
}
