//! What a reader of mail wants of a message.
//!
//! A string template delivers its quotes and its `\n` along with the text, to e-mail as to any target. Programs get the
//! bytes that AWS sends; for people the literal is read. Our choice: AWS shows both in its mails, and its users
//! complain.

use std::borrow::Cow;

use crate::json::Value;

/// The plain text of a message that is one JSON string literal, or several on lines of their own; any other as it is.
///
/// A literal that a raw quote or line break of some value has broken is read too, as well as can be, if it shows by an
/// escape that it was meant as one.
pub fn email_text(message: &str) -> Cow<'_, str> {
    let literals = message.trim();
    if literals.len() < 2 || !literals.starts_with('"') || !literals.ends_with('"') {
        return Cow::Borrowed(message);
    }
    match text_of_literals(literals) {
        Some(text) => Cow::Owned(text),
        None if literals.contains('\\') => Cow::Owned(text_of_broken(literals)),
        None => Cow::Borrowed(message),
    }
}

/// The texts of literals, one a line.
fn text_of_literals(literals: &str) -> Option<String> {
    let mut text = String::with_capacity(literals.len());
    let mut rest = literals;
    loop {
        let end = end_of_literal(rest)?;
        let Ok(Value::String(line)) = Value::parse(&rest[..end]) else { return None };
        text.push_str(&line);
        let after = &rest[end..];
        if after.is_empty() {
            return Some(text);
        }
        rest = after.trim_start();
        let line_ends = after[..after.len() - rest.len()].matches('\n').count();
        if line_ends == 0 {
            return None;
        }
        text.extend(std::iter::repeat_n('\n', line_ends));
    }
}

/// Where the literal ends that a text begins with, behind its quote.
fn end_of_literal(text: &str) -> Option<usize> {
    let mut at = text.starts_with('"').then_some(1)?;
    loop {
        match text.as_bytes().get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Quotes at the ends of lines are taken off, escapes undone; what is neither stays.
fn text_of_broken(literals: &str) -> String {
    let mut text = String::with_capacity(literals.len());
    for (i, line) in literals.split('\n').enumerate() {
        if i > 0 {
            text.push('\n');
        }
        let line = line.strip_prefix('"').unwrap_or(line);
        let line = line.strip_suffix('"').filter(|line| !line.ends_with('\\')).unwrap_or(line);
        undo_escapes(line, &mut text);
    }
    text
}

fn undo_escapes(mut line: &str, text: &mut String) {
    while let Some(at) = line.find('\\') {
        text.push_str(&line[..at]);
        let escape = &line[at..];
        let (undone, length) = match escape.as_bytes().get(1) {
            Some(b'n') => (Some('\n'), 2),
            Some(b't') => (Some('\t'), 2),
            Some(b'r') => (Some('\r'), 2),
            Some(b'b') => (Some('\u{8}'), 2),
            Some(b'f') => (Some('\u{c}'), 2),
            Some(b'"') => (Some('"'), 2),
            Some(b'\\') => (Some('\\'), 2),
            Some(b'/') => (Some('/'), 2),
            Some(b'u') => (escape.get(2..6).and_then(char_of_hex), 6),
            _ => (None, 1),
        };
        match undone {
            Some(c) => {
                text.push(c);
                line = &escape[length..];
            }
            None => {
                text.push('\\');
                line = &escape[1..];
            }
        }
    }
    text.push_str(line);
}

fn char_of_hex(digits: &str) -> Option<char> {
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
}
