//! What a target is told: the event itself, a constant, a part of the event, or a template filled from it.
//!
//! A target has at most one of `Input`, `InputPath` and `InputTransformer`
//! (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html>). All is checked when it is set, so
//! that a delivery can only tell something or nothing. Nothing is told when a path leads nowhere, or when a template
//! would be no JSON.
//!
//! | part | what it does |
//! |---|---|
//! | [`TargetInput`] | which of the four, and what it tells |
//! | [`Transformer`] | an `InputPathsMap` and an `InputTemplate`, compiled |
//! | `template` | the template's pieces: text and placeholders, inside or outside quotes |
//! | `value` | a value as JSON, inside a JSON string, or as text |
//! | [`email_text`] | what a reader of mail wants of it |

use crate::json::Value;
use crate::path::{Found, Path, PathError};

mod email;
mod template;
mod value;

pub use email::email_text;
use template::{Piece, Template, Variable};

/// Variables of one transformer.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html>
pub const MAX_PATHS: usize = 100;
/// Characters of a variable's name.
pub const MAX_KEY_CHARS: usize = 256;
/// Characters of a template, and of a constant input.
pub const MAX_TEMPLATE_CHARS: usize = 8192;
/// Bytes that a template may grow to. Ours: each of its placeholders may stand for a whole event.
pub const MAX_TOLD_BYTES: usize = 1 << 20;

/// What of an event a target gets.
#[derive(Clone, Debug)]
pub enum TargetInput {
    /// The event as it is.
    Event,
    /// `Input`: the same JSON text for every event.
    Constant(String),
    /// `InputPath`: a part of it, as JSON.
    Path(Path),
    /// `InputTransformer`: a template filled from it.
    Template(Transformer),
}

/// An `InputTransformer` as it is asked for.
#[derive(Clone, Debug, Default)]
pub struct InputTransformer<'a> {
    /// `InputPathsMap`: names of variables, and paths into the event.
    pub paths: &'a [(&'a str, &'a str)],
    /// `InputTemplate`.
    pub template: &'a str,
}

/// What templates can tell that is not in the event.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-predefined>
#[derive(Clone, Copy, Debug, Default)]
pub struct RuleContext<'a> {
    /// The matching rule's ARN.
    pub rule_arn: &'a str,
    /// Its name.
    pub rule_name: &'a str,
    /// When the event came in, as ISO 8601.
    pub ingestion_time: &'a str,
}

/// Why a target may not have this input. Texts that AWS's recordings show are AWS's; the others are ours in their
/// manner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// More than one of the three is given.
    #[error("Only one of Input, InputPath, or InputTransformer must be provided for target {target}.")]
    MoreThanOne {
        /// The target's id.
        target: String,
    },
    /// A template names what is not in the map.
    #[error("InputTemplate for target {target} contains invalid placeholder {placeholder}.")]
    Placeholder {
        /// The target's id.
        target: String,
        /// The name between `<` and `>`.
        placeholder: String,
    },
    /// `Input` is no JSON.
    #[error("Input for target {target} is not a valid JSON text.")]
    Constant {
        /// The target's id.
        target: String,
    },
    /// A template that begins as JSON is none.
    #[error("Invalid InputTemplate for target {target} : {reason}")]
    Template {
        /// The target's id.
        target: String,
        /// What is wrong, and where, with `null` and `-` in the places of placeholders.
        reason: String,
    },
    /// A path cannot be read.
    #[error("Invalid {what} for target {target} : {source}")]
    Path {
        /// `InputPath`, or `InputPathsMap` and the variable's name.
        what: String,
        /// The target's id.
        target: String,
        /// Why, and where.
        #[source]
        source: PathError,
    },
    /// A variable may not be called so.
    #[error("InputPathsMap for target {target} contains invalid key {key} : {reason}.")]
    Key {
        /// The target's id.
        target: String,
        /// The name.
        key: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// There is too much of something.
    #[error("{what} for target {target} has more than {most}.")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// The target's id.
        target: String,
        /// How much there may be.
        most: String,
    },
}

impl TargetInput {
    /// Compiles what a target is asked to get; of nothing, the event.
    pub fn new(
        target: &str,
        input: Option<&str>,
        input_path: Option<&str>,
        transformer: Option<InputTransformer<'_>>,
    ) -> Result<TargetInput, InputError> {
        match (input, input_path, transformer) {
            (None, None, None) => Ok(TargetInput::Event),
            (Some(input), None, None) => {
                at_most("Input", target, input.chars().count(), MAX_TEMPLATE_CHARS, "characters")?;
                match Value::parse(input) {
                    Ok(_) => Ok(TargetInput::Constant(input.into())),
                    Err(_) => Err(InputError::Constant { target: target.into() }),
                }
            }
            (None, Some(path), None) => read_path("InputPath", target, path).map(TargetInput::Path),
            (None, None, Some(transformer)) => Transformer::new(target, &transformer).map(TargetInput::Template),
            _ => Err(InputError::MoreThanOne { target: target.into() }),
        }
    }

    /// What the target is told of this event. None: nothing is delivered.
    ///
    /// Of [`TargetInput::Event`] it is the event as compact JSON; who has its text can deliver that instead.
    pub fn deliver(&self, event: &Value<'_>, context: &RuleContext<'_>) -> Option<String> {
        match self {
            TargetInput::Event => Some(event.to_json()),
            TargetInput::Constant(input) => Some(input.clone()),
            TargetInput::Path(path) => {
                let mut told = String::new();
                path.find(event)?.write_to(&mut told);
                Some(told)
            }
            TargetInput::Template(transformer) => transformer.deliver(event, context),
        }
    }
}

/// An `InputPathsMap` and an `InputTemplate`, compiled.
///
/// A template that begins with `{` or `[` is a JSON template, any other a string template.
///
/// | what a placeholder stands for | JSON, outside quotes | JSON, inside quotes | string template |
/// |---|---|---|---|
/// | a string | as JSON, with quotes | its text, escaped | its text |
/// | a number, true, false, null | as it is written | as it is written | as it is written |
/// | an array, an object | as JSON | nothing is delivered if there is a string in it | as JSON, without its quotes |
/// | nothing | `""` | empty | empty |
///
/// Inside the quotes of a JSON template AWS puts texts in as they are, and what is then no JSON is lost. We escape what
/// JSON wants escaped (`"`, `\`, control characters). Texts without these come out as AWS's, byte by byte; an event
/// whose text has them is delivered, and not lost. String templates are filled as AWS fills them, without escapes,
/// whatever the text.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>
#[derive(Clone, Debug)]
pub struct Transformer {
    paths: Vec<Path>,
    template: Template,
}

impl Transformer {
    /// Compiles it for a target, which faults name.
    pub fn new(target: &str, asked: &InputTransformer<'_>) -> Result<Transformer, InputError> {
        at_most("InputPathsMap", target, asked.paths.len(), MAX_PATHS, "entries")?;
        at_most("InputTemplate", target, asked.template.chars().count(), MAX_TEMPLATE_CHARS, "characters")?;
        let mut paths = Vec::with_capacity(asked.paths.len());
        for (key, path) in asked.paths {
            if let Some(reason) = fault_of_key(key) {
                return Err(InputError::Key { target: target.into(), key: (*key).into(), reason });
            }
            paths.push(read_path(&format!("InputPathsMap {key}"), target, path)?);
        }
        let template = Template::parse(asked.template, |name| {
            let of_path = || asked.paths.iter().rposition(|(key, _)| *key == name).map(Variable::Path);
            Variable::predefined(name)
                .or_else(of_path)
                .ok_or_else(|| InputError::Placeholder { target: target.into(), placeholder: name.into() })
        })?;
        if let Some(reason) = template.fault() {
            return Err(InputError::Template { target: target.into(), reason });
        }
        Ok(Transformer { paths, template })
    }

    /// The template filled from this event. None: nothing is delivered.
    pub fn deliver(&self, event: &Value<'_>, context: &RuleContext<'_>) -> Option<String> {
        let mut told = String::new();
        for piece in self.template.pieces() {
            match piece {
                Piece::Text(text) => told.push_str(text),
                Piece::Placeholder(variable, place) => match variable {
                    Variable::Path(index) => match self.paths.get(*index)?.find(event) {
                        Some(found) => value::write(&found, *place, &mut told)?,
                        None => value::write_nothing(*place, &mut told),
                    },
                    Variable::RuleArn => value::write_text(context.rule_arn, *place, &mut told),
                    Variable::RuleName => value::write_text(context.rule_name, *place, &mut told),
                    Variable::IngestionTime => value::write_text(context.ingestion_time, *place, &mut told),
                    Variable::Event => value::write(&Found::One(&without_detail(event)), *place, &mut told)?,
                    Variable::EventJson => value::write(&Found::One(event), *place, &mut told)?,
                },
            }
            if told.len() > MAX_TOLD_BYTES {
                return None;
            }
        }
        Some(told)
    }
}

/// What `aws.events.event` stands for: the event without its detail, with AWS's own order and its own name for
/// `detail-type`.
fn without_detail<'a>(event: &Value<'a>) -> Value<'a> {
    let names = ["id", "account", "detail-type", "time", "source", "region", "resources", "version"];
    let field = |name: &'static str| {
        let told_as = if name == "detail-type" { "detailType" } else { name };
        Some((told_as.into(), event.get(name)?.clone()))
    };
    Value::Object(names.into_iter().filter_map(field).collect())
}

fn read_path(what: &str, target: &str, path: &str) -> Result<Path, InputError> {
    Path::parse(path).map_err(|source| InputError::Path { what: what.into(), target: target.into(), source })
}

fn at_most(what: &'static str, target: &str, count: usize, most: usize, unit: &str) -> Result<(), InputError> {
    if count > most {
        return Err(InputError::TooMuch { what, target: target.into(), most: format!("{most} {unit}") });
    }
    Ok(())
}

fn fault_of_key(key: &str) -> Option<&'static str> {
    if key.as_bytes().get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"AWS.")) {
        return Some("it may not start with \"AWS.\"");
    }
    if key.is_empty() || key.len() > MAX_KEY_CHARS {
        return Some("it must have 1 to 256 characters");
    }
    (!key.bytes().all(is_key_byte)).then_some("it must satisfy regular expression pattern: [A-Za-z0-9_-]+")
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
