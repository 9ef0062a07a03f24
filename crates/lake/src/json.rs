//! JSON as text: walked, never built.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Visits the items of a list. What comes behind a fault is left out.
pub(crate) fn each_item<'a>(list: &'a str, each: impl FnMut(&'a RawValue)) {
    struct Items<F>(F);
    impl<'a, F: FnMut(&'a RawValue)> Visitor<'a> for Items<F> {
        type Value = ();

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a list")
        }

        fn visit_seq<S: SeqAccess<'a>>(mut self, mut items: S) -> Result<(), S::Error> {
            while let Some(item) = items.next_element()? {
                (self.0)(item);
            }
            Ok(())
        }
    }
    let mut reading = serde_json::Deserializer::from_str(list);
    let _ = reading.deserialize_seq(Items(each));
}

/// Visits the members of an object. What comes behind a fault is left out.
pub(crate) fn each_entry<'a>(object: &'a str, each: impl FnMut(&str, &'a RawValue)) {
    struct Entries<F>(F);
    impl<'a, F: FnMut(&str, &'a RawValue)> Visitor<'a> for Entries<F> {
        type Value = ();

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("an object")
        }

        fn visit_map<M: MapAccess<'a>>(mut self, mut members: M) -> Result<(), M::Error> {
            while let Some(Key(key)) = members.next_key()? {
                (self.0)(&key, members.next_value()?);
            }
            Ok(())
        }
    }
    let mut reading = serde_json::Deserializer::from_str(object);
    let _ = reading.deserialize_map(Entries(each));
}

/// A name, borrowed where it can be.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// What a value says as text: a string what it says, null nothing, anything else its JSON.
pub(crate) fn as_text(json: &str) -> Option<Cow<'_, str>> {
    let json = json.trim();
    if json == "null" {
        return None;
    }
    let Some(quoted) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return Some(json.into()) };
    if !quoted.contains('\\') {
        return Some(quoted.into());
    }
    let text: Option<String> = serde_json::from_str(json).ok();
    Some(text.map_or(Cow::Borrowed(quoted), Cow::Owned))
}

/// A member's name, from what stands between its quotes.
pub(crate) fn as_name(quoted: &str) -> Cow<'_, str> {
    if !quoted.contains('\\') {
        return quoted.into();
    }
    let text: Option<String> = serde_json::from_str(&format!("\"{quoted}\"")).ok();
    text.map_or(Cow::Borrowed(quoted), Cow::Owned)
}

/// Whether a text is JSON.
pub(crate) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// An item of a list; from the last on for negative places.
pub(crate) fn item(list: &str, place: i64) -> Option<&str> {
    if !list.trim_start().starts_with('[') {
        return None;
    }
    let place = if place < 0 {
        let mut length = 0;
        each_item(list, |_| length += 1);
        length + place
    } else {
        place
    };
    let (mut at, mut found) = (0, None);
    each_item(list, |item| {
        if at == place {
            found = Some(item.get());
        }
        at += 1;
    });
    found
}

/// How many items a list has, or members an object; nothing else has any.
pub(crate) fn length(json: &str) -> Option<i64> {
    let (json, mut length) = (json.trim_start(), 0);
    match json.as_bytes().first()? {
        b'[' => each_item(json, |_| length += 1),
        b'{' => each_entry(json, |_, _| length += 1),
        _ => return None,
    }
    Some(length)
}

/// A way into JSON: `$.a.b[0]['c d']`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Member(String),
    Item(i64),
}

impl Path {
    /// Reads a path; `None` if it is none, or one with wildcards.
    pub(crate) fn parse(text: &str) -> Option<Path> {
        let mut rest = text.trim();
        rest = rest.strip_prefix('$').unwrap_or(rest);
        if !rest.is_empty() && !rest.starts_with(['.', '[']) {
            // A bare name is a member.
            return (!rest.contains(['*', '?'])).then(|| Path(vec![Step::Member(rest.into())]));
        }
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(name) = rest.strip_prefix('.') {
                let end = name.find(['.', '[']).unwrap_or(name.len());
                let (name, after) = name.split_at(end);
                let name = name.trim_matches('"');
                if name.is_empty() || name == "*" {
                    return None;
                }
                steps.push(Step::Member(name.into()));
                rest = after;
            } else {
                let inside = rest.strip_prefix('[')?;
                if let Some(quote @ ('"' | '\'')) = inside.chars().next() {
                    let (name, after) = inside[1..].split_once(quote)?;
                    steps.push(Step::Member(name.into()));
                    rest = after.strip_prefix(']')?;
                } else {
                    let (number, after) = inside.split_once(']')?;
                    steps.push(Step::Item(number.trim().parse().ok()?));
                    rest = after;
                }
            }
        }
        Some(Path(steps))
    }

    /// What lies there, as it is written.
    pub(crate) fn find<'j>(&self, json: &'j str) -> Option<&'j str> {
        let mut here = json.trim();
        for step in &self.0 {
            here = match step {
                Step::Item(place) => item(here, *place)?,
                Step::Member(name) => member(here, name)?,
            };
        }
        (!here.is_empty()).then_some(here)
    }
}

/// The member of an object of this name.
pub(crate) fn member<'j>(object: &'j str, name: &str) -> Option<&'j str> {
    if !object.starts_with('{') {
        return None;
    }
    let mut found = None;
    each_entry(object, |key, value| {
        if found.is_none() && key == name {
            found = Some(value.get());
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_at_a_path_is_found() {
        let json = r#" {"a": {"b": [1, {"c d": "x\ny"}], "e": null}, "f.g": true} "#;
        for (path, expected) in [
            ("$.a.b[0]", Some("1")),
            ("$.a.b[1]['c d']", Some(r#""x\ny""#)),
            ("$['a'][\"b\"][-1]", Some(r#"{"c d": "x\ny"}"#)),
            ("$.a.e", Some("null")),
            ("$['f.g']", Some("true")),
            ("$.a.b[9]", None),
            ("$.nothing.there", None),
            ("a", Some(r#"{"b": [1, {"c d": "x\ny"}], "e": null}"#)),
            ("$", Some(json.trim())),
        ] {
            let path = Path::parse(path).unwrap_or_else(|| panic!("{path}"));
            assert_eq!(path.find(json), expected, "{path:?}");
        }
        for path in ["$.*", "$[", "$.a[?(@.b)]", "$..a"] {
            assert_eq!(Path::parse(path), None, "{path}");
        }
        assert_eq!(Path::parse("$.a").and_then(|path| path.find("no JSON")), None);
    }

    #[test]
    fn a_value_as_text_is_what_it_says() {
        assert_eq!(as_text(r#""x\ny""#).as_deref(), Some("x\ny"));
        assert_eq!(as_text("12").as_deref(), Some("12"));
        assert_eq!(as_text(r#"{"a":1}"#).as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(as_text("null"), None);
    }
}
