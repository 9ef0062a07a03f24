//! S3's protocol, by the crate `s3s`: nothing else names it. What it asks for is done by [`Buckets`], or by storage elsewhere.
//!
//! Requests come in through `s3_request.rs`, which has taken their signatures off.
//!
//! ```text
//!  buckets.rs  lists.rs  objects.rs  uploads.rs    what S3 is for
//!  body.rs  conditions.rs  ranges.rs               what is said of a body, when an object is given, and how much of it
//!  settings.rs  fixed.rs                           what a bucket has besides: as it was set, or always alike
//!  elsewhere.rs                                    linked buckets: read through, and never written by clients
//! ```

use std::sync::Arc;

use async_trait::async_trait;
use http::header::CONTENT_LENGTH;
use s3s::dto::*;
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};
use server::http::{Body, Request, Response, S3Port, StatusCode};
use server::world::Dice;

use super::aws_chunked::BadChunks;
use super::buckets::{Buckets, BucketsError, system_time};
use super::linked::LinkedBuckets;
use super::s3_request::{BrokenBody, Promised, plain};
use super::s3_words::{Refusal, refusal, refused, with_sentence};

mod body;
mod buckets;
mod conditions;
mod elsewhere;
mod fixed;
mod lists;
mod objects;
mod ranges;
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
            let mut request = plain(request).map(s3s::Body::http_body_unsync);
            ranges::pass_over_no_range(&mut request);
            let promised = request.extensions().get::<Promised>().cloned().unwrap_or_default();
            let mut reply = if let Some(why) = refusal(&request) {
                refuse(StatusCode::BAD_REQUEST, why, &id)
            } else {
                match service.call(request).await {
                    Ok(reply) => said(reply),
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

/// A reply; a refusal is not without words.
fn said(reply: Response<s3s::Body>) -> Response<Body> {
    let is_refusal = reply.status().is_client_error() || reply.status().is_server_error();
    let text = reply.body().bytes().filter(|_| is_refusal).and_then(|bytes| String::from_utf8(bytes.into()).ok());
    match text.and_then(|text| with_sentence(&text)) {
        Some(text) => {
            let (mut parts, _) = reply.into_parts();
            parts.headers.remove(CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(text))
        }
        None => reply.map(Body::new),
    }
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
mod tests;
