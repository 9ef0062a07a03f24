//! Why a signature is refused, and how each kind of service says so.
//!
//! | | JSON | forms | S3 |
//! |---|---|---|---|
//! | no signature | `MissingAuthenticationTokenException` | `MissingAuthenticationToken` | `AccessDenied` |
//! | half a signature | `IncompleteSignatureException` | `IncompleteSignature` | `AuthorizationHeaderMalformed` |
//! | a key that nobody has | `UnrecognizedClientException` | `InvalidClientTokenId` | `InvalidAccessKeyId` |
//! | a session that is over | `ExpiredTokenException` | `ExpiredToken` | `ExpiredToken` |
//! | another signature | `InvalidSignatureException` | `SignatureDoesNotMatch` | `SignatureDoesNotMatch` |
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/CommonErrors.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use crate::error::ApiError;
use crate::service::Protocol;

/// Why a request is not taken for what it says it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is not signed.
    #[error("the request is not signed")]
    Missing,
    /// What it says of its signature is not all that is needed.
    #[error("{0}")]
    Incomplete(String),
    /// Nobody has such a key.
    #[error("the access key is unknown")]
    UnknownKey,
    /// The session's token is missing, is another, or there is no session.
    #[error("the session token is wrong")]
    WrongToken,
    /// The session is over.
    #[error("the session token is expired")]
    ExpiredToken,
    /// It was signed for another service or day.
    #[error("{0}")]
    WrongScope(String),
    /// It was signed too long ago.
    #[error("{0}")]
    Expired(String),
    /// It was signed in the future.
    #[error("{0}")]
    NotYet(String),
    /// The URL is no longer good.
    #[error("{0}")]
    UrlExpired(String),
    /// What is said in place of the body's hash is neither one nor a known word.
    #[error("what is said of the body is not known")]
    BodySaid,
    /// The body is not the one whose hash was signed.
    #[error("the body is not what was signed")]
    Payload,
    /// The signature is another.
    #[error("the signature does not match")]
    Mismatch,
}

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                        Access Key and signing method. Consult the service documentation for details.";

const BODY_SAID: &str = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
                         STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.";

impl Fault {
    /// As AWS tells it to such a client.
    pub fn api_error(&self, protocol: Protocol) -> ApiError {
        let (json, query, s3) = self.codes();
        let (code, is_s3) = match protocol {
            Protocol::Query | Protocol::Ec2Query => (query, false),
            Protocol::RestXml => (s3, true),
            Protocol::AwsJson10 | Protocol::AwsJson11 | Protocol::RestJson | Protocol::RpcV2Cbor => (json, false),
        };
        let status = match self {
            Fault::Incomplete(_) | Fault::BodySaid => 400,
            Fault::WrongToken | Fault::ExpiredToken | Fault::Payload if is_s3 => 400,
            _ => 403,
        };
        ApiError::new(code, self.message(protocol, is_s3)).with_status(status)
    }

    fn codes(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Fault::Missing => ("MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied"),
            Fault::Incomplete(_) => {
                ("IncompleteSignatureException", "IncompleteSignature", "AuthorizationHeaderMalformed")
            }
            Fault::UnknownKey => ("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"),
            Fault::WrongToken => ("UnrecognizedClientException", "InvalidClientTokenId", "InvalidToken"),
            Fault::ExpiredToken => ("ExpiredTokenException", "ExpiredToken", "ExpiredToken"),
            Fault::WrongScope(_) | Fault::Mismatch => {
                ("InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch")
            }
            Fault::Expired(_) | Fault::NotYet(_) => {
                ("InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed")
            }
            Fault::UrlExpired(_) => ("InvalidSignatureException", "SignatureDoesNotMatch", "AccessDenied"),
            Fault::BodySaid => ("IncompleteSignatureException", "IncompleteSignature", "InvalidArgument"),
            Fault::Payload => ("InvalidSignatureException", "SignatureDoesNotMatch", "XAmzContentSHA256Mismatch"),
        }
    }

    fn message(&self, protocol: Protocol, is_s3: bool) -> &str {
        match self {
            Fault::Missing if is_s3 => "Access Denied",
            Fault::Missing if protocol == Protocol::Query => "Request is missing Authentication Token",
            Fault::Missing => "Missing Authentication Token",
            Fault::UnknownKey if is_s3 => "The AWS Access Key Id you provided does not exist in our records.",
            Fault::WrongToken if is_s3 => "The provided token is malformed or otherwise invalid.",
            Fault::UnknownKey | Fault::WrongToken => "The security token included in the request is invalid.",
            Fault::ExpiredToken if is_s3 => "The provided token has expired.",
            Fault::ExpiredToken => "The security token included in the request is expired",
            Fault::Expired(_) | Fault::NotYet(_) if is_s3 => {
                "The difference between the request time and the current time is too large."
            }
            Fault::UrlExpired(_) if is_s3 => "Request has expired",
            Fault::Payload if is_s3 => "The provided 'x-amz-content-sha256' header does not match what was computed.",
            Fault::Payload | Fault::Mismatch => MISMATCH,
            Fault::BodySaid => BODY_SAID,
            Fault::Incomplete(text)
            | Fault::WrongScope(text)
            | Fault::Expired(text)
            | Fault::NotYet(text)
            | Fault::UrlExpired(text) => text,
        }
    }
}
