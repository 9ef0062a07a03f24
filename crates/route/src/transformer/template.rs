//! A template cut into pieces: text, and placeholders with the place they stand in.
//!
//! A placeholder is `<name>`, its name of letters, digits, `_`, `-` and `.`. Any other `<` is text; AWS knows no escape
//! for it.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html>

use super::is_key_byte;
use super::value::Place;
use crate::json::Value;

/// A template's pieces, in order.
#[derive(Clone, Debug)]
pub(super) struct Template {
    pieces: Vec<Piece>,
    is_json: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Piece {
    Text(Box<str>),
    Placeholder(Variable, Place),
}

/// What a placeholder names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    /// One of the map's paths, by its place there.
    Path(usize),
    RuleArn,
    RuleName,
    IngestionTime,
    Event,
    EventJson,
}

impl Variable {
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-predefined>
    pub(super) fn predefined(name: &str) -> Option<Variable> {
        Some(match name {
            "aws.events.rule-arn" => Variable::RuleArn,
            "aws.events.rule-name" => Variable::RuleName,
            "aws.events.event.ingestion-time" => Variable::IngestionTime,
            "aws.events.event" => Variable::Event,
            "aws.events.event.json" => Variable::EventJson,
            _ => return None,
        })
    }
}

impl Template {
    /// Cuts it; `variable` says what a name stands for.
    pub(super) fn parse<E>(text: &str, variable: impl Fn(&str) -> Result<Variable, E>) -> Result<Template, E> {
        let is_json = text.trim_start().starts_with(['{', '[']);
        let mut pieces = Vec::new();
        let (mut plain, mut at, mut in_quotes) = (0, 0, false);
        while let Some(byte) = text.as_bytes().get(at) {
            match byte {
                // What follows a backslash is neither a quote nor a placeholder: that would be put into an escape.
                b'\\' if in_quotes => at += 2,
                b'"' if is_json => {
                    in_quotes = !in_quotes;
                    at += 1;
                }
                b'<' => match name_at(text, at + 1) {
                    Some(name) => {
                        let place = match (is_json, in_quotes) {
                            (false, _) => Place::Text,
                            (true, false) => Place::Json,
                            (true, true) => Place::JsonString,
                        };
                        pieces.push(Piece::Text(text[plain..at].into()));
                        pieces.push(Piece::Placeholder(variable(name)?, place));
                        at += name.len() + 2;
                        plain = at;
                    }
                    None => at += 1,
                },
                _ => at += 1,
            }
        }
        pieces.push(Piece::Text(text[plain..].into()));
        Ok(Template { pieces, is_json })
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Why a JSON template will never be JSON.
    ///
    /// It is filled for trial, so that what is JSON then is JSON with anything: `null` cannot join what is beside it,
    /// nor be a key, and `-` can neither begin nor end an escape.
    pub(super) fn fault(&self) -> Option<String> {
        if !self.is_json {
            return None;
        }
        let filled = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Placeholder(_, Place::Json) => "null",
            Piece::Placeholder(_, Place::JsonString | Place::Text) => "-",
        });
        Value::parse(&filled.collect::<String>()).err().map(|error| error.to_string())
    }
}

/// The name that begins here and ends with `>`.
fn name_at(text: &str, at: usize) -> Option<&str> {
    let rest = &text[at..];
    let end = rest.find('>')?;
    (end > 0 && rest[..end].bytes().all(|byte| is_key_byte(byte) || byte == b'.')).then(|| &rest[..end])
}
