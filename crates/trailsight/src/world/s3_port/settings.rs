//! What a bucket has besides objects, and is kept as it was set: policy, tags, public access block, ownership. Nothing here is
//! enforced.

use std::collections::BTreeMap;

use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};
use server::http::StatusCode;

use super::Port;
use crate::world::buckets::{BucketSettings, PublicAccessBlock};

/// A code that the library does not know.
fn not_found(code: &'static str, message: &'static str) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
    error.set_status_code(StatusCode::NOT_FOUND);
    error
}

fn tag_set(tags: impl IntoIterator<Item = (String, String)>) -> TagSet {
    tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect()
}

impl Port {
    pub(super) async fn settings(&self, bucket: String) -> S3Result<BucketSettings> {
        self.work(move |buckets| buckets.settings(&bucket)).await
    }

    async fn change(&self, bucket: String, change: impl FnOnce(&mut BucketSettings) + Send + 'static) -> S3Result<()> {
        self.work(move |buckets| buckets.change_settings(&bucket, change)).await
    }

    pub(super) async fn get_bucket_policy(
        &self,
        r: S3Request<GetBucketPolicyInput>,
    ) -> S3Result<S3Response<GetBucketPolicyOutput>> {
        match self.settings(r.input.bucket).await?.policy {
            Some(policy) => Ok(S3Response::new(GetBucketPolicyOutput { policy: Some(policy) })),
            None => Err(s3_error!(NoSuchBucketPolicy, "The bucket policy does not exist")),
        }
    }

    pub(super) async fn get_bucket_policy_status(
        &self,
        r: S3Request<GetBucketPolicyStatusInput>,
    ) -> S3Result<S3Response<GetBucketPolicyStatusOutput>> {
        if self.settings(r.input.bucket).await?.policy.is_none() {
            return Err(s3_error!(NoSuchBucketPolicy, "The bucket policy does not exist"));
        }
        let policy_status = Some(PolicyStatus { is_public: Some(false) });
        Ok(S3Response::new(GetBucketPolicyStatusOutput { policy_status }))
    }

    pub(super) async fn put_bucket_policy(
        &self,
        r: S3Request<PutBucketPolicyInput>,
    ) -> S3Result<S3Response<PutBucketPolicyOutput>> {
        let policy = r.input.policy;
        if !serde_json::from_str::<serde_json::Value>(&policy).is_ok_and(|policy| policy.is_object()) {
            return Err(s3_error!(MalformedPolicy, "Policies must be valid JSON and the first byte must be '{{'"));
        }
        self.change(r.input.bucket, move |settings| settings.policy = Some(policy)).await?;
        Ok(S3Response::with_status(PutBucketPolicyOutput {}, StatusCode::NO_CONTENT))
    }

    pub(super) async fn delete_bucket_policy(
        &self,
        r: S3Request<DeleteBucketPolicyInput>,
    ) -> S3Result<S3Response<DeleteBucketPolicyOutput>> {
        self.change(r.input.bucket, |settings| settings.policy = None).await?;
        Ok(S3Response::with_status(DeleteBucketPolicyOutput {}, StatusCode::NO_CONTENT))
    }

    pub(super) async fn get_bucket_tagging(
        &self,
        r: S3Request<GetBucketTaggingInput>,
    ) -> S3Result<S3Response<GetBucketTaggingOutput>> {
        let tags = self.settings(r.input.bucket).await?.tags;
        if tags.is_empty() {
            return Err(s3_error!(NoSuchTagSet, "The TagSet does not exist"));
        }
        Ok(S3Response::new(GetBucketTaggingOutput { tag_set: tag_set(tags) }))
    }

    pub(super) async fn put_bucket_tagging(
        &self,
        r: S3Request<PutBucketTaggingInput>,
    ) -> S3Result<S3Response<PutBucketTaggingOutput>> {
        let tags = r.input.tagging.tag_set.into_iter().map(|tag| Some((tag.key?, tag.value?)));
        let tags: Option<BTreeMap<String, String>> = tags.collect();
        let tags = tags.ok_or_else(|| s3_error!(MalformedXML, "A tag has a key and a value"))?;
        // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>
        let is_sound =
            |(key, value): (&String, &String)| (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
        if tags.len() > 50 || !tags.iter().all(is_sound) {
            let message = "A bucket has 50 tags at most, with keys of 1 to 128 letters and values of 256 at most";
            return Err(s3_error!(InvalidTag, "{message}"));
        }
        self.change(r.input.bucket, move |settings| settings.tags = tags).await?;
        Ok(S3Response::with_status(PutBucketTaggingOutput {}, StatusCode::NO_CONTENT))
    }

    pub(super) async fn delete_bucket_tagging(
        &self,
        r: S3Request<DeleteBucketTaggingInput>,
    ) -> S3Result<S3Response<DeleteBucketTaggingOutput>> {
        self.change(r.input.bucket, |settings| settings.tags.clear()).await?;
        Ok(S3Response::with_status(DeleteBucketTaggingOutput {}, StatusCode::NO_CONTENT))
    }

    pub(super) async fn get_public_access_block(
        &self,
        r: S3Request<GetPublicAccessBlockInput>,
    ) -> S3Result<S3Response<GetPublicAccessBlockOutput>> {
        let Some(block) = self.settings(r.input.bucket).await?.public_access_block else {
            let message = "The public access block configuration was not found";
            return Err(not_found("NoSuchPublicAccessBlockConfiguration", message));
        };
        let told = PublicAccessBlockConfiguration {
            block_public_acls: Some(block.block_public_acls),
            block_public_policy: Some(block.block_public_policy),
            ignore_public_acls: Some(block.ignore_public_acls),
            restrict_public_buckets: Some(block.restrict_public_buckets),
        };
        Ok(S3Response::new(GetPublicAccessBlockOutput { public_access_block_configuration: Some(told) }))
    }

    pub(super) async fn put_public_access_block(
        &self,
        r: S3Request<PutPublicAccessBlockInput>,
    ) -> S3Result<S3Response<PutPublicAccessBlockOutput>> {
        let asked = r.input.public_access_block_configuration;
        let block = PublicAccessBlock {
            block_public_acls: asked.block_public_acls.unwrap_or_default(),
            block_public_policy: asked.block_public_policy.unwrap_or_default(),
            ignore_public_acls: asked.ignore_public_acls.unwrap_or_default(),
            restrict_public_buckets: asked.restrict_public_buckets.unwrap_or_default(),
        };
        self.change(r.input.bucket, move |settings| settings.public_access_block = Some(block)).await?;
        Ok(S3Response::new(PutPublicAccessBlockOutput {}))
    }

    pub(super) async fn delete_public_access_block(
        &self,
        r: S3Request<DeletePublicAccessBlockInput>,
    ) -> S3Result<S3Response<DeletePublicAccessBlockOutput>> {
        self.change(r.input.bucket, |settings| settings.public_access_block = None).await?;
        Ok(S3Response::with_status(DeletePublicAccessBlockOutput {}, StatusCode::NO_CONTENT))
    }

    pub(super) async fn get_bucket_ownership_controls(
        &self,
        r: S3Request<GetBucketOwnershipControlsInput>,
    ) -> S3Result<S3Response<GetBucketOwnershipControlsOutput>> {
        let Some(ownership) = self.settings(r.input.bucket).await?.object_ownership else {
            let message = "The bucket ownership controls were not found";
            return Err(s3_error!(OwnershipControlsNotFoundError, "{message}"));
        };
        let rules = vec![OwnershipControlsRule { object_ownership: ownership.into() }];
        let ownership_controls = Some(OwnershipControls { rules });
        Ok(S3Response::new(GetBucketOwnershipControlsOutput { ownership_controls }))
    }

    pub(super) async fn put_bucket_ownership_controls(
        &self,
        r: S3Request<PutBucketOwnershipControlsInput>,
    ) -> S3Result<S3Response<PutBucketOwnershipControlsOutput>> {
        let [rule] = &r.input.ownership_controls.rules[..] else {
            return Err(s3_error!(MalformedXML, "There is one rule of ownership"));
        };
        let ownership = rule.object_ownership.as_str().to_owned();
        if !["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"].contains(&ownership.as_str()) {
            return Err(s3_error!(MalformedXML, "There is no such ownership"));
        }
        self.change(r.input.bucket, move |settings| settings.object_ownership = Some(ownership)).await?;
        Ok(S3Response::new(PutBucketOwnershipControlsOutput {}))
    }

    pub(super) async fn delete_bucket_ownership_controls(
        &self,
        r: S3Request<DeleteBucketOwnershipControlsInput>,
    ) -> S3Result<S3Response<DeleteBucketOwnershipControlsOutput>> {
        self.change(r.input.bucket, |settings| settings.object_ownership = None).await?;
        Ok(S3Response::with_status(DeleteBucketOwnershipControlsOutput {}, StatusCode::NO_CONTENT))
    }
}
