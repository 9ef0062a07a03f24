//! The one port: a request comes in, is let in or not, read whole, and answered on a thread that may wait.
//!
//! ```text
//!  listener.rs   sockets: seats (room.rs), heads, how long is waited (patience.rs)
//!  gate.rs       who is let in, and how often; by which names the service is asked (host.rs)
//!  this file     what is asked for: S3, pushed events, our own requests, an operation
//! ```
//!
//! On loopback any key is good; but a key there must be, except for the links that SNS sends. A web page in the operator's
//! browser can send requests to this port too: it cannot sign them, and its origin gives it away.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Bytes, to_bytes};
use axum::http::header;
use axum::http::request::Parts;
use hyper::body::Body as _;
use record::names::Region;
use store::Store;
use wire::sigv4::Fault;
use wire::{Addressee, ApiError, Call, Limits, Service, error_reply};

pub use axum::body::Body;
pub use axum::http::{Request, Response, StatusCode};
pub use gate::Gate;
pub use host::HostName;
pub use listener::{Handshake, Listener, Peer, Shaken, Stream, serve};
pub use room::Room;

use crate::bus::RuleBook;
use crate::context::{Caller, Context, Place};
use crate::lambda::archive_at;
use crate::metrics::Metrics;
use crate::operation::answer;
use crate::own_api;
use crate::progress::Progress;
use crate::push::{self, Answer, PushDesk};
use crate::sns::forms::certificate_path;
use crate::world::World;
use gate::Refused;
use patience::TooSlow;

mod gate;
mod host;
mod listener;
mod patience;
mod room;

/// What will be a reply.
pub type Reply = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

/// Whatever answers S3's requests: its library is the binary's affair.
pub type S3Port = Arc<dyn Fn(Request<Body>) -> Reply + Send + Sync>;

/// What all requests share.
#[derive(Clone)]
pub struct FrontDoor {
    /// What is remembered.
    pub store: Arc<Store>,
    /// What lies outside.
    pub world: Arc<World>,
    /// The rules of the buses, ready to be asked.
    pub rules: Arc<RuleBook>,
    /// Where the service is.
    pub place: Place,
    /// How others reach it, without a slash at its end.
    pub public_url: String,
    /// The names by which it may be asked.
    pub hosts: Vec<HostName>,
    /// Who is let in.
    pub gate: Arc<Gate>,
    /// S3, if it is answered.
    pub s3: Option<S3Port>,
    /// How far the pipeline has come.
    pub progress: Arc<Progress>,
    /// What is counted and measured.
    pub metrics: Arc<Metrics>,
    /// Where EventBridge of other accounts posts its events.
    pub push: Arc<PushDesk>,
}

impl FrontDoor {
    pub(crate) async fn reply(self: &Arc<FrontDoor>, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        // What stands in front may have gone by another of them.
        if parts.headers.get_all(header::HOST).iter().nth(1).is_some() {
            return plain(StatusCode::BAD_REQUEST, "A request names one Host.\n");
        }
        // By whatever name it is asked (a proxy's, most often): what lets a post in is a secret that no page knows.
        if parts.uri.path() == push::PATH {
            return self.reply_to_push(&parts, body).await;
        }
        if !self.is_asked_by_name(&parts) {
            let text = "Trailsight is not asked by this name: use the address that it said when it started.\n";
            return plain(StatusCode::MISDIRECTED_REQUEST, text);
        }
        // Where a service is told by the form, the form is not here yet; S3 is never told by a form.
        let head = wire::Request::of(&parts, b"");
        let addressee = Addressee::of(&head);
        if let Some(to) = addressee.as_ref().filter(|to| to.service == Some(Service::S3)) {
            return self.reply_to_s3(parts, body, to.clone()).await;
        }
        if parts.method == "GET" && parts.uri.path() == "/healthz" {
            return Response::new(Body::from("ok\n"));
        }
        if parts.method == "GET" && matches!(parts.uri.path(), "/readyz" | "/metrics") {
            if parts.uri.path() == "/metrics" && !self.lets_in_to_metrics(&head) {
                return unauthorized();
            }
            let door = Arc::clone(self);
            let reply = tokio::task::spawn_blocking(move || door.reply_to_watcher(&parts));
            return reply.await.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "It cannot be told.\n"));
        }
        // Whoever gets a signed message may look up what it is signed with.
        if parts.method == "GET" && certificate_path(&*self.world.signer).is_some_and(|path| path == parts.uri.path()) {
            return certificate(self.world.signer.certificate_pem().to_owned());
        }
        let limits = Limits::default();
        let most = addressee.as_ref().map_or(limits.body_bytes, |addressee| limits.body_bytes_of(addressee));
        let is_link = addressee.as_ref().is_some_and(|addressee| is_link(&head, addressee, &limits));
        let most = match self.hold_head(&head, is_link, most) {
            Ok(most) => most,
            Err(refused) => {
                self.tell_refusal(&refused, &parts);
                return match &addressee {
                    Some(to) => refusal(to, &refused.api_error(to), &self.world.dice.uuid()),
                    None => plain(StatusCode::FORBIDDEN, "The request is not let in: its signature does not hold.\n"),
                };
            }
        };
        let Some(_room) = self.gate.room_for(bytes_to_come(&parts, &body, most)) else {
            return match &addressee {
                Some(to) => refusal(to, &ApiError::throttled(to), &self.world.dice.uuid()),
                None => plain(StatusCode::SERVICE_UNAVAILABLE, "Too much is coming in: come again later.\n"),
            };
        };
        match read_whole(&parts, body, most).await {
            Ok(body) => {
                let door = Arc::clone(self);
                let reply = tokio::task::spawn_blocking(move || door.reply_to_whole(&parts, &body, &limits));
                reply.await.unwrap_or_else(|_| {
                    plain(StatusCode::INTERNAL_SERVER_ERROR, "The request could not be answered.\n")
                })
            }
            Err(unread) => match (&addressee, unread) {
                (Some(to), Unread::TooSlow) => refusal(to, &ApiError::too_slow(to), &self.world.dice.uuid()),
                (Some(to), Unread::TooLarge | Unread::Cut) => {
                    let message = format!("Request must be smaller than {most} bytes, and whole");
                    let error = ApiError::new("RequestEntityTooLargeException", message).with_status(413);
                    refusal(to, &error, &self.world.dice.uuid())
                }
                (None, Unread::TooSlow) => plain(StatusCode::REQUEST_TIMEOUT, "The request came too slowly.\n"),
                (None, Unread::TooLarge | Unread::Cut) => {
                    plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large, or ended too early.\n")
                }
            },
        }
    }

    /// S3's requests: their bodies are read as they are worked on.
    async fn reply_to_s3(self: &Arc<FrontDoor>, mut parts: Parts, body: Body, to: Addressee) -> Response<Body> {
        let door = Arc::clone(self);
        let judged = tokio::task::spawn_blocking(move || {
            let guest = door.let_in_to_s3(&wire::Request::of(&parts, b""));
            if let Err(refused) = &guest {
                door.tell_refusal(refused, &parts);
            }
            (guest, parts)
        });
        let guest = match judged.await {
            Ok((Ok(guest), judged)) => {
                parts = judged;
                guest
            }
            Ok((Err(refused), _)) => return refusal(&to, &refused.api_error(&to), &self.world.dice.uuid()),
            Err(_) => return refusal(&to, &ApiError::internal("Who asks could not be looked up."), ""),
        };
        if !self.gate.allows(&guest.access_key, self.world.clock.now()) {
            return refusal(&to, &ApiError::throttled(&to), &self.world.dice.uuid());
        }
        let Some(port) = &self.s3 else {
            return refusal(&to, &ApiError::new("NotImplemented", "S3 is not answered here."), "");
        };
        if let Some(said) = guest.body {
            parts.extensions.insert(said);
        }
        if let Some(chunks) = guest.chunks {
            parts.extensions.insert(chunks);
        }
        port(Request::from_parts(parts, body)).await
    }

    /// Takes events in. The key is looked at before the body is read.
    async fn reply_to_push(self: &Arc<FrontDoor>, parts: &Parts, body: Body) -> Response<Body> {
        if parts.method != "POST" {
            return pushed(&Answer::refusal(405, "Events are posted here."));
        }
        let key = parts.headers.get(push::KEY_HEADER).and_then(|key| key.to_str().ok()).unwrap_or_default().to_owned();
        let door = Arc::clone(self);
        let name = tokio::task::spawn_blocking(move || door.push.name_of(&key)).await;
        let Some(name) = name.ok().flatten() else {
            let message = "The header X-Api-Key names no key: make one with `trailsight push-keys create NAME`.";
            return pushed(&Answer::refusal(401, message));
        };
        if !self.gate.allows(&format!("push:{name}"), self.world.clock.now()) {
            return pushed(&Answer::refusal(429, "This key posts too often: send it again later."));
        }
        let limit = Limits::default().body_bytes;
        let Some(_room) = self.gate.room_for(bytes_to_come(parts, &body, limit)) else {
            return pushed(&Answer::refusal(429, "More is coming in than can be taken: send it again later."));
        };
        let body = match read_whole(parts, body, limit).await {
            Ok(body) => body,
            Err(Unread::TooSlow) => return pushed(&Answer::refusal(408, "The body came too slowly.")),
            Err(Unread::TooLarge | Unread::Cut) => {
                let message = format!("The body ended too early, or has more than {limit} bytes.");
                return pushed(&Answer::refusal(413, message));
            }
        };
        let door = Arc::clone(self);
        let taken = tokio::task::spawn_blocking(move || {
            let answer = door.push.take(&door.delivering(), &body);
            if answer.status != 200 {
                let (status, refused) = (answer.status, answer.refused.len());
                tracing::warn!(key = name, status, accepted = answer.accepted, refused, "events were pushed");
            }
            answer
        });
        pushed(&taken.await.unwrap_or_else(|_| Answer::refusal(503, "It could not be kept; see the service's log.")))
    }

    fn reply_to_whole(&self, parts: &Parts, body: &[u8], limits: &Limits) -> Response<Body> {
        let mut request = wire::Request::of(parts, body);
        if is_one_click(&request) {
            (request.method, request.body) = ("GET", b"");
        }
        if parts.uri.path().starts_with(own_api::PATH) {
            return match self.let_in_to_own(&request, own_api::HEADER) {
                Ok(()) => self.own_reply(parts, body),
                Err(refused) => {
                    self.tell_refusal(&refused, parts);
                    own_api::refuse(
                        "Sign the request; on this machine, the header x-trailsight-request: 1 will do if no proxy is in between.",
                    )
                }
            };
        }
        let request_id = self.world.dice.uuid();
        let Some(addressee) = Addressee::of(&request) else {
            if let Some(reply) = self.code_of_function(&request) {
                return reply;
            }
            return plain(
                StatusCode::NOT_FOUND,
                "There is nothing here. AWS's clients are told by their signatures whom they mean.\n",
            );
        };
        let claim = match self.let_in(&request, Some(&addressee)) {
            Ok(claim) => Some(claim),
            Err(Refused::Fault(Fault::Missing)) if is_link(&request, &addressee, limits) => None,
            Err(refused) => {
                self.tell_refusal(&refused, parts);
                return refusal(&addressee, &refused.api_error(&addressee), &request_id);
            }
        };
        let who = claim.as_ref().map_or("", |claim| &claim.access_key);
        if !self.gate.allows(who, self.world.clock.now()) {
            return refusal(&addressee, &ApiError::throttled(&addressee), &request_id);
        }
        let region =
            claim.as_ref().map_or_else(|| self.place.region.clone(), |claim| Region::from(claim.region.as_str()));
        let context = Context {
            store: &self.store,
            world: &self.world,
            rules: &self.rules,
            place: &self.place,
            account: self.place.account.clone(),
            region,
            caller: Caller { access_key: claim.map(|claim| claim.access_key).unwrap_or_default() },
            now: self.world.clock.now(),
            request_id,
            public_url: self.public_url.clone(),
        };
        answer(&request, &addressee, limits, &context).map(Body::from)
    }

    /// What `GetFunction` gave a link for: a function's archive.
    fn code_of_function(&self, request: &wire::Request<'_>) -> Option<Response<Body>> {
        if request.method != "GET" || self.hold_origin(request).is_err() {
            return None;
        }
        let archive = archive_at(&self.store, &self.place, request.path).unwrap_or_else(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "the code of a function cannot be read");
            None
        })?;
        let mut reply = Response::new(Body::from(archive.to_vec()));
        reply.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/zip"));
        Some(reply)
    }
}

/// How long a request says that its body is.
fn body_bytes(parts: &Parts) -> Option<usize> {
    parts.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// How many bytes of a body can come at most.
fn bytes_to_come(parts: &Parts, body: &Body, most: usize) -> usize {
    match body.is_end_stream() {
        true => 0,
        false => body_bytes(parts).unwrap_or(most).min(most),
    }
}

/// Why a body was not read.
enum Unread {
    TooLarge,
    TooSlow,
    Cut,
}

/// Reads a body, if it has no more than so many bytes. What says that it has more is not read.
async fn read_whole(parts: &Parts, body: Body, most: usize) -> Result<Bytes, Unread> {
    if body_bytes(parts).is_some_and(|bytes| bytes > most) {
        return Err(Unread::TooLarge);
    }
    to_bytes(body, most).await.map_err(|error| {
        let mut causes = std::iter::successors(std::error::Error::source(&error), |error| error.source());
        match causes.find_map(|cause| match cause {
            cause if cause.is::<TooSlow>() => Some(Unread::TooSlow),
            cause if cause.is::<http_body_util::LengthLimitError>() => Some(Unread::TooLarge),
            _ => None,
        }) {
            Some(unread) => unread,
            None => Unread::Cut,
        }
    })
}

/// What is read of a mail, or of a message to a web server, and opened as it is: nobody signs it, its token is its proof.
const LINKS: &[&str] = &["ConfirmSubscription", "Unsubscribe"];

/// Whether a request is such a link. The operation is read as it will be: a link may name several.
fn is_link(request: &wire::Request<'_>, addressee: &Addressee, limits: &Limits) -> bool {
    request.method == "GET"
        && addressee.service == Some(Service::Sns)
        && Call::read(request, addressee, limits).is_ok_and(|call| LINKS.contains(&call.operation.as_str()))
}

/// Whether a mail program opens the link of a mail's `List-Unsubscribe` for its reader: it posts to it.
/// <https://datatracker.ietf.org/doc/html/rfc8058>
fn is_one_click(request: &wire::Request<'_>) -> bool {
    request.method == "POST" && !request.query.is_empty() && request.body == b"List-Unsubscribe=One-Click"
}

fn refusal(to: &Addressee, error: &ApiError, request_id: &str) -> Response<Body> {
    error_reply(to, error, request_id).map(Body::from)
}

fn certificate(pem: String) -> Response<Body> {
    let mut reply = Response::new(Body::from(pem));
    let kind = header::HeaderValue::from_static("application/x-pem-file");
    reply.headers_mut().insert(header::CONTENT_TYPE, kind);
    reply
}

fn pushed(answer: &Answer) -> Response<Body> {
    let text = serde_json::to_vec(answer).unwrap_or_default();
    let mut reply = Response::new(Body::from(text));
    *reply.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    if matches!(answer.status, 429 | 503) {
        headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
    }
    reply
}

/// What Prometheus is told that names no credentials.
fn unauthorized() -> Response<Body> {
    let mut reply = plain(
        StatusCode::UNAUTHORIZED,
        "Name credentials: in Prometheus `basic_auth`, the access key id as username, the secret as password.\n",
    );
    let scheme = header::HeaderValue::from_static("Basic realm=\"trailsight\"");
    reply.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    reply
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut reply = Response::new(Body::from(text));
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; charset=utf-8"));
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_taken_for_what_can_come() {
        let wanted = |length: Option<&str>, body: Body| {
            let mut request = Request::new(());
            if let Some(length) = length {
                request.headers_mut().insert(header::CONTENT_LENGTH, length.parse().expect("it is a header"));
            }
            bytes_to_come(&request.into_parts().0, &body, 100)
        };

        assert_eq!(wanted(None, Body::empty()), 0);
        assert_eq!(wanted(Some("7"), Body::from("x")), 7);
        assert_eq!(wanted(Some("700"), Body::from("x")), 100);
        assert_eq!(wanted(None, Body::from("x")), 100);
    }
}
