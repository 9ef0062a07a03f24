//! `HttpParameters` of a target: what an API destination's request has besides its text, with parts of the event in it.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_HttpParameters.html>

use std::collections::BTreeMap;

use route::json::Value;
use route::path::{Found, Path};
use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::rule::invalid;

/// As they are given. A value that begins with `$.` is a path into the event.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HttpParameters {
    path_parameter_values: Option<Vec<String>>,
    header_parameters: Option<BTreeMap<String, String>>,
    query_string_parameters: Option<BTreeMap<String, String>>,
}

/// The same for one event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct HttpValues {
    /// What the `*`s of the address stand for, in order.
    pub(crate) path: Vec<String>,
    /// Names and values.
    pub(crate) headers: Vec<(String, String)>,
    /// Names and values.
    pub(crate) query: Vec<(String, String)>,
}

/// Headers that are the connection's own, or say where a message ends: nobody sets them.
const NEVER_SET: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "max-forwards",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// Whether a header may be set.
pub(super) fn may_be_set(name: &str) -> Result<(), ApiError> {
    if NEVER_SET.iter().any(|never| name.trim().eq_ignore_ascii_case(never)) {
        return Err(invalid(format!("Header {} is not allowed to be set.", name.trim())));
    }
    Ok(())
}

impl HttpParameters {
    /// Whether they can be sent: paths are paths, and no header is one that nobody sets.
    pub(crate) fn check(&self, target: &str) -> Result<(), ApiError> {
        self.header_parameters.iter().flatten().try_for_each(|(name, _)| may_be_set(name))?;
        self.values().try_for_each(|value| match is_path(value).then(|| Path::parse(value)) {
            Some(Err(error)) => Err(invalid(format!("HttpParameters for target {target} are not valid: {error}"))),
            Some(Ok(_)) | None => Ok(()),
        })
    }

    /// Whether they ask for parts of the event.
    pub(crate) fn look_at_events(&self) -> bool {
        self.values().any(|value| is_path(value))
    }

    fn values(&self) -> impl Iterator<Item = &String> {
        let values = self.path_parameter_values.iter().flatten();
        let values = values.chain(self.header_parameters.iter().flat_map(BTreeMap::values));
        values.chain(self.query_string_parameters.iter().flat_map(BTreeMap::values))
    }

    /// With the event's parts in them. What a path does not lead to is left out, but for the address, where it is nothing.
    pub(crate) fn of_event(&self, event: Option<&Value<'_>>) -> HttpValues {
        let value = |text: &String| match (is_path(text), event) {
            (false, _) => Some(text.clone()),
            (true, None) => None,
            (true, Some(event)) => Path::parse(text).ok()?.find(event).map(|found| told(&found)),
        };
        let pairs = |map: &Option<BTreeMap<String, String>>| {
            let each = map.iter().flatten().filter_map(|(name, text)| Some((name.clone(), value(text)?)));
            each.collect()
        };
        HttpValues {
            path: self.path_parameter_values.iter().flatten().map(|text| value(text).unwrap_or_default()).collect(),
            headers: pairs(&self.header_parameters),
            query: pairs(&self.query_string_parameters),
        }
    }
}

fn is_path(text: &str) -> bool {
    text.starts_with("$.")
}

/// A text as it is, all else as JSON.
fn told(found: &Found<'_, '_>) -> String {
    match found {
        Found::One(Value::String(text)) => text.to_string(),
        _ => {
            let mut json = String::new();
            found.write_to(&mut json);
            json
        }
    }
}

/// The name of a header.
pub(super) const HEADER_KEY: Shape = Shape::string().at_most_long(512).pattern(r"^[!#$%&'*+-.^_`|~0-9a-zA-Z]+$");
/// Its value.
pub(super) const HEADER_VALUE: Shape =
    Shape::string().at_most_long(512).pattern(r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$");
/// The name of a part of a query.
pub(super) const QUERY_KEY: Shape = Shape::string().at_most_long(512).pattern(r"[^\x00-\x1F\x7F]+");
/// Its value.
pub(super) const QUERY_VALUE: Shape = Shape::string().at_most_long(512).pattern(r"[^\x00-\x09\x0B\x0C\x0E-\x1F\x7F]+");

const PATH_VALUE: Shape =
    Shape::string().pattern_by(r"^(?!\s*$).+", |text| !text.trim().is_empty() && !text.contains(['\n', '\r']));

/// What `HttpParameters` must be like.
pub(super) const HTTP_PARAMETERS: Shape = Shape::structure(
    "HttpParameters",
    &[
        Member::optional("PathParameterValues", Shape::list(&PATH_VALUE)),
        Member::optional("HeaderParameters", Shape::map(&HEADER_KEY, &HEADER_VALUE)),
        Member::optional("QueryStringParameters", Shape::map(&QUERY_KEY, &QUERY_VALUE)),
    ],
);
