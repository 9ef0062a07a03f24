//! The console: the built web page, embedded, and how it is sent.
//!
//! What vite builds of `console/` lies in here as brotli; whoever does not take that gets it inflated. Files under `assets/` have
//! their hash in their name and are kept for ever, `index.html` is asked for again each time (`ETag`). Any path that names no file is
//! a page's address, and the page itself knows what to show there.
//!
//! Nothing in it may run or load but what comes from here: [`POLICY`].

use std::io::Read;
use std::sync::{LazyLock, OnceLock};

use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};

/// Where it is served: paths begin so.
pub const PATH: &str = "/console/";

/// What the page may do. Styles come from files, too; fonts lie in the style sheet.
/// <https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy>
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self' data:; img-src 'self' data: blob:; \
                          connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file as it is embedded.
struct File {
    /// Its path, with `.br` behind it if it is compressed.
    name: &'static str,
    /// Of its bytes.
    hash: &'static str,
    bytes: &'static [u8],
}

/// What the build script found, by name.
static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Each of them inflated, once somebody wanted it so.
static INFLATED: LazyLock<Vec<OnceLock<Vec<u8>>>> = LazyLock::new(|| FILES.iter().map(|_| OnceLock::new()).collect());

/// The page and its files.
const INDEX: &str = "index.html";
const ASSETS: &str = "assets/";

/// Whether the page was built when this was.
pub fn is_built() -> bool {
    file("index.html.br").is_some()
}

/// Answers a GET of a path after [`PATH`].
pub fn answer(path: &str, headers: &HeaderMap) -> Response<&'static [u8]> {
    let asked = if path.is_empty() { INDEX } else { path };
    let (name, file, is_compressed) = match find(asked) {
        Some((file, is_compressed)) => (asked, file, is_compressed),
        // A file that is gone is no page.
        None if asked.starts_with(ASSETS) => return not_found(),
        None => match find(INDEX) {
            Some((file, is_compressed)) => (INDEX, file, is_compressed),
            None => return not_found(),
        },
    };
    let takes_it = !is_compressed || takes_brotli(headers);
    let tag = tag(file, takes_it);
    let caching = if name.starts_with(ASSETS) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let is_known =
        headers.get_all(header::IF_NONE_MATCH).iter().any(|known| known.to_str().is_ok_and(|k| k.contains(&tag)));
    let body = match (is_known, takes_it) {
        (true, _) => &[][..],
        (false, true) => file.bytes,
        (false, false) => plain(file),
    };
    let mut reply = Response::new(body);
    *reply.status_mut() = if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            reply.headers_mut().insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, kind(name));
    set(header::CACHE_CONTROL, caching);
    set(header::ETAG, &tag);
    set(header::VARY, "accept-encoding");
    if is_compressed && takes_it {
        set(header::CONTENT_ENCODING, "br");
    }
    harden(reply.headers_mut());
    reply
}

fn file(name: &str) -> Option<&'static File> {
    FILES.binary_search_by(|file| file.name.cmp(name)).ok().map(|at| &FILES[at])
}

/// A file, and whether it is compressed.
fn find(name: &str) -> Option<(&'static File, bool)> {
    file(&format!("{name}.br")).map(|file| (file, true)).or_else(|| file(name).map(|file| (file, false)))
}

/// Another one for each form that it is sent in.
fn tag(file: &File, as_it_is: bool) -> String {
    format!("\"{}{}\"", file.hash, if as_it_is { "" } else { "-plain" })
}

/// Whether whoever asks takes brotli: it is named, and not with a weight of 0.
fn takes_brotli(headers: &HeaderMap) -> bool {
    let all = headers.get_all(header::ACCEPT_ENCODING);
    let mut named = all.iter().filter_map(|said| said.to_str().ok()).flat_map(|said| said.split(','));
    named.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br"))
            && !parts.any(|weight| weight.strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty()))
    })
}

fn plain(file: &'static File) -> &'static [u8] {
    match FILES.binary_search_by(|one| one.name.cmp(file.name)) {
        Ok(at) => INFLATED[at].get_or_init(|| inflated(file.bytes)),
        Err(_) => &[],
    }
}

fn inflated(bytes: &[u8]) -> Vec<u8> {
    let mut inflated = Vec::new();
    brotli_decompressor::Decompressor::new(bytes, 4096)
        .read_to_end(&mut inflated)
        .expect("it was compressed by our own build");
    inflated
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |parts| parts.1) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

fn not_found() -> Response<&'static [u8]> {
    let mut reply = Response::new(&b"There is no such file of the console.\n"[..]);
    *reply.status_mut() = StatusCode::NOT_FOUND;
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    harden(reply.headers_mut());
    reply
}

fn harden(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(path: &str, headers: &[(HeaderName, &str)]) -> Response<&'static [u8]> {
        let given = headers.iter().map(|(name, value)| (name.clone(), value.parse().expect("it is a header")));
        answer(path, &given.collect())
    }

    fn said<'r>(reply: &'r Response<&'static [u8]>, name: HeaderName) -> &'r str {
        reply.headers().get(name).map_or("", |value| value.to_str().expect("it is text"))
    }

    #[test]
    fn any_address_of_a_page_is_the_page_and_a_file_that_is_gone_is_none() {
        let index = ask("", &[]);
        assert_eq!((index.status(), said(&index, header::CONTENT_TYPE)), (StatusCode::OK, "text/html; charset=utf-8"));
        assert!(index.body().starts_with(b"<!doctype html>"));
        assert_eq!(said(&index, header::CACHE_CONTROL), "no-cache");
        assert_eq!(ask("insights/2f0c6a1e", &[]).body(), index.body());
        assert_eq!(ask("assets/gone.js", &[]).status(), StatusCode::NOT_FOUND);
        assert_eq!(ask("../../etc/passwd", &[]).body(), index.body());
    }

    #[test]
    fn whoever_has_it_is_sent_nothing() {
        let tag = said(&ask("", &[]), header::ETAG).to_owned();
        let again = ask("", &[(header::IF_NONE_MATCH, &tag)]);
        assert_eq!((again.status(), again.body().len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(said(&again, header::ETAG), tag);
        assert_eq!(ask("", &[(header::IF_NONE_MATCH, "\"other\"")]).status(), StatusCode::OK);
    }

    #[test]
    fn nothing_runs_or_loads_but_what_comes_from_here() {
        for path in ["", "assets/gone.js"] {
            let reply = ask(path, &[]);
            let policy = said(&reply, header::CONTENT_SECURITY_POLICY);
            assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"), "{policy}");
            assert!(!policy.contains("unsafe"), "{policy}");
            assert_eq!(said(&reply, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        }
    }

    #[test]
    fn brotli_is_sent_to_who_takes_it() {
        let takes = |coding: &str| {
            takes_brotli(&[(header::ACCEPT_ENCODING, coding.parse().expect("a header"))].into_iter().collect())
        };
        assert!(takes("gzip, deflate, br, zstd") && takes("br;q=0.5") && takes("gzip;q=0, BR"));
        assert!(!takes("gzip, deflate") && !takes("br;q=0") && !takes("br; q=0.0, gzip"));
        if !is_built() {
            return;
        }
        let (plain, compressed) = (ask("", &[]), ask("", &[(header::ACCEPT_ENCODING, "br")]));
        assert_eq!((said(&plain, header::CONTENT_ENCODING), said(&compressed, header::CONTENT_ENCODING)), ("", "br"));
        assert_ne!(said(&plain, header::ETAG), said(&compressed, header::ETAG));
        assert_eq!(&inflated(compressed.body()), plain.body());
    }
}
