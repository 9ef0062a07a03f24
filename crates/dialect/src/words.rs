//! What is set right in the text, because it cannot be parsed: ids of event data stores, which stand in FROM as they are
//! (`2a8f2138-0caa-46c8-a194-0123456789ab`, to SQL a sum), and `VALUES 1, 2`. And how deep brackets stand, before anything is parsed.

use std::collections::{HashMap, HashSet};

use sqlparser::tokenizer::Location;

use crate::functions;

/// Where letters were put in: so that a place in the text that was set right is one in the text that somebody wrote.
#[derive(Clone, Debug, Default)]
pub struct Places {
    put: Vec<(u64, u64)>,
    /// Where each part of a name of several parts is, and each function;
    parts: HashMap<String, Vec<(u64, u64)>>,
    /// and each text in quotes.
    texts: HashMap<String, (u64, u64)>,
    /// Names in double quotes.
    quoted: HashSet<String>,
    /// Where what is written with an operator begins, and how often; a condition is a WHERE.
    kinds: HashMap<String, ((u64, u64), usize)>,
}

impl Places {
    /// The same place, line and column from 1 on, in the text as it was written.
    pub fn as_written(&self, line: u64, column: u64) -> (u64, u64) {
        let before = self.put.iter().filter(|put| put.0 == line && put.1 < column).count() as u64;
        (line, column.saturating_sub(before).max(1))
    }

    /// The same sentence, with each place that it tells (`Line: 1, Column: 8`) as it was written.
    pub fn in_sentence(&self, sentence: &str) -> String {
        let (mut out, mut rest) = (String::new(), sentence);
        while let Some((before, after)) = rest.split_once("Line: ") {
            out.push_str(before);
            out.push_str("Line: ");
            rest = after;
            let number = |text: &str| text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
            let (line, tail) = after.split_at(number(after));
            let Some(tail) = tail.strip_prefix(", Column: ") else { continue };
            let (column, tail) = tail.split_at(number(tail));
            let (Ok(line), Ok(column)) = (line.parse(), column.parse()) else { continue };
            let (line, column) = self.as_written(line, column);
            out.push_str(&format!("{line}, Column: {column}"));
            rest = tail;
        }
        out + rest
    }

    /// Notes where a part of a name is.
    pub(super) fn note(&mut self, part: &str, line: u64, column: u64) {
        let place = self.as_written(line, column);
        self.parts.entry(part.to_owned()).or_default().push(place);
    }

    /// Where a part of a name was first: line and column of the text as it was written.
    pub fn of_part(&self, part: &str) -> Option<(u64, u64)> {
        self.parts.get(part)?.first().copied().filter(|place| place.0 > 0)
    }

    /// The same, if it is nowhere else.
    pub fn of_only_part(&self, part: &str) -> Option<(u64, u64)> {
        self.of_part(part).filter(|_| self.parts.get(part).is_some_and(|places| places.len() == 1))
    }

    /// The function that was written, where one of this name is called now.
    pub fn function<'n>(&self, name: &'n str) -> &'n str {
        functions::names_of(name).find(|theirs| self.parts.contains_key(*theirs)).unwrap_or(name)
    }

    /// Notes that a name stands in double quotes.
    pub(super) fn note_quoted(&mut self, name: &str) {
        self.quoted.insert(name.to_owned());
    }

    /// Whether a name stands in double quotes somewhere.
    pub fn is_quoted(&self, name: &str) -> bool {
        self.quoted.contains(name)
    }

    /// Notes where a text in quotes is.
    pub(super) fn note_text(&mut self, text: &str, line: u64, column: u64) {
        let place = self.as_written(line, column);
        self.texts.entry(text.to_owned()).or_insert(place);
    }

    /// Where a text in quotes was first: line and column of the text as it was written.
    pub fn of_text(&self, text: &str) -> Option<(u64, u64)> {
        self.texts.get(text).copied().filter(|place| place.0 > 0)
    }

    /// Notes where something begins that is written so.
    pub(super) fn note_kind(&mut self, kind: &str, at: impl FnOnce() -> Location) {
        // Only the first place is told, and to look for one is to go through what stands before it.
        if let Some((_, many)) = self.kinds.get_mut(kind) {
            *many += 1;
            return;
        }
        let at = at();
        self.kinds.insert(kind.to_owned(), (self.as_written(at.line, at.column), 1));
    }

    /// Where what is written so begins, if there is one alone.
    pub fn of_kind(&self, kind: &str) -> Option<(u64, u64)> {
        self.kinds.get(kind).filter(|(place, many)| *many == 1 && place.0 > 0).map(|(place, _)| *place)
    }

    /// A place of the text that was parsed, as a sentence goes on.
    pub(super) fn told(&self, at: Location) -> String {
        if at.line == 0 {
            return String::new();
        }
        let (line, column) = self.as_written(at.line, at.column);
        format!(" at Line: {line}, Column: {column}")
    }

    fn put(&mut self, before: &str) {
        let line = before.bytes().filter(|byte| *byte == b'\n').count() as u64 + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
        self.put.push((line, column));
    }
}

/// How many brackets stand within one another, at most. What is in texts, quoted names and comments counts for none.
pub(super) fn deepest_brackets(text: &str) -> usize {
    let (bytes, mut at, mut depth, mut deepest) = (text.as_bytes(), 0, 0usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'\'' | b'"' | b'`') => at = end_of_quoted(bytes, at, quote) - 1,
            b'-' if bytes[at..].starts_with(b"--") => at = find(bytes, at, b"\n") - 1,
            b'/' if bytes[at..].starts_with(b"/*") => at = find(bytes, at + 2, b"*/") - 1,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
        at += 1;
    }
    deepest
}

/// How many subscripts stand within one another (`a[b[c[1]]]`), at most. The lists of `array[…]` are none.
pub(super) fn deepest_subscripts(text: &str) -> usize {
    let (bytes, mut at, mut deepest) = (text.as_bytes(), 0, 0);
    // Of each open bracket, whether it is a subscript; and what stands before this place, without blanks.
    let (mut open, mut before): (Vec<bool>, &[u8]) = (Vec::new(), b"");
    while at < bytes.len() {
        let end = match bytes[at] {
            quote @ (b'\'' | b'"' | b'`') => end_of_quoted(bytes, at, quote),
            b'-' if bytes[at..].starts_with(b"--") => find(bytes, at, b"\n"),
            b'/' if bytes[at..].starts_with(b"/*") => find(bytes, at + 2, b"*/"),
            b'[' => {
                let is_of_name =
                    before.last().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_\"`])".contains(byte));
                open.push(is_of_name && !before.eq_ignore_ascii_case(b"array"));
                deepest = deepest.max(open.iter().filter(|is_subscript| **is_subscript).count());
                at + 1
            }
            b']' => {
                open.pop();
                at + 1
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                let is_of_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
                at + bytes[at..].iter().take_while(is_of_word).count()
            }
            _ => at + 1,
        };
        let end = end.min(bytes.len());
        if !bytes[at].is_ascii_whitespace() {
            before = &bytes[at..end];
        }
        at = end;
    }
    deepest
}

/// The same text, with bare ids quoted, and `VALUES 1, 2` in brackets, each by itself. Texts, quoted names and comments stay as they are.
pub(super) fn set_right(text: &str) -> (String, Places) {
    let bytes = text.as_bytes();
    let (mut out, mut places) = (String::with_capacity(text.len() + 8), Places::default());
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        let end = match bytes[at] {
            quote @ (b'\'' | b'"' | b'`') => end_of_quoted(bytes, at, quote),
            b'-' if bytes[at..].starts_with(b"--") => find(bytes, at, b"\n"),
            b'/' if bytes[at..].starts_with(b"/*") => find(bytes, at + 2, b"*/"),
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                if let Some(end) = end_of_id(bytes, at) {
                    for (text, end) in [(&text[copied..at], '"'), (&text[at..end], '"')] {
                        out.push_str(text);
                        places.put(&out);
                        out.push(end);
                    }
                    copied = end;
                    end
                } else {
                    let is_of_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
                    let end = at + bytes[at..].iter().take_while(is_of_word).count();
                    let is_values = bytes[at..end].eq_ignore_ascii_case(b"values");
                    for (start, end) in if is_values { bare_values(bytes, end) } else { Vec::new() } {
                        for (text, bracket) in [(&text[copied..start], '('), (&text[start..end], ')')] {
                            out.push_str(text);
                            places.put(&out);
                            out.push(bracket);
                        }
                        copied = end;
                    }
                    end.max(copied)
                }
            }
            _ => at + 1,
        };
        at = end;
    }
    out.push_str(&text[copied..]);
    (out, places)
}

/// What may follow the rows of VALUES.
const BEHIND_VALUES: [&str; 7] = ["except", "fetch", "intersect", "limit", "offset", "order", "union"];

/// What stands between commas behind VALUES, if it is in no brackets.
fn bare_values(bytes: &[u8], from: usize) -> Vec<(usize, usize)> {
    let is_space = |at: &usize| bytes.get(*at).is_some_and(u8::is_ascii_whitespace);
    let skip = |at: usize| (at..).find(|at| !is_space(at)).unwrap_or(at);
    let (mut values, mut start, mut depth) = (Vec::new(), skip(from), 0usize);
    let mut at = start;
    let is_row = bytes.get(at..at + 3).is_some_and(|word| word.eq_ignore_ascii_case(b"row"));
    if bytes.get(at).is_none_or(|byte| matches!(byte, b'(' | b')' | b',' | b'=')) || is_row {
        return values;
    }
    loop {
        match bytes.get(at) {
            Some(quote @ (b'\'' | b'"')) => {
                at = end_of_quoted(bytes, at, *quote);
                continue;
            }
            Some(b'(' | b'[') => depth += 1,
            Some(b']') => depth = depth.saturating_sub(1),
            Some(b')') if depth > 0 => depth -= 1,
            Some(b',') if depth == 0 => {
                values.push((start, at));
                start = skip(at + 1);
            }
            None | Some(b')' | b';') => {
                values.push((start, at));
                return values;
            }
            Some(byte) if byte.is_ascii_alphanumeric() || *byte == b'_' => {
                let is_of_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
                let end = at + bytes[at..].iter().take_while(is_of_word).count();
                let is_word = |word: &&str| bytes[at..end].eq_ignore_ascii_case(word.as_bytes());
                if depth == 0 && BEHIND_VALUES.iter().any(is_word) {
                    values.push((start, at));
                    return values;
                }
                at = end;
                continue;
            }
            Some(_) => {}
        }
        at += 1;
    }
}

fn end_of_quoted(bytes: &[u8], start: usize, quote: u8) -> usize {
    bytes[start + 1..].iter().position(|byte| *byte == quote).map_or(bytes.len(), |length| start + length + 2)
}

fn find(bytes: &[u8], from: usize, end: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.windows(end.len()).position(|window| window == end).map_or(bytes.len(), |at| from + at + end.len())
}

/// Where an id that starts here ends: groups of 8, 4, 4, 4 and 12 hexadecimal digits.
fn end_of_id(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    for (group, digits) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if group > 0 {
            (bytes.get(at) == Some(&b'-')).then_some(())?;
            at += 1;
        }
        bytes.get(at..at + digits)?.iter().all(u8::is_ascii_hexdigit).then_some(())?;
        at += digits;
    }
    let goes_on = bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    (!goes_on).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::{deepest_brackets, deepest_subscripts, set_right};

    #[test]
    fn brackets_are_counted_where_they_are_brackets() {
        for (text, expected) in [
            ("SELECT 1", 0),
            ("f(a[1], (b))", 2),
            ("'((' || \"[[\" -- ((\n/* (( */ (1)", 1),
            ("))((", 2),
            ("'((", 0),
            ("/*((", 0),
        ] {
            assert_eq!(deepest_brackets(text), expected, "{text}");
        }
    }

    #[test]
    fn subscripts_are_counted_and_lists_are_not() {
        for (text, expected) in [
            ("a[b[c [1]]]", 3),
            ("a[1][2][3]", 1),
            ("array[array[array [1]]]", 0),
            ("f(x)[\"y\"[1", 2),
            ("'a[b[' -- a[b[", 0),
        ] {
            assert_eq!(deepest_subscripts(text), expected, "{text}");
        }
    }

    #[test]
    fn places_are_those_of_the_text_as_it_was_written() {
        let id = "2a8f2138-0caa-46c8-a194-0123456789ab";
        let (text, places) = set_right(&format!("SELECT 1\nFROM {id} a, {id} b WHERE x"));
        let column =
            |text: &str, of: &str| text.rsplit('\n').next().and_then(|line| line.find(of)).expect(of) as u64 + 1;
        assert_eq!(column(&text, "WHERE"), 6 + 38 + 4 + 38 + 3);
        assert_eq!(places.as_written(2, column(&text, "WHERE")), (2, 6 + 36 + 4 + 36 + 3));
        assert_eq!(places.as_written(2, column(&text, " a,")), (2, 6 + 36));
        assert_eq!(places.as_written(1, 8), (1, 8));
        assert_eq!(
            places.in_sentence("no x at Line: 2, Column: 89. Line: no"),
            "no x at Line: 2, Column: 85. Line: no"
        );
    }

    #[test]
    fn ids_are_quoted_where_they_stand_bare() {
        let id = "2a8f2138-0caa-46c8-a194-0123456789ab";
        for (text, expected) in [
            (format!("SELECT 1 FROM {id};"), format!("SELECT 1 FROM \"{id}\";")),
            (format!("FROM {id} a JOIN {id} b"), format!("FROM \"{id}\" a JOIN \"{id}\" b")),
            (format!("FROM \"{id}\" WHERE x = '{id}'"), format!("FROM \"{id}\" WHERE x = '{id}'")),
            (format!("-- {id}\nFROM t"), format!("-- {id}\nFROM t")),
            (format!("/* {id} */ FROM t /* {id}"), format!("/* {id} */ FROM t /* {id}")),
            (format!("FROM x{id}"), format!("FROM x{id}")),
            (format!("FROM {id}0"), format!("FROM {id}0")),
            ("SELECT 'it''s', a-b, 12-3".into(), "SELECT 'it''s', a-b, 12-3".into()),
            ("IN (VALUES 'a,)', f(1, 2) )".into(), "IN (VALUES ('a,)'), (f(1, 2) ))".into()),
            ("(VALUES (1), (2)) t(values)".into(), "(VALUES (1), (2)) t(values)".into()),
            ("VALUES".into(), "VALUES".into()),
            (
                "VALUES 1, limited UNION VALUES 2 order by 1".into(),
                "VALUES (1), (limited )UNION VALUES (2 )order by 1".into(),
            ),
            ("SELECT 'never ends".into(), "SELECT 'never ends".into()),
        ] {
            assert_eq!(set_right(&text).0, expected);
        }
    }
}
