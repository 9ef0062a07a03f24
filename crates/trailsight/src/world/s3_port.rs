//! S3's protocol, by the crate `s3s`: the only file that names it. What it asks for is done by [`Buckets`].
//!
//! Requests come in through `s3_request.rs`, which has taken their signatures off.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::*;
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};
use server::http::{Body, Request, Response, S3Port};
use server::world::Dice;

use super::buckets::{
    About, Buckets, BucketsError, Checksums, Condition, Headers, Incoming, Listed, Listing, NewObject, Page,
    system_time,
};
use super::s3_request::{Promised, plain};
use super::s3_words::{refusal, refused};

/// Written to disk at a time.
const WRITE_BYTES: usize = 1 << 20;

/// Read from disk at a time.
const READ_BYTES: u64 = 256 << 10;

/// The most keys of a page. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
const MAX_KEYS: i32 = 1000;

/// The most buckets of a page. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>
const MAX_BUCKETS: i32 = 10_000;

/// The Region that has no name in a bucket's location.
const FIRST_REGION: &str = "us-east-1";

/// What keys are written with in lists, where a client asks for it, as most do: XML cannot hold every character.
const IN_LISTS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// What answers S3's requests out of these buckets. `domain` is the host whose subdomains are buckets: `localhost:4580`.
pub fn s3_port(buckets: Arc<Buckets>, domain: &str, dice: impl Dice + 'static) -> S3Port {
    let mut builder = s3s::service::S3ServiceBuilder::new(Port(buckets));
    if let Ok(domain) = s3s::host::SingleDomain::new(domain) {
        builder.set_host(domain);
    }
    let (service, dice) = (builder.build(), Arc::new(dice));
    Arc::new(move |request: Request<Body>| {
        let (service, id) = (service.clone(), dice.uuid());
        Box::pin(async move {
            let request = plain(request).map(s3s::Body::http_body_unsync);
            let mut reply = if let Some(why) = refusal(&request) {
                let mut reply = Response::new(Body::from(refused(why, &id)));
                *reply.status_mut() = server::http::StatusCode::BAD_REQUEST;
                reply
            } else {
                match service.call(request).await {
                    Ok(reply) => reply.map(Body::new),
                    Err(error) => {
                        tracing::error!(request = id, error = ?error, "S3 cannot answer");
                        let mut reply = Response::new(Body::empty());
                        *reply.status_mut() = server::http::StatusCode::INTERNAL_SERVER_ERROR;
                        reply
                    }
                }
            };
            if let Ok(id) = id.parse() {
                reply.headers_mut().insert("x-amz-request-id", id);
            }
            reply
        })
    })
}

struct Port(Arc<Buckets>);

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
        let buckets = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&buckets)).await;
        done.map_err(S3Error::internal_error)?.map_err(S3Error::from)
    }

    /// Takes a body in, and holds it against all that was said of it.
    async fn receive(&self, body: Option<StreamingBlob>, said: Said) -> S3Result<(Incoming, Checksums)> {
        let mut incoming = self.work(Buckets::incoming).await?;
        let mut hasher = said.hasher();
        if let Some(mut body) = body {
            let mut waiting = Vec::new();
            loop {
                let next = body
                    .next()
                    .await
                    .transpose()
                    .map_err(|error| S3Error::with_source(S3ErrorCode::IncompleteBody, error))?;
                let is_end = next.is_none();
                waiting.extend_from_slice(&next.unwrap_or_default());
                if waiting.len() >= WRITE_BYTES || (is_end && !waiting.is_empty()) {
                    let bytes = std::mem::take(&mut waiting);
                    (incoming, hasher) = self
                        .work(move |_| {
                            incoming.write(&bytes)?;
                            hasher.update(&bytes);
                            Ok((incoming, hasher))
                        })
                        .await?;
                }
                if is_end {
                    break;
                }
            }
        }
        let checksums = said.hold(&incoming, hasher.finalize())?;
        Ok((incoming, checksums))
    }

    /// Copies a part of an object, or all of it.
    async fn copied(&self, source: &CopySource, range: Option<Range>) -> S3Result<(Incoming, About)> {
        let CopySource::Bucket { bucket, key, .. } = source else { return Err(s3_error!(NotImplemented)) };
        let (bucket, key) = (bucket.to_string(), key.to_string());
        let (file, about) = self.work(move |buckets| buckets.get(&bucket, &key)).await?;
        let range = match range {
            Some(range) => range.check(about.bytes)?,
            None => 0..about.bytes,
        };
        self.work(move |buckets| {
            let mut incoming = buckets.incoming()?;
            let mut at = range.start;
            let mut buffer = vec![0; WRITE_BYTES];
            while at < range.end {
                let want = (range.end - at).min(WRITE_BYTES as u64);
                let buffer = &mut buffer[..usize::try_from(want).expect("it is at most a MiB")];
                let read = file.read_exact_at(buffer, at);
                read.map_err(|source| BucketsError::Io { doing: "read what is copied".into(), source })?;
                incoming.write(buffer)?;
                at += want;
            }
            Ok((incoming, about))
        })
        .await
    }
}

/// What a request says of its body.
#[derive(Default)]
struct Said {
    promised: Promised,
    length: Option<i64>,
    md5: Option<String>,
    algorithm: Option<ChecksumAlgorithm>,
    checksums: Checksum,
}

/// The names of checksums, in headers and where they are kept.
const CRC32: &str = "x-amz-checksum-crc32";
const CRC32C: &str = "x-amz-checksum-crc32c";
const CRC64NVME: &str = "x-amz-checksum-crc64nvme";
const SHA1: &str = "x-amz-checksum-sha1";
const SHA256: &str = "x-amz-checksum-sha256";

impl Said {
    /// Which checksums to compute: trailers come too late to say so, and are few.
    fn hasher(&self) -> ChecksumHasher {
        let is_chunked = self.promised.bytes.is_some();
        let algorithm = self.algorithm.as_ref().map(ChecksumAlgorithm::as_str).unwrap_or_default();
        let wants = |name: &str, header: &Option<String>| is_chunked || algorithm == name || header.is_some();
        let Checksum { checksum_crc32, checksum_crc32c, checksum_crc64nvme, checksum_sha1, checksum_sha256, .. } =
            &self.checksums;
        ChecksumHasher {
            crc32: wants("CRC32", checksum_crc32).then(Crc32::new),
            crc32c: wants("CRC32C", checksum_crc32c).then(Crc32c::new),
            crc64nvme: wants("CRC64NVME", checksum_crc64nvme).then(Crc64Nvme::new),
            sha1: wants("SHA1", checksum_sha1).then(Sha1::new),
            sha256: wants("SHA256", checksum_sha256).then(Sha256::new),
        }
    }

    /// Whether what came is what was said. Gives back the checksums that were said.
    fn hold(&self, incoming: &Incoming, computed: Checksum) -> S3Result<Checksums> {
        let length = self.promised.bytes.or_else(|| self.length.and_then(|length| u64::try_from(length).ok()));
        if length.is_some_and(|length| length != incoming.bytes()) {
            return Err(s3_error!(
                IncompleteBody,
                "You did not provide the number of bytes specified by the Content-Length HTTP header"
            ));
        }
        if self.md5.as_ref().is_some_and(|md5| BASE64.decode(md5).ok() != Some(incoming.md5())) {
            return Err(BucketsError::BadDigest { what: "Content-MD5" }.into());
        }
        if self.promised.sha256.as_ref().is_some_and(|sha256| *sha256 != incoming.sha256()) {
            let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
            let mut error = S3Error::with_message(S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()), message);
            error.set_status_code(server::http::StatusCode::BAD_REQUEST);
            return Err(error);
        }
        let said = &self.checksums;
        let mut checksums = Checksums::new();
        for (name, said, computed) in [
            (CRC32, &said.checksum_crc32, computed.checksum_crc32),
            (CRC32C, &said.checksum_crc32c, computed.checksum_crc32c),
            (CRC64NVME, &said.checksum_crc64nvme, computed.checksum_crc64nvme),
            (SHA1, &said.checksum_sha1, computed.checksum_sha1),
            (SHA256, &said.checksum_sha256, computed.checksum_sha256),
        ] {
            let Some(said) = said.clone().or_else(|| self.promised.trailer(name)) else { continue };
            if computed.as_ref() != Some(&said) {
                return Err(BucketsError::BadDigest { what: name }.into());
            }
            checksums.insert(name.to_owned(), said);
        }
        Ok(checksums)
    }
}

/// Checksums as an answer's fields.
fn told(checksums: &Checksums) -> Checksum {
    Checksum {
        checksum_crc32: checksums.get(CRC32).cloned(),
        checksum_crc32c: checksums.get(CRC32C).cloned(),
        checksum_crc64nvme: checksums.get(CRC64NVME).cloned(),
        checksum_sha1: checksums.get(SHA1).cloned(),
        checksum_sha256: checksums.get(SHA256).cloned(),
        checksum_type: None,
    }
}

fn at(time: jiff::Timestamp) -> Timestamp {
    system_time(time).into()
}

fn strong(etag: &str) -> Option<ETag> {
    Some(ETag::Strong(etag.to_owned()))
}

/// When an object is put only if something is so.
fn condition(if_match: Option<ETagCondition>, if_none_match: Option<ETagCondition>) -> S3Result<Condition> {
    match (if_match, if_none_match) {
        (None, None) => Ok(Condition::None),
        (None, Some(ETagCondition::Any)) => Ok(Condition::Absent),
        (Some(ETagCondition::ETag(etag)), None) => Ok(Condition::Is(etag.value().to_owned())),
        _ => Err(s3_error!(NotImplemented, "Put with If-Match: ETag, or with If-None-Match: *")),
    }
}

/// Whether an object is given, by the conditions of who asks.
fn hold_conditions(
    about: &About,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<()> {
    let is = |condition: &ETagCondition| match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == about.etag,
    };
    if if_match.is_some_and(|condition| !is(condition)) {
        return Err(BucketsError::ConditionFailed.into());
    }
    if if_none_match.is_some_and(is) {
        return Err(s3_error!(NotModified));
    }
    Ok(())
}

/// As it is asked for: keys are texts of any characters.
fn written(text: String, encoding: Option<&EncodingType>) -> String {
    match encoding.map(EncodingType::as_str) {
        Some(EncodingType::URL) => utf8_percent_encode(&text, IN_LISTS).to_string(),
        _ => text,
    }
}

/// A page's objects and prefixes as an answer's fields, and the last line's name if there are more.
fn lines(page: Page, encoding: Option<&EncodingType>) -> (Vec<Object>, Vec<CommonPrefix>, Option<String>) {
    let next = page.listed.last().filter(|_| page.has_more).map(|last| last.name().to_owned());
    let (mut objects, mut prefixes) = (Vec::new(), Vec::new());
    for listed in page.listed {
        match listed {
            Listed::Prefix(prefix) => prefixes.push(CommonPrefix { prefix: Some(written(prefix, encoding)) }),
            Listed::Object(key, about) => objects.push(Object {
                key: Some(written(key, encoding)),
                size: i64::try_from(about.bytes).ok(),
                e_tag: strong(&about.etag),
                last_modified: Some(at(about.modified_at)),
                storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
                ..Object::default()
            }),
        }
    }
    (objects, prefixes, next)
}

fn limit(max_keys: Option<i32>) -> S3Result<i32> {
    match max_keys.unwrap_or(MAX_KEYS) {
        negative if negative < 0 => {
            Err(s3_error!(InvalidArgument, "Argument maxKeys must be an integer between 0 and 2147483647"))
        }
        keys => Ok(keys.min(MAX_KEYS)),
    }
}

/// What came in with an object as it is kept.
macro_rules! headers_of {
    ($input:ident) => {
        Headers {
            cache_control: $input.cache_control,
            content_disposition: $input.content_disposition,
            content_encoding: $input.content_encoding,
            content_language: $input.content_language,
            content_type: $input.content_type,
            metadata: $input.metadata.unwrap_or_default().into_iter().collect(),
        }
    };
}

/// What is told of an object, in both operations that tell it.
macro_rules! object_output {
    ($output:ident, $about:ident, $length:expr, $checksums:expr, $($more:tt)*) => {
        $output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: $about.headers.cache_control,
            checksum_crc32: $checksums.checksum_crc32,
            checksum_crc32c: $checksums.checksum_crc32c,
            checksum_crc64nvme: $checksums.checksum_crc64nvme,
            checksum_sha1: $checksums.checksum_sha1,
            checksum_sha256: $checksums.checksum_sha256,
            content_disposition: $about.headers.content_disposition,
            content_encoding: $about.headers.content_encoding,
            content_language: $about.headers.content_language,
            content_length: i64::try_from($length).ok(),
            content_type: $about.headers.content_type.or_else(|| Some("binary/octet-stream".to_owned())),
            e_tag: strong(&$about.etag),
            last_modified: Some(at($about.modified_at)),
            metadata: Some($about.headers.metadata.into_iter().collect()),
            $($more)*
            ..$output::default()
        }
    };
}

/// What a request says of its body.
macro_rules! said_of {
    ($input:ident, $extensions:expr) => {
        Said {
            promised: $extensions.get::<Promised>().cloned().unwrap_or_default(),
            length: $input.content_length,
            md5: $input.content_md5,
            algorithm: $input.checksum_algorithm,
            checksums: Checksum {
                checksum_crc32: $input.checksum_crc32,
                checksum_crc32c: $input.checksum_crc32c,
                checksum_crc64nvme: $input.checksum_crc64nvme,
                checksum_sha1: $input.checksum_sha1,
                checksum_sha256: $input.checksum_sha256,
                checksum_type: None,
            },
        }
    };
}

/// A file's bytes, a piece at a time.
fn stream_of(file: File, range: std::ops::Range<u64>) -> StreamingBlob {
    let pieces = futures::stream::try_unfold((Arc::new(file), range), |(file, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let end = range.end.min(range.start + READ_BYTES);
        let reader = Arc::clone(&file);
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; usize::try_from(end - range.start).expect("it is a small piece")];
            reader.read_exact_at(&mut piece, range.start)?;
            Ok::<_, io::Error>(piece)
        });
        let piece = read.await.map_err(io::Error::other)??;
        Ok::<_, io::Error>(Some((Bytes::from(piece), (file, end..range.end))))
    });
    StreamingBlob::wrap(pieces.into_stream())
}

#[async_trait]
impl S3 for Port {
    async fn create_bucket(&self, r: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        let (name, settings) = (r.input.bucket, r.input.create_bucket_configuration);
        let region = settings.and_then(|settings| settings.location_constraint);
        let region = region.map_or_else(|| FIRST_REGION.to_owned(), |region| region.as_str().to_owned());
        let location = format!("/{name}");
        let made = self.work(move |buckets| match buckets.create(&name, &region) {
            // As S3 has it there: making it again is no error.
            Err(BucketsError::BucketIsYours) if region == FIRST_REGION && buckets.bucket(&name)?.region == region => {
                Ok(())
            }
            made => made,
        });
        made.await?;
        Ok(S3Response::new(CreateBucketOutput { location: Some(location) }))
    }

    async fn delete_bucket(&self, r: S3Request<DeleteBucketInput>) -> S3Result<S3Response<DeleteBucketOutput>> {
        self.work(move |buckets| buckets.delete(&r.input.bucket)).await?;
        Ok(S3Response::with_status(DeleteBucketOutput {}, server::http::StatusCode::NO_CONTENT))
    }

    async fn head_bucket(&self, r: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        let bucket = self.work(move |buckets| buckets.bucket(&r.input.bucket)).await?;
        Ok(S3Response::new(HeadBucketOutput { bucket_region: Some(bucket.region), ..HeadBucketOutput::default() }))
    }

    async fn get_bucket_location(
        &self,
        r: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        let bucket = self.work(move |buckets| buckets.bucket(&r.input.bucket)).await?;
        let region = Some(bucket.region).filter(|region| region != FIRST_REGION);
        Ok(S3Response::new(GetBucketLocationOutput { location_constraint: region.map(Into::into) }))
    }

    async fn list_buckets(&self, r: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        let input = r.input;
        let max_buckets = input.max_buckets.unwrap_or(MAX_BUCKETS);
        if !(1..=MAX_BUCKETS).contains(&max_buckets) {
            return Err(s3_error!(InvalidArgument, "max-buckets must be a number from 1 to {MAX_BUCKETS}"));
        }
        let mut buckets = self.work(Buckets::all).await?;
        let (prefix, after) = (input.prefix.clone().unwrap_or_default(), input.continuation_token.unwrap_or_default());
        buckets.retain(|bucket| {
            let is_there = input.bucket_region.as_ref().is_none_or(|region| bucket.region == *region);
            is_there && bucket.name.starts_with(&prefix) && bucket.name > after
        });
        let has_more = buckets.len() > max_buckets as usize;
        buckets.truncate(max_buckets as usize);
        // A token is the last name that was told.
        let continuation_token = buckets.last().filter(|_| has_more).map(|bucket| bucket.name.clone());
        let buckets = buckets.into_iter().map(|bucket| Bucket {
            name: Some(bucket.name),
            creation_date: Some(at(bucket.created_at)),
            bucket_region: Some(bucket.region),
        });
        Ok(S3Response::new(ListBucketsOutput {
            buckets: Some(buckets.collect()),
            continuation_token,
            prefix: input.prefix,
            ..ListBucketsOutput::default()
        }))
    }

    async fn list_objects(&self, r: S3Request<ListObjectsInput>) -> S3Result<S3Response<ListObjectsOutput>> {
        let input = r.input;
        let max_keys = limit(input.max_keys)?;
        let listing = Listing {
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone().filter(|delimiter| !delimiter.is_empty()),
            after: input.marker.clone().unwrap_or_default(),
            limit: usize::try_from(max_keys).unwrap_or_default(),
        };
        let bucket = input.bucket.clone();
        let page = self.work(move |buckets| buckets.list(&bucket, &listing)).await?;
        let has_more = page.has_more && max_keys > 0;
        let encoding = input.encoding_type.as_ref();
        let (contents, prefixes, next) = lines(page, encoding);
        let write = |text: Option<String>| text.map(|text| written(text, encoding));
        Ok(S3Response::new(ListObjectsOutput {
            name: Some(input.bucket),
            prefix: write(Some(input.prefix.unwrap_or_default())),
            marker: write(Some(input.marker.unwrap_or_default())),
            next_marker: write(next.filter(|_| input.delimiter.is_some())),
            delimiter: write(input.delimiter),
            max_keys: Some(max_keys),
            is_truncated: Some(has_more),
            contents: Some(contents),
            common_prefixes: Some(prefixes),
            encoding_type: input.encoding_type,
            ..ListObjectsOutput::default()
        }))
    }

    async fn list_objects_v2(&self, r: S3Request<ListObjectsV2Input>) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = r.input;
        let max_keys = limit(input.max_keys)?;
        let token = match &input.continuation_token {
            None => None,
            Some(token) => {
                let name = BASE64.decode(token).ok().and_then(|name| String::from_utf8(name).ok());
                let wrong = || s3_error!(InvalidArgument, "The continuation token provided is incorrect");
                Some(name.ok_or_else(wrong)?)
            }
        };
        let listing = Listing {
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone().filter(|delimiter| !delimiter.is_empty()),
            after: token.or_else(|| input.start_after.clone()).unwrap_or_default(),
            limit: usize::try_from(max_keys).unwrap_or_default(),
        };
        let bucket = input.bucket.clone();
        let page = self.work(move |buckets| buckets.list(&bucket, &listing)).await?;
        let (has_more, key_count) = (page.has_more && max_keys > 0, i32::try_from(page.listed.len()).ok());
        let encoding = input.encoding_type.as_ref();
        let (contents, prefixes, next) = lines(page, encoding);
        let write = |text: Option<String>| text.map(|text| written(text, encoding));
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: write(Some(input.prefix.unwrap_or_default())),
            start_after: write(input.start_after),
            delimiter: write(input.delimiter),
            continuation_token: input.continuation_token,
            next_continuation_token: next.map(|name| BASE64.encode(name)),
            max_keys: Some(max_keys),
            key_count,
            is_truncated: Some(has_more),
            contents: Some(contents),
            common_prefixes: Some(prefixes),
            encoding_type: input.encoding_type,
            ..ListObjectsV2Output::default()
        }))
    }

    async fn put_object(&self, r: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = r.input;
        let condition = condition(input.if_match, input.if_none_match)?;
        // Asked before the body is: many megabytes for nothing would be a pity.
        let bucket = input.bucket.clone();
        self.work(move |buckets| buckets.bucket(&bucket)).await?;
        let (incoming, checksums) = self.receive(input.body, said_of!(input, r.extensions)).await?;
        let checksum = told(&checksums);
        let new = NewObject { headers: headers_of!(input), checksums, condition };
        let (bucket, key) = (input.bucket, input.key);
        let about = self.work(move |buckets| buckets.put(&bucket, &key, incoming, new)).await?;
        Ok(S3Response::new(PutObjectOutput {
            e_tag: strong(&about.etag),
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            ..PutObjectOutput::default()
        }))
    }

    async fn get_object(&self, r: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = r.input;
        let (bucket, key) = (input.bucket, input.key);
        let (file, about) = self.work(move |buckets| buckets.get(&bucket, &key)).await?;
        hold_conditions(&about, input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let bytes = about.bytes;
        let range = match &input.range {
            Some(range) => range.check(bytes)?,
            None => 0..bytes,
        };
        let is_part = input.range.is_some();
        let content_range = is_part.then(|| format!("bytes {}-{}/{bytes}", range.start, range.end - 1));
        let checksums =
            if is_part || input.checksum_mode.is_none() { Checksum::default() } else { told(&about.checksums) };
        let length = range.end - range.start;
        let output = object_output!(GetObjectOutput, about, length, checksums, content_range, body: Some(stream_of(file, range)),);
        Ok(S3Response::new(output))
    }

    async fn head_object(&self, r: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = r.input;
        let (bucket, key) = (input.bucket, input.key);
        let (_, about) = self.work(move |buckets| buckets.get(&bucket, &key)).await?;
        hold_conditions(&about, input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let bytes = about.bytes;
        let range = match &input.range {
            Some(range) => range.check(bytes)?,
            None => 0..bytes,
        };
        let checksums = if input.checksum_mode.is_none() { Checksum::default() } else { told(&about.checksums) };
        let length = range.end - range.start;
        Ok(S3Response::new(object_output!(HeadObjectOutput, about, length, checksums,)))
    }

    async fn delete_object(&self, r: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.work(move |buckets| buckets.remove(&r.input.bucket, &r.input.key)).await?;
        Ok(S3Response::with_status(DeleteObjectOutput::default(), server::http::StatusCode::NO_CONTENT))
    }

    async fn delete_objects(&self, r: S3Request<DeleteObjectsInput>) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let (bucket, delete) = (r.input.bucket, r.input.delete);
        let is_quiet = delete.quiet.unwrap_or_default();
        let done = self.work(move |buckets| {
            buckets.bucket(&bucket)?;
            let remove = |object: ObjectIdentifier| (buckets.remove(&bucket, &object.key), object.key);
            Ok(delete.objects.into_iter().map(remove).collect::<Vec<_>>())
        });
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for (removed, key) in done.await? {
            match removed.map_err(S3Error::from) {
                Ok(()) => deleted.push(DeletedObject { key: Some(key), ..DeletedObject::default() }),
                Err(error) => errors.push(Error {
                    code: Some(error.code().as_str().to_owned()),
                    message: error.message().map(str::to_owned),
                    key: Some(key),
                    version_id: None,
                }),
            }
        }
        Ok(S3Response::new(DeleteObjectsOutput {
            deleted: (!is_quiet).then_some(deleted),
            errors: Some(errors),
            ..DeleteObjectsOutput::default()
        }))
    }

    async fn copy_object(&self, r: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let input = r.input;
        let is_replaced =
            input.metadata_directive.as_ref().is_some_and(|directive| directive.as_str() == MetadataDirective::REPLACE);
        if let CopySource::Bucket { bucket, key, .. } = &input.copy_source
            && (&**bucket, &**key) == (input.bucket.as_str(), input.key.as_str())
            && !is_replaced
        {
            let message = "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
            return Err(s3_error!(InvalidRequest, "{message}"));
        }
        let (incoming, source) = self.copied(&input.copy_source, None).await?;
        hold_conditions(&source, input.copy_source_if_match.as_ref(), None)?;
        let headers = if is_replaced { headers_of!(input) } else { source.headers };
        let new = NewObject { headers, checksums: source.checksums, condition: Condition::None };
        let (bucket, key) = (input.bucket, input.key);
        let about = self.work(move |buckets| buckets.put(&bucket, &key, incoming, new)).await?;
        let result = CopyObjectResult {
            e_tag: strong(&about.etag),
            last_modified: Some(at(about.modified_at)),
            ..CopyObjectResult::default()
        };
        Ok(S3Response::new(CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() }))
    }

    async fn create_multipart_upload(
        &self,
        r: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = r.input;
        let headers = headers_of!(input);
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let id = self.work(move |buckets| buckets.begin_upload(&bucket, &key, headers)).await?;
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            ..CreateMultipartUploadOutput::default()
        }))
    }

    async fn upload_part(&self, r: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let input = r.input;
        let number = part_number(input.part_number)?;
        let (incoming, checksums) = self.receive(input.body, said_of!(input, r.extensions)).await?;
        let (bucket, key, id) = (input.bucket, input.key, input.upload_id);
        let etag = self.work(move |buckets| buckets.put_part(&bucket, &key, &id, number, incoming)).await?;
        let checksum = told(&checksums);
        Ok(S3Response::new(UploadPartOutput {
            e_tag: strong(&etag),
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            ..UploadPartOutput::default()
        }))
    }

    async fn upload_part_copy(&self, r: S3Request<UploadPartCopyInput>) -> S3Result<S3Response<UploadPartCopyOutput>> {
        let input = r.input;
        let number = part_number(input.part_number)?;
        let range = input.copy_source_range.as_deref().map(Range::parse).transpose();
        let range = range.map_err(|_| {
            s3_error!(InvalidArgument, "The x-amz-copy-source-range value must be of the form bytes=first-last")
        })?;
        let (incoming, source) = self.copied(&input.copy_source, range).await?;
        hold_conditions(&source, input.copy_source_if_match.as_ref(), None)?;
        let (bucket, key, id) = (input.bucket, input.key, input.upload_id);
        let etag = self.work(move |buckets| buckets.put_part(&bucket, &key, &id, number, incoming)).await?;
        let result = CopyPartResult {
            e_tag: strong(&etag),
            last_modified: Some(at(source.modified_at)),
            ..CopyPartResult::default()
        };
        Ok(S3Response::new(UploadPartCopyOutput { copy_part_result: Some(result), ..UploadPartCopyOutput::default() }))
    }

    async fn complete_multipart_upload(
        &self,
        r: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = r.input;
        let parts = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
        let chosen: Option<Vec<(i32, String)>> =
            parts.into_iter().map(|part| Some((part.part_number?, part.e_tag?.into_value()))).collect();
        let chosen = chosen.ok_or_else(|| S3Error::from(BucketsError::InvalidPart))?;
        let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id);
        let about = self.work(move |buckets| buckets.complete_upload(&bucket, &key, &id, &chosen)).await?;
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            location: Some(format!("/{}/{}", input.bucket, input.key)),
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: strong(&about.etag),
            ..CompleteMultipartUploadOutput::default()
        }))
    }

    async fn abort_multipart_upload(
        &self,
        r: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let AbortMultipartUploadInput { bucket, key, upload_id, .. } = r.input;
        self.work(move |buckets| buckets.abort_upload(&bucket, &key, &upload_id)).await?;
        Ok(S3Response::with_status(AbortMultipartUploadOutput::default(), server::http::StatusCode::NO_CONTENT))
    }

    async fn list_parts(&self, r: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        let input = r.input;
        let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
        let parts = self.work(move |buckets| buckets.parts(&bucket, &key, &id)).await?;
        let after = input.part_number_marker.unwrap_or_default();
        let limit = usize::try_from(limit(input.max_parts)?).unwrap_or_default();
        let mut parts: Vec<Part> = parts
            .into_iter()
            .filter(|part| part.number > after)
            .take(limit + 1)
            .map(|part| Part {
                part_number: Some(part.number),
                e_tag: strong(&part.etag),
                size: i64::try_from(part.bytes).ok(),
                last_modified: Some(at(part.modified_at)),
                ..Part::default()
            })
            .collect();
        let has_more = parts.len() > limit;
        parts.truncate(limit);
        Ok(S3Response::new(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            part_number_marker: Some(after),
            next_part_number_marker: parts.last().and_then(|part| part.part_number),
            max_parts: i32::try_from(limit).ok(),
            is_truncated: Some(has_more),
            parts: Some(parts),
            ..ListPartsOutput::default()
        }))
    }

    async fn list_multipart_uploads(
        &self,
        r: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        let (bucket, prefix) = (r.input.bucket.clone(), r.input.prefix.unwrap_or_default());
        let uploads = self.work(move |buckets| buckets.uploads(&bucket)).await?;
        let uploads =
            uploads.into_iter().filter(|upload| upload.key.starts_with(&prefix)).map(|upload| MultipartUpload {
                key: Some(upload.key),
                upload_id: Some(upload.id),
                initiated: Some(at(upload.begun_at)),
                ..MultipartUpload::default()
            });
        Ok(S3Response::new(ListMultipartUploadsOutput {
            uploads: Some(uploads.collect()),
            bucket: Some(r.input.bucket),
            is_truncated: Some(false),
            ..ListMultipartUploadsOutput::default()
        }))
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
fn part_number(number: i32) -> S3Result<i32> {
    match number {
        1..=10_000 => Ok(number),
        _ => Err(s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive")),
    }
}
