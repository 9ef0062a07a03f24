//! The operations of S3 that [`s3_port`](super::s3_port) answers, and how far. `s3s` answers all others with `NotImplemented`.

use Answered::{InFull, Only, Refused};

/// How far an operation is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// As S3 does.
    InFull,
    /// With this limit.
    Only(&'static str),
    /// Not at all, because of this.
    Refused(&'static str),
}

/// Why objects have no lifecycle.
pub(crate) const LIFECYCLE: &str = "Objects do not expire by themselves here: remove them with `aws s3 rm`, or link the bucket to storage \
                                    that does it.";

/// Every one of them, by AWS's name. What is added to the port is named here: a test holds the two together.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>
pub static S3_OPERATIONS: &[(&str, Answered)] = &[
    ("AbortMultipartUpload", InFull),
    ("CompleteMultipartUpload", InFull),
    ("CopyObject", Only("not out of linked buckets")),
    ("CreateBucket", InFull),
    ("CreateMultipartUpload", InFull),
    ("DeleteBucket", InFull),
    ("DeleteBucketEncryption", InFull),
    ("DeleteBucketLifecycle", InFull),
    ("DeleteBucketOwnershipControls", InFull),
    ("DeleteBucketPolicy", InFull),
    ("DeleteBucketTagging", InFull),
    ("DeleteObject", Only("without conditions only")),
    ("DeleteObjects", Only("without conditions only")),
    ("DeletePublicAccessBlock", InFull),
    ("GetBucketAccelerateConfiguration", Only("off, always")),
    ("GetBucketAcl", Only("the owner's")),
    ("GetBucketCors", Only("none is ever configured")),
    ("GetBucketEncryption", Only("AES256, always")),
    ("GetBucketLifecycleConfiguration", Only("none is ever configured")),
    ("GetBucketLocation", InFull),
    ("GetBucketLogging", Only("off, always")),
    ("GetBucketNotificationConfiguration", Only("none, always")),
    ("GetBucketOwnershipControls", InFull),
    ("GetBucketPolicy", InFull),
    ("GetBucketPolicyStatus", InFull),
    ("GetBucketReplication", Only("none is ever configured")),
    ("GetBucketRequestPayment", Only("the owner pays, always")),
    ("GetBucketTagging", InFull),
    ("GetBucketVersioning", Only("off, always")),
    ("GetBucketWebsite", Only("none is ever configured")),
    ("GetObject", InFull),
    ("GetObjectAcl", Only("the owner's")),
    ("GetObjectLockConfiguration", Only("none is ever configured")),
    ("GetObjectTagging", Only("none is kept")),
    ("GetPublicAccessBlock", InFull),
    ("HeadBucket", InFull),
    ("HeadObject", InFull),
    ("ListBuckets", InFull),
    ("ListMultipartUploads", InFull),
    ("ListObjects", InFull),
    ("ListObjectsV2", InFull),
    ("ListParts", InFull),
    ("PutBucketAcl", Only("private only")),
    ("PutBucketEncryption", Only("AES256 only")),
    ("PutBucketLifecycleConfiguration", Refused(LIFECYCLE)),
    ("PutBucketLogging", Only("off only")),
    ("PutBucketNotificationConfiguration", Only("none only")),
    ("PutBucketOwnershipControls", Only("kept, not enforced")),
    ("PutBucketPolicy", Only("kept, not enforced")),
    ("PutBucketTagging", InFull),
    ("PutBucketVersioning", Only("off only")),
    ("PutObject", InFull),
    ("PutObjectTagging", Only("no tags only")),
    ("PutPublicAccessBlock", Only("kept, not enforced")),
    ("UploadPart", InFull),
    ("UploadPartCopy", Only("not out of linked buckets")),
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
        assert_eq!(S3_OPERATIONS.iter().map(|(name, _)| (*name).to_owned()).collect::<BTreeSet<_>>(), in_the_code());
        assert!(S3_OPERATIONS.is_sorted_by_key(|(name, _)| name));
    }
}
