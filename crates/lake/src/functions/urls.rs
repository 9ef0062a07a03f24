//! URLs taken apart: `url_extract_host` and its kin, `url_decode` (policies in answers of IAM are written so), `url_encode`.
//!
//! <https://trino.io/docs/current/functions/url.html>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Builder};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::types::{TEXT, WHOLE};
use super::{Plain, each_text, text_at, texts_of};

/// What stays as it is when it is encoded.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b' ');

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        Plain::new("url_extract_host", &[TEXT], TEXT, |args, rows| part(args, rows, |url| url.host)).into(),
        Plain::new("url_extract_protocol", &[TEXT], TEXT, |args, rows| part(args, rows, |url| Some(url.protocol)))
            .into(),
        Plain::new("url_extract_path", &[TEXT], TEXT, |args, rows| part(args, rows, |url| Some(url.path))).into(),
        Plain::new("url_extract_query", &[TEXT], TEXT, |args, rows| part(args, rows, |url| url.query)).into(),
        Plain::new("url_extract_fragment", &[TEXT], TEXT, |args, rows| part(args, rows, |url| url.fragment)).into(),
        Plain::new("url_extract_port", &[TEXT], WHOLE, port).into(),
        Plain::new("url_extract_parameter", &[TEXT, TEXT], TEXT, parameter).into(),
        Plain::new("url_decode", &[TEXT], TEXT, |args, rows| {
            let texts = texts_of(&args[0]);
            Ok(each_text(rows, |row| text_at(texts, row).map(decoded)))
        })
        .into(),
        Plain::new("url_encode", &[TEXT], TEXT, |args, rows| {
            let texts = texts_of(&args[0]);
            Ok(each_text(rows, |row| {
                text_at(texts, row).map(|text| utf8_percent_encode(text, PLAIN).to_string().replace(' ', "+"))
            }))
        })
        .into(),
    ]
}

/// `https://host:port/path?query#fragment`.
struct Url<'u> {
    protocol: &'u str,
    host: Option<&'u str>,
    port: Option<i64>,
    path: &'u str,
    query: Option<&'u str>,
    fragment: Option<&'u str>,
}

impl<'u> Url<'u> {
    fn parse(text: &'u str) -> Option<Url<'u>> {
        let (protocol, rest) = text.split_once("://")?;
        let (rest, fragment) = split(rest, '#');
        let (rest, query) = split(rest, '?');
        let at = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(at);
        let authority = authority.rsplit('@').next()?;
        let numbered = authority.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let (host, port) = numbered.map_or((authority, None), |(host, port)| (host, Some(port)));
        Some(Url { protocol, host: Some(host).filter(|host| !host.is_empty()), port, path, query, fragment })
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

fn part(args: &[ArrayRef], rows: usize, of: for<'u> fn(Url<'u>) -> Option<&'u str>) -> Result<ArrayRef> {
    let texts = texts_of(&args[0]);
    Ok(each_text(rows, |row| of(Url::parse(text_at(texts, row)?)?)))
}

fn port(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut out) = (texts_of(&args[0]), Int64Builder::with_capacity(rows));
    (0..rows).for_each(|row| out.append_option(text_at(texts, row).and_then(Url::parse).and_then(|url| url.port)));
    Ok(Arc::new(out.finish()))
}

/// The first parameter of a name.
fn parameter(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, names) = (texts_of(&args[0]), texts_of(&args[1]));
    debug_assert_eq!(texts.len(), names.len());
    Ok(each_text(rows, |row| {
        let (url, wanted) = (Url::parse(text_at(texts, row)?)?, text_at(names, row)?);
        let mut pairs = url.query?.split('&').map(|pair| split(pair, '='));
        pairs.find(|(name, _)| decoded(name) == wanted).map(|(_, value)| decoded(value.unwrap_or("")))
    }))
}
