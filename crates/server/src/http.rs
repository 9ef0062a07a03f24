//! The one port: a request comes in, is read whole, let in or not, and answered on a thread that may wait.
//!
//! Only loopback is listened on, and there any key is good; but a key there must be, except for the links that SNS sends. A
//! web page in the operator's browser can send requests to this port too: it cannot sign them, and its origin gives it away.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::http::header;
use axum::http::request::Parts;
use record::names::Region;
use store::Store;
use tokio::net::TcpListener;
use wire::sigv2;
use wire::sigv4::{Claim, Fault};
use wire::{Addressee, ApiError, Call, Limits, Service, error_reply};

pub use axum::body::Body;
pub use axum::http::{Request, Response, StatusCode};

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
    /// The names by which it may be asked, with their ports: `127.0.0.1:4580`. A page of a stranger's site whose name was turned
    /// to this machine (DNS rebinding) asks by that name. Below `localhost`, which is nobody's, any name will do.
    pub hosts: Vec<String>,
    /// S3, if it is answered.
    pub s3: Option<S3Port>,
    /// How far the pipeline has come.
    pub progress: Arc<Progress>,
    /// What is counted and measured.
    pub metrics: Arc<Metrics>,
    /// Where EventBridge of other accounts posts its events.
    pub push: Arc<PushDesk>,
}

/// Answers whoever comes to the listener, until `stop` is done and everybody has their answer.
pub async fn serve(
    listener: TcpListener,
    door: FrontDoor,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let door = Arc::new(door);
    let router = Router::new().fallback(move |request: Request<Body>| {
        let door = Arc::clone(&door);
        async move { door.measured(request).await }
    });
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

impl FrontDoor {
    pub(crate) async fn reply(self: &Arc<FrontDoor>, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
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
        if let Some(addressee) = Addressee::of(&head)
            && addressee.service == Some(Service::S3)
        {
            return match (&self.s3, self.let_in_to_s3(&head)) {
                (_, Err(fault)) => refusal(&addressee, &fault.api_error(addressee.protocol), &self.world.dice.uuid()),
                (Some(port), Ok(())) => port(Request::from_parts(parts, body)).await,
                (None, Ok(())) => refusal(&addressee, &ApiError::new("NotImplemented", "S3 is not answered here."), ""),
            };
        }
        if parts.method == "GET" && parts.uri.path() == "/healthz" {
            return Response::new(Body::from("ok\n"));
        }
        if parts.method == "GET" && matches!(parts.uri.path(), "/readyz" | "/metrics") {
            let door = Arc::clone(self);
            let reply = tokio::task::spawn_blocking(move || door.reply_to_watcher(&parts));
            return reply.await.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "It cannot be told.\n"));
        }
        // Whoever gets a signed message may look up what it is signed with.
        if parts.method == "GET" && certificate_path(&*self.world.signer).is_some_and(|path| path == parts.uri.path()) {
            return certificate(self.world.signer.certificate_pem().to_owned());
        }
        let limits = Limits::default();
        let addressee = Addressee::of(&head);
        let most = addressee.as_ref().map_or(limits.body_bytes, |addressee| limits.body_bytes_of(addressee));
        match to_bytes(body, most).await {
            Ok(body) => {
                let door = Arc::clone(self);
                let reply = tokio::task::spawn_blocking(move || door.reply_to_whole(&parts, &body, &limits));
                reply.await.unwrap_or_else(|_| {
                    plain(StatusCode::INTERNAL_SERVER_ERROR, "The request could not be answered.\n")
                })
            }
            Err(_) => match addressee {
                Some(addressee) => {
                    let message = format!("Request must be smaller than {most} bytes, and whole");
                    let error = ApiError::new("RequestEntityTooLargeException", message).with_status(413);
                    refusal(&addressee, &error, &self.world.dice.uuid())
                }
                None => plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large, or ended too early.\n"),
            },
        }
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
        let limit = Limits::default().body_bytes;
        let Ok(body) = to_bytes(body, limit).await else {
            return pushed(&Answer::refusal(413, format!("The body ended too early, or has more than {limit} bytes.")));
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
            let is_let_in = self.hold_origin(&request).is_ok()
                && (request.header(own_api::HEADER).is_some() || self.let_in(&request).is_ok());
            return if is_let_in {
                self.own_reply(parts, body)
            } else {
                own_api::refuse("Sign the request with any key, or send the header x-trailsight-request: 1.")
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
        let claim = match self.let_in(&request) {
            Err(Fault::Missing) if is_link(&request, &addressee, limits) => None,
            Ok(claim) => claim,
            Err(fault) => return refusal(&addressee, &fault.api_error(addressee.protocol), &request_id),
        };
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

    /// Whether the request names one of our own names.
    fn is_asked_by_name(&self, parts: &Parts) -> bool {
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let Some(host) = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str())) else {
            return false;
        };
        self.hosts.iter().any(|ours| {
            // A bucket's name may stand in front: `my-trail.localhost:4580`.
            let in_front = host.len().checked_sub(ours.len()).and_then(|at| host.split_at_checked(at));
            in_front.is_some_and(|(front, rest)| {
                rest.eq_ignore_ascii_case(ours)
                    && (front.is_empty() || (front.ends_with('.') && ours.starts_with("localhost:")))
            })
        })
    }

    /// Whether a request is let in: it is signed with some key, and no page of another origin has sent it.
    fn let_in(&self, request: &wire::Request<'_>) -> Result<Option<Claim>, Fault> {
        self.hold_origin(request)?;
        Claim::of(request)?.ok_or(Fault::Missing).map(Some)
    }

    /// The same for S3, whose URLs are signed for a while, in two ways.
    fn let_in_to_s3(&self, request: &wire::Request<'_>) -> Result<(), Fault> {
        self.hold_origin(request)?;
        let is_over = match (Claim::of(request)?, sigv2::Claim::of(request)?) {
            (Some(Claim { signed_at, expires_seconds: Some(seconds), .. }), _) => {
                self.world.clock.now().as_second() > signed_at.as_second() + i64::from(seconds)
            }
            (None, Some(claim)) => self.world.clock.now().as_second() > claim.expires,
            _ => false,
        };
        if is_over { Err(Fault::UrlExpired("Request has expired".into())) } else { Ok(()) }
    }

    fn hold_origin(&self, request: &wire::Request<'_>) -> Result<(), Fault> {
        match request.header("origin") {
            Some(origin) if origin != self.public_url => {
                Err(Fault::Incomplete("Requests of other origins are not answered.".into()))
            }
            _ => Ok(()),
        }
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

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut reply = Response::new(Body::from(text));
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; charset=utf-8"));
    reply
}
