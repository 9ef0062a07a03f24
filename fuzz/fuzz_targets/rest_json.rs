//! Paths, query strings and headers of any text, as Lambda's: understood or refused in words, and what its client reads is JSON.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none rest_json -- -max_total_time=20
//!
//! (from the folder above). The input is three lines, a method, a target and an `X-Amz-Invocation-Type` header, and a body.
#![no_main]

use fuzz::{answered, headers, lines};
use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use wire::{Addressee, Call, Limits, Request, Service};

fuzz_target!(|input: &[u8]| {
    let Some(([method, target, invocation_type], body)) = lines(input) else { return };
    let headers = headers(&[("x-amz-invocation-type", invocation_type)]);
    let request = Request::new(method, target, &headers, body);
    let Some(to) = Addressee::of(&request) else { return };
    if !matches!(to.service, Some(Service::Lambda | Service::CloudTrailData)) {
        return;
    }
    if let Ok(call) = Call::read(&request, &to, &Limits::default()) {
        // Where a member lies is told by the path: what is in the body by the same name is not it.
        let mut parts = request.path.split('/').skip(2);
        if let (Some("functions"), Some(name)) = (parts.next(), parts.next().filter(|name| !name.is_empty())) {
            let told = call.input.member("FunctionName").and_then(|name| name.as_text());
            assert_eq!(told, Some(&*percent_decode_str(name).decode_utf8_lossy()));
        }
        return;
    }
    let reply = answered(&request).expect("it is for somebody");
    let told: serde_json::Value = serde_json::from_slice(reply.body()).expect("a refusal is JSON");
    assert!(told["message"].is_string() || told["Message"].is_string(), "{told}");
});
