//! Signatures in URLs, of both versions, of any text: understood or refused, and none that is made up holds; what was good for so
//! long is not good for longer.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none presigned -- -max_total_time=20
//!
//! (from the folder above). The input is a target.
#![no_main]

use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;
use wire::sigv4::{MAX_EXPIRES_SECONDS, Rules, Secret};
use wire::{Addressee, Request, sigv2, sigv4};

fuzz_target!(|target: &str| {
    let headers = fuzz::headers(&[("host", "here")]);
    let request = Request::new("GET", target, &headers, b"");
    let secret = Secret::for_good("secret");
    let to = Addressee::of(&request);
    match sigv4::Claim::of(&request) {
        Ok(None) => {}
        Ok(Some(claim)) => {
            let seconds = claim.expires_seconds.expect("it is a URL's");
            assert!((1..=MAX_EXPIRES_SECONDS).contains(&seconds));
            assert!(claim.hold(&request, &Rules::at(claim.signed_at), Some(&secret)).is_err());
            let after = |seconds: i64| claim.signed_at.checked_add(SignedDuration::from_secs(seconds));
            if let (Ok(last), Ok(late)) = (after(seconds.into()), after(i64::from(seconds) + 1)) {
                assert!(claim.hold_expiry(last).is_ok() && claim.hold_expiry(late).is_err());
            }
        }
        Err(fault) => drop(to.as_ref().map(|to| fault.api_error(to.protocol))),
    }
    match sigv2::Claim::of(&request) {
        Ok(None) => {}
        Ok(Some(claim)) => {
            assert!(claim.hold(&request, Timestamp::UNIX_EPOCH, Some(&secret)).is_err());
            if let Some(late) = claim.expires.checked_add(1).and_then(|late| Timestamp::from_second(late).ok()) {
                assert!(claim.hold_expiry(late).is_err());
            }
        }
        Err(fault) => drop(to.map(|to| fault.api_error(to.protocol))),
    }
});
