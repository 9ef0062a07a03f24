//! Trailsight's own requests: what AWS's API has no words for. JSON, under `/trailsight/v1/`.
//!
//! | request | answer |
//! |---|---|
//! | `GET /trailsight/v1/status` | how the service is getting on ([`Status`]) |
//! | `POST /trailsight/v1/test-insight` | `{"trail": "my-trail"}` or `{}`: sends a test insight, says whom it told |
//! | `GET /trailsight/v1/query-results/ID` | the whole result of a query of CloudTrail Lake that has run, as Parquet with the types of its columns |
//!
//! And what watches over services asks, besides `/healthz`:
//!
//! | request | answer |
//! |---|---|
//! | `GET /readyz` | 200, or 503 and what is in the way, a sentence a line ([`crate::readiness`]) |
//! | `GET /metrics` | for Prometheus ([`crate::metrics`]) |
//!
//! Who asks the former signs, as for AWS's, or names the header `x-trailsight-request`: a page of another origin cannot send that without
//! asking first, and is not allowed to.

use std::fs::File;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use store::queries::QueryState;
use wire::ApiError;

use crate::cloudtrail::query;
use crate::http::{FrontDoor, file_reply, told};
use crate::metrics::Form;
use crate::operation::Failure;
use crate::status::Status;
use crate::test_insight::send_test;

/// How the paths begin.
pub const PATH: &str = "/trailsight/v1/";
/// Before the id of a query.
const RESULTS: &str = "query-results/";
/// What is named by who does not sign.
pub const HEADER: &str = "x-trailsight-request";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TestInsight {
    trail: Option<String>,
}

#[derive(Serialize)]
struct Refusal<'a> {
    code: &'a str,
    message: &'a str,
}

impl FrontDoor {
    /// Answers whoever watches over the service: `/readyz`, `/metrics`.
    pub(crate) fn reply_to_watcher(&self, parts: &Parts) -> Response<Body> {
        if parts.uri.path() == "/metrics" {
            let accept = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
            let form = Form::accepted(accept);
            return text(StatusCode::OK, form.content_type(), self.metrics_text(form));
        }
        let readiness = self.readiness();
        let kind = "text/plain; charset=utf-8";
        if readiness.is_ready() {
            return text(StatusCode::OK, kind, "ready\n".into());
        }
        let said = readiness.in_the_way().iter().map(|sentence| format!("{sentence}\n")).collect();
        text(StatusCode::SERVICE_UNAVAILABLE, kind, said)
    }

    /// Answers a request of ours that was let in.
    pub(crate) fn own_reply(&self, parts: &Parts, body: &[u8]) -> Response<Body> {
        match (parts.method.as_str(), parts.uri.path().strip_prefix(PATH)) {
            ("GET", Some("status")) => answer(Status::read(self).map_err(Failure::from)),
            ("POST", Some("test-insight")) => {
                let asked = if body.is_empty() { Ok(TestInsight::default()) } else { serde_json::from_slice(body) };
                answer(match asked {
                    Ok(asked) => send_test(&self.delivering(), asked.trail.as_deref()),
                    Err(error) => {
                        let message = format!("What is wanted is like {{\"trail\": \"my-trail\"}}: {error}.");
                        Err(ApiError::new("ValidationException", message).into())
                    }
                })
            }
            ("GET", Some(path)) if path.starts_with(RESULTS) => match self.result_of(&path[RESULTS.len()..]) {
                Ok(file) => of_now(file_reply("application/vnd.apache.parquet", file)),
                Err(failure) => answer::<()>(Err(failure)),
            },
            _ => json(StatusCode::NOT_FOUND, &Refusal { code: "NotFound", message: "There is nothing here." }),
        }
    }

    /// The file that the result of a query is kept in.
    fn result_of(&self, id: &str) -> Result<File, Failure> {
        let now = self.world.clock.now();
        let query = self.store.try_read(|r| query::find_of(r, &self.place.account, now, id, |_| true))?;
        if query.state != QueryState::Finished {
            let message =
                format!("The query {id} is {}: it has a result once it is FINISHED.", query::state_word(query.state));
            return Err(ApiError::new("ValidationException", message).into());
        }
        self.world.lake.result(id).map_err(|fault| {
            tracing::error!(query = id, error = &fault as &dyn std::error::Error, "a result cannot be handed out");
            ApiError::internal(format!("The result of the query {id} cannot be read; see the service's log.")).into()
        })
    }
}

fn answer<T: Serialize>(answered: Result<T, Failure>) -> Response<Body> {
    match answered {
        Ok(told) => json(StatusCode::OK, &told),
        Err(Failure::Refused(error)) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            json(status, &Refusal { code: &error.code, message: &error.message })
        }
        Err(Failure::Store(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot do it");
            let message = "What is remembered could not be read or written; see the service's log.";
            json(StatusCode::INTERNAL_SERVER_ERROR, &Refusal { code: "InternalFailure", message })
        }
    }
}

pub(crate) fn refuse(message: &str) -> Response<Body> {
    json(StatusCode::FORBIDDEN, &Refusal { code: "AccessDenied", message })
}

fn text(status: StatusCode, kind: &'static str, text: String) -> Response<Body> {
    of_now(told(status, kind, text))
}

fn json(status: StatusCode, answer: &impl Serialize) -> Response<Body> {
    of_now(told(status, "application/json", serde_json::to_vec(answer).unwrap_or_default()))
}

/// In a moment it is another.
fn of_now(mut reply: Response<Body>) -> Response<Body> {
    reply.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    reply
}
