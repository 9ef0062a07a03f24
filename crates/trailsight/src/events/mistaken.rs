//! Mistaken: what is taken for an event and is none. EventBridge puts a CloudTrail record into an envelope, and patterns are
//! matched against that: the record itself lies under `detail`.

use std::io::{self, Write};

use record::api_call::Record;
use record::log_file::{Limits, Reader};
use route::Pattern;
use route::json::Value;

use super::answer::Answer;
use super::enveloped::Enveloped;
use crate::report::words::clean;

/// What was taken for an event.
#[derive(Debug, PartialEq)]
pub enum Mistaken {
    /// A CloudTrail record.
    Record {
        /// `aws.ec2`
        source: String,
        /// `AWS API Call via CloudTrail`
        detail_type: String,
        /// What becomes of it in its envelope.
        in_its_envelope: Box<Answer>,
    },
    /// A CloudTrail record that makes no event: it has holes, or is too large.
    RecordWithoutEvent,
    /// A log file: many records.
    LogFile,
}

impl Mistaken {
    /// What an event that does not match is, if it is no event.
    pub fn of(pattern: &Pattern, event: &str, value: &Value<'_>) -> Option<Mistaken> {
        let is_text = |key| matches!(value.get(key), Some(Value::String(_)));
        if value.get("detail").is_some() || value.get("detail-type").is_some() {
            return None;
        }
        if matches!(value.get("Records"), Some(Value::Array(_))) {
            return Some(Mistaken::LogFile);
        }
        if !(is_text("eventName") && is_text("eventSource")) {
            return None;
        }
        let mut mistaken = Mistaken::RecordWithoutEvent;
        let mut enveloped = Enveloped::default();
        // Whatever is wrong with the record: then it has no envelope.
        let _ = Reader::new(Limits::default()).read(event.as_bytes(), None, |record| {
            let Ok(Record::Call(call)) = record else { return };
            let Ok(Ok(told)) = enveloped.event(&call).map(std::str::from_utf8) else { return };
            let Ok(value) = Value::parse(told) else { return };
            let text = |key| match value.get(key) {
                Some(Value::String(text)) => text.clone().into_owned(),
                _ => String::new(),
            };
            if let Ok(answer) = Answer::of(pattern, told) {
                let (source, detail_type) = (text("source"), text("detail-type"));
                mistaken = Mistaken::Record { source, detail_type, in_its_envelope: Box::new(answer) };
            }
        });
        Some(mistaken)
    }

    /// For people.
    pub fn write_text(&self, answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Mistaken::LogFile => {
                writeln!(out, "no match: this is a log file with its Records, not one event")?;
                writeln!(out, "`trailsight events match --pattern … LOGS` tells which of its records match.")
            }
            Mistaken::RecordWithoutEvent => {
                writeln!(out, "no match: {}", answer.how_near())?;
                answer.write_failing(out)?;
                writeln!(out, "{RECORD}")
            }
            Mistaken::Record { source, detail_type, in_its_envelope } => {
                writeln!(out, "no match: this is a bare CloudTrail record")?;
                writeln!(out, "{RECORD}")?;
                let envelope =
                    format!("In its envelope (source {}, detail-type {})", clean(source), clean(detail_type));
                if in_its_envelope.is_match {
                    return writeln!(out, "{envelope} it would match.");
                }
                writeln!(out, "{envelope} it would not match either: {}", in_its_envelope.how_near())?;
                in_its_envelope.write_failing(out)
            }
        }
    }
}

const RECORD: &str = "Patterns are matched against the EventBridge event, in which the record lies under detail.";
