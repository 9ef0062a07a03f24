//! Web servers elsewhere: what subscriptions and API destinations are told over HTTP/S.
//!
//! Whoever may subscribe an endpoint chooses an address that this machine connects to. So a name is looked up once, what it
//! stands for is held against [`address`], and only what has passed is connected to: a name that stands for something else a
//! moment later gains nothing. An answer that points elsewhere is an answer; nobody follows it. No proxy is asked, for it
//! would look names up by itself.

use std::error::Error;
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::blocking::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use server::world::{WebError, WebReply, WebRequest};

pub use address::Allowed;

mod address;

/// As much is read of an answer.
const REPLY_BYTES: u64 = 64 * 1024;
/// Nobody waits longer until a connection stands.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The web.
pub struct RealWeb {
    client: Client,
    allowed: Arc<[Allowed]>,
}

impl RealWeb {
    /// The web, with these addresses besides those that anybody may be told at, and with these authorities (PEM) besides the
    /// system's.
    pub fn new(allowed: &[Allowed], authorities_pem: Option<&[u8]>) -> reqwest::Result<RealWeb> {
        let allowed: Arc<[Allowed]> = allowed.into();
        let mut client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .http1_only()
            .connect_timeout(CONNECT_TIMEOUT)
            // As AWS does. A connection that was closed meanwhile would be a failed attempt.
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(Checked { allowed: Arc::clone(&allowed) }));
        for authority in authorities_pem.map(reqwest::Certificate::from_pem_bundle).transpose()?.into_iter().flatten() {
            client = client.add_root_certificate(authority);
        }
        Ok(RealWeb { client: client.build()?, allowed })
    }
}

impl server::world::Web for RealWeb {
    fn send(&self, request: &WebRequest) -> Result<WebReply, WebError> {
        let refused = |what: String| WebError::Refused(what);
        let shown = before_query(&request.url);
        let url = Url::parse(&request.url).map_err(|error| refused(format!("`{shown}` is no URL: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused(format!("`{shown}` is neither http nor https")));
        }
        // Names come to the resolver; addresses do not.
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        if let Ok(address) = host.parse::<IpAddr>() {
            address::check(host, address, &self.allowed).map_err(|forbidden| refused(forbidden.to_string()))?;
        }
        let method =
            request.method.parse().map_err(|_| refused(format!("`{}` is no method of HTTP", request.method)))?;
        let mut sent = self.client.request(method, url).timeout(request.timeout);
        for (name, value) in &request.headers {
            let wrong = || refused(format!("`{name}` cannot be a header, or not with its value"));
            let value = HeaderValue::from_str(value).map_err(|_| wrong())?;
            sent = sent.header(HeaderName::try_from(name).map_err(|_| wrong())?, value);
        }
        let reply = sent.body(request.body.clone()).send().map_err(|error| why(&error, request.timeout))?;
        let status = reply.status().as_u16();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = reply.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        // The status is the answer. Whoever never ends what comes behind it has answered all the same.
        let mut body = Vec::new();
        if let Err(error) = reply.take(REPLY_BYTES).read_to_end(&mut body) {
            tracing::debug!(url = shown, error = &error as &dyn Error, "an answer broke off");
        }
        Ok(WebReply { status, headers, body })
    }
}

/// A URL without its query, in which secrets of a connection may be.
fn before_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// Why nothing was answered. The URL is not repeated: a secret may be in it.
fn why(error: &reqwest::Error, timeout: Duration) -> WebError {
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    if let Some(forbidden) = causes.find_map(|cause| cause.downcast_ref::<address::Forbidden>()) {
        return WebError::Refused(forbidden.to_string());
    }
    if error.is_timeout() {
        return WebError::Timeout(timeout);
    }
    let causes: Vec<String> =
        std::iter::successors(error.source(), |&cause| cause.source()).map(ToString::to_string).collect();
    match causes.is_empty() {
        true => WebError::Unreachable("the request could not be sent".into()),
        false => WebError::Unreachable(causes.join(": ")),
    }
}

/// Looks a name up, and gives only those of its addresses that may be connected to.
struct Checked {
    allowed: Arc<[Allowed]>,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.allowed);
        Box::pin(async move {
            let name = name.as_str();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name, 0)).await?.collect();
            let mut forbidden = None;
            let mut passed = Vec::new();
            for address in found {
                match address::check(name, address.ip(), &allowed) {
                    Ok(()) => passed.push(address),
                    Err(why) => forbidden = Some(why),
                }
            }
            match forbidden {
                Some(why) if passed.is_empty() => Err(why.into()),
                _ => Ok(Box::new(passed.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests;
