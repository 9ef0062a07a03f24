//! Requests: who asked for what, how it was answered, and how long that took.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};
use jiff::Timestamp;
use wire::{Addressee, Service};

use super::Metrics;
use crate::http::FrontDoor;

/// Which operation a reply answers: the reply carries it, so that whoever measures need not read the request again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered {
    /// The service.
    pub(crate) service: Service,
    /// The operation, of our table.
    pub(crate) operation: &'static str,
}

/// Paths of ours, and what they are counted as.
const PATHS: &[(&str, &str)] = &[
    ("/healthz", "healthz"),
    ("/readyz", "readyz"),
    ("/metrics", "metrics"),
    ("/trailsight/v1/status", "status"),
    ("/trailsight/v1/test-insight", "test-insight"),
    ("/trailsight/v1/push", "push"),
];

impl FrontDoor {
    /// Answers a request, and measures it.
    pub(crate) async fn measured(self: &Arc<FrontDoor>, request: Request<Body>) -> Response<Body> {
        let began = self.world.clock.now();
        let asked = asked(&request);
        let reply = self.reply(request).await;
        self.metrics.answered(asked, &reply, began, self.world.clock.now());
        reply
    }
}

/// What can be told of a request before it is answered. What a stranger wrote is no label.
fn asked(request: &Request<Body>) -> (&'static str, &'static str) {
    if let Some((_, operation)) = PATHS.iter().find(|(path, _)| *path == request.uri().path()) {
        return ("trailsight", operation);
    }
    let (parts, method) = (request.uri(), request.method());
    let target = parts.path_and_query().map_or("/", |target| target.as_str());
    let head = wire::Request::new(method.as_str(), target, request.headers(), b"");
    match Addressee::of(&head).map(|addressee| addressee.service) {
        Some(Some(Service::S3)) => {
            let known = ["GET", "PUT", "POST", "HEAD", "DELETE"];
            (Service::S3.signing_name(), known.into_iter().find(|known| *known == method.as_str()).unwrap_or("other"))
        }
        Some(Some(service)) => (service.signing_name(), "other"),
        Some(None) | None => ("none", "other"),
    }
}

impl Metrics {
    fn answered(&self, asked: (&str, &str), reply: &Response<Body>, began: Timestamp, ended: Timestamp) {
        let answered = reply.extensions().get::<Answered>();
        let (service, operation) =
            answered.map_or(asked, |Answered { service, operation }| (service.signing_name(), *operation));
        let status = match reply.status().as_u16() / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        self.requests.of([service, operation, status]).inc();
        self.request_seconds.of([service]).observe(seconds(began, ended));
    }
}

/// From one moment to another; none at all where the clock was turned back.
pub(crate) fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0)
}
