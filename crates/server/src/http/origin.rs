//! Origins: by which of our names a request asks, and which pages a browser may send it for.

use axum::http::header::{self, HeaderValue};
use axum::http::request::Parts;
use wire::Request;
use wire::sigv4::Fault;

use super::FrontDoor;

impl FrontDoor {
    /// Whether the request names one of our own names.
    pub(super) fn is_asked_by_name(&self, parts: &Parts) -> bool {
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let Some(host) = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str())) else {
            return false;
        };
        self.hosts.iter().any(|ours| ours.is(host))
    }

    pub(super) fn hold_origin(&self, request: &Request<'_>) -> Result<(), Fault> {
        match request.header("origin") {
            Some(origin) if origin != self.public_url && !self.is_own_page(origin, request) => {
                Err(Fault::Incomplete("Requests of other origins are not answered.".into()))
            }
            // What is no text is no origin of ours.
            None if request.headers.contains_key("origin") => {
                Err(Fault::Incomplete("Requests of other origins are not answered.".into()))
            }
            _ => Ok(()),
        }
    }

    /// Whether a page is one of ours that was opened by another of our names (`localhost`, an address): it says so, and asks by the
    /// same name. Whatever is in front of a name may be a bucket, whose objects are none of our pages.
    fn is_own_page(&self, origin: &str, request: &Request<'_>) -> bool {
        let scheme = self.public_url.split_once("://").map_or("http", |parts| parts.0);
        let asked = request.header("host");
        let said = origin.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://"));
        said.is_some()
            && said == asked
            && said.is_some_and(|host| self.hosts.iter().any(|ours| ours.is_without_bucket(host)))
    }
}

/// Whether no page of another site has a browser send this. Requests that only get something, an image's, say nothing of their
/// origin, but browsers say this of all.
/// <https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header>
pub(super) fn hold_site(request: &Request<'_>) -> Result<(), Fault> {
    let is_ours = |site: &HeaderValue| matches!(site.as_bytes(), b"same-origin" | b"none");
    match request.headers.get_all("sec-fetch-site").iter().all(is_ours) {
        true => Ok(()),
        false => Err(Fault::Incomplete("Requests of other sites' pages are not answered.".into())),
    }
}
