//! The console's page: files that anybody may have, sent before anything is asked of who comes.
//!
//! They hold no secret, and they are the same for all; what they show is asked for by `/api/console/v1/` and AWS's operations, and
//! whoever asks that is looked at (`gate.rs`). A link to a page may stand anywhere, in a mail most often, so that other sites lead
//! here; no site may frame it.

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode, header};

use super::{FrontDoor, told};

/// Where it lies.
const PATH: &str = "/console/";

/// Whatever has the page: of a path after `/console/` and a request's headers it makes an answer. Its library is the binary's affair.
pub type Page = fn(&str, &HeaderMap) -> Response<&'static [u8]>;

impl FrontDoor {
    /// A file of the page, or the way to it; `None`: it is not asked for.
    pub(super) fn reply_of_page(&self, parts: &Parts) -> Option<Response<Body>> {
        let page = self.page?;
        if !matches!(parts.method.as_str(), "GET" | "HEAD") {
            return None;
        }
        let path = parts.uri.path();
        if let Some(file) = path.strip_prefix(PATH) {
            return Some(page(file, &parts.headers).map(|body| Body::from(Bytes::from_static(body))));
        }
        // Of `/` only a browser is led on: nothing else asks for a page.
        let accept = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let leads_on = path == "/console" || path == "/" && parts.uri.query().is_none() && accept.contains("text/html");
        leads_on.then(|| {
            let mut reply = told(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", "The console is at /console/.\n");
            reply.headers_mut().insert(header::LOCATION, header::HeaderValue::from_static(PATH));
            reply
        })
    }
}
