//! JSON as text: walked, never built.

use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

mod member;

pub(crate) use member::member;

/// Visits the items of a list. What comes behind a fault is left out.
pub(crate) fn each_item<'a>(list: &'a str, mut each: impl FnMut(&'a RawValue)) {
    each_item_until(list, |item| {
        each(item);
        ControlFlow::Continue(())
    });
}

fn each_item_until<'a>(list: &'a str, each: impl FnMut(&'a RawValue) -> ControlFlow<()>) {
    struct Items<F>(F);
    impl<'a, F: FnMut(&'a RawValue) -> ControlFlow<()>> Visitor<'a> for Items<F> {
        type Value = ();

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a list")
        }

        fn visit_seq<S: SeqAccess<'a>>(mut self, mut items: S) -> Result<(), S::Error> {
            while let Some(item) = items.next_element()? {
                if (self.0)(item).is_break() {
                    break;
                }
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
    each_item_until(list, |item| {
        if at == place {
            found = Some(item.get());
            return ControlFlow::Break(());
        }
        at += 1;
        ControlFlow::Continue(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_as_text_is_what_it_says() {
        assert_eq!(as_text(r#""x\ny""#).as_deref(), Some("x\ny"));
        assert_eq!(as_text("12").as_deref(), Some("12"));
        assert_eq!(as_text(r#"{"a":1}"#).as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(as_text("null"), None);
    }
}
