//! Making a tree of values of what an operation answers. What has no value, an absent option, becomes nothing.

use std::borrow::Cow;

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::{Members, Value};
use crate::time::{BLOB, Blob, TIMESTAMP, Timestamp};

/// Why an answer cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unwritable(String);

impl serde::ser::Error for Unwritable {
    fn custom<T: std::fmt::Display>(text: T) -> Unwritable {
        Unwritable(text.to_string())
    }
}

impl Value {
    /// Of what an operation answers.
    pub fn of<T: Serialize + ?Sized>(answer: &T) -> Result<Value, Unwritable> {
        answer.serialize(ToValue)
    }
}

struct ToValue;

macro_rules! plain {
    ($($method:ident($type:ty) => $make:expr;)*) => {$(
        fn $method(self, value: $type) -> Result<Value, Unwritable> {
            Ok($make(value))
        }
    )*};
}

impl Serializer for ToValue {
    type Ok = Value;
    type Error = Unwritable;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    plain! {
        serialize_bool(bool) => Value::Bool;
        serialize_i8(i8) => |value| Value::Int(i64::from(value));
        serialize_i16(i16) => |value| Value::Int(i64::from(value));
        serialize_i32(i32) => |value| Value::Int(i64::from(value));
        serialize_i64(i64) => Value::Int;
        serialize_u8(u8) => |value| Value::Int(i64::from(value));
        serialize_u16(u16) => |value| Value::Int(i64::from(value));
        serialize_u32(u32) => |value| Value::Int(i64::from(value));
        serialize_u64(u64) => |value| i64::try_from(value).map_or(Value::Float(value as f64), Value::Int);
        serialize_f32(f32) => |value| Value::Float(f64::from(value));
        serialize_f64(f64) => Value::Float;
        serialize_char(char) => |value: char| Value::Text(value.to_string());
        serialize_str(&str) => |value: &str| Value::Text(value.to_owned());
        serialize_bytes(&[u8]) => |value: &[u8]| Value::Bytes(value.to_vec());
    }

    fn serialize_none(self) -> Result<Value, Unwritable> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Unwritable> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, Unwritable> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, Unwritable> {
        Ok(Value::Text(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, Unwritable> {
        let value = value.serialize(self)?;
        let seconds = match value {
            Value::Int(seconds) => seconds as f64,
            Value::Float(seconds) => seconds,
            Value::Text(ref text) if name == BLOB => {
                let blob = Blob::of_base64(text).ok_or_else(|| Unwritable::custom("a blob is no base64"))?;
                return Ok(Value::Bytes(blob.0));
            }
            value => return Ok(value),
        };
        match name {
            TIMESTAMP => Timestamp::of_seconds(seconds)
                .map(Value::Time)
                .ok_or_else(|| Unwritable::custom("a timestamp is out of range")),
            _ => Ok(value),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Unwritable> {
        Ok(Value::Structure(vec![(Cow::Borrowed(variant), value.serialize(self)?)]))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Items, Unwritable> {
        Ok(Items { variant: None, items: Vec::with_capacity(len.unwrap_or_default().min(4096)) })
    }

    fn serialize_tuple(self, len: usize) -> Result<Items, Unwritable> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Items, Unwritable> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Items, Unwritable> {
        Ok(Items { variant: Some(variant), ..self.serialize_seq(Some(len))? })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Unwritable> {
        Ok(Entries { members: Vec::new(), name: None })
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Fields, Unwritable> {
        Ok(Fields { variant: None, members: Vec::with_capacity(len) })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Fields, Unwritable> {
        Ok(Fields { variant: Some(variant), members: Vec::with_capacity(len) })
    }
}

/// What a variant with contents is: a structure of one member, as Smithy's unions are.
fn of_variant(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(variant) => Value::Structure(vec![(Cow::Borrowed(variant), value)]),
        None => value,
    }
}

struct Items {
    variant: Option<&'static str>,
    items: Vec<Value>,
}

impl SerializeSeq for Items {
    type Ok = Value;
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.items.push(value.serialize(ToValue)?);
        Ok(())
    }

    fn end(self) -> Result<Value, Unwritable> {
        Ok(of_variant(self.variant, Value::List(self.items)))
    }
}

macro_rules! like_a_list {
    ($($kind:ident $method:ident;)*) => {$(
        impl $kind for Items {
            type Ok = Value;
            type Error = Unwritable;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
                SerializeSeq::serialize_element(self, value)
            }

            fn end(self) -> Result<Value, Unwritable> {
                SerializeSeq::end(self)
            }
        }
    )*};
}

like_a_list! {
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

struct Entries {
    members: Members,
    name: Option<String>,
}

impl SerializeMap for Entries {
    type Ok = Value;
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.name = Some(match key.serialize(ToValue)? {
            Value::Text(text) => text,
            Value::Int(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            key => return Err(Unwritable::custom(format_args!("{} is no key of a map", key.kind()))),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        let name = self.name.take().ok_or_else(|| Unwritable::custom("a value without its key"))?;
        self.members.push((Cow::Owned(name), value.serialize(ToValue)?));
        Ok(())
    }

    fn end(self) -> Result<Value, Unwritable> {
        Ok(Value::Map(self.members))
    }
}

struct Fields {
    variant: Option<&'static str>,
    members: Members,
}

impl SerializeStruct for Fields {
    type Ok = Value;
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unwritable> {
        let value = value.serialize(ToValue)?;
        if value != Value::Null {
            self.members.push((Cow::Borrowed(name), value));
        }
        Ok(())
    }

    fn end(self) -> Result<Value, Unwritable> {
        Ok(of_variant(self.variant, Value::Structure(self.members)))
    }
}

impl SerializeStructVariant for Fields {
    type Ok = Value;
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unwritable> {
        SerializeStruct::serialize_field(self, name, value)
    }

    fn end(self) -> Result<Value, Unwritable> {
        SerializeStruct::end(self)
    }
}
