//! The query protocol: a form comes in, XML goes out.
//!
//! ```text
//! Action=Publish&Version=2010-03-31&TopicArn=…&MessageAttributes.entry.1.Name=kind&MessageAttributes.entry.1.Value.DataType=…
//! ```
//!
//! A dot in a name goes one level down. What lies there is a list, a map or a structure only once an operation reads it:
//! see [`Value::items`] and [`Value::entries`]. <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::error::ApiError;
use crate::request::{Limits, Request};
use crate::service::Service;
use crate::value::Value;
use crate::xml::Xml;

/// The operation and its input. Parameters are taken from the body and from the query string, as AWS does.
pub(crate) fn read(request: &Request<'_>, limits: &Limits) -> Result<(String, Value), ApiError> {
    let mut form = Form { members: BTreeMap::new(), room: limits.parameter_count, limits };
    form.add(request.query.as_bytes())?;
    form.add(request.body)?;
    let mut members = form.members;
    members.remove("Version");
    let operation = match members.remove("Action") {
        Some(Value::Word(operation)) if !operation.is_empty() => operation,
        _ => return Err(ApiError::new("MissingAction", "The request is missing an action or a required parameter.")),
    };
    if operation.len() > 128 || !operation.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(unknown_operation("it names"));
    }
    Ok((operation, Value::Form(members)))
}

/// What is said to an operation that a service does not have.
pub(crate) fn unknown_operation(operation: &str) -> ApiError {
    ApiError::new("InvalidAction", format!("The action {operation} is not valid for this web service."))
}

struct Form<'a> {
    members: BTreeMap<String, Value>,
    room: usize,
    limits: &'a Limits,
}

impl Form<'_> {
    fn add(&mut self, form: &[u8]) -> Result<(), ApiError> {
        for (name, value) in form_urlencoded::parse(form) {
            self.room = self
                .room
                .checked_sub(1)
                .ok_or_else(|| malformed(&format!("there are more than {} parameters", self.limits.parameter_count)))?;
            // What signs a URL is no parameter of the operation.
            if !name.is_empty() && !name.starts_with("X-Amz-") {
                put(&mut self.members, &name, value.into_owned(), self.limits.depth)?;
            }
        }
        Ok(())
    }
}

fn put(members: &mut BTreeMap<String, Value>, name: &str, word: String, depth: usize) -> Result<(), ApiError> {
    let Some((first, rest)) = name.split_once('.') else {
        // The last of a name counts. A list that is empty (`Tags=`) beside one that is not says nothing.
        match members.entry(name.to_owned()) {
            Entry::Occupied(there) if matches!(there.get(), Value::Form(_)) && word.is_empty() => {}
            Entry::Occupied(there) if matches!(there.get(), Value::Form(_)) => return Err(both(name)),
            Entry::Occupied(mut there) => drop(there.insert(Value::Word(word))),
            Entry::Vacant(free) => drop(free.insert(Value::Word(word))),
        }
        return Ok(());
    };
    let depth = depth.checked_sub(1).ok_or_else(|| malformed("a parameter's name has too many parts"))?;
    let below = members.entry(first.to_owned()).or_insert_with(|| Value::Form(BTreeMap::new()));
    if matches!(below, Value::Word(word) if word.is_empty()) {
        *below = Value::Form(BTreeMap::new());
    }
    match below {
        Value::Form(below) => put(below, rest, word, depth),
        _ => Err(both(first)),
    }
}

fn both(name: &str) -> ApiError {
    malformed(&format!("'{name}' is a value and has parts"))
}

fn malformed(why: &str) -> ApiError {
    ApiError::new("MalformedQueryString", format!("The query string contains a syntax error: {why}"))
}

/// An answer's body. An operation that answers nothing has no result element.
pub(crate) fn written(operation: &str, answer: Value, service: Service, request_id: &str) -> Vec<u8> {
    // An answer is a structure, even if serde says that it is a map, as it does of a type with a flattened member.
    let answer = if let Value::Map(members) = answer { Value::Structure(members) } else { answer };
    let mut xml = Xml::default();
    xml.open_in(&format!("{operation}Response"), service.xml_namespace());
    if answer != Value::Null {
        xml.element(&format!("{operation}Result"), &answer);
    }
    xml.open("ResponseMetadata");
    xml.text("RequestId", request_id);
    xml.close("ResponseMetadata");
    xml.close(&format!("{operation}Response"));
    xml.finish()
}

/// An error's body. <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization>
pub(crate) fn error(error: &ApiError, service: Option<Service>, request_id: &str) -> Vec<u8> {
    let mut xml = Xml::default();
    xml.open_in("ErrorResponse", service.map_or("", Service::xml_namespace));
    xml.open("Error");
    xml.text("Type", if error.is_sender { "Sender" } else { "Receiver" });
    xml.text("Code", &error.code);
    xml.text("Message", &error.message);
    for (name, value) in &error.fields {
        xml.element(name, value);
    }
    xml.close("Error");
    xml.text("RequestId", request_id);
    xml.close("ErrorResponse");
    xml.finish()
}
