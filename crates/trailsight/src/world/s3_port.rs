//! S3's protocol, by the crate `s3s`: nothing else names it. What it asks for is done by [`Buckets`], or by storage elsewhere.
//!
//! Requests come in through `s3_request.rs`, which has taken their signatures off.
//!
//! ```text
//!  buckets.rs  lists.rs  objects.rs  uploads.rs    what S3 is for
//!  body.rs  conditions.rs                          what is said of a body, and when an object is given
//!  settings.rs  fixed.rs                           what a bucket has besides: as it was set, or always alike
//!  elsewhere.rs                                    linked buckets: read through, and never written by clients
//! ```

use std::sync::Arc;

use async_trait::async_trait;
use s3s::dto::*;
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};
use server::http::{Body, Request, Response, S3Port, StatusCode};
use server::world::Dice;

use super::aws_chunked::BadChunks;
use super::buckets::{Buckets, BucketsError, system_time};
use super::linked::LinkedBuckets;
use super::s3_request::{BrokenBody, Promised, plain};
use super::s3_words::{Refusal, refusal, refused};

mod body;
mod buckets;
mod conditions;
mod elsewhere;
mod fixed;
mod lists;
mod objects;
mod settings;
mod uploads;

/// What answers S3's requests out of these buckets. `domains` are the hosts whose subdomains are buckets: `localhost:4580`.
pub fn s3_port(
    buckets: Arc<Buckets>,
    linked: Arc<LinkedBuckets>,
    domains: &[String],
    dice: impl Dice + 'static,
) -> S3Port {
    let mut builder = s3s::service::S3ServiceBuilder::new(Port { held: buckets, linked: Arc::clone(&linked) });
    builder.set_auth(elsewhere::NoSecrets);
    builder.set_access(elsewhere::ReadOnly(linked));
    if let Ok(domains) = s3s::host::MultiDomain::new(domains) {
        builder.set_host(domains);
    }
    let (service, dice) = (builder.build(), Arc::new(dice));
    Arc::new(move |request: Request<Body>| {
        let (service, id) = (service.clone(), dice.uuid());
        Box::pin(async move {
            let request = plain(request).map(s3s::Body::http_body_unsync);
            let promised = request.extensions().get::<Promised>().cloned().unwrap_or_default();
            let mut reply = if let Some(why) = refusal(&request) {
                refuse(StatusCode::BAD_REQUEST, why, &id)
            } else {
                match service.call(request).await {
                    Ok(reply) => reply.map(Body::new),
                    Err(error) => {
                        tracing::error!(request = id, error = ?error, "S3 cannot answer");
                        let mut reply = Response::new(Body::empty());
                        *reply.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                        reply
                    }
                }
            };
            // The library takes it for a body that broke off, or for a fault of ours.
            if let Some((status, why)) = promised.broken().and_then(signed_otherwise) {
                reply = refuse(status, why, &id);
            }
            if let Ok(id) = id.parse() {
                reply.headers_mut().insert("x-amz-request-id", id);
            }
            reply
        })
    })
}

fn refuse(status: StatusCode, why: Refusal, request_id: &str) -> Response<Body> {
    let mut reply = Response::new(Body::from(refused(why, request_id)));
    *reply.status_mut() = status;
    reply
}

/// What S3 says of a body that is not what was signed.
fn signed_otherwise(broken: BrokenBody) -> Option<(StatusCode, Refusal)> {
    let (status, code, message) = match broken {
        BrokenBody::Other => (
            StatusCode::BAD_REQUEST,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ),
        BrokenBody::Chunks(BadChunks::Unsigned) => (
            StatusCode::FORBIDDEN,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        ),
        BrokenBody::Cut | BrokenBody::Chunks(BadChunks::Malformed) => return None,
    };
    Some((status, Refusal { code, message }))
}

struct Port {
    held: Arc<Buckets>,
    linked: Arc<LinkedBuckets>,
}

impl From<BucketsError> for S3Error {
    fn from(error: BucketsError) -> S3Error {
        let code = match &error {
            BucketsError::NoSuchBucket => S3ErrorCode::NoSuchBucket,
            BucketsError::NoSuchKey => S3ErrorCode::NoSuchKey,
            BucketsError::NoSuchUpload => S3ErrorCode::NoSuchUpload,
            BucketsError::InvalidBucketName => S3ErrorCode::InvalidBucketName,
            BucketsError::KeyTooLong => S3ErrorCode::KeyTooLongError,
            BucketsError::BucketIsYours => S3ErrorCode::BucketAlreadyOwnedByYou,
            BucketsError::BucketNotEmpty => S3ErrorCode::BucketNotEmpty,
            BucketsError::InvalidPart => S3ErrorCode::InvalidPart,
            BucketsError::InvalidPartOrder => S3ErrorCode::InvalidPartOrder,
            BucketsError::EntityTooSmall => S3ErrorCode::EntityTooSmall,
            BucketsError::ConditionFailed => S3ErrorCode::PreconditionFailed,
            BucketsError::BadDigest { .. } => S3ErrorCode::BadDigest,
            BucketsError::Io { .. } => {
                tracing::error!(error = &error as &dyn std::error::Error, "a bucket cannot be read or written");
                let message = "A bucket could not be read or written; see the service's log.";
                return S3Error::with_message(S3ErrorCode::InternalError, message);
            }
        };
        S3Error::with_message(code, error.to_string())
    }
}

impl Port {
    /// Does something with the buckets on a thread that may wait.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Buckets) -> Result<T, BucketsError> + Send + 'static,
    ) -> S3Result<T> {
        let buckets = Arc::clone(&self.held);
        let done = tokio::task::spawn_blocking(move || work(&buckets)).await;
        done.map_err(S3Error::internal_error)?.map_err(S3Error::from)
    }
}

fn at(time: jiff::Timestamp) -> Timestamp {
    system_time(time).into()
}

fn strong(etag: &str) -> Option<ETag> {
    Some(ETag::Strong(etag.to_owned()))
}

/// Which operations are answered: each by the function of its name, in one of the files.
macro_rules! answered {
    ($($operation:ident: $input:ident => $output:ident;)*) => {
        #[async_trait]
        impl S3 for Port {
            $(async fn $operation(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                Port::$operation(self, request).await
            })*
        }
    };
}

answered! {
    create_bucket: CreateBucketInput => CreateBucketOutput;
    delete_bucket: DeleteBucketInput => DeleteBucketOutput;
    head_bucket: HeadBucketInput => HeadBucketOutput;
    get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput;
    list_buckets: ListBucketsInput => ListBucketsOutput;
    list_objects: ListObjectsInput => ListObjectsOutput;
    list_objects_v2: ListObjectsV2Input => ListObjectsV2Output;
    put_object: PutObjectInput => PutObjectOutput;
    get_object: GetObjectInput => GetObjectOutput;
    head_object: HeadObjectInput => HeadObjectOutput;
    delete_object: DeleteObjectInput => DeleteObjectOutput;
    delete_objects: DeleteObjectsInput => DeleteObjectsOutput;
    copy_object: CopyObjectInput => CopyObjectOutput;
    create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput;
    upload_part: UploadPartInput => UploadPartOutput;
    upload_part_copy: UploadPartCopyInput => UploadPartCopyOutput;
    complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput;
    abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput;
    list_parts: ListPartsInput => ListPartsOutput;
    list_multipart_uploads: ListMultipartUploadsInput => ListMultipartUploadsOutput;
    get_bucket_policy: GetBucketPolicyInput => GetBucketPolicyOutput;
    get_bucket_policy_status: GetBucketPolicyStatusInput => GetBucketPolicyStatusOutput;
    put_bucket_policy: PutBucketPolicyInput => PutBucketPolicyOutput;
    delete_bucket_policy: DeleteBucketPolicyInput => DeleteBucketPolicyOutput;
    get_bucket_tagging: GetBucketTaggingInput => GetBucketTaggingOutput;
    put_bucket_tagging: PutBucketTaggingInput => PutBucketTaggingOutput;
    delete_bucket_tagging: DeleteBucketTaggingInput => DeleteBucketTaggingOutput;
    get_public_access_block: GetPublicAccessBlockInput => GetPublicAccessBlockOutput;
    put_public_access_block: PutPublicAccessBlockInput => PutPublicAccessBlockOutput;
    delete_public_access_block: DeletePublicAccessBlockInput => DeletePublicAccessBlockOutput;
    get_bucket_ownership_controls: GetBucketOwnershipControlsInput => GetBucketOwnershipControlsOutput;
    put_bucket_ownership_controls: PutBucketOwnershipControlsInput => PutBucketOwnershipControlsOutput;
    delete_bucket_ownership_controls: DeleteBucketOwnershipControlsInput => DeleteBucketOwnershipControlsOutput;
    get_bucket_acl: GetBucketAclInput => GetBucketAclOutput;
    put_bucket_acl: PutBucketAclInput => PutBucketAclOutput;
    get_bucket_encryption: GetBucketEncryptionInput => GetBucketEncryptionOutput;
    put_bucket_encryption: PutBucketEncryptionInput => PutBucketEncryptionOutput;
    delete_bucket_encryption: DeleteBucketEncryptionInput => DeleteBucketEncryptionOutput;
    get_bucket_versioning: GetBucketVersioningInput => GetBucketVersioningOutput;
    put_bucket_versioning: PutBucketVersioningInput => PutBucketVersioningOutput;
    get_bucket_logging: GetBucketLoggingInput => GetBucketLoggingOutput;
    put_bucket_logging: PutBucketLoggingInput => PutBucketLoggingOutput;
    get_bucket_notification_configuration: GetBucketNotificationConfigurationInput => GetBucketNotificationConfigurationOutput;
    put_bucket_notification_configuration: PutBucketNotificationConfigurationInput => PutBucketNotificationConfigurationOutput;
    get_bucket_accelerate_configuration: GetBucketAccelerateConfigurationInput => GetBucketAccelerateConfigurationOutput;
    get_bucket_request_payment: GetBucketRequestPaymentInput => GetBucketRequestPaymentOutput;
    get_bucket_lifecycle_configuration: GetBucketLifecycleConfigurationInput => GetBucketLifecycleConfigurationOutput;
    put_bucket_lifecycle_configuration: PutBucketLifecycleConfigurationInput => PutBucketLifecycleConfigurationOutput;
    delete_bucket_lifecycle: DeleteBucketLifecycleInput => DeleteBucketLifecycleOutput;
    get_bucket_website: GetBucketWebsiteInput => GetBucketWebsiteOutput;
    get_bucket_cors: GetBucketCorsInput => GetBucketCorsOutput;
    get_bucket_replication: GetBucketReplicationInput => GetBucketReplicationOutput;
    get_object_lock_configuration: GetObjectLockConfigurationInput => GetObjectLockConfigurationOutput;
    get_object_tagging: GetObjectTaggingInput => GetObjectTaggingOutput;
    put_object_tagging: PutObjectTaggingInput => PutObjectTaggingOutput;
    get_object_acl: GetObjectAclInput => GetObjectAclOutput;
}

#[cfg(test)]
mod tests {
    use wire::sigv4::BodySaid;

    use super::super::aws::Aws;
    use super::super::clock::SystemClock;
    use super::super::dice::SystemDice;
    use super::super::links::{Link, LinksFile};
    use super::*;

    /// The port, and what is behind it.
    struct Asked {
        runtime: tokio::runtime::Runtime,
        folder: tempfile::TempDir,
        buckets: Arc<Buckets>,
        port: S3Port,
    }

    impl Asked {
        /// One bucket, `logs`, with an object `a` and an object `b`; and a folder that is linked as `linked`.
        fn new() -> Asked {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("there are threads");
            let folder = tempfile::tempdir().expect("there is room");
            let (clock, dice) = (Box::new(SystemClock), Box::new(SystemDice));
            let buckets = Buckets::open(folder.path().join("buckets"), clock, dice, Arc::new(|_, _| {}));
            let buckets = Arc::new(buckets.expect("there is room"));
            let aws = Arc::new(Aws::new().expect("it can be asked"));
            let links = LinksFile::of(folder.path());
            let elsewhere = folder.path().join("elsewhere");
            std::fs::create_dir(&elsewhere).expect("there is room");
            let link = Link { url: format!("file://{}", elsewhere.display()), ..Link::default() };
            links.add("linked", &link).expect("there is room");
            let linked = LinkedBuckets::open(links, aws, runtime.handle().clone());
            let linked = Arc::new(linked.expect("it is in order"));
            let port = s3_port(Arc::clone(&buckets), linked, &["localhost:4580".into()], SystemDice);
            buckets.create("logs", "us-east-1").expect("there is room");
            for key in ["a", "b"] {
                buckets.put_bytes("logs", key, b"kept").expect("there is room");
            }
            Asked { runtime, folder, buckets, port }
        }

        /// `line` is `PUT /logs/c`; `signed` the body whose hash is signed.
        fn ask(&self, line: &str, headers: &[(&str, &str)], signed: &str, body: &str) -> (u16, String) {
            let (method, target) = line.split_once(' ').expect("it has both");
            let hash = BodySaid::Sha256(record::digest::hash(signed.as_bytes()));
            let mut request = Request::builder().method(method).uri(target).header("host", "localhost:4580");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let request = request.header("content-length", body.len()).extension(hash);
            let request = request.body(Body::from(body.to_owned())).expect("it is a request");
            let reply = self.runtime.block_on((self.port)(request));
            let status = reply.status().as_u16();
            let bytes = self.runtime.block_on(whole(reply)).expect("it is here");
            (status, String::from_utf8(bytes).expect("it is text"))
        }
    }

    #[test]
    fn no_body_does_anything_that_is_not_the_one_whose_hash_was_signed() {
        let asked = Asked::new();
        let ask = |line: &str, signed: &str, body: &str| asked.ask(line, &[], signed, body);
        let buckets = &asked.buckets;
        let delete = |key: &str| format!("<Delete><Object><Key>{key}</Key></Object></Delete>");
        let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
        for (line, signed, body) in [
            ("POST /logs?delete", delete("a"), delete("b")),
            ("PUT /logs?policy", policy.to_owned(), policy.replace('[', "[ ")),
            ("PUT /logs/c", "abc".to_owned(), "abd".to_owned()),
        ] {
            let (status, said) = ask(line, &signed, &body);
            assert!(status == 400 && said.contains("<Code>XAmzContentSHA256Mismatch<"), "{line}: {status} {said}");
        }
        assert!(buckets.get("logs", "b").is_ok() && buckets.get("logs", "c").is_err());
        let (status, said) = ask("POST /logs?delete", &delete("b"), &delete("b"));
        assert!(status == 200 && buckets.get("logs", "b").is_err(), "{status} {said}");
        assert_eq!(ask("PUT /logs/c", "abc", "abc").0, 200);
    }

    #[test]
    fn an_object_is_given_and_copied_only_under_the_conditions_that_were_named() {
        let asked = Asked::new();
        std::fs::write(asked.folder.path().join("elsewhere/a"), "kept").expect("there is room");
        let (_, about) = asked.buckets.get("logs", "a").expect("it is there");
        let (_, upload) = asked.ask("POST /logs/whole?uploads", &[], "", "");
        let upload = upload.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once('<')).expect("it is begun").0;
        let part = format!("PUT /logs/whole?partNumber=1&uploadId={upload}");
        let (past, future) = ("Thu, 12 Feb 2015 14:30:00 GMT", "Thu, 12 Feb 2099 14:30:00 GMT");
        // As `Last-Modified` tells it: the file has a fraction of a second besides.
        let stored = about.modified_at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let (this, other) = (format!("\"{}\"", about.etag), "\"0\"".to_owned());
        for (conditions, given, copied) in [
            (&[("if-modified-since", future)][..], 304, 412),
            (&[("if-modified-since", &stored)], 304, 412),
            (&[("if-modified-since", past)], 200, 200),
            (&[("if-unmodified-since", past)], 412, 412),
            (&[("if-unmodified-since", &stored)], 200, 200),
            (&[("if-unmodified-since", future)], 200, 200),
            (&[("if-match", &other)], 412, 412),
            (&[("if-match", &this)], 200, 200),
            (&[("if-none-match", &this)], 304, 412),
            (&[("if-none-match", &other)], 200, 200),
            // Where an ETag is named, the time beside it is not asked.
            (&[("if-match", &this), ("if-unmodified-since", past)], 200, 200),
            (&[("if-none-match", &this), ("if-modified-since", past)], 304, 412),
        ] {
            for method in ["GET", "HEAD"] {
                let told = asked.ask(&format!("{method} /logs/a"), conditions, "", "");
                assert_eq!(told.0, given, "{method} {conditions:?} {}", told.1);
            }
            let of_source = |(name, value): &(&str, &str)| (format!("x-amz-copy-source-{name}"), (*value).to_owned());
            let mut headers: Vec<(String, String)> = conditions.iter().map(of_source).collect();
            headers.push(("x-amz-copy-source".into(), "logs/a".into()));
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
            for line in ["PUT /logs/copy", &part] {
                let told = asked.ask(line, &headers, "", "");
                assert_eq!(told.0, copied, "{line} {headers:?} {}", told.1);
            }
            assert_eq!(asked.buckets.get("logs", "copy").is_ok(), copied == 200, "{conditions:?}");
            let _ = asked.buckets.remove("logs", "copy");
        }
        // Times hold of linked buckets, too.
        let file = std::fs::metadata(asked.folder.path().join("elsewhere/a")).and_then(|file| file.modified());
        let stored = jiff::Timestamp::try_from(file.expect("it is told")).expect("it is a moment");
        let stored = stored.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        for (condition, given) in [
            (("if-modified-since", &*stored), 304),
            (("if-modified-since", past), 200),
            (("if-unmodified-since", past), 412),
            (("if-unmodified-since", &stored), 200),
        ] {
            for method in ["GET", "HEAD"] {
                let told = asked.ask(&format!("{method} /linked/a"), &[condition], "", "");
                assert_eq!(told.0, given, "{method} {condition:?} {}", told.1);
            }
        }
    }

    #[test]
    fn an_upload_becomes_an_object_only_under_the_conditions_that_were_named() {
        let asked = Asked::new();
        let (_, upload) = asked.ask("POST /logs/a?uploads", &[], "", "");
        let upload = upload.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once('<')).expect("it is begun").0;
        assert_eq!(asked.ask(&format!("PUT /logs/a?partNumber=1&uploadId={upload}"), &[], "new", "new").0, 200);
        let etag = "22af645d1859cb5ca6da0c484f1f37ea";
        let parts = format!("<Part><PartNumber>1</PartNumber><ETag>\"{etag}\"</ETag></Part>");
        let parts = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        let complete = |headers| asked.ask(&format!("POST /logs/a?uploadId={upload}"), headers, &parts, &parts);
        let (status, said) = complete(&[("if-none-match", "*")]);
        // S3 begins its answer before all parts are together: an error may come in its body.
        assert!(status == 412 || said.contains("PreconditionFailed"), "{status} {said}");
        let kept = || std::io::read_to_string(asked.buckets.get("logs", "a").expect("it is there").0);
        assert_eq!(kept().expect("it is text"), "kept");
        let (status, said) = complete(&[]);
        assert!(status == 200 && said.contains("CompleteMultipartUploadResult"), "{status} {said}");
        assert_eq!(kept().expect("it is text"), "new");
    }

    async fn whole(reply: Response<Body>) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        use futures::TryStreamExt;
        let pieces: Vec<bytes::Bytes> = reply.into_body().into_data_stream().try_collect().await?;
        Ok(pieces.concat())
    }
}
