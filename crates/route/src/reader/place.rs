//! How a place in a text is told: the text's beginning, the line and the column.

use std::fmt::{self, Display, Formatter};

/// No more of the text than this is shown, in UTF-16 units.
const SHOWN_UNITS: usize = 500;

/// A place in a text, as Jackson's `JsonLocation` shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    text: &'a str,
    line: usize,
    /// From 1; before the first line of all stands column 0.
    column: usize,
}

impl<'a> Place<'a> {
    /// The place before this byte.
    pub(crate) fn of(text: &'a str, pos: usize) -> Place<'a> {
        let before = &text[..pos];
        let breaks = before.matches('\n').count() + before.matches('\r').count() - before.matches("\r\n").count();
        let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        Place { text, line: breaks + 1, column: before[line_start..].encode_utf16().count() + 1 }
    }

    /// One column further.
    pub(crate) fn one_on(self) -> Place<'a> {
        Place { column: self.column + 1, ..self }
    }

    /// Where what is outside all brackets begins.
    pub(crate) fn root(text: &'a str) -> Place<'a> {
        Place { text, line: 1, column: 0 }
    }
}

impl Display for Place<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str("[Source: (String)\"")?;
        let units: usize = self.text.chars().map(char::len_utf16).sum();
        let mut shown = 0;
        for c in self.text.chars() {
            shown += c.len_utf16();
            if shown > SHOWN_UNITS {
                break;
            }
            match c {
                '\n' | '\r' => write!(out, "{c}")?,
                _ if c.is_control() => write!(out, "\\u{:04X}", u32::from(c))?,
                _ => write!(out, "{c}")?,
            }
        }
        out.write_str("\"")?;
        if units > SHOWN_UNITS {
            write!(out, "[truncated {} chars]", units - SHOWN_UNITS)?;
        }
        write!(out, "; line: {}, column: {}]", self.line, self.column)
    }
}
