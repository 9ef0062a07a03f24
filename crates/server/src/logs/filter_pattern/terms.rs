//! Terms: texts that a message must have in it, must not, or of which it must have one.

use super::{PatternError, regular_expression};

#[derive(Debug, Default)]
pub(super) struct Terms {
    wanted: Vec<Term>,
    unwanted: Vec<Term>,
    /// One of them; of no account beside the others.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
    any_of: Vec<Term>,
}

#[derive(Debug)]
enum Term {
    Text(String),
    Regex(regex_lite::Regex),
}

impl Terms {
    pub(super) fn of(text: &str) -> Result<Terms, PatternError> {
        let mut terms = Terms::default();
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let list = match first {
                '-' => &mut terms.unwanted,
                '?' => &mut terms.any_of,
                _ => &mut terms.wanted,
            };
            if matches!(first, '-' | '?') {
                rest = &rest[1..];
            }
            let term;
            (term, rest) = next_term(rest)?;
            list.push(term);
            rest = rest.trim_start();
        }
        Ok(terms)
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        let has = |term: &Term| match term {
            Term::Text(text) => message.contains(&**text),
            Term::Regex(regex) => regex.is_match(message),
        };
        if self.wanted.is_empty() && self.unwanted.is_empty() {
            return self.any_of.iter().any(has);
        }
        self.wanted.iter().all(has) && !self.unwanted.iter().any(has)
    }
}

/// The first term, and what comes behind it.
fn next_term(text: &str) -> Result<(Term, &str), PatternError> {
    match text.as_bytes().first() {
        Some(b'"') => {
            let (phrase, rest) = quoted(text)?;
            Ok((Term::Text(phrase), rest))
        }
        Some(b'%') => {
            let (regex, rest) = between_percents(text)?;
            Ok((Term::Regex(regular_expression(regex)?), rest))
        }
        _ => {
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            let (term, rest) = text.split_at(end);
            if term.is_empty() || !term.chars().all(|c| c.is_alphanumeric() || c == '_') {
                let what = "a term with other characters than letters, digits and _ belongs in double quotes";
                return Err(PatternError::new(format!("Invalid character(s) in term '{term}': {what}")));
            }
            Ok((Term::Text(term.to_owned()), rest))
        }
    }
}

/// What stands between the double quotes that this begins with, and what comes behind them. `\"` is a quote, `\\` a backslash.
pub(super) fn quoted(text: &str) -> Result<(String, &str), PatternError> {
    let mut phrase = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((phrase, &text[at + 1..])),
            '\\' => match chars.next() {
                Some((_, c @ ('"' | '\\'))) => phrase.push(c),
                Some((_, c)) => phrase.extend(['\\', c]),
                None => break,
            },
            c => phrase.push(c),
        }
    }
    Err(PatternError::new("a double quote is not closed"))
}

/// The regular expression that this begins with, and what comes behind it.
pub(super) fn between_percents(text: &str) -> Result<(&str, &str), PatternError> {
    text[1..].split_once('%').ok_or_else(|| PatternError::new("a % is not closed"))
}
