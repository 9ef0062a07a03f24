//! The other side: signing a request, as a client does that asks this service.

use jiff::Timestamp;

use super::{Claim, Fault, Payload, Secret, again, iso};
use crate::request::Request;

/// Who signs, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'s> {
    /// `AKIA…`.
    pub access_key: &'s str,
    /// What belongs to it.
    pub secret: &'s Secret,
    /// The Region that is meant.
    pub region: &'s str,
    /// The service that is meant, as in the scope of a credential.
    pub service: &'s str,
    /// The time.
    pub now: Timestamp,
}

impl Signing<'_> {
    /// The headers that a request gets besides those it has, `Host` among them. All of these are signed, and the body.
    pub fn headers(&self, request: &Request<'_>) -> Result<Vec<(&'static str, String)>, Fault> {
        let time = iso(self.now);
        let mut added = vec![("x-amz-date", time.clone())];
        if let Some(token) = &self.secret.session_token {
            added.push(("x-amz-security-token", token.clone()));
        }
        let mut headers = request.headers.clone();
        for (name, value) in &added {
            headers.insert(*name, value.parse().map_err(|_| Fault::Incomplete(format!("{name} is no header")))?);
        }
        let mut signed_headers: Vec<String> = headers.keys().map(|name| name.as_str().to_owned()).collect();
        signed_headers.sort();
        let mut claim = Claim {
            access_key: self.access_key.to_owned(),
            region: self.region.to_owned(),
            service: self.service.to_owned(),
            signed_at: self.now,
            signed_headers,
            session_token: self.secret.session_token.clone(),
            expires_seconds: None,
            day: time[..8].to_owned(),
            signature: String::new(),
        };
        let said = request.header("x-amz-content-sha256");
        let payload = said.map_or(Payload::Body, |said| Payload::Said(said.into()));
        claim.signature = again::sign(&claim, &Request { headers: &headers, ..*request }, &payload, self.secret)?;
        added.push((
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential={}/{}/{}/{}/aws4_request, SignedHeaders={}, Signature={}",
                claim.access_key,
                claim.day,
                claim.region,
                claim.service,
                claim.signed_headers.join(";"),
                claim.signature
            ),
        ));
        Ok(added)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sigv4::Rules;

    #[test]
    fn what_is_signed_holds_until_a_word_of_it_is_changed() {
        let now: Timestamp = "2026-02-12T14:30:00Z".parse().expect("it is a moment");
        let for_good = Secret::for_good("secret");
        let session = Secret { session_token: Some("token".into()), ..for_good.clone() };
        for (secret, service, body) in [(&for_good, "events", &b"{}"[..]), (&session, "s3", b"")] {
            let signing = Signing { access_key: "AKIA", secret, region: "us-east-1", service, now };
            let mut headers = http::HeaderMap::new();
            headers.insert("host", http::HeaderValue::from_static("here:4580"));
            if service == "s3" {
                headers.insert("x-amz-content-sha256", http::HeaderValue::from_static("UNSIGNED-PAYLOAD"));
            }
            let target = "/a%2Fb/c?x=1&y=%20";
            for (name, value) in signing.headers(&Request::new("PUT", target, &headers, body)).expect("it is signed") {
                headers.insert(name, value.parse().expect("it is a header"));
            }
            let judged = |method: &str, target: &str, body: &[u8]| {
                let request = Request::new(method, target, &headers, body);
                let claim = Claim::of(&request).expect("it is whole").expect("it is signed");
                claim.hold(&request, &Rules::at(now), Some(secret))
            };
            assert_eq!(judged("PUT", target, body), Ok(()), "{service}");
            assert_eq!(judged("GET", target, body), Err(Fault::Mismatch));
            assert_eq!(judged("PUT", "/a/b/c?x=1&y=%20", body), Err(Fault::Mismatch));
            assert_eq!(judged("PUT", "/a%2Fb/c?x=2&y=%20", body), Err(Fault::Mismatch));
            if service != "s3" {
                assert_eq!(judged("PUT", target, b"{ }"), Err(Fault::Mismatch));
            }
        }
    }
}
