//! Objects: put, got, copied, removed.

use s3s::dto::*;
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::body::{Said, said_of, stream_of, told};
use super::conditions::{Conditions, conditions_of, conditions_of_source};
use super::{Port, at, elsewhere, ranges, strong};
use crate::world::buckets::{Condition, Headers, NewObject};
use crate::world::s3_request::Promised;

const NO_CONDITION: &str = "Nothing is deleted under conditions here: look at the object first, and name its key alone";

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

pub(super) use headers_of;

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

impl Port {
    pub(super) async fn put_object(&self, r: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
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

    pub(super) async fn get_object(&self, r: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = r.input;
        if let Some(linked) = self.linked.get(&input.bucket) {
            return elsewhere::get_object(&linked, input).await;
        }
        let (bucket, key) = (input.bucket, input.key);
        let (file, about) = self.work(move |buckets| buckets.get(&bucket, &key)).await?;
        conditions_of!(input).hold(&about)?;
        let bytes = about.bytes;
        let range = ranges::within(input.range.as_ref(), bytes)?;
        let is_part = input.range.is_some();
        let content_range = is_part.then(|| ranges::told(&range, bytes));
        let checksums =
            if is_part || input.checksum_mode.is_none() { Checksum::default() } else { told(&about.checksums) };
        let length = range.end - range.start;
        let output = object_output!(GetObjectOutput, about, length, checksums, content_range, body: Some(stream_of(file, range)),);
        Ok(S3Response::new(output))
    }

    pub(super) async fn head_object(&self, r: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = r.input;
        if let Some(linked) = self.linked.get(&input.bucket) {
            return elsewhere::head_object(&linked, input).await;
        }
        let (bucket, key) = (input.bucket, input.key);
        let (_, about) = self.work(move |buckets| buckets.get(&bucket, &key)).await?;
        conditions_of!(input).hold(&about)?;
        let bytes = about.bytes;
        let range = ranges::within(input.range.as_ref(), bytes)?;
        let checksums = if input.checksum_mode.is_none() { Checksum::default() } else { told(&about.checksums) };
        let length = range.end - range.start;
        Ok(S3Response::new(object_output!(HeadObjectOutput, about, length, checksums,)))
    }

    pub(super) async fn delete_object(
        &self,
        r: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let input = r.input;
        if input.if_match.is_some() || input.if_match_last_modified_time.is_some() || input.if_match_size.is_some() {
            return Err(s3_error!(NotImplemented, "{NO_CONDITION}"));
        }
        self.work(move |buckets| buckets.remove(&input.bucket, &input.key)).await?;
        Ok(S3Response::with_status(DeleteObjectOutput::default(), server::http::StatusCode::NO_CONTENT))
    }

    pub(super) async fn delete_objects(
        &self,
        r: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let (bucket, delete) = (r.input.bucket, r.input.delete);
        let is_conditional = |object: &ObjectIdentifier| {
            object.e_tag.is_some() || object.last_modified_time.is_some() || object.size.is_some()
        };
        if delete.objects.iter().any(is_conditional) {
            return Err(s3_error!(NotImplemented, "{NO_CONDITION}"));
        }
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

    pub(super) async fn copy_object(&self, r: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
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
        let conditions = conditions_of_source!(input);
        let (incoming, source) = self.copied(&input.copy_source, None, &conditions).await?;
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
}

/// When an object is put only if something is so.
pub(super) fn condition(if_match: Option<ETagCondition>, if_none_match: Option<ETagCondition>) -> S3Result<Condition> {
    match (if_match, if_none_match) {
        (None, None) => Ok(Condition::None),
        (None, Some(ETagCondition::Any)) => Ok(Condition::Absent),
        (Some(ETagCondition::ETag(etag)), None) => Ok(Condition::Is(etag.value().to_owned())),
        _ => Err(s3_error!(NotImplemented, "Put with If-Match: ETag, or with If-None-Match: *")),
    }
}
