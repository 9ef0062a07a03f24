//! The operations of S3 that [`s3_port`](super::s3_port) answers. `s3s` answers all others with `NotImplemented`.

/// Every one of them, by AWS's name. What is added to the port is named here: a test holds the two together.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>
pub static S3_OPERATIONS: &[&str] = &[
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateBucket",
    "CreateMultipartUpload",
    "DeleteBucket",
    "DeleteBucketEncryption",
    "DeleteBucketLifecycle",
    "DeleteBucketOwnershipControls",
    "DeleteBucketPolicy",
    "DeleteBucketTagging",
    "DeleteObject",
    "DeleteObjects",
    "DeletePublicAccessBlock",
    "GetBucketAccelerateConfiguration",
    "GetBucketAcl",
    "GetBucketCors",
    "GetBucketEncryption",
    "GetBucketLifecycleConfiguration",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketNotificationConfiguration",
    "GetBucketOwnershipControls",
    "GetBucketPolicy",
    "GetBucketPolicyStatus",
    "GetBucketReplication",
    "GetBucketRequestPayment",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetBucketWebsite",
    "GetObject",
    "GetObjectAcl",
    "GetObjectLockConfiguration",
    "GetObjectTagging",
    "GetPublicAccessBlock",
    "HeadBucket",
    "HeadObject",
    "ListBuckets",
    "ListMultipartUploads",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
    "PutBucketAcl",
    "PutBucketEncryption",
    "PutBucketLifecycleConfiguration",
    "PutBucketLogging",
    "PutBucketNotificationConfiguration",
    "PutBucketOwnershipControls",
    "PutBucketPolicy",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutObject",
    "PutObjectTagging",
    "PutPublicAccessBlock",
    "UploadPart",
    "UploadPartCopy",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// The names in `async fn …(&self, r: S3Request<PutObjectInput>)`, wherever in this folder they stand.
    fn in_the_code() -> BTreeSet<String> {
        let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/world");
        let files = walkdir::WalkDir::new(world).into_iter().map(|file| file.expect("the sources can be read"));
        let sources = files.filter(|file| file.path().extension().is_some_and(|ending| ending == "rs"));
        sources
            .filter(|file| file.file_name() != "s3_operations.rs")
            .flat_map(|file| {
                let text = std::fs::read_to_string(file.path()).expect("the sources can be read");
                let inputs = text.split("S3Request<").skip(1).filter_map(|rest| rest.split_once("Input>"));
                inputs.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
            })
            .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .collect()
    }

    #[test]
    fn the_list_is_what_the_port_answers() {
        assert_eq!(S3_OPERATIONS.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), in_the_code());
        assert!(S3_OPERATIONS.is_sorted());
    }
}
