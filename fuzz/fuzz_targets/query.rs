//! Forms of any bytes, in the body or behind the question mark: understood or refused in words, and what its client reads is XML.
//! It means the same in either place.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none query -- -max_total_time=20
//!
//! (from the folder above). The input is a form; it is asked of SNS.
#![no_main]

use fuzz::{answered, headers};
use libfuzzer_sys::fuzz_target;
use quick_xml::events::Event;
use wire::Request;

fuzz_target!(|form: &[u8]| {
    let authorization =
        "AWS4-HMAC-SHA256 Credential=AKIA/20260212/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=0";
    let content_type = "application/x-www-form-urlencoded; charset=utf-8";
    let headers = headers(&[("content-type", content_type), ("authorization", authorization)]);
    let reply = answered(&Request::new("POST", "/", &headers, form)).expect("it is signed for SNS");
    hold_xml(reply.body());
    if let Ok(form) = std::str::from_utf8(form) {
        let target = format!("/?{form}");
        let in_query = answered(&Request::new("GET", &target, &headers, b"")).expect("it is signed for SNS");
        assert_eq!(in_query.body(), reply.body());
    }
});

/// All that is opened is closed, and nothing is in it that XML cannot tell.
fn hold_xml(xml: &[u8]) {
    let text = std::str::from_utf8(xml).expect("XML is text");
    assert!(
        !text.contains(|c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}')),
        "{text}"
    );
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return,
            Ok(_) => {}
            Err(error) => panic!("{error}: {text}"),
        }
    }
}
