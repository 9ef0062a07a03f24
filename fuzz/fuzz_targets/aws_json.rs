//! awsJson of any bytes: understood or refused in words, and what its client reads is JSON. What was understood, told and read
//! once more, is told the same.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none aws_json -- -max_total_time=20
//!
//! (from the folder above). The input is a line, the `X-Amz-Target` header, and a body.
#![no_main]

use fuzz::{answered, headers, lines};
use libfuzzer_sys::fuzz_target;
use wire::Request;

fuzz_target!(|input: &[u8]| {
    let Some(([target], body)) = lines(input) else { return };
    for content_type in ["application/x-amz-json-1.0", "application/x-amz-json-1.1"] {
        let headers = headers(&[("content-type", content_type), ("x-amz-target", target)]);
        let ask = |body: &[u8]| answered(&Request::new("POST", "/", &headers, body));
        let Some(reply) = ask(body) else { return };
        let told: serde_json::Value = serde_json::from_slice(reply.body()).expect("a reply is JSON");
        match reply.status().as_u16() {
            200 => {
                let again = ask(reply.body()).expect("it is for the same");
                assert_eq!(again.body(), reply.body(), "{told}");
            }
            _ => assert!(told["__type"].is_string(), "{told}"),
        }
    }
});
