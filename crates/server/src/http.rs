//! The one port: a request comes in, is let in or not, read whole, and answered on a thread that may wait.
//!
//! ```text
//!  listener.rs   sockets: seats (room.rs), heads, how long is waited (patience.rs)
//!  whole.rs      bodies that are read whole: how much, and how long they are waited for
//!  gate.rs       who is let in, and how often; by which names (host.rs), and for which pages (origin.rs)
//!  page.rs       the console's page, which the binary has
//!  this file     what is asked for: S3 (s3.rs), pushed events (pushed.rs), our own requests, the console's, an operation
//! ```
//!
//! On loopback any key is good; but a key there must be, except for the links that SNS sends. A web page in the operator's
//! browser can send requests to this port too: it cannot sign them, and its origin gives it away.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::http::header;
use axum::http::request::Parts;
use record::names::Region;
use store::Store;
use tokio::task::spawn_blocking;
use wire::sigv4::Fault;
use wire::{Addressee, ApiError, Call, Limits, Service, error_reply};

pub use axum::body::Body;
pub use axum::http::{Request, Response, StatusCode};
pub(crate) use file_body::file_reply;
pub use gate::Gate;
pub use host::HostName;
pub(crate) use listener::Stopping;
pub use listener::{Handshake, Listener, Peer, Shaken, Stream, serve};
pub use page::Page;
pub use room::Room;

use crate::bus::RuleBook;
use crate::console_api::{self, LiveDesk};
use crate::context::{Caller, Context, Place};
use crate::lambda::archive_at;
use crate::metrics::Metrics;
use crate::operation::answer;
use crate::own_api;
use crate::progress::Progress;
use crate::push::{self, PushDesk};
use crate::sns::forms::certificate_path;
use crate::world::World;
use gate::Refused;
use whole::Unread;

mod file_body;
mod gate;
mod host;
mod listener;
mod origin;
mod page;
mod patience;
mod pushed;
mod room;
mod s3;
mod whole;

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
    /// The console's page, if there is one.
    pub page: Option<Page>,
    /// How far the pipeline has come.
    pub progress: Arc<Progress>,
    /// What is counted and measured.
    pub metrics: Arc<Metrics>,
    /// Where EventBridge of other accounts posts its events.
    pub push: Arc<PushDesk>,
    /// Whoever listens to what changes.
    pub live: Arc<LiveDesk>,
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
        if addressee.is_none()
            && let Some(reply) = self.reply_of_page(&parts)
        {
            return reply;
        }
        if parts.method == "GET" {
            match parts.uri.path() {
                "/healthz" => return Response::new(Body::from("ok\n")),
                "/metrics" if !self.lets_in_to_metrics(&head) => return unauthorized(),
                "/readyz" | "/metrics" => {
                    let door = Arc::clone(self);
                    let reply = spawn_blocking(move || door.reply_to_watcher(&parts));
                    return reply
                        .await
                        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "It cannot be told.\n"));
                }
                // Whoever gets a signed message may look up what it is signed with.
                path if certificate_path(&*self.world.signer).is_some_and(|own| own == path) => {
                    let pem = self.world.signer.certificate_pem().to_owned();
                    return told(StatusCode::OK, "application/x-pem-file", pem);
                }
                _ => {}
            }
        }
        self.reply_to_operation(parts, body, addressee).await
    }

    /// Operations, and our own requests: their heads are looked at before their bodies are read.
    async fn reply_to_operation(
        self: &Arc<FrontDoor>,
        parts: Parts,
        body: Body,
        addressee: Option<Addressee>,
    ) -> Response<Body> {
        let limits = Limits::default();
        let door = Arc::clone(self);
        let judged = spawn_blocking(move || {
            let head = wire::Request::of(&parts, b"");
            let most = addressee.as_ref().map_or(limits.body_bytes, |addressee| limits.body_bytes_of(addressee));
            let is_link = addressee.as_ref().is_some_and(|addressee| is_link(&head, addressee, &limits));
            let allowed = door.hold_head(&head, is_link, most);
            if let Err(refused) = &allowed {
                door.tell_refusal(refused, &parts);
            }
            (allowed, parts, addressee, limits)
        });
        let Ok((allowed, parts, addressee, limits)) = judged.await else {
            return plain(StatusCode::INTERNAL_SERVER_ERROR, "Who asks could not be looked up.\n");
        };
        let allowed = match allowed {
            Ok(allowed) => allowed,
            Err(refused) => {
                return match &addressee {
                    Some(to) => refusal(to, &refused.api_error(to), &self.world.dice.uuid()),
                    None => plain(StatusCode::FORBIDDEN, "The request is not let in: its signature does not hold.\n"),
                };
            }
        };
        let Some(_room) = self.gate.room_for(allowed.bytes_to_come(&parts, &body)) else {
            return match &addressee {
                Some(to) => refusal(to, &ApiError::throttled(to), &self.world.dice.uuid()),
                None => plain(StatusCode::SERVICE_UNAVAILABLE, "Too much is coming in: come again later.\n"),
            };
        };
        match allowed.read_whole(&parts, body).await {
            Ok(body) => {
                let door = Arc::clone(self);
                let reply = spawn_blocking(move || door.reply_to_whole(&parts, &body, &limits));
                reply.await.unwrap_or_else(|_| {
                    plain(StatusCode::INTERNAL_SERVER_ERROR, "The request could not be answered.\n")
                })
            }
            Err(unread) => match (&addressee, unread) {
                (Some(to), Unread::TooSlow) => refusal(to, &ApiError::too_slow(to), &self.world.dice.uuid()),
                (Some(to), Unread::TooLarge | Unread::Cut) => {
                    let message = format!("Request must be smaller than {} bytes, and whole", allowed.bytes);
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

    fn reply_to_whole(self: &Arc<FrontDoor>, parts: &Parts, body: &[u8], limits: &Limits) -> Response<Body> {
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
        if let Some(path) = parts.uri.path().strip_prefix(console_api::PATH) {
            if (request.method, path) == ("GET", "live") {
                return self.live_reply(parts, parts.extensions.get::<Stopping>().cloned());
            }
            return self.console_reply(&request, parts);
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
        let guest = match self.let_in(&request, Some(&addressee)) {
            Ok(guest) => Some(guest),
            Err(Refused::Fault(Fault::Missing)) if is_link(&request, &addressee, limits) => None,
            Err(refused) => {
                self.tell_refusal(&refused, parts);
                return refusal(&addressee, &refused.api_error(&addressee), &request_id);
            }
        };
        let who = guest.as_ref().map_or("", |guest| &guest.access_key);
        if !self.gate.allows(who, self.world.clock.now()) {
            return refusal(&addressee, &ApiError::throttled(&addressee), &request_id);
        }
        let region = guest.as_ref().and_then(|guest| guest.region.as_deref());
        let region = region.map_or_else(|| self.place.region.clone(), Region::from);
        let context = Context {
            store: &self.store,
            world: &self.world,
            rules: &self.rules,
            place: &self.place,
            account: self.place.account.clone(),
            region,
            caller: Caller {
                access_key: guest.map(|guest| guest.access_key).unwrap_or_default(),
                is_verified: self.demands_credentials(),
            },
            now: self.world.clock.now(),
            request_id,
            public_url: self.public_url.clone(),
        };
        answer(&request, &addressee, limits, &context).map(Body::from)
    }

    /// What `GetFunction` gave a link for: a function's archive.
    fn code_of_function(&self, request: &wire::Request<'_>) -> Option<Response<Body>> {
        if request.method != "GET" {
            return None;
        }
        let archive = archive_at(&self.store, &self.place, request.path).unwrap_or_else(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "the code of a function cannot be read");
            None
        })?;
        Some(told(StatusCode::OK, "application/zip", archive.to_vec()))
    }
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
    told(status, "text/plain; charset=utf-8", text)
}

/// An answer whose body is of a kind.
pub(crate) fn told(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut reply = Response::new(body.into());
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    reply
}
