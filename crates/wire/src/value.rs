//! What calls and answers are made of, whichever protocol carries them.
//!
//! JSON knows its types and a form does not: there all are words, and lists and maps are known by the names of their members
//! only. So a form stays a form here, and becomes lists, maps, numbers and moments when an operation reads it
//! ([`de`]), because only the operation's own type knows which. What an operation answers becomes a tree of values with
//! all that any protocol asks about ([`ser`]); the protocols write that.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::{Timestamp, base64};

pub(crate) mod de;
pub(crate) mod ser;

/// The members of a map or a structure, in order.
pub type Members = Vec<(Cow<'static, str>, Value)>;

/// A value of a call or an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing. A member that is nothing is not there.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text that is one.
    Text(String),
    /// A text that may mean anything: from a form, a query string, a path or a header.
    Word(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A moment.
    Time(Timestamp),
    /// A list.
    List(Vec<Value>),
    /// Values by names that the sender chose; or, where they came as JSON, a structure.
    Map(Members),
    /// Values by names that the operation's type has.
    Structure(Members),
    /// A part of a form: what follows a dot in the names of its parameters.
    Form(BTreeMap<String, Value>),
}

impl Value {
    /// A member by its name. Of several of the same name the last counts.
    pub fn member(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Map(members) | Value::Structure(members) => {
                members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
            }
            Value::Form(members) => members.get(name),
            _ => None,
        }
        .filter(|value| **value != Value::Null)
    }

    /// The text, of a text or a word.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Word(text) => Some(text),
            _ => None,
        }
    }

    /// Puts a member into a structure or a map, over what was there by that name.
    pub(crate) fn put(&mut self, name: &'static str, value: Value) {
        if let Value::Map(members) | Value::Structure(members) = self {
            members.retain(|(key, _)| key != name);
            members.push((Cow::Borrowed(name), value));
        }
    }

    /// Takes a member out of a structure.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let (Value::Map(members) | Value::Structure(members)) = self else { return None };
        let place = members.iter().position(|(key, _)| key == name)?;
        Some(members.remove(place).1)
    }

    /// The items, if this can be a list.
    ///
    /// A form's list is `Names.member.1=a&Names.member.2=b`, or without the `member`; an empty one is `Names=`. One word
    /// alone is a list of one in a query string: `?tagKeys=a`.
    pub fn items(&self) -> Option<Vec<&Value>> {
        match self {
            Value::List(items) => Some(items.iter().collect()),
            Value::Word(word) if word.is_empty() => Some(Vec::new()),
            Value::Word(_) => Some(vec![self]),
            Value::Form(members) => {
                let numbered = match members.get("member") {
                    Some(Value::Form(numbered)) if members.len() == 1 => numbered,
                    _ => members,
                };
                in_order(numbered)
            }
            _ => None,
        }
    }

    /// The entries, if this can be a map.
    ///
    /// A form's map is `Attributes.entry.1.key=a&Attributes.entry.1.value=b`; an empty one is `Attributes=`. SNS names the
    /// two `Name` and `Value` in messages' attributes, and SQS leaves the `entry` out.
    /// <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#map-serialization>
    pub fn entries(&self) -> Option<Vec<(&str, &Value)>> {
        let is_there = |(_, value): &(&str, &Value)| **value != Value::Null;
        match self {
            Value::Map(members) | Value::Structure(members) => {
                Some(members.iter().map(|(name, value)| (name.as_ref(), value)).filter(is_there).collect())
            }
            Value::Word(word) if word.is_empty() => Some(Vec::new()),
            Value::Form(members) => {
                let entries = match members.get("entry") {
                    Some(Value::Form(entries)) if members.len() == 1 => entries,
                    _ => members,
                };
                let pairs: Option<Vec<_>> =
                    in_order(entries).and_then(|entries| entries.into_iter().map(form_entry).collect());
                pairs.or_else(|| Some(members.iter().map(|(name, value)| (name.as_str(), value)).collect()))
            }
            _ => None,
        }
    }

    /// What kind of value this is, for a sentence.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::Text(_) | Value::Word(_) => "a string",
            Value::Bytes(_) => "a blob",
            Value::Time(_) => "a timestamp",
            Value::List(_) => "a list",
            Value::Map(_) | Value::Structure(_) | Value::Form(_) => "a structure",
        }
    }
}

const EMPTY: &Value = &Value::Null;

fn form_entry(entry: &Value) -> Option<(&str, &Value)> {
    let key = entry.member("key").or_else(|| entry.member("Name"))?.as_text()?;
    Some((key, entry.member("value").or_else(|| entry.member("Value")).unwrap_or(EMPTY)))
}

/// The values of members that are all numbered, by their numbers. Numbers may be left out, as AWS allows.
fn in_order(members: &BTreeMap<String, Value>) -> Option<Vec<&Value>> {
    let mut numbered = Vec::with_capacity(members.len());
    for (name, value) in members {
        let is_number = !name.is_empty() && name.len() <= 10 && name.bytes().all(|byte| byte.is_ascii_digit());
        numbered.push((is_number.then(|| name.parse::<u64>().ok()).flatten()?, value));
    }
    numbered.sort_by_key(|(number, _)| *number);
    Some(numbered.into_iter().map(|(_, value)| value).collect())
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(number)
    }
}

/// As JSON: members that are nothing are left out, moments are seconds, bytes are base64.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => to.serialize_unit(),
            Value::Bool(value) => to.serialize_bool(*value),
            Value::Int(value) => to.serialize_i64(*value),
            // JSON has no word for these; Smithy's are theirs.
            Value::Float(value) if value.is_nan() => to.serialize_str("NaN"),
            Value::Float(value) if value.is_infinite() => {
                to.serialize_str(if *value > 0.0 { "Infinity" } else { "-Infinity" })
            }
            Value::Float(value) => to.serialize_f64(*value),
            Value::Text(text) | Value::Word(text) => to.serialize_str(text),
            Value::Bytes(bytes) => to.serialize_str(&base64(bytes)),
            Value::Time(time) => time.serialize(to),
            Value::List(items) => {
                let mut list = to.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Value::Map(members) | Value::Structure(members) => {
                let mut map = to.serialize_map(None)?;
                for (name, value) in members.iter().filter(|(_, value)| *value != Value::Null) {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
            Value::Form(members) => to.collect_map(members),
        }
    }
}

/// Of JSON.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        from.deserialize_any(Json { room: &Cell::new(usize::MAX) })
    }
}

impl Value {
    /// Of JSON with at most so many values in it: a small text can hold very many.
    pub(crate) fn of_json(json: &[u8], value_count: usize) -> Result<Value, serde_json::Error> {
        let room = Cell::new(value_count);
        let mut from = serde_json::Deserializer::from_slice(json);
        let value = Json { room: &room }.deserialize(&mut from)?;
        from.end()?;
        Ok(value)
    }
}

/// What reads JSON, and for how many more values there is room.
#[derive(Clone, Copy)]
struct Json<'a> {
    room: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Json<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        let room = self.room.get().checked_sub(1).ok_or_else(|| D::Error::custom("there are too many values"))?;
        self.room.set(room);
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Json<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Float(value as f64), Value::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members: Members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            members.push((Cow::Owned(name), map.next_value_seed(self)?));
        }
        Ok(Value::Map(members))
    }
}
