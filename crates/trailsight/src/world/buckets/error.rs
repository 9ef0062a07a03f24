//! Why something with a bucket was not done, in S3's words where it has some.

use std::io;

/// Why something with a bucket was not done.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each says what it is")]
pub enum BucketsError {
    #[error("The specified bucket does not exist")]
    NoSuchBucket,
    #[error("The specified key does not exist.")]
    NoSuchKey,
    #[error(
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )]
    NoSuchUpload,
    #[error("The specified bucket is not valid.")]
    InvalidBucketName,
    #[error("Your key is too long: 1024 bytes at most, and 240 between two slashes.")]
    KeyTooLong,
    #[error("Your previous request to create the named bucket succeeded and you already own it.")]
    BucketIsYours,
    #[error("The bucket you tried to delete is not empty")]
    BucketNotEmpty,
    #[error(
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
    )]
    InvalidPart,
    #[error("The list of parts was not in ascending order. The parts list must be specified in order by part number.")]
    InvalidPartOrder,
    #[error("Your proposed upload is smaller than the minimum allowed size")]
    EntityTooSmall,
    #[error("At least one of the pre-conditions you specified did not hold")]
    ConditionFailed,
    #[error("The {what} you specified did not match what we received.")]
    BadDigest { what: &'static str },
    #[error("cannot {doing}")]
    Io { doing: String, source: io::Error },
}

/// Does some work on files, and says of an error what the work was.
pub(super) fn doing<T>(what: impl FnOnce() -> String, work: impl FnOnce() -> io::Result<T>) -> Result<T, BucketsError> {
    work().map_err(|source| BucketsError::Io { doing: what(), source })
}
