//! Uploads in parts.

use s3s::dto::*;
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::body::{Said, said_of, told};
use super::conditions::{Conditions, conditions_of_source};
use super::lists::limit;
use super::objects::{condition, headers_of};
use super::{Port, at, strong};
use crate::world::buckets::{BucketsError, Headers};
use crate::world::s3_request::Promised;

impl Port {
    pub(super) async fn create_multipart_upload(
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

    pub(super) async fn upload_part(&self, r: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
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

    pub(super) async fn upload_part_copy(
        &self,
        r: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        let input = r.input;
        let number = part_number(input.part_number)?;
        let range = input.copy_source_range.as_deref().map(Range::parse).transpose();
        let range = range.map_err(|_| {
            s3_error!(InvalidArgument, "The x-amz-copy-source-range value must be of the form bytes=first-last")
        })?;
        let conditions = conditions_of_source!(input);
        let (incoming, source) = self.copied(&input.copy_source, range, &conditions).await?;
        let (bucket, key, id) = (input.bucket, input.key, input.upload_id);
        let etag = self.work(move |buckets| buckets.put_part(&bucket, &key, &id, number, incoming)).await?;
        let result = CopyPartResult {
            e_tag: strong(&etag),
            last_modified: Some(at(source.modified_at)),
            ..CopyPartResult::default()
        };
        Ok(S3Response::new(UploadPartCopyOutput { copy_part_result: Some(result), ..UploadPartCopyOutput::default() }))
    }

    pub(super) async fn complete_multipart_upload(
        &self,
        r: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = r.input;
        let condition = condition(input.if_match, input.if_none_match)?;
        let parts = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
        let chosen: Option<Vec<(i32, String)>> =
            parts.into_iter().map(|part| Some((part.part_number?, part.e_tag?.into_value()))).collect();
        let chosen = chosen.ok_or_else(|| S3Error::from(BucketsError::InvalidPart))?;
        let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id);
        let about = self.work(move |buckets| buckets.complete_upload(&bucket, &key, &id, &chosen, condition)).await?;
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            location: Some(format!("/{}/{}", input.bucket, input.key)),
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: strong(&about.etag),
            ..CompleteMultipartUploadOutput::default()
        }))
    }

    pub(super) async fn abort_multipart_upload(
        &self,
        r: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let AbortMultipartUploadInput { bucket, key, upload_id, .. } = r.input;
        self.work(move |buckets| buckets.abort_upload(&bucket, &key, &upload_id)).await?;
        Ok(S3Response::with_status(AbortMultipartUploadOutput::default(), server::http::StatusCode::NO_CONTENT))
    }

    pub(super) async fn list_parts(&self, r: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
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

    pub(super) async fn list_multipart_uploads(
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
pub(super) fn part_number(number: i32) -> S3Result<i32> {
    match number {
        1..=10_000 => Ok(number),
        _ => Err(s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive")),
    }
}
