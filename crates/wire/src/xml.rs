//! XML as AWS's query protocol has it.
//!
//! | a value | is |
//! |---|---|
//! | a structure | an element for each member that is there |
//! | a list | `<member>` for each item |
//! | a map | `<entry><key>…</key><value>…</value></entry>` for each entry |
//! | a moment | `2026-02-12T14:30:00.000Z` |
//! | bytes | base64 |
//!
//! Serde calls a type with a flattened member a map: within an answer such a type is not told as AWS does.
//!
//! Some characters cannot be told in XML 1.0 at all, not even escaped; each becomes U+FFFD, so that a client can read the
//! rest. <https://www.w3.org/TR/xml/#charsets>

use crate::time::base64;
use crate::value::Value;

/// A document that is being written.
#[derive(Debug, Default)]
pub(crate) struct Xml {
    text: String,
}

impl Xml {
    pub(crate) fn open(&mut self, name: &str) {
        self.open_in(name, "");
    }

    /// Opens an element in a namespace, if there is one.
    pub(crate) fn open_in(&mut self, name: &str, namespace: &str) {
        self.text.push('<');
        self.name(name);
        if !namespace.is_empty() {
            self.text.push_str(" xmlns=\"");
            self.escaped(namespace);
            self.text.push('"');
        }
        self.text.push('>');
    }

    pub(crate) fn close(&mut self, name: &str) {
        self.text.push_str("</");
        self.name(name);
        self.text.push('>');
    }

    /// An element with nothing but a text in it.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.open(name);
        self.escaped(text);
        self.close(name);
    }

    /// An element of a value. What is nothing makes none.
    pub(crate) fn element(&mut self, name: &str, value: &Value) {
        if *value == Value::Null {
            return;
        }
        self.open(name);
        self.contents(value);
        self.close(name);
    }

    fn contents(&mut self, value: &Value) {
        match value {
            Value::Null => {}
            Value::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Value::Int(value) => self.text.push_str(&value.to_string()),
            Value::Float(value) if value.is_infinite() => {
                self.text.push_str(if *value > 0.0 { "Infinity" } else { "-Infinity" });
            }
            Value::Float(value) => self.text.push_str(&value.to_string()),
            Value::Text(text) | Value::Word(text) => self.escaped(text),
            Value::Bytes(bytes) => self.text.push_str(&base64(bytes)),
            Value::Time(time) => self.text.push_str(&time.iso()),
            Value::List(items) => items.iter().for_each(|item| self.element("member", item)),
            Value::Structure(members) => members.iter().for_each(|(name, value)| self.element(name, value)),
            Value::Map(members) => {
                for (name, value) in members.iter().filter(|(_, value)| *value != Value::Null) {
                    self.open("entry");
                    self.text("key", name);
                    self.element("value", value);
                    self.close("entry");
                }
            }
            Value::Form(members) => members.iter().for_each(|(name, value)| self.element(name, value)),
        }
    }

    /// Names are ours, of types and operations; what is no name of XML is made one.
    fn name(&mut self, name: &str) {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            self.text.push('_');
        }
        self.text.extend(name.chars().map(|c| if is_plain(c) { c } else { '_' }));
    }

    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                // Bare, a reader would make a line feed of it.
                '\r' => self.text.push_str("&#xD;"),
                '\n' | '\t' => self.text.push(c),
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.text.push('\u{fffd}'),
                _ => self.text.push(c),
            }
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}
