//! The sentences, and how values look in them: as Java prints them.

use super::{Kind, Shape, member_name};
use crate::value::Value;

pub(super) fn pattern(text: &str) -> String {
    format!("Member must satisfy regular expression pattern: {text}")
}

pub(super) fn longest(length: u64) -> String {
    format!("Member must have length less than or equal to {length}")
}

pub(super) fn shortest(length: u64) -> String {
    format!("Member must have length greater than or equal to {length}")
}

pub(super) fn most(shape: &Shape, most: f64) -> String {
    format!("Member must have value less than or equal to {}", number(shape, most))
}

pub(super) fn least(shape: &Shape, least: f64) -> String {
    format!("Member must have value greater than or equal to {}", number(shape, least))
}

pub(super) fn one_of(texts: &[&str]) -> String {
    format!("Member must satisfy enum value set: [{}]", texts.join(", "))
}

/// `1`, or `1.0` where fractions are allowed.
fn number(shape: &Shape, number: f64) -> String {
    if shape.is_double { format!("{number:?}") } else { format!("{number}") }
}

/// All that is asked of the items of a list or the values of a map, in one.
pub(super) fn whole(of: &str, shape: &Shape) -> String {
    let mut all = Vec::new();
    all.extend(shape.longest.map(longest));
    all.extend(shape.shortest.map(shortest));
    all.extend(shape.most.map(|number| most(shape, number)));
    all.extend(shape.least.map(|number| least(shape, number)));
    all.extend(shape.pattern.map(|shape| pattern(shape.text())));
    if !shape.one_of.is_empty() {
        all.push(one_of(shape.one_of));
    }
    if !of.starts_with("Map keys") {
        all.push("Member must not be null".into());
    }
    format!("{of}: [{}]", all.join(", "))
}

/// The rest of a value that is longer is not told, as an answer has no use for megabytes.
const MAX_TOLD_BYTES: usize = 16_384;

/// A value in its quotes.
pub(super) fn quoted(shape: &Shape, value: &Value) -> String {
    let mut text = String::from("'");
    print(Some(shape), value, &mut text);
    if text.len() > MAX_TOLD_BYTES {
        text.truncate(text.floor_char_boundary(MAX_TOLD_BYTES));
        text.push('…');
    }
    text.push('\'');
    text
}

fn print(shape: Option<&Shape>, value: &Value, text: &mut String) {
    match (shape.map(|shape| shape.kind), value) {
        (_, Value::Null) => text.push_str("null"),
        (_, Value::Bool(value)) => text.push_str(if *value { "true" } else { "false" }),
        (_, Value::Int(value)) if shape.is_some_and(|shape| shape.is_double) => {
            text.push_str(&format!("{:?}", *value as f64))
        }
        (_, Value::Int(value)) => text.push_str(&value.to_string()),
        (_, Value::Float(value)) => text.push_str(&format!("{value:?}")),
        (_, Value::Text(value) | Value::Word(value)) => text.push_str(value),
        // Java prints the object, of which nobody learns anything.
        (_, Value::Bytes(bytes)) => {
            text.push_str(&format!("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", bytes.len()))
        }
        (_, Value::Time(time)) => text.push_str(&time.iso()),
        (Some(Kind::Structure { name, members }), _) => {
            text.push_str(name);
            text.push('(');
            for (i, member) in members.iter().enumerate() {
                text.push_str(if i > 0 { ", " } else { "" });
                text.push_str(&member_name(member.name));
                text.push('=');
                print(Some(&member.shape), value.member(member.name).unwrap_or(&Value::Null), text);
            }
            text.push(')');
        }
        (kind, Value::List(_) | Value::Form(_)) if value.items().is_some() => {
            let item = if let Some(Kind::List(item)) = kind { Some(item) } else { None };
            text.push('[');
            for (i, value) in value.items().into_iter().flatten().enumerate() {
                text.push_str(if i > 0 { ", " } else { "" });
                print(item, value, text);
            }
            text.push(']');
        }
        (kind, _) => {
            let of = if let Some(Kind::Map { value, .. }) = kind { Some(value) } else { None };
            text.push('{');
            for (i, (name, value)) in value.entries().into_iter().flatten().enumerate() {
                text.push_str(if i > 0 { ", " } else { "" });
                text.push_str(name);
                text.push('=');
                print(of, value, text);
            }
            text.push('}');
        }
    }
}
