//! Signatures in headers. Of any bytes: understood or refused, and none that is made up holds. Of any request that is signed: it
//! holds, and does not when its body or its path is another.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none sigv4 -- -max_total_time=20
//!
//! (from the folder above). The input is six lines and a body: a method, a target, and the headers `Authorization`,
//! `X-Amz-Date`, `X-Amz-Security-Token` and `X-Amz-Content-Sha256`.
#![no_main]

use fuzz::{headers, lines};
use http::HeaderValue;
use libfuzzer_sys::fuzz_target;
use wire::sigv4::{BodySaid, Claim, Fault, Rules, Secret, Signing};
use wire::{Addressee, Request, error_reply};

fuzz_target!(|input: &[u8]| {
    let Some(([method, target, authorization, date, token, sha256], body)) = lines(input) else { return };
    let headers = headers(&[
        ("host", "here"),
        ("authorization", authorization),
        ("x-amz-date", date),
        ("x-amz-security-token", token),
        ("x-amz-content-sha256", sha256),
    ]);
    let request = Request::new(method, target, &headers, body);
    let secret = Secret { session_token: (!token.is_empty()).then(|| token.to_owned()), ..Secret::for_good("secret") };
    let to = Addressee::of(&request);
    let _ = BodySaid::of(&request);
    match Claim::of(&request) {
        Ok(None) => {}
        Ok(Some(claim)) => {
            let rules = Rules::at(claim.signed_at);
            // Nobody guesses a signature.
            let fault = claim.hold(&request, &rules, Some(&secret)).expect_err("it is made up");
            told(to.as_ref(), &fault);
            assert!(claim.hold(&request, &Rules { is_body_here: false, ..rules }, Some(&secret)).is_err());
            assert!(claim.hold(&request, &rules, None).is_err());
            if let Some(mut chunks) = claim.chunks(&request, &secret) {
                assert!(chunks.hold_trailer("x:y\n", "0").is_err());
            }
        }
        Err(fault) => told(to.as_ref(), &fault),
    }
    hold_signed(&request, &secret);
});

/// What is wrong with a signature is told in its client's own protocol.
fn told(to: Option<&Addressee>, fault: &Fault) {
    if let Some(to) = to {
        let reply = error_reply(to, &fault.api_error(to.protocol), "7c1f");
        assert!((400..500).contains(&reply.status().as_u16()) && !reply.body().is_empty());
    }
}

/// What is signed holds, and covers body and path.
fn hold_signed(request: &Request<'_>, secret: &Secret) {
    let mut headers = http::HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("here"));
    let request = Request { headers: &headers, ..*request };
    // What says in its query string that its body is another is refused.
    if BodySaid::of(&request) != Ok(None) {
        return;
    }
    let now = jiff::Timestamp::from_second(1_770_906_600).expect("it is a moment");
    let signing = Signing { access_key: "AKIA", secret, region: "us-east-1", service: "events", now };
    let Ok(added) = signing.headers(&request) else { return };
    let mut signed = headers.clone();
    for (name, value) in added {
        signed.insert(name, value.parse().expect("it is a header"));
    }
    let request = Request { headers: &signed, ..request };
    let claim = Claim::of(&request).expect("it is whole").expect("it is signed");
    assert_eq!(claim.hold(&request, &Rules::at(now), Some(secret)), Ok(()));
    let other = [request.body, b"."].concat();
    assert_eq!(claim.hold(&Request { body: &other, ..request }, &Rules::at(now), Some(secret)), Err(Fault::Mismatch));
    let path = format!("{}x", request.path);
    assert!(claim.hold(&Request { path: &path, ..request }, &Rules::at(now), Some(secret)).is_err());
}
