//! What several tests need: requests written as HTTP has them.

use http::{HeaderMap, HeaderName, HeaderValue};
use wire::Request;
use wire::sigv4::Secret;

/// A request of its own.
pub(crate) struct Owned {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Owned {
    pub(crate) fn new(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Owned {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("it is a name");
            map.append(name, HeaderValue::from_bytes(value.as_bytes()).expect("it is a value"));
        }
        Owned { method: method.into(), target: target.into(), headers: map, body: body.to_vec() }
    }

    /// Of a request line, headers, an empty line and a body. A line that begins with a blank is one more value of the header
    /// above, as in the oldest requests.
    pub(crate) fn of_text(text: &str) -> Owned {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let line = lines.next().expect("there is a request line");
        let (method, rest) = line.split_once(' ').expect("there is a method");
        let target = rest.rsplit_once(" HTTP/").map_or(rest, |(target, _)| target);
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines.filter(|line| !line.is_empty()) {
            match (line.strip_prefix([' ', '\t']), line.split_once(':')) {
                (Some(more), _) => {
                    let name = headers.last().expect("there is a header above").0.clone();
                    headers.push((name, more.trim().into()));
                }
                (None, Some((name, value))) => headers.push((name.into(), value.trim().into())),
                (None, None) => panic!("{line:?} is no header"),
            }
        }
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Owned::new(method, target, &headers, &unescaped(body.trim_end_matches('\n')))
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request::new(&self.method, &self.target, &self.headers, &self.body)
    }
}

/// The bytes of a text in which `\n`, `\\` and `\xff` are written out.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => bytes.push(b'\n'),
            Some(b'x') => {
                let digits = [rest.next().expect("two digits"), rest.next().expect("two digits")];
                let digits = std::str::from_utf8(&digits).expect("ASCII");
                bytes.push(u8::from_str_radix(digits, 16).expect("hexadecimal"));
            }
            Some(other) => bytes.push(other),
            None => bytes.push(b'\\'),
        }
    }
    bytes
}

/// The one who recorded the requests.
pub(crate) const ACCESS_KEY: &str = "AKIDMADEUP0000000001";
pub(crate) const SECRET: &str = "made-up/secret+key";
pub(crate) const TOKEN: &str = "made-up//session+token==";

pub(crate) fn secret_of(access_key: &str, session_token: Option<&str>) -> Option<Secret> {
    (access_key == ACCESS_KEY)
        .then(|| Secret { session_token: session_token.map(|_| TOKEN.to_owned()), ..Secret::for_good(SECRET) })
}
