//! Requests of any bytes: understood or refused in words, never a panic, and a refusal is bytes that its client can read.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none wire -- -max_total_time=20
//!
//! (from the folder above). The input is four lines and a body: a method, a target, an `Authorization` header, an
//! `X-Amz-Target` header; an empty line is a header that is not there. A body is read as JSON and as a form.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use wire::check::{Member, Shape, check};
use wire::{Addressee, Blob, Call, Limits, Request, Timestamp, sigv2, sigv4};

/// An operation with members of all kinds.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "only reading it matters")]
struct Everything {
    name: Option<String>,
    number: Option<i32>,
    truth: Option<bool>,
    time: Option<Timestamp>,
    blob: Option<Blob>,
    #[serde(default)]
    list: Vec<Everything>,
    #[serde(default)]
    map: BTreeMap<String, Everything>,
}

static NAME: Shape = Shape::string().length(1, 5).pattern("[a-z]+").one_of(&["a", "b"]);
static ITEM: Shape = Shape::structure("Item", &[Member::required("Name", NAME)]);
static EVERYTHING: Shape = Shape::structure(
    "Everything",
    &[
        Member::required("Name", NAME),
        Member::optional("Number", Shape::integer().range(1.0, 5.0)),
        Member::optional("List", Shape::list(&ITEM).length(1, 3)),
        Member::optional("Map", Shape::map(&NAME, &NAME)),
    ],
);

fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(5, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (method, target, authorization, operation, body) = (line(), line(), line(), line(), line());
    let (Ok(method), Ok(target)) = (std::str::from_utf8(method), std::str::from_utf8(target)) else { return };

    for content_type in ["application/x-amz-json-1.1", "application/x-www-form-urlencoded"] {
        let mut headers = http::HeaderMap::new();
        headers.insert("host", http::HeaderValue::from_static("here"));
        headers.insert("content-type", http::HeaderValue::from_static(content_type));
        headers.insert("x-amz-date", http::HeaderValue::from_static("20261124T200000Z"));
        for (name, value) in [("authorization", authorization), ("x-amz-target", operation)] {
            if let Ok(value) = http::HeaderValue::from_bytes(value)
                && !value.is_empty()
            {
                headers.insert(name, value);
            }
        }
        understand(&Request::new(method, target, &headers, body));
    }
});

fn understand(request: &Request<'_>) {
    let secret = sigv4::Secret::for_good("secret");
    if let Ok(Some(claim)) = sigv4::Claim::of(request) {
        // Nobody guesses a signature.
        assert!(claim.hold(request, &sigv4::Rules::at(claim.signed_at), Some(&secret)).is_err());
        let _ = claim.hold_expiry(jiff::Timestamp::UNIX_EPOCH);
        if let Some(mut chunks) = claim.chunks(request, &secret) {
            assert!(chunks.hold_trailer("x:y\n", "0").is_err());
        }
    }
    if let Ok(Some(claim)) = sigv2::Claim::of(request) {
        assert!(claim.hold(request, jiff::Timestamp::UNIX_EPOCH, Some(&secret)).is_err());
    }
    let Some(to) = Addressee::of(request) else { return };
    let refused = match Call::read(request, &to, &Limits::default()) {
        Ok(call) => {
            let judged = check(&EVERYTHING, &call.input, call.service);
            let read = call.input::<Everything>();
            call.reply(&call.input, "7c1f");
            judged.err().or(read.err())
        }
        Err(error) => Some(error),
    };
    if let Some(error) = refused {
        let reply = wire::error_reply(&to, &error, "7c1f");
        assert!(reply.status().as_u16() >= 400 && !reply.body().is_empty());
    }
}
