//! Headers and parameters of S3 whose values are words: a word that S3 does not know is refused, as S3 does, whether or not
//! what the words mean is done here. So is what only buckets with Object Lock take.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
//!
//! And what S3 says by its codes, where whoever refuses says the code alone: a client has no words of its own (`Unknown`).
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use server::http::Request;

/// What is said of a word that S3 does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `InvalidArgument`, as most are.
    pub code: &'static str,
    /// The sentence.
    pub message: &'static str,
}

struct Words {
    name: &'static str,
    known: &'static [&'static str],
    refusal: Refusal,
}

const fn words(name: &'static str, known: &'static [&'static str], message: &'static str) -> Words {
    Words { name, known, refusal: Refusal { code: "InvalidArgument", message } }
}

const fn refused_as(code: &'static str, words: Words) -> Words {
    Words { refusal: Refusal { code, message: words.refusal.message }, ..words }
}

const CHECKSUMS: &[&str] =
    &["CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"];

const ON_OFF: &[&str] = &["ON", "OFF"];

static HEADERS: &[Words] = &[
    words(
        "x-amz-acl",
        &[
            "private",
            "public-read",
            "public-read-write",
            "authenticated-read",
            "aws-exec-read",
            "bucket-owner-read",
            "bucket-owner-full-control",
            "log-delivery-write",
        ],
        "The canned ACL is not valid",
    ),
    refused_as(
        "InvalidStorageClass",
        words(
            "x-amz-storage-class",
            &[
                "STANDARD",
                "REDUCED_REDUNDANCY",
                "STANDARD_IA",
                "ONEZONE_IA",
                "INTELLIGENT_TIERING",
                "GLACIER",
                "DEEP_ARCHIVE",
                "OUTPOSTS",
                "GLACIER_IR",
                "SNOW",
                "EXPRESS_ONEZONE",
                "FSX_OPENZFS",
                "FSX_ONTAP",
                "AWS_BACKUP_WARM",
                "AWS_BACKUP_LOW_COST_WARM",
            ],
            "The storage class you specified is not valid",
        ),
    ),
    words(
        "x-amz-server-side-encryption",
        &["AES256", "aws:fsx", "aws:backup", "aws:kms", "aws:kms:dsse"],
        "The encryption method specified is not supported",
    ),
    words("x-amz-metadata-directive", &["COPY", "REPLACE"], "Unknown metadata directive."),
    words("x-amz-tagging-directive", &["COPY", "REPLACE"], "Unknown tagging directive."),
    words("x-amz-object-annotation-directive", &["COPY", "EXCLUDE"], "Unknown annotation directive."),
    words("x-amz-object-lock-mode", &["GOVERNANCE", "COMPLIANCE"], "Unknown wormMode directive."),
    words("x-amz-object-lock-legal-hold", ON_OFF, "Legal Hold must be either of 'ON' or 'OFF'"),
    words("x-amz-object-lock-event-hold", ON_OFF, "Event Hold must be either of 'ON' or 'OFF'"),
    words(
        "x-amz-object-ownership",
        &["BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"],
        "Invalid x-amz-object-ownership header",
    ),
    words("x-amz-bucket-namespace", &["account-regional", "global"], "Invalid x-amz-bucket-namespace header"),
    refused_as(
        "InvalidRequest",
        words("x-amz-checksum-algorithm", CHECKSUMS, "Checksum algorithm provided is unsupported."),
    ),
    refused_as(
        "InvalidRequest",
        words("x-amz-sdk-checksum-algorithm", CHECKSUMS, "Value for x-amz-sdk-checksum-algorithm header is invalid."),
    ),
    refused_as(
        "InvalidRequest",
        words("x-amz-checksum-type", &["COMPOSITE", "FULL_OBJECT"], "Value for x-amz-checksum-type header is invalid."),
    ),
];

static PARAMETERS: &[Words] = &[words("encoding-type", &["url"], "Invalid Encoding Method specified in Request")];

/// What begins so asks for Object Lock, which no bucket here has.
const LOCK: &str = "x-amz-object-lock-";

const NO_LOCK: Refusal = Refusal { code: "InvalidRequest", message: "Bucket is missing Object Lock Configuration" };

/// Why a request is refused, if one of its words is unknown, or asks for what is never there.
pub fn refusal<B>(request: &Request<B>) -> Option<Refusal> {
    let header = |words: &&Words| {
        let value = request.headers().get(words.name);
        value.is_some_and(|value| !words.known.iter().any(|known| value.as_bytes() == known.as_bytes()))
    };
    let query = request.uri().query().unwrap_or_default();
    let parameter = |words: &&Words| {
        let given = query.split('&').filter_map(|parameter| parameter.split_once('='));
        given.into_iter().any(|(name, value)| name == words.name && !words.known.contains(&value))
    };
    if let Some(found) = HEADERS.iter().find(header).or_else(|| PARAMETERS.iter().find(parameter)) {
        return Some(found.refusal);
    }
    request.headers().keys().any(|name| name.as_str().starts_with(LOCK)).then_some(NO_LOCK)
}

/// How S3 says it.
pub fn refused(Refusal { code, message }: Refusal, request_id: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{}</Message>\
         <RequestId>{request_id}</RequestId></Error>",
        message.replace('\'', "&#39;")
    )
}

/// What S3 says by each code.
static SENTENCES: &[(&str, &str)] = &[
    ("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header"),
    ("InvalidBucketName", "The specified bucket is not valid."),
    ("InvalidURI", "Couldn't parse the specified URI."),
    ("KeyTooLongError", "Your key is too long"),
    ("MethodNotAllowed", "The specified method is not allowed against this resource."),
    ("NotImplemented", "A header or parameter you provided implies functionality that is not implemented"),
];

/// A refusal with its sentence, if it has a code alone.
pub fn with_sentence(refusal: &str) -> Option<String> {
    const END: &str = "</Code>";
    let end = refusal.find(END)?;
    let code = refusal[..end].rsplit_once("<Code>")?.1;
    if refusal.contains("<Message>") {
        return None;
    }
    let (_, sentence) = SENTENCES.iter().find(|(known, _)| *known == code)?;
    let (before, after) = refusal.split_at(end + END.len());
    Some(format!("{before}<Message>{}</Message>{after}", sentence.replace('\'', "&#39;")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(uri: &str, header: &str, value: &str) -> Option<&'static str> {
        let request = Request::builder().uri(uri).header(header, value).body(()).expect("it is a request");
        refusal(&request).map(|refusal| refusal.code)
    }

    #[test]
    fn a_word_that_s3_does_not_know_is_refused() {
        assert_eq!(asked("/b/k", "x-amz-acl", "bucket-owner-full-control"), None);
        assert_eq!(asked("/b/k", "x-amz-acl", "mine"), Some("InvalidArgument"));
        assert_eq!(asked("/b/k", "X-Amz-Storage-Class", "standard"), Some("InvalidStorageClass"));
        assert_eq!(asked("/b/k", "x-amz-object-lock-legal-hold", "OFF"), Some("InvalidRequest"));
        assert_eq!(asked("/b?list-type=2&encoding-type=url", "x-other", "any"), None);
        assert_eq!(asked("/b?list-type=2&encoding-type=base64", "x-other", "any"), Some("InvalidArgument"));
    }
}
