//! S3's requests: let in, and passed on to what answers them.

use std::sync::Arc;

use axum::http::header;
use axum::http::request::Parts;
use tokio::task::spawn_blocking;
use wire::{Addressee, ApiError};

use super::{Body, FrontDoor, Request, Response, refusal};

impl FrontDoor {
    /// S3's requests: their bodies are read as they are worked on.
    pub(super) async fn reply_to_s3(
        self: &Arc<FrontDoor>,
        mut parts: Parts,
        body: Body,
        to: Addressee,
    ) -> Response<Body> {
        let door = Arc::clone(self);
        let judged = spawn_blocking(move || {
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
        let mut reply = port(Request::from_parts(parts, body)).await;
        // What somebody put here may be a page, and it has the console's origin: opened in a browser, it runs nothing.
        let sandbox = header::HeaderValue::from_static("sandbox; default-src 'none'");
        reply.headers_mut().insert(header::CONTENT_SECURITY_POLICY, sandbox);
        reply
    }
}
