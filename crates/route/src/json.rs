//! JSON as a tree that forgets nothing: keys in their order and repeated, numbers as they were written.
//!
//! For what is done once an event at most, and for tests. Matching many events goes over their bytes (`flatten`).

use std::borrow::Cow;

pub use crate::reader::JsonError;
use crate::reader::{Reader, Token};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it was written.
    Number(&'a str),
    /// A text, unescaped.
    String(Cow<'a, str>),
    /// `[…]`
    Array(Vec<Value<'a>>),
    /// `{…}`, keys in their order; a repeated key is there as often as it was written.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl<'a> Value<'a> {
    /// Reads a JSON text: one value and nothing after it but blanks. At most 1,000 levels deep.
    pub fn parse(text: &'a str) -> Result<Value<'a>, JsonError> {
        let mut reader = Reader::new(text);
        let Some(token) = reader.next()? else { return Err(reader.error("There is no value")) };
        let value = Value::read(&mut reader, token)?;
        match reader.next()? {
            None => Ok(value),
            Some(_) => Err(reader.error("There is something behind the value")),
        }
    }

    /// The value that begins with this token.
    fn read(reader: &mut Reader<'a>, token: Token) -> Result<Value<'a>, JsonError> {
        Ok(match token {
            Token::Null => Value::Null,
            Token::True => Value::Bool(true),
            Token::False => Value::Bool(false),
            Token::Number => Value::Number(reader.number()),
            Token::String => Value::String(reader.token_text()?),
            Token::StartArray => {
                let mut elements = Vec::new();
                while let Some(token) = reader.next()?.filter(|token| *token != Token::EndArray) {
                    elements.push(Value::read(reader, token)?);
                }
                Value::Array(elements)
            }
            // Outside objects there is no name, and closing brackets are met where their scope is read.
            Token::StartObject | Token::FieldName | Token::EndObject | Token::EndArray => {
                let mut fields = Vec::new();
                while let Some(Token::FieldName) = reader.next()? {
                    let name = reader.name().clone();
                    if let Some(token) = reader.next()? {
                        fields.push((name, Value::read(reader, token)?));
                    }
                }
                Value::Object(fields)
            }
        })
    }

    /// The value of an object's key; of a repeated key, the last.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        match self {
            Value::Object(fields) => fields.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Writes it as compact JSON; numbers as they were read.
    pub fn write_to(&self, out: &mut String) {
        match self {
            Value::Null => out.push_str("null"),
            Value::Bool(true) => out.push_str("true"),
            Value::Bool(false) => out.push_str("false"),
            Value::Number(number) => out.push_str(number),
            Value::String(text) => write_string(text, out),
            Value::Array(elements) => {
                out.push('[');
                for (i, element) in elements.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    element.write_to(out);
                }
                out.push(']');
            }
            Value::Object(fields) => {
                out.push('{');
                for (i, (name, value)) in fields.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write_string(name, out);
                    out.push(':');
                    value.write_to(out);
                }
                out.push('}');
            }
        }
    }

    /// As compact JSON.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_to(&mut out);
        out
    }
}

/// Writes a text as JSON, escaping only what must be.
pub fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let short = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            8 => "\\b",
            12 => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        plain = at + 1;
        if short.is_empty() {
            out.push_str(&format!("\\u{byte:04x}"));
        } else {
            out.push_str(short);
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What serde_json reads, this reads, and writes again as it was; what the one refuses, the other refuses.
    #[test]
    fn a_text_without_blanks_is_written_as_it_was_read() {
        for text in [
            r#"{"a":[1,2.50,-0,1e400,{"b":null}],"c":"x\n\"\\é","a":true,"":{},"d":[]}"#,
            "[]",
            "0.0",
            "\"\"",
            "[[[[false]]]]",
        ] {
            assert_eq!(Value::parse(text).map(|value| value.to_json()), Ok(text.into()));
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in [
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "[01]",
            "[1.]",
            "[-]",
            "[+1]",
            "[1e]",
            "tru",
            "nulll",
            "\"",
            "\"\\x\"",
            "\"\\u12\"",
            "[1 2]",
            "{\"a\" 1}",
            "{a:1}",
            "[NaN]",
            "'a'",
            "[\"\n\"]",
            "[1]x",
            "1 2",
            "{\"a\":1]",
            "/**/[]",
            "[.5]",
        ] {
            assert!(serde_json::from_str::<serde::de::IgnoredAny>(text).is_err(), "{text}");
            assert!(Value::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_text_may_be_a_thousand_levels_deep_and_no_deeper() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Value::parse(&nested(1000)).is_ok());
        assert!(Value::parse(&nested(1001)).is_err());
    }

    #[test]
    fn halves_of_pairs_become_question_marks() {
        let value = Value::parse(r#""\ud83d\ude00 \ud83d \ude00 \ud83dx""#);
        assert_eq!(value, Ok(Value::String("😀 ? ? ?x".into())));
    }
}
