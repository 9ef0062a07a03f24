//! What targets share: a request of lines, and an operation with members of all kinds.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape, check};
use wire::{Addressee, Blob, Call, Limits, Request, Timestamp};

/// An operation with members of all kinds.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Everything {
    name: Option<String>,
    number: Option<i32>,
    truth: Option<bool>,
    time: Option<Timestamp>,
    blob: Option<Blob>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    list: Vec<Everything>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    map: BTreeMap<String, Everything>,
}

static NAME: Shape = Shape::string().length(1, 5).pattern("[a-z]+").one_of(&["a", "b"]);
static ITEM: Shape = Shape::structure("Item", &[Member::required("Name", NAME)]);
static EVERYTHING: Shape = Shape::structure(
    "Everything",
    &[
        Member::required("Name", NAME),
        Member::optional("Number", Shape::integer().range(1.0, 5.0)),
        Member::optional("List", Shape::list(&ITEM).length(1, 3)),
        Member::optional("Map", Shape::map(&NAME, &NAME)),
    ],
);

/// The first lines of an input, as texts (empty where there are none), and what comes after them.
pub fn lines<const N: usize>(input: &[u8]) -> Option<([&str; N], &[u8])> {
    let mut lines = [""; N];
    let mut rest = input;
    for line in &mut lines {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        *line = std::str::from_utf8(&rest[..end]).ok()?;
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Some((lines, rest))
}

/// Headers of names and values. One that is empty, or cannot be sent, is not there.
pub fn headers(of: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in of {
        if let Ok(value) = HeaderValue::from_str(value)
            && !value.is_empty()
        {
            headers.insert(*name, value);
        }
    }
    headers
}

/// What a request's client reads: an answer, in which all comes back that was understood; or a refusal. `None`: it is for nobody.
pub fn answered(request: &Request<'_>) -> Option<http::Response<Vec<u8>>> {
    let to = Addressee::of(request)?;
    let error = match Call::read(request, &to, &Limits::default()) {
        Ok(call) => {
            let judged = check(&EVERYTHING, &call.input, call.service);
            match (judged, call.input::<Everything>()) {
                (Ok(()), Ok(read)) => return Some(call.reply(&read, "7c1f")),
                (Err(error), _) | (_, Err(error)) => error,
            }
        }
        Err(error) => error,
    };
    let reply = wire::error_reply(&to, &error, "7c1f");
    assert!((400..=501).contains(&reply.status().as_u16()) && !reply.body().is_empty(), "{reply:?}");
    Some(reply)
}
