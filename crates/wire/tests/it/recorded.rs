//! Requests as real clients sent them: `tests/recorded/*.txt`. Recorded from the AWS CLI, boto3 and the JS SDK by a server on
//! the loopback that wrote down what it got; headers that nobody signed or asked about are left out.
//!
//! A story has the requests; `UPDATE_EXPECT=1` writes anew what we make of each, behind `means`, `signed` and `call`.

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use wire::{Addressee, Call, Limits, Request, sigv2, sigv4};

use crate::scenes::{Owned, secret_of};

#[test]
fn every_recorded_request_is_understood_as_it_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 5);
    for file in files {
        let story = std::fs::read_to_string(&file).unwrap();
        expect_test::expect_file![&file].assert_eq(&told_anew(&story));
    }
}

fn told_anew(story: &str) -> String {
    let (head, requests) = story.split_once("\nrequest\n").expect("there is a request");
    let mut anew = format!("{}\n", head.trim_end());
    for block in requests.split("\nrequest\n") {
        let block: Vec<&str> = block.lines().take_while(|line| line.is_empty() || line.starts_with("  ")).collect();
        let block = block.join("\n");
        let block = block.trim_end();
        let request: Vec<&str> = block.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
        let request = Owned::of_text(&request.join("\n"));
        write!(anew, "\nrequest\n{block}\n{}", understood(&request.request())).unwrap();
    }
    anew
}

fn understood(request: &Request<'_>) -> String {
    let Some(to) = Addressee::of(request) else { return "means\n  nothing of AWS\n".into() };
    let mut told = format!("means\n  {} by {:?}\n", to.name, to.protocol);
    writeln!(told, "signed\n  {}", signed(request, &to)).unwrap();
    match Call::read(request, &to, &Limits::default()) {
        Ok(call) => {
            let input = serde_json::to_string(&call.input).unwrap();
            writeln!(told, "call\n  {} {input}", call.operation).unwrap();
        }
        Err(error) => {
            writeln!(told, "refused\n  {} {error}", error.status).unwrap();
            let reply = wire::error_reply(&to, &error, "a-request");
            let body = String::from_utf8_lossy(reply.body()).escape_debug().to_string();
            writeln!(told, "  {}", body.replace("\\\"", "\"")).unwrap();
        }
    }
    told
}

/// Who signed, and whether it is true, judged a minute later.
fn signed(request: &Request<'_>, to: &Addressee) -> String {
    if let Some(claim) = sigv2::Claim::of(request).unwrap() {
        let now = Timestamp::from_second(claim.expires - 60).unwrap();
        let holds = claim.hold(request, now, secret_of(&claim.access_key, claim.session_token.as_deref()).as_ref());
        return format!("by {}, Signature Version 2: {}", claim.access_key, told(holds));
    }
    let Some(claim) = sigv4::Claim::of(request).unwrap() else { return "by nobody".into() };
    let now = claim.signed_at + jiff::SignedDuration::from_secs(59);
    let rules = sigv4::Rules { service: to.service, ..sigv4::Rules::at(now) };
    let holds = claim.hold(request, &rules, secret_of(&claim.access_key, claim.session_token.as_deref()).as_ref());
    let sigv4::Claim { access_key, region, service, .. } = claim;
    format!("by {access_key} for {service} in {region}: {}", told(holds))
}

fn told(holds: Result<(), sigv4::Fault>) -> String {
    holds.map_or_else(|fault| fault.to_string(), |()| "true".into())
}
