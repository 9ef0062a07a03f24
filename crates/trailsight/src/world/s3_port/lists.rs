//! Lists of objects, a page at a time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::{Port, at, strong};
use crate::world::buckets::{Listed, Listing, Page};

/// The most keys of a page. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
const MAX_KEYS: i32 = 1000;

/// What keys are written with in lists, where a client asks for it, as most do: XML cannot hold every character.
const IN_LISTS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'*');

impl Port {
    pub(super) async fn list_objects(&self, r: S3Request<ListObjectsInput>) -> S3Result<S3Response<ListObjectsOutput>> {
        let input = r.input;
        let max_keys = limit(input.max_keys)?;
        let listing = Listing {
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone().filter(|delimiter| !delimiter.is_empty()),
            after: input.marker.clone().unwrap_or_default(),
            limit: usize::try_from(max_keys).unwrap_or_default(),
        };
        let page = self.page(&input.bucket, listing).await?;
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

    pub(super) async fn list_objects_v2(
        &self,
        r: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
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
        let page = self.page(&input.bucket, listing).await?;
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
}

/// As it is asked for: keys are texts of any characters.
pub(super) fn written(text: String, encoding: Option<&EncodingType>) -> String {
    match encoding.map(EncodingType::as_str) {
        Some(EncodingType::URL) => utf8_percent_encode(&text, IN_LISTS).to_string(),
        _ => text,
    }
}

/// A page's objects and prefixes as an answer's fields, and the last line's name if there are more.
pub(super) fn lines(page: Page, encoding: Option<&EncodingType>) -> (Vec<Object>, Vec<CommonPrefix>, Option<String>) {
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

pub(super) fn limit(max_keys: Option<i32>) -> S3Result<i32> {
    match max_keys.unwrap_or(MAX_KEYS) {
        negative if negative < 0 => {
            Err(s3_error!(InvalidArgument, "Argument maxKeys must be an integer between 0 and 2147483647"))
        }
        keys => Ok(keys.min(MAX_KEYS)),
    }
}
