//! Hints: what may have been meant by a field that did not match. Guesses, in the order of their likeliness.
//!
//! The field is not there: the key is spelt otherwise, lies elsewhere, or above it is no object.
//! It holds something else: the same but for case or blanks, a number for a text, a `*` that stands for itself.

use route::FieldResult;
use route::json::Value;

use super::places::Places;
use crate::report::words::count;

/// Places named of several that come into question.
const NAMED: usize = 3;

/// What may be wrong with a field that failed.
pub fn hints(field: &FieldResult, places: &Places<'_>) -> Vec<String> {
    let mut hints = Vec::new();
    if field.is_in_another_element {
        hints.push(
            "a value that would do is in another element of the array than the one that the fields before it are in"
                .to_owned(),
        );
    }
    let wanted = Value::parse(&field.wanted);
    let wanted = match &wanted {
        Ok(Value::Array(wanted)) => wanted.as_slice(),
        _ => &[],
    };
    if field.found.is_empty() {
        hints.extend(why_absent(&field.path, places));
    } else if !field.is_in_another_element {
        for found in &field.found {
            let Ok(found) = Value::parse(found) else { continue };
            for wanted in wanted {
                add(&mut hints, why_not(wanted, &found));
            }
        }
    }
    if hints.is_empty() {
        for wanted in wanted {
            add(&mut hints, elsewhere(wanted, &field.path, places));
        }
    }
    hints
}

fn add(hints: &mut Vec<String>, hint: Option<String>) {
    if let Some(hint) = hint
        && !hints.contains(&hint)
    {
        hints.push(hint);
    }
}

/// Why a field is not there.
fn why_absent(path: &str, places: &Places<'_>) -> Option<String> {
    match places.at(path).next() {
        Some(Value::Object(_)) => {
            let below = format!("{path}.");
            let first = places.fields().into_iter().find(|field| field.starts_with(&below));
            let like = first.map_or(String::new(), |field| format!(", like {field}"));
            return Some(format!("{path} is an object, and a pattern can ask only for what lies in it{like}"));
        }
        Some(Value::Array(_)) => {
            return Some(format!("{path} is an array with nothing in it that a pattern could ask for"));
        }
        _ => {}
    }
    let fields = places.fields();
    let spelt_otherwise = |field: &&&str| plain(field) == plain(path);
    if let Some(field) = fields.iter().find(spelt_otherwise) {
        return Some(format!("{path} is not there; {field} is"));
    }
    if let Some((above, value)) = places.end_of_the_way(path) {
        let text = match value {
            Value::String(text) if text.trim_start().starts_with('{') => {
                "a text that holds JSON; it would have to be an object"
            }
            Value::String(_) => "a text, and nothing lies below it",
            _ => "no object, and nothing lies below it",
        };
        return Some(format!("{above} is {text}"));
    }
    let key = plain(path.rsplit('.').next().unwrap_or(path));
    let same_key: Vec<&str> = fields
        .iter()
        .filter(|field| field.rsplit('.').next().is_some_and(|last| plain(last) == key))
        .copied()
        .collect();
    is_at(&same_key).map(|at| format!("{path} is not there; {at}"))
}

/// `a, b and 3 more are`
fn is_at(paths: &[&str]) -> Option<String> {
    let (named, more) = (paths.len().min(NAMED), paths.len().saturating_sub(NAMED));
    let text = match (paths, more) {
        ([], _) => return None,
        ([one], _) => format!("{one} is"),
        (_, 0) => format!("{} and {} are", paths[..named - 1].join(", "), paths[named - 1]),
        _ => format!("{} and {} more are", paths[..named].join(", "), count(more as u64)),
    };
    Some(text)
}

/// A key without what is easily confused: `detail-type`, `detailType` and `detail_type` are one.
fn plain(key: &str) -> String {
    key.chars().filter(|letter| !matches!(letter, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// Why a value is not what one element of the pattern's array wants.
fn why_not(wanted: &Value<'_>, found: &Value<'_>) -> Option<String> {
    match (wanted, found) {
        (Value::String(wanted), Value::String(found)) => why_not_text(wanted, found),
        (Value::String(wanted), Value::Number(_) | Value::Bool(_) | Value::Null) => {
            let is_same = **wanted == *scalar(found)?;
            is_same.then(|| format!("the pattern has the text {}, the event {}", quoted(wanted), kind_of(found)))
        }
        (Value::Number(_) | Value::Bool(_) | Value::Null, Value::String(found)) => {
            let lexeme = scalar(wanted)?;
            let is_same = *lexeme == **found || same_number(lexeme, found);
            is_same.then(|| format!("the pattern has {}, the event the text {}", kind_of(wanted), quoted(found)))
        }
        (Value::Object(_), found) => why_not_by(wanted, found),
        _ => None,
    }
}

fn why_not_text(wanted: &str, found: &str) -> Option<String> {
    if folded(wanted) == folded(found) {
        return Some(format!(
            "equal but for upper and lower case; {} would match",
            by("equals-ignore-case", &quoted(wanted))
        ));
    }
    if wanted.trim() == found.trim() {
        return Some("equal but for blanks at its ends".to_owned());
    }
    if wanted.contains('*') && resembles(wanted, found) {
        return Some(format!("in a plain text * stands for itself; {} would match", by("wildcard", &quoted(wanted))));
    }
    None
}

/// Whether a text matches another in which `*` stands for anything.
fn resembles(wildcard: &str, text: &str) -> bool {
    let mut parts = wildcard.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty()
}

/// Why a value is not what an operator wants: `{"prefix": …}`.
fn why_not_by(wanted: &Value<'_>, found: &Value<'_>) -> Option<String> {
    let text = |key| match wanted.get(key) {
        Some(Value::String(text)) => Some(&**text),
        _ => None,
    };
    match found {
        Value::String(found) => {
            if wanted.get("numeric").is_some() && found.trim().parse::<f64>().is_ok() {
                return Some(format!("the event has the text {}, and numeric matches numbers only", quoted(found)));
            }
            let found = folded(found);
            let but_for_case = |operator: &str, text: &str| {
                let ignoring = by(operator, &by("equals-ignore-case", &quoted(text)));
                Some(format!("it would, but for upper and lower case; {ignoring} would match"))
            };
            if let Some(prefix) = text("prefix").filter(|prefix| found.starts_with(&folded(prefix))) {
                return but_for_case("prefix", prefix);
            }
            if let Some(suffix) = text("suffix").filter(|suffix| found.ends_with(&folded(suffix))) {
                return but_for_case("suffix", suffix);
            }
            if text("wildcard").is_some_and(|wildcard| resembles(&folded(wildcard), &found)) {
                return Some("it would, but for upper and lower case".to_owned());
            }
            None
        }
        Value::Number(number) => {
            let of_texts = ["prefix", "suffix", "wildcard", "equals-ignore-case"];
            let operator = of_texts.into_iter().find(|operator| text(operator).is_some())?;
            Some(format!("the event has the number {number}, and {operator} matches texts only"))
        }
        _ => None,
    }
}

/// Where else the event holds what is wanted.
fn elsewhere(wanted: &Value<'_>, path: &str, places: &Places<'_>) -> Option<String> {
    // Short texts are found in many places by chance.
    let Value::String(wanted) = wanted else { return None };
    if wanted.len() < 4 {
        return None;
    }
    let held: Vec<&str> = places.holding(wanted).into_iter().filter(|place| *place != path).collect();
    let (first, more) = (held.first()?, held.len() - 1);
    let more = if more > 0 { format!(" (and {} more)", count(more as u64)) } else { String::new() };
    Some(format!("{first}{more} holds {}", quoted(wanted)))
}

fn by(operator: &str, value: &str) -> String {
    format!("{{{}: {value}}}", quoted(operator))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    Value::String(text.into()).write_to(&mut quoted);
    quoted
}

fn scalar<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match value {
        Value::Null => Some("null"),
        Value::Bool(true) => Some("true"),
        Value::Bool(false) => Some("false"),
        Value::Number(lexeme) => Some(lexeme),
        _ => None,
    }
}

/// `the number 5`, `the value true`
fn kind_of(value: &Value<'_>) -> String {
    let kind = if matches!(value, Value::Number(_)) { "number" } else { "value" };
    format!("the {kind} {}", scalar(value).unwrap_or_default())
}

fn same_number(a: &str, b: &str) -> bool {
    matches!((a.parse::<f64>(), b.trim().parse::<f64>()), (Ok(a), Ok(b)) if a == b)
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}
