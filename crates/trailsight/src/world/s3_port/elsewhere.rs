//! Linked buckets, as clients see them: listed and read through this port, never written.
//!
//! Who writes there is CloudTrail, and this service's own Insight files: a client that means the storage itself talks to it, with
//! rights of its own, and not with this service's.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use jiff::Timestamp;
use object_store::{Attribute, Error as StoreError, GetOptions, GetRange, GetResult, ObjectMeta};
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::dto::*;
use s3s::path::S3Path;
use s3s::{S3Error, S3ErrorCode, S3Response, S3Result, s3_error};
use server::world::BucketError;

use super::conditions::{Conditions, conditions_of};
use super::{Port, at, ranges, strong};
use crate::world::buckets::{About, BucketsError, Checksums, Headers, Listed, Listing, Page};
use crate::world::linked::{Linked, LinkedBuckets};

/// Pieces of an object that are fetched before they are wanted.
const PIECES_WAITING: usize = 2;

/// What may be asked of a linked bucket.
const READS: &[&str] = &["GetBucketLocation", "GetObject", "HeadBucket", "HeadObject", "ListObjects", "ListObjectsV2"];

/// Without it the library does not ask [`ReadOnly`]. Requests come without signatures, so that it is never asked itself.
pub(super) struct NoSecrets;

#[async_trait]
impl S3Auth for NoSecrets {
    async fn get_secret_key(&self, _: &str) -> S3Result<SecretKey> {
        Err(s3_error!(InvalidAccessKeyId))
    }
}

/// Refuses whatever would change a linked bucket.
pub(super) struct ReadOnly(pub(super) Arc<LinkedBuckets>);

#[async_trait]
impl S3Access for ReadOnly {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let (S3Path::Bucket { bucket } | S3Path::Object { bucket, .. }) = cx.s3_path() else { return Ok(()) };
        let operation = cx.s3_op().name();
        match self.0.get(bucket) {
            Some(linked) if !READS.contains(&operation) => {
                let message = format!(
                    "{operation} is not done to the bucket {bucket}, which is linked to {}: ask that storage itself. \
                     It can be listed and read here.",
                    linked.link.url
                );
                Err(S3Error::with_message(S3ErrorCode::AccessDenied, message))
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Port {
    /// A page of a list, of either kind of bucket.
    pub(super) async fn page(&self, bucket: &str, listing: Listing) -> S3Result<Page> {
        match self.linked.get(bucket) {
            Some(linked) => page(&linked, &listing).await,
            None => {
                let bucket = bucket.to_owned();
                self.work(move |buckets| buckets.list(&bucket, &listing)).await
            }
        }
    }

    /// The Region of a bucket of either kind.
    pub(super) async fn region(&self, bucket: String) -> S3Result<String> {
        match self.linked.get(&bucket) {
            Some(linked) => {
                linked.look().await.map_err(told)?;
                Ok(linked.region().to_owned())
            }
            None => Ok(self.work(move |buckets| buckets.bucket(&bucket)).await?.region),
        }
    }

    /// The linked buckets in a list of all.
    pub(super) fn linked_buckets(&self) -> Vec<Bucket> {
        let since = self.linked.changed_at();
        let all = self.linked.all();
        let told = all.values().map(|linked| Bucket {
            name: Some(linked.name.clone()),
            creation_date: Some(since.into()),
            bucket_region: Some(linked.region().to_owned()),
        });
        told.collect()
    }
}

/// A page of a linked bucket.
async fn page(linked: &Linked, listing: &Listing) -> S3Result<Page> {
    let Listing { prefix, delimiter, after, limit } = listing;
    let object = |(key, object): (String, ObjectMeta)| Listed::Object(key, Box::new(about(&object)));
    let mut listed: Vec<Listed> = match delimiter.as_deref() {
        None => linked.list(prefix, after, limit + 1).await.map_err(told)?.into_iter().map(object).collect(),
        Some("/") => {
            let (folders, objects) = linked.list_folder(prefix).await.map_err(told)?;
            let folders = folders.into_iter().map(Listed::Prefix);
            let mut all: Vec<Listed> = folders.chain(objects.into_iter().map(object)).collect();
            all.sort_by(|one, other| one.name().cmp(other.name()));
            all.retain(|listed| listed.name() > after.as_str());
            all
        }
        Some(_) => return Err(s3_error!(NotImplemented, "Of a linked bucket the delimiter can be a slash only")),
    };
    let has_more = listed.len() > *limit;
    listed.truncate(*limit);
    Ok(Page { listed, has_more })
}

fn about(object: &ObjectMeta) -> About {
    About {
        bytes: object.size,
        modified_at: modified_at(object),
        etag: etag(object),
        headers: Headers::default(),
        checksums: Checksums::default(),
    }
}

fn modified_at(object: &ObjectMeta) -> Timestamp {
    Timestamp::from_millisecond(object.last_modified.timestamp_millis()).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn etag(object: &ObjectMeta) -> String {
    object.e_tag.as_deref().unwrap_or_default().trim_matches('"').to_owned()
}

fn told(error: BucketError) -> S3Error {
    match error {
        BucketError::NoBucket(_) => BucketsError::NoSuchBucket.into(),
        BucketError::NoObject(_) => BucketsError::NoSuchKey.into(),
        BucketError::Denied(text) => S3Error::with_message(S3ErrorCode::AccessDenied, text),
        error @ (BucketError::TooLarge { .. } | BucketError::Other(_)) => {
            let text = error.to_string();
            tracing::warn!(error = text, "a linked bucket does not answer");
            S3Error::with_message(S3ErrorCode::InternalError, text)
        }
    }
}

/// An object, or the part of it that is wanted, if the conditions hold.
async fn object(
    linked: &Linked,
    key: &str,
    conditions: &Conditions,
    range: Option<&Range>,
    head: bool,
) -> S3Result<GetResult> {
    let held = |object: GetResult| {
        conditions.of_times().hold(&about(&object.meta))?;
        ranges::within(range, object.meta.size).map(|_| object)
    };
    let part = range.filter(|_| !head).map(|range| match *range {
        Range::Int { first, last: Some(last) } => GetRange::Bounded(first..last.saturating_add(1)),
        Range::Int { first, last: None } => GetRange::Offset(first),
        Range::Suffix { length } => GetRange::Suffix(length),
    });
    let is_part = part.is_some();
    let error = match linked.get(key, GetOptions { range: part, head, ..conditions.of_etags() }).await {
        Ok(object) => return held(object),
        Err(error) => error,
    };
    match &error {
        StoreError::Precondition { .. } => return Err(BucketsError::ConditionFailed.into()),
        StoreError::NotModified { .. } => return Err(s3_error!(NotModified)),
        StoreError::NotFound { .. } => {}
        // A part that is not there each store refuses in words of its own.
        _ if is_part => {
            if let Ok(whole) = linked.get(key, GetOptions { head: true, ..conditions.of_etags() }).await {
                held(whole)?;
            }
        }
        _ => {}
    }
    Err(told(linked.why(&error, key).await))
}

fn header(object: &GetResult, name: &Attribute) -> Option<String> {
    object.attributes.get(name).map(|value| value.as_ref().to_owned())
}

/// An object of a linked bucket.
pub(super) async fn get_object(linked: &Linked, input: GetObjectInput) -> S3Result<S3Response<GetObjectOutput>> {
    let is_part = input.range.is_some();
    let conditions = conditions_of!(input);
    let object = object(linked, &input.key, &conditions, input.range.as_ref(), false).await?;
    let (meta, range) = (object.meta.clone(), object.range.clone());
    let content_type = header(&object, &Attribute::ContentType);
    let body = handed_over(object);
    Ok(S3Response::new(GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        body: Some(StreamingBlob::wrap(body)),
        content_length: i64::try_from(range.end - range.start).ok(),
        content_range: is_part.then(|| ranges::told(&range, meta.size)),
        content_type: content_type.or_else(|| Some("binary/octet-stream".to_owned())),
        e_tag: strong(&etag(&meta)),
        last_modified: Some(at(modified_at(&meta))),
        ..GetObjectOutput::default()
    }))
}

/// An object's bytes. The library wants a stream that threads can share, which the store's is not: a task hands it over.
fn handed_over(object: GetResult) -> impl Stream<Item = object_store::Result<Bytes>> + Send + Sync {
    let mut stream = object.into_stream();
    let (give, take) = tokio::sync::mpsc::channel(PIECES_WAITING);
    tokio::spawn(async move {
        while let Some(piece) = stream.next().await {
            // Whoever wanted it went away.
            if give.send(piece).await.is_err() {
                break;
            }
        }
    });
    futures::stream::unfold(take, async |mut take| Some((take.recv().await?, take)))
}

/// What is told of an object of a linked bucket.
pub(super) async fn head_object(linked: &Linked, input: HeadObjectInput) -> S3Result<S3Response<HeadObjectOutput>> {
    let conditions = conditions_of!(input);
    let object = object(linked, &input.key, &conditions, input.range.as_ref(), true).await?;
    let content_type = header(&object, &Attribute::ContentType);
    let meta = object.meta;
    let range = ranges::within(input.range.as_ref(), meta.size)?;
    Ok(S3Response::new(HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        content_length: i64::try_from(range.end - range.start).ok(),
        content_type: content_type.or_else(|| Some("binary/octet-stream".to_owned())),
        e_tag: strong(&etag(&meta)),
        last_modified: Some(at(modified_at(&meta))),
        ..HeadObjectOutput::default()
    }))
}
