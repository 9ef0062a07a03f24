//! Events that EventBridge of another account posts: let in by a key, read whole, kept.

use std::sync::Arc;

use axum::http::header;
use axum::http::request::Parts;
use tokio::task::spawn_blocking;
use wire::Limits;

use super::whole::{Allowed, Unread};
use super::{Body, FrontDoor, Response, StatusCode, told};
use crate::push::{self, Answer};

impl FrontDoor {
    /// Takes events in. The key is looked at before the body is read.
    pub(super) async fn reply_to_push(self: &Arc<FrontDoor>, parts: &Parts, body: Body) -> Response<Body> {
        if parts.method != "POST" {
            return pushed(&Answer::refusal(405, "Events are posted here."));
        }
        let key = parts.headers.get(push::KEY_HEADER).and_then(|key| key.to_str().ok()).unwrap_or_default().to_owned();
        let door = Arc::clone(self);
        let name = spawn_blocking(move || door.push.name_of(&key)).await;
        let Some(name) = name.ok().flatten() else {
            let message = "The header X-Api-Key names no key: make one with `trailsight push-keys create NAME`.";
            return pushed(&Answer::refusal(401, message));
        };
        if !self.gate.allows(&format!("push:{name}"), self.world.clock.now()) {
            return pushed(&Answer::refusal(429, "This key posts too often: send it again later."));
        }
        let allowed = Allowed { bytes: Limits::default().body_bytes, is_signed: true };
        let Some(_room) = self.gate.room_for(allowed.bytes_to_come(parts, &body)) else {
            return pushed(&Answer::refusal(429, "More is coming in than can be taken: send it again later."));
        };
        let body = match allowed.read_whole(parts, body).await {
            Ok(body) => body,
            Err(Unread::TooSlow) => return pushed(&Answer::refusal(408, "The body came too slowly.")),
            Err(Unread::TooLarge | Unread::Cut) => {
                let message = format!("The body ended too early, or has more than {} bytes.", allowed.bytes);
                return pushed(&Answer::refusal(413, message));
            }
        };
        let door = Arc::clone(self);
        let taken = spawn_blocking(move || {
            let answer = door.push.take(&door.delivering(), &body);
            if answer.status != 200 {
                let (status, refused) = (answer.status, answer.refused.len());
                tracing::warn!(key = name, status, accepted = answer.accepted, refused, "events were pushed");
            }
            answer
        });
        pushed(&taken.await.unwrap_or_else(|_| Answer::refusal(503, "It could not be kept; see the service's log.")))
    }
}

fn pushed(answer: &Answer) -> Response<Body> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = told(status, "application/json", serde_json::to_vec(answer).unwrap_or_default());
    if matches!(answer.status, 429 | 503) {
        reply.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
    }
    reply
}
