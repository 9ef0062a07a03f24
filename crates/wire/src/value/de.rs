//! Reading a tree of values as an operation's input.
//!
//! JSON is read strictly, as AWS does: a number is no text. Words from a form or a query string become what is asked for.
//! An error tells the place as AWS does: `targets.1.member.id`. A member that is missing is a matter of validation, as AWS has it.

use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};

use super::Value;
use crate::error::ApiError;
use crate::time::{BLOB, Blob, TIMESTAMP};

/// Why a value is not what an operation reads.
#[derive(Debug)]
pub struct Misread {
    /// The names on the way to it, the last first.
    way: Vec<Cow<'static, str>>,
    what: What,
}

#[derive(Debug)]
enum What {
    /// It is something else.
    Wrong(String),
    /// It is not there.
    Missing,
}

impl Misread {
    fn at(mut self, name: impl Into<Cow<'static, str>>) -> Misread {
        self.way.push(name.into());
        self
    }

    /// As AWS says it.
    pub fn api_error(&self) -> ApiError {
        let way: Vec<&str> = self.way.iter().rev().map(Cow::as_ref).collect();
        match &self.what {
            What::Wrong(text) if way.is_empty() => ApiError::serialization(text),
            What::Wrong(text) => ApiError::serialization(format!("{text} at {}", way.join("."))),
            What::Missing => crate::check::missing(&way.join(".")),
        }
    }
}

impl std::fmt::Display for Misread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.api_error().message)
    }
}

impl std::error::Error for Misread {}

impl serde::de::Error for Misread {
    fn custom<T: std::fmt::Display>(text: T) -> Misread {
        Misread { way: Vec::new(), what: What::Wrong(text.to_string()) }
    }

    fn missing_field(name: &'static str) -> Misread {
        Misread { way: vec![Cow::Owned(crate::check::member_name(name))], what: What::Missing }
    }
}

/// A word that should be a number or a truth value.
fn parsed<T: std::str::FromStr>(word: &str, expected: &str) -> Result<T, Misread> {
    let unexpected = || Misread::custom(format_args!("invalid value: {}, expected {expected}", Unexpected::Str(word)));
    word.trim().parse().map_err(|_| unexpected())
}

macro_rules! whole_numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
            match self {
                Value::Word(word) => visitor.visit_i64(parsed(word, "an integer")?),
                // JSON has one kind of number: 3.0 is 3.
                Value::Float(number) if number.fract() == 0.0 && number.abs() < 9.0e15 => visitor.visit_i64(*number as i64),
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for &'de Value {
    type Error = Misread;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Int(value) => visitor.visit_i64(*value),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Text(text) | Value::Word(text) => visitor.visit_borrowed_str(text),
            Value::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            Value::Time(time) => match time.seconds() {
                Ok(whole) => visitor.visit_i64(whole),
                Err(fraction) => visitor.visit_f64(fraction),
            },
            Value::List(_) => self.deserialize_seq(visitor),
            // Nobody says what this part of a form should be, so its look decides.
            Value::Form(members) => match members.keys().next() {
                Some(name) if name == "member" || name.bytes().all(|byte| byte.is_ascii_digit()) => {
                    self.deserialize_seq(visitor)
                }
                _ => self.deserialize_map(visitor),
            },
            Value::Map(_) | Value::Structure(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self {
            Value::Word(word) => visitor.visit_bool(parsed(&word.to_ascii_lowercase(), "true or false")?),
            _ => self.deserialize_any(visitor),
        }
    }

    whole_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self {
            Value::Word(word) => visitor.visit_f64(parsed(word, "a number")?),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Misread> {
        match self {
            Value::Text(text) | Value::Word(text) if name == BLOB => {
                let blob = Blob::of_base64(text).ok_or_else(|| Misread::custom("a blob is no base64"))?;
                visitor.visit_byte_buf(blob.0)
            }
            _ if name == BLOB || name == TIMESTAMP => self.deserialize_any(visitor),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self.items() {
            Some(items) => visitor.visit_seq(Items { items: items.into_iter(), place: 0 }),
            None => Err(Misread::invalid_type(Unexpected::Other(self.kind()), &visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Misread> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        match self.entries() {
            Some(entries) => visitor.visit_map(Entries { entries: entries.into_iter(), value: None, is_map: true }),
            None => Err(Misread::invalid_type(Unexpected::Other(self.kind()), &visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        match self {
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Bytes(_) | Value::Time(_) => {
                Err(Misread::invalid_type(Unexpected::Other(self.kind()), &visitor))
            }
            Value::Text(_) | Value::List(_) => Err(Misread::invalid_type(Unexpected::Other(self.kind()), &visitor)),
            Value::Word(word) if !word.is_empty() => Err(Misread::invalid_type(Unexpected::Str(word), &visitor)),
            // By name, so that each is met once and a form's own `entry` is no map here.
            _ => {
                let members: Vec<(&'de str, &'de Value)> =
                    fields.iter().filter_map(|name| Some((*name, self.member(name)?))).collect();
                visitor.visit_map(Entries { entries: members.into_iter(), value: None, is_map: false })
            }
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        match self {
            Value::Text(text) | Value::Word(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            _ => match self.entries() {
                Some(entries) => {
                    let entries = Entries { entries: entries.into_iter(), value: None, is_map: false };
                    visitor.visit_enum(MapAccessDeserializer::new(entries))
                }
                None => Err(Misread::invalid_type(Unexpected::Other(self.kind()), &visitor)),
            },
        }
    }

    serde::forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct identifier ignored_any
    }
}

struct Items<'de> {
    items: std::vec::IntoIter<&'de Value>,
    place: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misread> {
        let Some(item) = self.items.next() else { return Ok(None) };
        self.place += 1;
        // AWS counts from one, and calls each "member".
        let place = self.place;
        seed.deserialize(item).map(Some).map_err(|misread| misread.at("member").at(place.to_string()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Entries<'de> {
    entries: std::vec::IntoIter<(&'de str, &'de Value)>,
    value: Option<(&'de str, &'de Value)>,
    is_map: bool,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Misread;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misread> {
        let Some((name, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some((name, value));
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Misread> {
        let (name, value) = self.value.take().ok_or_else(|| Misread::custom("a value without its name"))?;
        seed.deserialize(value).map_err(|misread| match self.is_map {
            true => misread.at("member").at(name.to_owned()),
            false => misread.at(crate::check::member_name(name)),
        })
    }
}
