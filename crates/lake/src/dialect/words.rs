//! What is set right in the text, because it cannot be parsed: ids of event data stores, which stand in FROM as they are
//! (`2a8f2138-0caa-46c8-a194-0123456789ab`, to SQL a sum), and types like `array(json)`.

/// The same text, with bare ids quoted and lists' types in angle brackets. Texts, quoted names and comments stay as they are.
pub(super) fn set_right(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + 8);
    let (mut at, mut copied) = (0, 0);
    let mut before: &[u8] = b"";
    while at < bytes.len() {
        let end = match bytes[at] {
            quote @ (b'\'' | b'"' | b'`') => end_of_quoted(bytes, at, quote),
            b'-' if bytes[at..].starts_with(b"--") => find(bytes, at, b"\n"),
            b'/' if bytes[at..].starts_with(b"/*") => find(bytes, at + 2, b"*/"),
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                if let Some(end) = end_of_id(bytes, at) {
                    out.push_str(&text[copied..at]);
                    out.push('"');
                    out.push_str(&text[at..end]);
                    out.push('"');
                    copied = end;
                    end
                } else {
                    let is_of_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
                    let end = at + bytes[at..].iter().take_while(is_of_word).count();
                    let word = &bytes[at..end];
                    let of = before.eq_ignore_ascii_case(b"as") && word.eq_ignore_ascii_case(b"array");
                    if let Some((open, close)) = of.then(|| brackets(bytes, end)).flatten() {
                        out.push_str(&text[copied..open]);
                        out.push('<');
                        out.push_str(&text[open + 1..close]);
                        out.push('>');
                        copied = close + 1;
                    }
                    before = word;
                    end.max(copied)
                }
            }
            _ => at + 1,
        };
        at = end;
    }
    out.push_str(&text[copied..]);
    out
}

/// The round brackets that begin here, after spaces.
fn brackets(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let open = from + bytes[from..].iter().position(|byte| !byte.is_ascii_whitespace())?;
    let mut depth = 0;
    for (at, byte) in bytes.iter().enumerate().skip(open) {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b'\'' | b'"' => return None,
            _ => {}
        }
        if depth == 0 {
            return (at > open).then_some((open, at));
        }
    }
    None
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
    use super::set_right;

    #[test]
    fn ids_are_quoted_where_they_stand_bare_and_types_of_lists_bracketed() {
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
            ("CAST(x AS ARRAY (map(varchar, json)))".into(), "CAST(x AS ARRAY <map(varchar, json)>)".into()),
            (
                "cast(json_parse('array(json)') as array(json))".into(),
                "cast(json_parse('array(json)') as array<json>)".into(),
            ),
            ("SELECT 'never ends".into(), "SELECT 'never ends".into()),
        ] {
            assert_eq!(set_right(&text), expected);
        }
    }
}
