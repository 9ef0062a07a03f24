//! A request as it came: method, target, headers, body. No sockets, no framework.

use http::HeaderMap;

use crate::service::{Addressee, Service};

/// What a client sent. The path and the query string are raw, because a signature covers them as they were written.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `POST`.
    pub method: &'a str,
    /// The path, still percent-encoded: `/2015-03-31/functions/warden`.
    pub path: &'a str,
    /// What follows the question mark, still percent-encoded; empty without one.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The whole body.
    pub body: &'a [u8],
}

/// How much of a request is read. What is beyond is refused with AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body. AWS's own limits are near one MiB, which encoded can be some more.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size>
    pub body_bytes: usize,
    /// Bytes of a body that may be a function's code or its input: the largest that Lambda takes.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
    pub function_bytes: usize,
    /// Values in a body of JSON.
    pub value_count: usize,
    /// Parameters of a form or a query string.
    pub parameter_count: usize,
    /// Dots in the name of a form's parameter.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body_bytes: 4 << 20,
            function_bytes: 70_167_211,
            value_count: 200_000,
            parameter_count: 10_000,
            depth: 32,
        }
    }
}

impl Limits {
    /// How many bytes of a body to take at most: for who reads it from a socket. S3's are no body of ours.
    pub fn body_bytes_of(&self, to: &Addressee) -> usize {
        if to.service == Some(Service::Lambda) { self.function_bytes } else { self.body_bytes }
    }
}

impl<'a> Request<'a> {
    /// Of a request line's parts. `target` is the path with its query string.
    pub fn new(method: &'a str, target: &'a str, headers: &'a HeaderMap, body: &'a [u8]) -> Request<'a> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Request { method, path, query, headers, body }
    }

    /// Of the `http` crate's parts, which is what servers have. Over HTTP/2 the `:authority` must have become the `Host`
    /// header before: it is what was signed.
    pub fn of(parts: &'a http::request::Parts, body: &'a [u8]) -> Request<'a> {
        Request {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            body,
        }
    }

    /// A header's first value, if it is text.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }

    /// A parameter of the query string, decoded; the first of its name.
    pub fn parameter(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Whether the body is a form.
    pub(crate) fn is_form(&self) -> bool {
        self.has_content_type("application/x-www-form-urlencoded")
    }

    pub(crate) fn has_content_type(&self, wanted: &str) -> bool {
        let is = self.header("content-type").and_then(|text| text.split(';').next()).unwrap_or_default();
        is.trim().eq_ignore_ascii_case(wanted)
    }
}
