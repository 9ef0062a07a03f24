//! The Runtime API: what a runtime asks for its next invocation, and tells what came of it.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
//!
//! One plain port on loopback for each environment. Whoever asks is code of others: connections, headers and bodies are
//! bounded, and only the invocation that is under way can be answered, once.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue, ORIGIN};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

/// What a function may return, in bytes.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(crate) const RESPONSE_BYTES: usize = 6_291_556;

/// What an error may say, in bytes.
const ERROR_BYTES: usize = 256 << 10;

/// Connections at once. A runtime needs one.
const CONNECTIONS: usize = 16;

/// What is told and not heard yet.
const TOLD_WAITING: usize = 16;

/// An invocation, as a runtime gets it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    pub(crate) request_id: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) deadline_ms: i64,
    pub(crate) function_arn: String,
    pub(crate) trace_id: String,
    pub(crate) client_context: Option<String>,
}

/// What a runtime tells.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// It is there, and asks for an invocation.
    IsReady,
    /// What the function returned.
    Response(Bytes),
    /// The function returned more than it may.
    TooLarge,
    /// The function failed; what of, and how that is said.
    Error(String, Bytes),
    /// The runtime cannot run it; what of, and how that is said.
    InitError(String, Bytes),
}

/// The API of one environment. Dropped, it listens no longer.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    pub(crate) told: mpsc::Receiver<Told>,
    state: Arc<State>,
    _serving: JoinSet<()>,
}

#[derive(Debug)]
struct State {
    given: mpsc::Sender<Given>,
    next: tokio::sync::Mutex<mpsc::Receiver<Given>>,
    told: mpsc::Sender<Told>,
    /// The id of the invocation under way.
    current: Mutex<Option<String>>,
    host: String,
}

impl RuntimeApi {
    /// Listens on a free port.
    pub(crate) async fn open() -> std::io::Result<RuntimeApi> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (given, next) = mpsc::channel(1);
        let (tell, told) = mpsc::channel(TOLD_WAITING);
        let next = tokio::sync::Mutex::new(next);
        let state = Arc::new(State { given, next, told: tell, current: Mutex::default(), host: address.to_string() });
        let mut serving = JoinSet::new();
        serving.spawn(accept(listener, Arc::clone(&state)));
        Ok(RuntimeApi { address, told, state, _serving: serving })
    }

    /// Gives the runtime something to do. Whatever it had before can be answered no longer.
    pub(crate) fn give(&self, given: Given) -> Result<(), &'static str> {
        *self.state.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(given.request_id.clone());
        self.state.given.try_send(given).map_err(|_| "the runtime has not taken the invocation before this one")
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        while connections.try_join_next().is_some() {}
        // Whoever is gone before it was let in, or no file descriptor left: the next may fare better.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let state = Arc::clone(&state);
        connections.spawn(async move {
            converse(stream, state).await;
            drop(place);
        });
    }
}

async fn converse(stream: TcpStream, state: Arc<State>) {
    // Else the answer waits for an acknowledgement that waits for the answer: 40 ms a call.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let state = Arc::clone(&state);
        async move { Ok::<_, Infallible>(answer(request, &state).await) }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    server.timer(TokioTimer::new()).max_buf_size(64 << 10);
    if let Err(error) = server.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a runtime's connection broke");
    }
}

async fn answer(request: Request<Incoming>, state: &State) -> Response<Full<Bytes>> {
    // A page in somebody's browser could ask, too.
    let is_ours = request.headers().get(HOST).is_some_and(|host| host.as_bytes() == state.host.as_bytes())
        && !request.headers().contains_key(ORIGIN);
    if !is_ours {
        return refused(StatusCode::FORBIDDEN, "Forbidden", "the Runtime API is for the function's own runtime");
    }
    let path = request.uri().path().to_owned();
    let Some(path) = path.strip_prefix("/2018-06-01/runtime/") else {
        return refused(StatusCode::NOT_FOUND, "NotFound", "there is nothing of this name");
    };
    let parts: Vec<&str> = path.split('/').collect();
    match (request.method(), &parts[..]) {
        (&Method::GET, ["invocation", "next"]) => next(state).await,
        (&Method::POST, ["invocation", id, "response"]) => response(id, request, state).await,
        (&Method::POST, ["invocation", id, "error"]) if is_current(id, state) => {
            let told = error(request, Told::Error).await;
            tell(told, state).await
        }
        (&Method::POST, ["invocation", _, "error"]) => no_such_request(),
        (&Method::POST, ["init", "error"]) => {
            let told = error(request, Told::InitError).await;
            tell(told, state).await
        }
        _ => refused(StatusCode::NOT_FOUND, "NotFound", "there is nothing of this name"),
    }
}

async fn next(state: &State) -> Response<Full<Bytes>> {
    let _ = state.told.send(Told::IsReady).await;
    let Some(given) = state.next.lock().await.recv().await else {
        return refused(StatusCode::GONE, "Gone", "this environment has ended");
    };
    let mut response = Response::new(Full::new(Bytes::from(given.payload)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let told = [
        ("lambda-runtime-aws-request-id", Some(given.request_id)),
        ("lambda-runtime-deadline-ms", Some(given.deadline_ms.to_string())),
        ("lambda-runtime-invoked-function-arn", Some(given.function_arn)),
        ("lambda-runtime-trace-id", Some(given.trace_id)),
        ("lambda-runtime-client-context", given.client_context),
    ];
    for (name, value) in told {
        // What no header can say is left out: a client's context with line breaks.
        if let Some(value) = value.and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

async fn response(id: &str, request: Request<Incoming>, state: &State) -> Response<Full<Bytes>> {
    if !is_current(id, state) {
        return no_such_request();
    }
    match Limited::new(request.into_body(), RESPONSE_BYTES).collect().await {
        Ok(body) => tell(Told::Response(body.to_bytes()), state).await,
        Err(error) if error.is::<LengthLimitError>() => {
            let _ = state.told.send(Told::TooLarge).await;
            let text = format!("Exceeded maximum allowed payload size ({RESPONSE_BYTES} bytes).");
            refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &text)
        }
        Err(error) => refused(StatusCode::BAD_REQUEST, "InvalidRequest", &error.to_string()),
    }
}

async fn error(request: Request<Incoming>, told: impl FnOnce(String, Bytes) -> Told) -> Told {
    let kind = request.headers().get("lambda-runtime-function-error-type").and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or("Unhandled").to_owned();
    // An error that cannot be read is one nevertheless.
    let body = Limited::new(request.into_body(), ERROR_BYTES).collect().await.map(|body| body.to_bytes());
    told(kind, body.unwrap_or_default())
}

async fn tell(told: Told, state: &State) -> Response<Full<Bytes>> {
    let _ = state.told.send(told).await;
    in_json(StatusCode::ACCEPTED, &serde_json::json!({"status": "OK"}))
}

/// Whether this is the invocation under way; it is no longer, then.
fn is_current(id: &str, state: &State) -> bool {
    state.current.lock().unwrap_or_else(PoisonError::into_inner).take_if(|current| current == id).is_some()
}

fn no_such_request() -> Response<Full<Bytes>> {
    refused(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
}

fn refused(status: StatusCode, kind: &str, text: &str) -> Response<Full<Bytes>> {
    in_json(status, &serde_json::json!({"errorType": kind, "errorMessage": text}))
}

fn in_json(status: StatusCode, value: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(value.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
