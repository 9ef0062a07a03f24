//! The console's API: what the page shows and AWS's API has no words for. JSON, under `/api/console/v1/`.
//!
//! What AWS's operations can say (trails, selectors, rules, topics, patterns, records) the page asks of them. A document of
//! OpenAPI describes every answer, `GET /api/console/v1/openapi.json`: a test holds the answers to it, and the page's types are
//! made of it. What is changed here is little: who is signed in, statements that are kept, a delivery that is tried again, what
//! somebody says of insights.
//!
//! ```sh
//! curl -H 'x-trailsight-request: 1' http://127.0.0.1:4580/api/console/v1/overview
//! ```
//!
//! Moments are seconds since 1970. Sentences come from [`record::sentences`], and every number in one is also a field.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::{ApiError, Request};

use crate::http::{FrontDoor, told};
use crate::operation::Failure;
use query::Query;

mod current;
mod deliveries;
mod events;
mod expected;
mod heatmap;
mod insight;
mod insights;
mod lake;
mod learning;
mod live;
mod overview;
mod preview;
mod query;
mod row;
mod series;
pub(crate) mod session;
mod shares;
mod timeline;

pub use live::LiveDesk;

/// How the paths begin.
pub const PATH: &str = "/api/console/v1/";

/// Every answer, described.
pub const OPENAPI: &str = include_str!("console_api/openapi.json");

impl FrontDoor {
    /// Answers a request, whose head held.
    pub(crate) fn console_reply(&self, request: &Request<'_>, parts: &Parts) -> Response<Body> {
        let path = request.path.strip_prefix(PATH).unwrap_or_default();
        match (request.method, path) {
            ("GET", "openapi.json") => return of_now(told(StatusCode::OK, "application/json", OPENAPI)),
            ("GET", "session") => return answer(Ok(self.session(request, parts))),
            ("POST", "session") => return self.begin_session(request),
            ("DELETE", "session") => return self.end_session(request),
            _ => {}
        }
        let Some(who) = self.let_in_to_console(request, parts) else {
            return not_signed_in();
        };
        if !self.is_allowed_now(&who) {
            let message = "You ask too often: ask again in a second.";
            return json(StatusCode::TOO_MANY_REQUESTS, &Refusal { code: "ThrottlingException", message });
        }
        let query = Query::of(request.query);
        let steps: Vec<&str> = path.split('/').collect();
        let bare = || query.only(&[]);
        match (request.method, &*steps) {
            ("GET", ["overview"]) => answer(bare().and_then(|_| overview::overview(self))),
            ("GET", ["now"]) => answer(bare().and_then(|_| live::now(self))),
            ("GET", ["heatmap"]) => answer(heatmap::heatmap(self, &query)),
            ("GET", ["insights"]) => answer(insights::insights(self, &query)),
            ("GET", ["insights", id]) => answer(bare().and_then(|_| insight::insight(self, id))),
            ("GET", ["insights", id, "timeline"]) => answer(timeline::of_insight(self, id, &query)),
            ("GET", ["insights", id, "events"]) => answer(events::events(self, id, &query)),
            ("GET", ["learning"]) => answer(bare().and_then(|_| learning::learning(self))),
            ("GET", ["deliveries"]) => answer(deliveries::deliveries(self, &query)),
            ("POST", ["deliveries", id, "again"]) => answer(bare().and_then(|_| deliveries::again(self, id))),
            ("GET", ["expected"]) => answer(bare().and_then(|_| expected::expected(self))),
            ("POST", ["expected"]) => answer(bare().and_then(|_| expected::say(self, request, &who))),
            ("DELETE", ["expected"]) => answer(expected::end(self, &query, &who)),
            ("GET", ["series"]) => answer(series::series(self, &query)),
            ("GET", ["series", "timeline"]) => answer(timeline::of_series(self, &query)),
            ("GET", ["series", "preview"]) => answer(preview::preview(self, &query)),
            ("GET", ["lake", "schema"]) => answer(bare().and_then(|_| lake::schema(self))),
            ("GET", ["lake", "saved"]) => answer(bare().and_then(|_| lake::saved(self))),
            ("PUT", ["lake", "saved"]) => answer(bare().and_then(|_| lake::save(self, request, &who))),
            ("DELETE", ["lake", "saved"]) => answer(lake::forget(self, &query)),
            ("GET", _) => answer::<()>(Err(not_found("There is nothing here."))),
            _ => {
                let message = "This is only read; what can be changed is in openapi.json.";
                json(StatusCode::METHOD_NOT_ALLOWED, &Refusal { code: "MethodNotAllowed", message })
            }
        }
    }
}

/// What is said to whom is not let in.
fn not_signed_in() -> Response<Body> {
    let message =
        "Sign in, or sign the request; where no credentials are demanded, the header x-trailsight-request: 1 will do.";
    json(StatusCode::UNAUTHORIZED, &Refusal { code: "NotSignedIn", message })
}

/// What is said of what is not there.
fn not_found(message: &str) -> Failure {
    ApiError::new("NotFound", message).with_status(404).into()
}

/// What is said of a question that cannot be answered.
fn wrong(message: impl Into<String>) -> Failure {
    ApiError::new("ValidationException", message).into()
}

#[derive(Serialize)]
struct Refusal<'a> {
    code: &'a str,
    message: &'a str,
}

fn answer<T: Serialize>(answered: Result<T, Failure>) -> Response<Body> {
    match answered {
        Ok(told) => json(StatusCode::OK, &told),
        Err(Failure::Refused(error)) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            json(status, &Refusal { code: &error.code, message: &error.message })
        }
        Err(Failure::Store(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the console cannot be answered");
            let message = "What is remembered could not be read; see the service's log.";
            json(StatusCode::INTERNAL_SERVER_ERROR, &Refusal { code: "InternalFailure", message })
        }
    }
}

fn json(status: StatusCode, answer: &impl Serialize) -> Response<Body> {
    of_now(told(status, "application/json", serde_json::to_vec(answer).unwrap_or_default()))
}

/// In a moment it is another, and it is nobody else's.
fn of_now(mut reply: Response<Body>) -> Response<Body> {
    let headers = reply.headers_mut();
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    reply
}

/// What a body says.
fn read<T: DeserializeOwned>(body: &[u8], like: &str) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| wrong(format!("What is wanted is like {like}: {error}.")))
}
