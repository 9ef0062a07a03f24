//! What every bucket and object here has alike: what tools read of it, and what guides set.
//!
//! | | read | set |
//! |---|---|---|
//! | ACL | the owner's | private only |
//! | versioning, logging, notifications, acceleration, request payment | off | off only |
//! | encryption | AES256 | AES256 only |
//! | lifecycle, website, CORS, replication, object lock | not configured | refused |
//! | an object's tags, ACL | none, the owner's | no tags only |
//!
//! What is refused would be a promise that is not kept here: objects that do not expire, versions that are not there.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>

use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};
use server::http::StatusCode;

use super::Port;
use crate::world::s3_operations::LIFECYCLE;

/// The owner of everything, as S3 names accounts: a made-up canonical id.
const OWNER: &str = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a";

fn owner() -> Option<Owner> {
    Some(Owner { display_name: None, id: Some(OWNER.to_owned()) })
}

fn grants() -> Option<Vec<Grant>> {
    let grantee = Grantee {
        display_name: None,
        email_address: None,
        id: Some(OWNER.to_owned()),
        type_: Type::from_static(Type::CANONICAL_USER),
        uri: None,
    };
    Some(vec![Grant { grantee: Some(grantee), permission: Some(Permission::from_static(Permission::FULL_CONTROL)) }])
}

fn refused<T>(message: &'static str) -> S3Result<T> {
    Err(S3Error::with_message(S3ErrorCode::NotImplemented, message))
}

impl Port {
    pub(super) async fn get_bucket_acl(
        &self,
        r: S3Request<GetBucketAclInput>,
    ) -> S3Result<S3Response<GetBucketAclOutput>> {
        self.settings(r.input.bucket).await?;
        Ok(S3Response::new(GetBucketAclOutput { grants: grants(), owner: owner() }))
    }

    pub(super) async fn put_bucket_acl(
        &self,
        r: S3Request<PutBucketAclInput>,
    ) -> S3Result<S3Response<PutBucketAclOutput>> {
        self.settings(r.input.bucket).await?;
        if r.input.acl.is_none_or(|acl| acl.as_str() != BucketCannedACL::PRIVATE) {
            return Err(s3_error!(AccessControlListNotSupported, "The bucket does not allow ACLs"));
        }
        Ok(S3Response::new(PutBucketAclOutput {}))
    }

    pub(super) async fn get_bucket_encryption(
        &self,
        r: S3Request<GetBucketEncryptionInput>,
    ) -> S3Result<S3Response<GetBucketEncryptionOutput>> {
        self.settings(r.input.bucket).await?;
        let by_default = ServerSideEncryptionByDefault {
            kms_master_key_id: None,
            sse_algorithm: ServerSideEncryption::from_static(ServerSideEncryption::AES256),
        };
        let rule = ServerSideEncryptionRule {
            apply_server_side_encryption_by_default: Some(by_default),
            bucket_key_enabled: Some(false),
        };
        let told = ServerSideEncryptionConfiguration { rules: vec![rule] };
        Ok(S3Response::new(GetBucketEncryptionOutput { server_side_encryption_configuration: Some(told) }))
    }

    pub(super) async fn put_bucket_encryption(
        &self,
        r: S3Request<PutBucketEncryptionInput>,
    ) -> S3Result<S3Response<PutBucketEncryptionOutput>> {
        self.settings(r.input.bucket).await?;
        let rules = r.input.server_side_encryption_configuration.rules;
        let is_plain = rules
            .iter()
            .filter_map(|rule| rule.apply_server_side_encryption_by_default.as_ref())
            .all(|by_default| by_default.sse_algorithm.as_str() == ServerSideEncryption::AES256);
        if !is_plain {
            return refused(
                "There is no KMS here: objects are files, encrypt the disk under the data directory. AES256 is taken.",
            );
        }
        Ok(S3Response::new(PutBucketEncryptionOutput {}))
    }

    pub(super) async fn delete_bucket_encryption(
        &self,
        r: S3Request<DeleteBucketEncryptionInput>,
    ) -> S3Result<S3Response<DeleteBucketEncryptionOutput>> {
        self.settings(r.input.bucket).await?;
        Ok(S3Response::with_status(DeleteBucketEncryptionOutput {}, StatusCode::NO_CONTENT))
    }

    pub(super) async fn get_bucket_versioning(
        &self,
        r: S3Request<GetBucketVersioningInput>,
    ) -> S3Result<S3Response<GetBucketVersioningOutput>> {
        self.settings(r.input.bucket).await?;
        Ok(S3Response::new(GetBucketVersioningOutput::default()))
    }

    pub(super) async fn put_bucket_versioning(
        &self,
        r: S3Request<PutBucketVersioningInput>,
    ) -> S3Result<S3Response<PutBucketVersioningOutput>> {
        self.settings(r.input.bucket).await?;
        let asked = r.input.versioning_configuration;
        let (status, mfa) =
            (asked.status.as_ref().map(|word| word.as_str()), asked.mfa_delete.as_ref().map(|word| word.as_str()));
        if !matches!(status, None | Some(BucketVersioningStatus::ENABLED | BucketVersioningStatus::SUSPENDED))
            || !matches!(mfa, None | Some(MFADelete::ENABLED | MFADelete::DISABLED))
        {
            return Err(s3_error!(
                MalformedXML,
                "Versioning is Enabled or Suspended, and MfaDelete Enabled or Disabled"
            ));
        }
        if status == Some(BucketVersioningStatus::ENABLED) || mfa == Some(MFADelete::ENABLED) {
            return refused("Versions of objects are not kept here: link the bucket to storage that keeps them.");
        }
        Ok(S3Response::new(PutBucketVersioningOutput {}))
    }

    pub(super) async fn get_bucket_logging(
        &self,
        r: S3Request<GetBucketLoggingInput>,
    ) -> S3Result<S3Response<GetBucketLoggingOutput>> {
        self.settings(r.input.bucket).await?;
        Ok(S3Response::new(GetBucketLoggingOutput::default()))
    }

    pub(super) async fn put_bucket_logging(
        &self,
        r: S3Request<PutBucketLoggingInput>,
    ) -> S3Result<S3Response<PutBucketLoggingOutput>> {
        self.settings(r.input.bucket).await?;
        match r.input.bucket_logging_status.logging_enabled {
            None => Ok(S3Response::new(PutBucketLoggingOutput {})),
            Some(_) => refused("Access to buckets is not logged into buckets here; see the service's own log."),
        }
    }

    pub(super) async fn get_bucket_notification_configuration(
        &self,
        r: S3Request<GetBucketNotificationConfigurationInput>,
    ) -> S3Result<S3Response<GetBucketNotificationConfigurationOutput>> {
        self.settings(r.input.bucket).await?;
        Ok(S3Response::new(GetBucketNotificationConfigurationOutput::default()))
    }

    pub(super) async fn put_bucket_notification_configuration(
        &self,
        r: S3Request<PutBucketNotificationConfigurationInput>,
    ) -> S3Result<S3Response<PutBucketNotificationConfigurationOutput>> {
        self.settings(r.input.bucket).await?;
        let asked = r.input.notification_configuration;
        let is_none = asked.event_bridge_configuration.is_none()
            && asked.lambda_function_configurations.unwrap_or_default().is_empty()
            && asked.queue_configurations.unwrap_or_default().is_empty()
            && asked.topic_configurations.unwrap_or_default().is_empty();
        if !is_none {
            return refused("Nobody is told of objects put here: trails see them by themselves.");
        }
        Ok(S3Response::new(PutBucketNotificationConfigurationOutput {}))
    }

    pub(super) async fn get_bucket_accelerate_configuration(
        &self,
        r: S3Request<GetBucketAccelerateConfigurationInput>,
    ) -> S3Result<S3Response<GetBucketAccelerateConfigurationOutput>> {
        self.settings(r.input.bucket).await?;
        Ok(S3Response::new(GetBucketAccelerateConfigurationOutput::default()))
    }

    pub(super) async fn get_bucket_request_payment(
        &self,
        r: S3Request<GetBucketRequestPaymentInput>,
    ) -> S3Result<S3Response<GetBucketRequestPaymentOutput>> {
        self.settings(r.input.bucket).await?;
        let payer = Some(Payer::from_static(Payer::BUCKET_OWNER));
        Ok(S3Response::new(GetBucketRequestPaymentOutput { payer }))
    }

    pub(super) async fn get_bucket_lifecycle_configuration(
        &self,
        r: S3Request<GetBucketLifecycleConfigurationInput>,
    ) -> S3Result<S3Response<GetBucketLifecycleConfigurationOutput>> {
        self.settings(r.input.bucket).await?;
        Err(s3_error!(NoSuchLifecycleConfiguration, "The lifecycle configuration does not exist"))
    }

    pub(super) async fn put_bucket_lifecycle_configuration(
        &self,
        r: S3Request<PutBucketLifecycleConfigurationInput>,
    ) -> S3Result<S3Response<PutBucketLifecycleConfigurationOutput>> {
        self.settings(r.input.bucket).await?;
        refused(LIFECYCLE)
    }

    pub(super) async fn delete_bucket_lifecycle(
        &self,
        r: S3Request<DeleteBucketLifecycleInput>,
    ) -> S3Result<S3Response<DeleteBucketLifecycleOutput>> {
        self.settings(r.input.bucket).await?;
        Ok(S3Response::with_status(DeleteBucketLifecycleOutput {}, StatusCode::NO_CONTENT))
    }

    pub(super) async fn get_bucket_website(
        &self,
        r: S3Request<GetBucketWebsiteInput>,
    ) -> S3Result<S3Response<GetBucketWebsiteOutput>> {
        self.settings(r.input.bucket).await?;
        Err(s3_error!(NoSuchWebsiteConfiguration, "The specified bucket does not have a website configuration"))
    }

    pub(super) async fn get_bucket_cors(
        &self,
        r: S3Request<GetBucketCorsInput>,
    ) -> S3Result<S3Response<GetBucketCorsOutput>> {
        self.settings(r.input.bucket).await?;
        Err(s3_error!(NoSuchCORSConfiguration, "The CORS configuration does not exist"))
    }

    pub(super) async fn get_bucket_replication(
        &self,
        r: S3Request<GetBucketReplicationInput>,
    ) -> S3Result<S3Response<GetBucketReplicationOutput>> {
        self.settings(r.input.bucket).await?;
        Err(s3_error!(ReplicationConfigurationNotFoundError, "The replication configuration was not found"))
    }

    pub(super) async fn get_object_lock_configuration(
        &self,
        r: S3Request<GetObjectLockConfigurationInput>,
    ) -> S3Result<S3Response<GetObjectLockConfigurationOutput>> {
        self.settings(r.input.bucket).await?;
        let message = "Object Lock configuration does not exist for this bucket";
        Err(s3_error!(ObjectLockConfigurationNotFoundError, "{message}"))
    }

    pub(super) async fn get_object_tagging(
        &self,
        r: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<S3Response<GetObjectTaggingOutput>> {
        let (bucket, key) = (r.input.bucket, r.input.key);
        self.work(move |buckets| buckets.get(&bucket, &key)).await?;
        Ok(S3Response::new(GetObjectTaggingOutput { tag_set: TagSet::new(), version_id: None }))
    }

    pub(super) async fn put_object_tagging(
        &self,
        r: S3Request<PutObjectTaggingInput>,
    ) -> S3Result<S3Response<PutObjectTaggingOutput>> {
        let (bucket, key) = (r.input.bucket, r.input.key);
        self.work(move |buckets| buckets.get(&bucket, &key)).await?;
        if !r.input.tagging.tag_set.is_empty() {
            return refused("Tags of objects are not kept here; tags of buckets and metadata of objects are.");
        }
        Ok(S3Response::new(PutObjectTaggingOutput::default()))
    }

    pub(super) async fn get_object_acl(
        &self,
        r: S3Request<GetObjectAclInput>,
    ) -> S3Result<S3Response<GetObjectAclOutput>> {
        let (bucket, key) = (r.input.bucket, r.input.key);
        self.work(move |buckets| buckets.get(&bucket, &key)).await?;
        Ok(S3Response::new(GetObjectAclOutput { grants: grants(), owner: owner(), request_charged: None }))
    }
}
