//! Buckets: made, listed, removed.

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::{Port, at};
use crate::world::buckets::{Buckets, BucketsError};

/// The Region that has no name in a bucket's location.
const FIRST_REGION: &str = "us-east-1";

/// The most buckets of a page. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>
const MAX_BUCKETS: i32 = 10_000;

impl Port {
    pub(super) async fn create_bucket(
        &self,
        r: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
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

    pub(super) async fn delete_bucket(
        &self,
        r: S3Request<DeleteBucketInput>,
    ) -> S3Result<S3Response<DeleteBucketOutput>> {
        self.work(move |buckets| buckets.delete(&r.input.bucket)).await?;
        Ok(S3Response::with_status(DeleteBucketOutput {}, server::http::StatusCode::NO_CONTENT))
    }

    pub(super) async fn head_bucket(&self, r: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        let region = self.region(r.input.bucket).await?;
        Ok(S3Response::new(HeadBucketOutput { bucket_region: Some(region), ..HeadBucketOutput::default() }))
    }

    pub(super) async fn get_bucket_location(
        &self,
        r: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        let region = Some(self.region(r.input.bucket).await?).filter(|region| region != FIRST_REGION);
        Ok(S3Response::new(GetBucketLocationOutput { location_constraint: region.map(Into::into) }))
    }

    pub(super) async fn list_buckets(&self, r: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        let input = r.input;
        let max_buckets = input.max_buckets.unwrap_or(MAX_BUCKETS);
        if !(1..=MAX_BUCKETS).contains(&max_buckets) {
            return Err(s3_error!(InvalidArgument, "max-buckets must be a number from 1 to {MAX_BUCKETS}"));
        }
        let held = self.work(Buckets::all).await?.into_iter().filter(|bucket| self.linked.get(&bucket.name).is_none());
        let held = held.map(|bucket| Bucket {
            name: Some(bucket.name),
            creation_date: Some(at(bucket.created_at)),
            bucket_region: Some(bucket.region),
        });
        let mut buckets: Vec<Bucket> = held.chain(self.linked_buckets()).collect();
        buckets.sort_by(|one, other| one.name.cmp(&other.name));
        let (prefix, after) = (input.prefix.clone().unwrap_or_default(), input.continuation_token.unwrap_or_default());
        buckets.retain(|bucket| {
            let name = bucket.name.as_deref().unwrap_or_default();
            let is_there = input.bucket_region.is_none() || bucket.bucket_region == input.bucket_region;
            is_there && name.starts_with(&prefix) && name > after.as_str()
        });
        let has_more = buckets.len() > max_buckets as usize;
        buckets.truncate(max_buckets as usize);
        // A token is the last name that was told.
        let continuation_token = buckets.last().filter(|_| has_more).and_then(|bucket| bucket.name.clone());
        Ok(S3Response::new(ListBucketsOutput {
            buckets: Some(buckets),
            continuation_token,
            prefix: input.prefix,
            ..ListBucketsOutput::default()
        }))
    }
}
