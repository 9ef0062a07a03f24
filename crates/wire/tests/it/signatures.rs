//! Signatures: the official suite, and laws about what a signature covers.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use wire::sigv4::{Claim, Fault, Rules, Secret};
use wire::{Protocol, Service};

use crate::scenes::{ACCESS_KEY, Owned, SECRET, TOKEN, secret_of};

/// AWS's own cases, where the folder of data is at hand: each request with its signature holds, and with another letter in
/// the signature it does not.
#[test]
fn all_cases_of_the_official_suite_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sigv4");
    if !folder.exists() {
        return;
    }
    let mut files = Vec::new();
    cases(&folder, &mut files);
    assert_eq!(files.len(), 31);
    for file in files {
        let read =
            |extension: &str| std::fs::read_to_string(file.with_extension(extension)).unwrap().replace("\r\n", "\n");
        let authorization = read("authz");
        let judged = |text: &str, authorization: &str| {
            let mut signed = Owned::of_text(text);
            signed.headers.insert("authorization", authorization.parse().unwrap());
            let claim = Claim::of(&signed.request()).unwrap().expect("it is signed");
            let secret = Secret {
                // The suite sends its token signed in one case, and unsigned in another.
                session_token: claim.session_token.clone(),
                ..Secret::for_good("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
            };
            claim.hold(&signed.request(), &Rules::at("2015-08-30T12:37:00Z".parse().unwrap()), Some(&secret))
        };
        assert_eq!(judged(&read("req"), &authorization), Ok(()), "{}", file.display());
        let last = if authorization.ends_with('0') { "1" } else { "0" };
        let forged = format!("{}{last}", &authorization[..authorization.len() - 1]);
        assert_eq!(judged(&read("req"), &forged), Err(Fault::Mismatch), "{}", file.display());

        // The signed request as the suite writes it. One of them lacks a header that it signs.
        let is_lacking = file.ends_with("post-x-www-form-urlencoded.req");
        let expected = if is_lacking { Err(Fault::Mismatch) } else { Ok(()) };
        assert_eq!(judged(&read("sreq"), &authorization), expected, "{}", file.display());
    }
}

fn cases(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            cases(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "req") {
            files.push(path);
        }
    }
}

/// The first recorded request of a story.
fn recorded(story: &str) -> Owned {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded").join(story);
    let text = std::fs::read_to_string(file).unwrap();
    let block = text.split("\nrequest\n").nth(1).unwrap();
    let lines: Vec<&str> = block.lines().take_while(|line| line.is_empty() || line.starts_with("  ")).collect();
    let lines: Vec<&str> = lines.iter().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    Owned::of_text(lines.join("\n").trim_end())
}

fn judged(signed: &Owned, after: SignedDuration) -> Result<(), Fault> {
    let request = signed.request();
    let claim = Claim::of(&request)?.expect("it is signed");
    claim.hold(
        &request,
        &Rules::at(claim.signed_at + after),
        secret_of(&claim.access_key, claim.session_token.as_deref()).as_ref(),
    )
}

const SOON: SignedDuration = SignedDuration::from_secs(1);

#[test]
fn what_is_signed_cannot_be_changed() {
    type Change = fn(&mut Owned);
    let changes: &[(&str, Change)] = &[
        ("method", |signed| signed.method = "PUT".into()),
        ("path", |signed| signed.target = "/other".into()),
        ("query", |signed| signed.target = "/?a=b".into()),
        ("host", |signed| drop(signed.headers.insert("host", "elsewhere:4580".parse().unwrap()))),
        ("target", |signed| drop(signed.headers.insert("x-amz-target", "AWSEvents.DeleteRule".parse().unwrap()))),
        ("a second target", |signed| {
            assert!(signed.headers.append("x-amz-target", "AWSEvents.DeleteRule".parse().unwrap()))
        }),
        ("no target", |signed| drop(signed.headers.remove("x-amz-target"))),
        ("body", |signed| signed.body.push(b' ')),
    ];
    assert_eq!(judged(&recorded("cli-events.txt"), SOON), Ok(()));
    for (what, change) in changes {
        let mut signed = recorded("cli-events.txt");
        change(&mut signed);
        assert_eq!(judged(&signed, SOON), Err(Fault::Mismatch), "{what}");
    }
}

/// A header of AWS's that nobody signed would make another call of it.
#[test]
fn headers_that_mean_something_must_be_signed() {
    let mut asked = recorded("cli-lambda.txt");
    assert_eq!(judged(&asked, SOON), Ok(()));
    asked.headers.insert("x-amz-user-agent", "proxy".parse().unwrap());
    asked.headers.insert("x-amzn-trace-id", "Root=1".parse().unwrap());
    assert_eq!(judged(&asked, SOON), Ok(()));
    for name in ["x-amz-invocation-type", "x-amz-target", "x-amz-copy-source"] {
        let mut asked = recorded("cli-lambda.txt");
        asked.headers.insert(name, "DryRun".parse().unwrap());
        assert!(matches!(judged(&asked, SOON), Err(Fault::Incomplete(_))), "{name}");
    }
}

#[test]
fn a_signature_is_good_for_five_minutes_either_way_and_for_s3_fifteen() {
    for (story, minutes) in [("cli-events.txt", 5), ("cli-s3.txt", 15)] {
        let signed = recorded(story);
        let edge = SignedDuration::from_mins(minutes);
        assert_eq!(judged(&signed, edge), Ok(()));
        assert_eq!(judged(&signed, -edge), Ok(()));
        assert!(matches!(judged(&signed, edge + SOON), Err(Fault::Expired(_))));
        assert!(matches!(judged(&signed, -edge - SOON), Err(Fault::NotYet(_))));
    }
    let Err(fault) = judged(&recorded("cli-events.txt"), SignedDuration::from_mins(10)) else { panic!("it holds") };
    let error = fault.api_error(Protocol::AwsJson11);
    assert_eq!((error.code.as_ref(), error.status), ("InvalidSignatureException", 403));
    assert_eq!(
        error.message,
        "Signature expired: 20261124T200001Z is now earlier than 20261124T200501Z (20261124T201001Z - 5 min.)"
    );
}

#[test]
fn a_url_is_good_until_it_expires() {
    let signed = recorded("presigned.txt");
    assert_eq!(judged(&signed, SignedDuration::from_secs(60)), Ok(()));
    assert!(matches!(judged(&signed, SignedDuration::from_secs(61)), Err(Fault::UrlExpired(_))));
    let with = |from: &str, to: &str| {
        let mut signed = recorded("presigned.txt");
        assert!(signed.target.contains(from));
        signed.target = signed.target.replace(from, to);
        judged(&signed, SOON)
    };
    assert_eq!(with("X-Amz-Expires=60", "X-Amz-Expires=61"), Err(Fault::Mismatch));
    assert_eq!(with("Action=GetCallerIdentity", "Action=AssumeRole"), Err(Fault::Mismatch));
    assert_eq!(with("&Version", "&Extra=1&Version"), Err(Fault::Mismatch));
    for wrong in ["0", "060", "604801", "-1", "a", "", "99999999999999999999"] {
        assert!(
            matches!(with("X-Amz-Expires=60", &format!("X-Amz-Expires={wrong}")), Err(Fault::Incomplete(_))),
            "{wrong}"
        );
    }
}

#[test]
fn a_session_needs_its_token_and_a_key_for_good_needs_none() {
    let signed = recorded("cli-session-token.txt");
    let request = signed.request();
    let claim = Claim::of(&request).unwrap().unwrap();
    let rules = Rules::at(claim.signed_at);
    let session = Secret { session_token: Some(TOKEN.into()), ..Secret::for_good(SECRET) };
    assert_eq!(claim.hold(&request, &rules, Some(&session)), Ok(()));
    let other = Secret { session_token: Some("another".into()), ..session.clone() };
    assert_eq!(claim.hold(&request, &rules, Some(&other)), Err(Fault::WrongToken));
    assert_eq!(claim.hold(&request, &rules, Some(&Secret::for_good(SECRET))), Err(Fault::WrongToken));
    let over = Secret { expires_at: Some(claim.signed_at), ..session.clone() };
    assert_eq!(claim.hold(&request, &rules, Some(&over)), Err(Fault::ExpiredToken));
    assert_eq!(claim.hold(&request, &rules, None), Err(Fault::UnknownKey));

    let plain = recorded("cli-events.txt");
    let claim = Claim::of(&plain.request()).unwrap().unwrap();
    let rules = Rules::at(claim.signed_at);
    assert_eq!(claim.hold(&plain.request(), &rules, Some(&session)), Err(Fault::WrongToken));
}

#[test]
fn a_signature_for_one_service_is_none_for_another() {
    let signed = recorded("cli-events.txt");
    let claim = Claim::of(&signed.request()).unwrap().unwrap();
    let rules = Rules { service: Some(Service::Sns), ..Rules::at(claim.signed_at) };
    let fault = claim.hold(&signed.request(), &rules, secret_of(&claim.access_key, None).as_ref()).unwrap_err();
    assert_eq!(fault.to_string(), "Credential should be scoped to correct service: 'sns'. ");
    assert_eq!(fault.api_error(Protocol::Query).code, "SignatureDoesNotMatch");
}

/// Another body under a hash that was signed is found; so is a hash that says it need not be, but for S3.
#[test]
fn a_body_is_what_was_signed() {
    let signed = recorded("js-sdk.txt");
    assert!(signed.headers.contains_key("x-amz-content-sha256"));
    assert_eq!(judged(&signed, SOON), Ok(()));
    let mut other = recorded("js-sdk.txt");
    other.body.push(b' ');
    assert_eq!(judged(&other, SOON), Err(Fault::Payload));
    let claim = Claim::of(&other.request()).unwrap().unwrap();
    let rules = Rules { is_body_here: false, ..Rules::at(claim.signed_at) };
    assert_eq!(
        claim.hold(&other.request(), &rules, secret_of(&claim.access_key, None).as_ref()),
        Ok(()),
        "the caller sees to the body"
    );
    other.headers.insert("x-amz-content-sha256", "UNSIGNED-PAYLOAD".parse().unwrap());
    assert_eq!(judged(&other, SOON), Err(Fault::Payload));
}

#[test]
fn half_a_signature_is_told_what_it_lacks() {
    let of = |headers: &[(&str, &str)], target: &str| {
        let owned = Owned::new("POST", target, headers, b"");
        Claim::of(&owned.request()).map(|claim| claim.is_some())
    };
    assert_eq!(of(&[], "/"), Ok(false));
    assert_eq!(of(&[("authorization", "Bearer abc")], "/"), Ok(false));
    let incomplete = |text: &str| Err(Fault::Incomplete(text.into()));
    assert_eq!(
        of(&[("authorization", "AWS4-HMAC-SHA256")], "/"),
        incomplete(
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. \
             Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a \
             'X-Amz-Date' or a 'Date' header."
        )
    );
    let with = |credential: &str, date: &str| {
        let text = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0");
        of(&[("authorization", &text), ("x-amz-date", date)], "/")
    };
    assert_eq!(with("a/20261124/r/s/aws4_request", "20261124T200000Z"), Ok(true));
    assert_eq!(
        with("a/20261124/r/s/aws4_request", "2026-11-24T20:00:00Z"),
        incomplete("Date must be in ISO-8601 'basic format'.")
    );
    assert_eq!(
        with("a/20261124/r/s/aws4_request", "20261124T250000Z"),
        incomplete("Date must be in ISO-8601 'basic format'.")
    );
    for credential in ["a", "a/20261124/r/s", "a/20261124/r/s/aws4", "a/b/20261124/r/s/aws4_request", ""] {
        assert!(with(credential, "20261124T200000Z").is_err(), "{credential}");
    }
    assert_eq!(
        of(&[], "/?X-Amz-Algorithm=AWS4-HMAC-SHA256"),
        incomplete("AWS query-string parameters must include 'X-Amz-Expires'.")
    );
}

/// Nobody can move parameters from one place to another, but where AWS takes both for the same.
#[test]
fn a_form_is_signed_as_a_body_or_as_a_query_string() {
    let signed = recorded("cli-sns.txt");
    assert_eq!(judged(&signed, SOON), Ok(()));
    let mut moved = recorded("cli-sns.txt");
    moved.target = format!("/?{}", String::from_utf8(moved.body.clone()).unwrap());
    moved.body.clear();
    assert_eq!(judged(&moved, SOON), Err(Fault::Mismatch));
}

/// A client that signs `Date` and no `X-Amz-Date`, and one that does not sign the host.
#[test]
fn the_host_must_be_signed_and_any_date_will_do() {
    let signed_by = |names: &str, signature: &str| {
        let text = format!(
            "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20261124/r/events/aws4_request,SignedHeaders={names},Signature={signature}"
        );
        Owned::new(
            "POST",
            "/",
            &[("authorization", &text), ("host", "here"), ("date", "Tue, 24 Nov 2026 20:00:00 GMT")],
            b"{}",
        )
    };
    // Made with Python's hmac, step by step as AWS's page says.
    let good = signed_by("date;host", DATED);
    assert_eq!(judged(&good, SOON), Ok(()));
    assert!(matches!(judged(&signed_by("date", DATED), SOON), Err(Fault::Incomplete(_))));
    assert_eq!(judged(&signed_by("date;host;x-missing", DATED), SOON), Err(Fault::Mismatch));
}

const DATED: &str = "97faca544c18418bd6ff790fac4fdf8b66c0b43d6ea41ea25ae9a2269dea0010";

#[test]
fn what_is_too_long_to_sign_is_refused() {
    let mut signed = recorded("cli-events.txt");
    // Each of these is three once it is encoded, which would be more than a URL may have.
    signed.target = format!("/?{}", "+".repeat(40_000));
    assert!(matches!(judged(&signed, SOON), Err(Fault::Incomplete(_))));
    signed.target = format!("/?{}", "&a".repeat(7_900));
    assert_eq!(judged(&signed, SOON), Err(Fault::Mismatch));
    signed.target = format!("/?{}", "ü".repeat(7_900));
    assert_eq!(judged(&signed, SOON), Err(Fault::Mismatch));
}

#[test]
fn the_codes_are_those_of_the_protocol() {
    for (fault, json, query, s3) in [
        (Fault::Missing, "MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied"),
        (Fault::UnknownKey, "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"),
        (Fault::Mismatch, "InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"),
    ] {
        let code = |protocol| fault.api_error(protocol);
        assert_eq!(code(Protocol::AwsJson11).code, json);
        assert_eq!(code(Protocol::RestJson).code, json);
        assert_eq!(code(Protocol::Query).code, query);
        assert_eq!(code(Protocol::RestXml).code, s3);
        assert!(
            [Protocol::AwsJson10, Protocol::Query, Protocol::RestXml].map(code).iter().all(|error| error.status == 403)
        );
    }
}

#[test]
fn a_secret_is_never_printed() {
    let secret = Secret { expires_at: Some(Timestamp::UNIX_EPOCH), ..Secret::for_good(SECRET) };
    assert!(!format!("{secret:?}").contains(SECRET));
}
