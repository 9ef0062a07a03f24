//! Answers as JSON: one object, with the values whole and as they were written.
//!
//! | field | |
//! |---|---|
//! | `verdict` | true, false; `"error"` with `error`, its text |
//! | `failing` | of the nearest way to match: each field's `path`, `wanted`, `found` (empty: not there), `hints` |
//! | `fieldCount`, `otherWays` | fields of that way; ways that are not told |
//! | `mistaken` | what was taken for an event: `cloudTrailRecord`, `logFile` |

use serde::Serialize;
use serde_json::value::RawValue;

use super::answer::{Answer, Failing};
use super::mistaken::Mistaken;

/// An answer as one line of JSON, without the line's end.
pub fn line(answer: &Answer) -> serde_json::Result<String> {
    serde_json::to_string(&fields(answer))
}

/// Why there is no answer.
pub fn error_line(error: &str) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Line<'a> {
        verdict: &'static str,
        error: &'a str,
    }
    serde_json::to_string(&Line { verdict: "error", error })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerFields<'a> {
    verdict: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    why: Option<Why<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Why<'a> {
    failing: Vec<FailingFields<'a>>,
    field_count: usize,
    other_ways: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    mistaken: Option<MistakenFields<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FailingFields<'a> {
    path: &'a str,
    wanted: Option<&'a RawValue>,
    found: Vec<Option<&'a RawValue>>,
    is_in_another_element: bool,
    hints: &'a [String],
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum MistakenFields<'a> {
    CloudTrailRecord {
        #[serde(skip_serializing_if = "Option::is_none")]
        in_its_envelope: Option<Envelope<'a>>,
    },
    LogFile,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    source: &'a str,
    detail_type: &'a str,
    #[serde(flatten)]
    answer: Box<AnswerFields<'a>>,
}

fn fields(answer: &Answer) -> AnswerFields<'_> {
    let why = || Why {
        failing: answer.failing.iter().map(failing_fields).collect(),
        field_count: answer.field_count,
        other_ways: answer.other_ways,
        mistaken: answer.mistaken.as_ref().map(mistaken_fields),
    };
    AnswerFields { verdict: answer.is_match, why: (!answer.is_match).then(why) }
}

fn failing_fields(Failing { field, hints }: &Failing) -> FailingFields<'_> {
    FailingFields {
        path: &field.path,
        wanted: raw(&field.wanted),
        found: field.found.iter().map(|value| raw(value)).collect(),
        is_in_another_element: field.is_in_another_element,
        hints,
    }
}

fn mistaken_fields(mistaken: &Mistaken) -> MistakenFields<'_> {
    match mistaken {
        Mistaken::LogFile => MistakenFields::LogFile,
        Mistaken::RecordWithoutEvent => MistakenFields::CloudTrailRecord { in_its_envelope: None },
        Mistaken::Record { source, detail_type, in_its_envelope } => {
            let answer = Box::new(fields(in_its_envelope));
            MistakenFields::CloudTrailRecord { in_its_envelope: Some(Envelope { source, detail_type, answer }) }
        }
    }
}

/// A value as it was written.
fn raw(text: &str) -> Option<&RawValue> {
    serde_json::from_str(text).ok()
}
