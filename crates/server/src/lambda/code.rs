//! The code of a function: an archive that is sent along, or lies in a bucket.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use wire::{ApiError, Blob};

use super::archive::unpacked_bytes;
use super::words::{invalid, not_here, too_large};
use crate::Context;
use crate::world::BucketError;

/// Bytes of an archive. <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(crate) const MAX_ZIPPED_BYTES: u64 = 50 << 20;
/// Bytes of what is in it; also of an archive that comes from a bucket.
pub(crate) const MAX_UNZIPPED_BYTES: u64 = 250 << 20;

/// Where the code comes from.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FunctionCode {
    pub(crate) zip_file: Option<Blob>,
    pub(crate) s3_bucket: Option<String>,
    pub(crate) s3_key: Option<String>,
    pub(crate) s3_object_version: Option<String>,
    pub(crate) s3_object_storage_mode: Option<String>,
    pub(crate) image_uri: Option<String>,
    #[serde(rename = "SourceKMSKeyArn")]
    pub(crate) source_kms_key_arn: Option<String>,
}

/// An archive that a function can be made of.
pub(crate) struct Archive {
    pub(crate) bytes: Vec<u8>,
    /// Base64.
    pub(crate) sha256: String,
}

impl FunctionCode {
    /// The archive, wherever it is.
    pub(crate) fn archive(self, cx: &Context<'_>) -> Result<Archive, ApiError> {
        if self.image_uri.is_some() {
            return Err(not_here(
                "Container images are not run here: send a zip archive as ZipFile, or name one in a bucket.",
            ));
        }
        if self.source_kms_key_arn.is_some_and(|arn| !arn.is_empty()) {
            return Err(not_here("Archives are not encrypted with a key of KMS here: leave SourceKMSKeyArn out."));
        }
        if self.s3_object_storage_mode.as_deref() == Some("REFERENCE") {
            return Err(not_here("Archives are copied from buckets here: set S3ObjectStorageMode to COPY."));
        }
        let bytes = match (self.zip_file, self.s3_bucket, self.s3_key) {
            (Some(Blob(bytes)), None, None) => {
                if bytes.len() as u64 > MAX_ZIPPED_BYTES {
                    return Err(too_large(format!("Zipped size must be smaller than {MAX_ZIPPED_BYTES} bytes")));
                }
                bytes
            }
            (Some(_), _, _) => {
                let message = "Please do not provide other FunctionCode parameters when providing a ZipFile.";
                return Err(invalid(message));
            }
            (None, Some(bucket), Some(key)) => {
                if self.s3_object_version.is_some() {
                    let message = "Buckets keep no versions of objects here: leave S3ObjectVersion out.";
                    return Err(not_here(message));
                }
                fetched(cx, &bucket, &key)?
            }
            (None, _, _) => return Err(invalid("Please provide a source for function code.")),
        };
        Archive::of(bytes)
    }
}

impl Archive {
    fn of(bytes: Vec<u8>) -> Result<Archive, ApiError> {
        let unzipped = unpacked_bytes(&bytes).ok_or_else(|| {
            invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
        })?;
        if unzipped.max(bytes.len() as u64) > MAX_UNZIPPED_BYTES {
            return Err(too_large_unzipped());
        }
        let sha256 = STANDARD.encode(Sha256::digest(&bytes));
        Ok(Archive { bytes, sha256 })
    }
}

/// An object that is no larger than any archive.
fn fetched(cx: &Context<'_>, bucket: &str, key: &str) -> Result<Vec<u8>, ApiError> {
    cx.world.buckets.get(bucket, key, MAX_UNZIPPED_BYTES).map_err(|error| unread(&error))
}

fn too_large_unzipped() -> ApiError {
    invalid(format!("Unzipped size must be smaller than {MAX_UNZIPPED_BYTES} bytes"))
}

fn unread(error: &BucketError) -> ApiError {
    let message = match error {
        BucketError::NoBucket(_) => "The specified bucket does not exist",
        BucketError::NoObject(_) => "The specified key does not exist.",
        BucketError::TooLarge { .. } => return too_large_unzipped(),
        BucketError::Denied(text) | BucketError::Other(text) => text.as_str(),
    };
    let code = error.code();
    invalid(format!("Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"))
}
