//! What a request to S3 says where its body's hash belongs: in `x-amz-content-sha256`, the header or the parameter.
//!
//! It is read once, here: whoever reads the body later holds it against what the signature was checked with.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>

use std::borrow::Cow;

use super::Fault;
use crate::request::Request;

/// What is said of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodySaid {
    /// Its SHA-256, as it comes, in hexadecimal of small letters.
    Sha256(String),
    /// Nothing.
    Unsigned,
    /// It comes in chunks, of which nothing is signed.
    Chunks,
    /// It comes in chunks that are signed, and perhaps so is a trailer.
    SignedChunks {
        /// Whether there is one.
        has_trailer: bool,
    },
}

impl BodySaid {
    /// What a request says; `None`: nothing at all. What is none of these is refused, as S3 does.
    pub fn of(request: &Request<'_>) -> Result<Option<BodySaid>, Fault> {
        let Some(text) = text(request) else { return Ok(None) };
        let said = match &*text {
            "UNSIGNED-PAYLOAD" => BodySaid::Unsigned,
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => BodySaid::Chunks,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => BodySaid::SignedChunks { has_trailer: false },
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => BodySaid::SignedChunks { has_trailer: true },
            hash if hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                BodySaid::Sha256(hash.to_ascii_lowercase())
            }
            _ => return Err(Fault::BodySaid),
        };
        Ok(Some(said))
    }
}

/// The words. A header goes before a parameter, which is decoded as others are.
pub(super) fn text<'a>(request: &Request<'a>) -> Option<Cow<'a, str>> {
    let in_query = || request.parameter("X-Amz-Content-Sha256").map(Cow::Owned);
    request.header("x-amz-content-sha256").map(Cow::Borrowed).or_else(in_query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_body_is_known_or_refused() {
        let hash = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
        let read = |text: &str| {
            let mut headers = http::HeaderMap::new();
            headers.insert("x-amz-content-sha256", text.parse().expect("it is a header"));
            let in_header = BodySaid::of(&Request::new("PUT", "/b/k", &headers, b""));
            let target = format!("/b/k?X-Amz-Content-Sha256={}", text.replace('-', "%2D"));
            let none = http::HeaderMap::new();
            assert_eq!(BodySaid::of(&Request::new("PUT", &target, &none, b"")), in_header, "{text}");
            in_header
        };
        for (text, said) in [
            (hash, BodySaid::Sha256(hash.to_ascii_lowercase())),
            ("UNSIGNED-PAYLOAD", BodySaid::Unsigned),
            ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", BodySaid::Chunks),
            ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", BodySaid::SignedChunks { has_trailer: false }),
            ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", BodySaid::SignedChunks { has_trailer: true }),
        ] {
            assert_eq!(read(text), Ok(Some(said)), "{text}");
        }
        for text in ["", "unsigned-payload", "STREAMING-", "STREAMING-MADE-UP", &hash[1..], &format!("{hash}0")] {
            assert_eq!(read(text), Err(Fault::BodySaid), "{text}");
        }
        assert_eq!(BodySaid::of(&Request::new("PUT", "/b/k", &http::HeaderMap::new(), b"")), Ok(None));
    }
}
