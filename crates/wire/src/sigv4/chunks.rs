//! Bodies that are signed chunk by chunk: each signature covers its chunk and the signature before it.
//!
//! ```text
//! the request's ──► the first chunk's ──► … ──► the empty last one's ──► the trailer's, if there is one
//! ```
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use sha2::{Digest, Sha256};

use super::{BodySaid, Claim, Fault, Secret, again, iso};
use crate::request::Request;

/// The SHA-256 of nothing.
const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The signatures of a body's chunks, in their order.
#[derive(Clone)]
pub struct Chunks {
    key: Vec<u8>,
    /// Time and scope, a line each.
    when_and_where: String,
    previous: String,
    has_trailer: bool,
}

impl std::fmt::Debug for Chunks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chunks").field("has_trailer", &self.has_trailer).finish_non_exhaustive()
    }
}

impl Claim {
    /// How the chunks of a body are signed; `None` if the request does not say that they are. The claim must hold.
    pub fn chunks(&self, request: &Request<'_>, secret: &Secret) -> Option<Chunks> {
        let Ok(Some(BodySaid::SignedChunks { has_trailer })) = BodySaid::of(request) else { return None };
        let time = again::system_time(self.signed_at);
        let key = generate_signing_key(&secret.secret_access_key, time, &self.region, &self.service);
        let scope = format!("{}/{}/{}/aws4_request", self.day, self.region, self.service);
        Some(Chunks {
            key: key.as_ref().to_vec(),
            when_and_where: format!("{}\n{scope}", iso(self.signed_at)),
            previous: self.signature.clone(),
            has_trailer,
        })
    }
}

impl Chunks {
    /// Whether there is a signed trailer after the last chunk.
    pub fn has_trailer(&self) -> bool {
        self.has_trailer
    }

    /// Whether the next chunk, of which the hash is told, has this signature.
    pub fn hold(&mut self, chunk: Sha256, signature: &str) -> Result<(), Fault> {
        let hash = again::hex(&chunk.finalize());
        self.holds("AWS4-HMAC-SHA256-PAYLOAD", &format!("{NOTHING}\n{hash}"), signature)
    }

    /// Whether the trailer has this signature. It is told as it is signed: `name:value` and a line feed, each.
    pub fn hold_trailer(&mut self, trailer: &str, signature: &str) -> Result<(), Fault> {
        let hash = again::hex(&Sha256::digest(trailer));
        self.holds("AWS4-HMAC-SHA256-TRAILER", &hash, signature)
    }

    fn holds(&mut self, kind: &str, hashes: &str, signature: &str) -> Result<(), Fault> {
        let text = format!("{kind}\n{}\n{}\n{hashes}", self.when_and_where, self.previous);
        self.previous = calculate_signature(&self.key, text.as_bytes());
        if again::is_same(&self.previous, signature) { Ok(()) } else { Err(Fault::Mismatch) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sigv4::Rules;

    /// AWS's own example, from the first page above.
    #[test]
    fn the_example_of_the_documentation_holds_and_nothing_else_does() {
        let secret = Secret::for_good("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let mut headers = http::HeaderMap::new();
        for (name, value) in [
            ("host", "s3.amazonaws.com"),
            ("x-amz-date", "20130524T000000Z"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("content-length", "66824"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=\
                 content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
                 x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
            ),
        ] {
            headers.insert(name, value.parse().expect("it is a header"));
        }
        let request = Request::new("PUT", "/examplebucket/chunkObject.txt", &headers, b"");
        let claim = Claim::of(&request).expect("it is whole").expect("it is signed");
        let rules = Rules { is_body_here: false, ..Rules::at(claim.signed_at) };
        assert_eq!(claim.hold(&request, &rules, Some(&secret)), Ok(()));

        let chunk = |count: usize| Sha256::new_with_prefix(vec![b'a'; count]);
        let all = [
            (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
            (1_024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
            (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
        ];
        let mut chunks = claim.chunks(&request, &secret).expect("it is in chunks");
        assert!(!chunks.has_trailer());
        for (count, signature) in all {
            assert_eq!(chunks.hold(chunk(count), signature), Ok(()), "{count}");
        }
        // Not another byte, not another order.
        let fresh = || claim.chunks(&request, &secret).expect("it is in chunks");
        assert_eq!(fresh().hold(chunk(65_535), all[0].1), Err(Fault::Mismatch));
        assert_eq!(fresh().hold(chunk(1_024), all[1].1), Err(Fault::Mismatch));
        let other = Secret::for_good("another");
        let mut others = claim.chunks(&request, &other).expect("it is in chunks");
        assert_eq!(others.hold(chunk(65_536), all[0].1), Err(Fault::Mismatch));
    }

    /// AWS's other example, from the second page.
    #[test]
    fn a_trailer_is_signed_after_the_last_chunk() {
        let secret = Secret::for_good("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let mut chunks = Chunks {
            key: generate_signing_key(
                &secret.secret_access_key,
                again::system_time("2013-05-24T00:00:00Z".parse().expect("it is a moment")),
                "us-east-1",
                "s3",
            )
            .as_ref()
            .to_vec(),
            when_and_where: "20130524T000000Z\n20130524/us-east-1/s3/aws4_request".into(),
            previous: "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e".into(),
            has_trailer: true,
        };
        let chunk = |count: usize| Sha256::new_with_prefix(vec![b'a'; count]);
        for (count, signature) in [
            (65_536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"),
            (1_024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"),
            (0, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"),
        ] {
            assert_eq!(chunks.hold(chunk(count), signature), Ok(()), "{count}");
        }
        let trailer = "x-amz-checksum-crc32c:sOO8/Q==\n";
        let signature = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
        let mut again = chunks.clone();
        assert_eq!(chunks.hold_trailer(trailer, signature), Ok(()));
        assert_eq!(again.hold_trailer("x-amz-checksum-crc32c:sOO8/A==\n", signature), Err(Fault::Mismatch));
    }
}
