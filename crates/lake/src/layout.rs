//! Where everything lies in one JSON text: looked at once, and walked without being looked at again.
//!
//! ```text
//!    {"a":"x","b":[1,{}]}        the text
//!    01 23 4 56 7 8  9…          marks: quotes and brackets (skim finds them, 64 bytes at a step)
//!    12         11 8→11, 9→10    where the end of what a bracket opens is: whoever wants no part of it goes there
//! ```
//!
//! What is no JSON is walked as far as its brackets and quotes go; nothing here fails.

use std::borrow::Cow;

use skim::Structure;

use crate::json::{as_name, as_text};

/// Where the quotes and brackets of a text lie. Keeps its room from text to text.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    structure: Structure,
    /// Where each lies.
    marks: Vec<u32>,
    /// For one that opens, which mark closes it; for others nothing of worth.
    ends: Vec<u32>,
    /// Those that are open.
    open: Vec<u32>,
}

/// A value within a text: what is written there, and the first mark in it or behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'t> {
    /// As it is written.
    pub(crate) json: &'t str,
    /// What it is a part of.
    all: &'t str,
    mark: usize,
}

impl Layout {
    /// Looks at a text, and forgets the one before. `None`: it is no single object or list, or its brackets do not come in pairs.
    pub(crate) fn look_at<'t>(&mut self, text: &'t str) -> Option<Value<'t>> {
        let text = text.trim();
        self.marks.clear();
        self.open.clear();
        if text.len() >= u32::MAX as usize || !self.structure.read(text.as_bytes()) {
            return None;
        }
        for (at, block) in self.structure.blocks().iter().enumerate() {
            let mut bits = block.quotes | block.opens | block.closes;
            while bits != 0 {
                self.marks.push(at as u32 * 64 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
        self.ends.clear();
        self.ends.resize(self.marks.len(), 0);
        for (number, at) in self.marks.iter().enumerate() {
            match text.as_bytes()[*at as usize] {
                b'{' | b'[' => self.open.push(number as u32),
                b'}' | b']' => self.ends[self.open.pop()? as usize] = number as u32,
                _ => {}
            }
        }
        let is_one = self.marks.first() == Some(&0)
            && self.ends.first().is_some_and(|end| *end as usize + 1 == self.marks.len());
        (is_one && self.open.is_empty() && !text.starts_with('"')).then_some(Value { json: text, all: text, mark: 0 })
    }

    /// What a value says as text: a string what it says, null nothing, anything else its JSON.
    pub(crate) fn text<'t>(&self, value: Value<'t>) -> Option<Cow<'t, str>> {
        match value.json.as_bytes() {
            [b'"', .., b'"'] if !self.structure.has_backslashes() => {
                value.json.get(1..value.json.len() - 1).map(Cow::from)
            }
            _ => as_text(value.json),
        }
    }

    /// A member's name, from what stands between its quotes.
    pub(crate) fn name<'t>(&self, quoted: &'t str) -> Cow<'t, str> {
        if self.structure.has_backslashes() { as_name(quoted) } else { quoted.into() }
    }

    /// Visits the members of an object: each name as it is written, without its quotes, and its value.
    pub(crate) fn each_member<'t>(&self, object: Value<'t>, mut each: impl FnMut(&'t str, Value<'t>)) {
        let text = object.all;
        if !object.json.starts_with('{') {
            return;
        }
        let (mut mark, end) = (object.mark + 1, self.ends[object.mark] as usize);
        while mark + 1 < end {
            let (from, to) = (self.marks[mark] as usize, self.marks[mark + 1] as usize);
            let Some(name) = text.get(from + 1..to).filter(|_| text.as_bytes()[from] == b'"') else { return };
            let Some((value, next)) = self.value(text, to + 1, mark + 2, end) else { return };
            each(name, value);
            mark = next;
        }
    }

    /// Visits the items of a list.
    pub(crate) fn each_item<'t>(&self, list: Value<'t>, mut each: impl FnMut(Value<'t>)) {
        let text = list.all;
        if !list.json.starts_with('[') {
            return;
        }
        let (mut mark, end) = (list.mark + 1, self.ends[list.mark] as usize);
        let (mut from, last) = (self.marks[list.mark] as usize + 1, self.marks[end] as usize);
        while let Some((value, next)) = self.value(text, from, mark, end) {
            each(value);
            let behind = value.json.as_ptr() as usize - text.as_ptr() as usize + value.json.len();
            (mark, from) = (next, behind);
            if from >= last {
                return;
            }
        }
    }

    /// The value that begins behind `from`, and the mark behind it. `mark`: the first one from there on; `end`: the one that closes
    /// what it is within.
    fn value<'t>(&self, text: &'t str, from: usize, mark: usize, end: usize) -> Option<(Value<'t>, usize)> {
        let bytes = text.as_bytes();
        let close = self.marks[end] as usize;
        let between = |byte: &u8| matches!(byte, b':' | b',' | b' ' | b'\t' | b'\r' | b'\n');
        let start = from + bytes.get(from..close)?.iter().position(|byte| !between(byte))?;
        let (last, next) = match bytes[start] {
            b'"' => (*self.marks.get(mark + 1)? as usize, mark + 2),
            b'{' | b'[' => (self.marks[self.ends[mark] as usize] as usize, self.ends[mark] as usize + 1),
            _ => {
                let length = bytes[start..close].iter().position(|byte| between(byte) || *byte == b'"');
                (start + length.unwrap_or(close - start) - 1, mark)
            }
        };
        Some((Value { json: text.get(start..=last)?, all: text, mark }, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that is reached, as text, in order.
    fn told(text: &str) -> Vec<String> {
        fn walk(layout: &Layout, value: Value<'_>, told: &mut Vec<String>) {
            told.push(value.json.to_owned());
            layout.each_member(value, |name, value| {
                told.push(format!("{name}:"));
                walk(layout, value, told);
            });
            layout.each_item(value, |value| walk(layout, value, told));
        }
        let (mut layout, mut told) = (Layout::default(), Vec::new());
        if let Some(all) = layout.look_at(text) {
            walk(&layout, all, &mut told);
        }
        told
    }

    #[test]
    fn everything_is_reached_where_it_lies() {
        let text = r#" { "a" : "x\"]" , "b":[1, {"c":{}}, "y", [] , null],"d":-1.5e3 , "e": true} "#;
        let all = text.trim();
        let list = r#"[1, {"c":{}}, "y", [] , null]"#;
        let expected = [
            all,
            "a:",
            r#""x\"]""#,
            "b:",
            list,
            "1",
            r#"{"c":{}}"#,
            "c:",
            "{}",
            r#""y""#,
            "[]",
            "null",
            "d:",
            "-1.5e3",
            "e:",
            "true",
        ];
        assert_eq!(told(text), expected);
        assert_eq!(told("[]"), ["[]"]);
        assert_eq!(told("{}"), ["{}"]);
    }

    /// Whatever comes: it is walked as far as it goes, and each value lies within what it is a part of.
    #[test]
    fn no_text_is_too_broken_to_be_walked() {
        let text = r#"{"a":"x\"]","b":[1,{"c":{}},"y",[],null],"d":-1.5e3,"e":true}"#;
        for at in 0..text.len() {
            for spoil in ["", "\"", "{", "}", "[", "]", ",", ":", "\\", " ", "é"] {
                let spoilt = format!("{}{spoil}{}", &text[..at], &text[at + 1..]);
                told(&spoilt);
                told(&spoilt[..spoilt.floor_char_boundary(at)]);
            }
        }
        for text in ["", "\"a\"", "1", "{]", "}{", "{\"a\"}", "{\"a\":}", "[,]", "[1 2]", "{}{}", "[[[["] {
            told(text);
        }
    }
}
