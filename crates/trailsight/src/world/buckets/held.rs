//! The buckets that are held here, as the server sees them.

use std::sync::Arc;

use server::world::{BucketError, Buckets as ServerBuckets};

use super::{Buckets, BucketsError, Headers, Listed, Listing, NewObject};

/// Buckets, for the server.
#[derive(Clone)]
pub struct Held(pub Arc<Buckets>);

impl ServerBuckets for Held {
    fn exists(&self, bucket: &str) -> Result<bool, BucketError> {
        match self.0.bucket(bucket) {
            Ok(_) => Ok(true),
            Err(BucketsError::NoSuchBucket | BucketsError::InvalidBucketName) => Ok(false),
            Err(error) => Err(told(&error, bucket, "")),
        }
    }

    fn get(&self, bucket: &str, key: &str) -> Result<Vec<u8>, BucketError> {
        self.0.get_bytes(bucket, key).map_err(|error| told(&error, bucket, key))
    }

    fn put_with(&self, bucket: &str, key: &str, bytes: &[u8], metadata: &[(&str, &str)]) -> Result<(), BucketError> {
        let metadata = metadata.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let new = NewObject { headers: Headers { metadata, ..Headers::default() }, ..NewObject::default() };
        let put = self.0.incoming().and_then(|mut incoming| {
            incoming.write(bytes)?;
            self.0.put(bucket, key, incoming, new)
        });
        put.map(drop).map_err(|error| told(&error, bucket, key))
    }

    fn list(&self, bucket: &str, prefix: &str, after: &str, limit: usize) -> Result<Vec<(String, u64)>, BucketError> {
        let listing = Listing { prefix: prefix.to_owned(), after: after.to_owned(), limit, delimiter: None };
        let page = self.0.list(bucket, &listing).map_err(|error| told(&error, bucket, ""))?;
        Ok(page
            .listed
            .into_iter()
            .filter_map(|listed| match listed {
                Listed::Object(key, about) => Some((key, about.bytes)),
                Listed::Prefix(_) => None,
            })
            .collect())
    }

    fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, BucketError> {
        let delimiter = Some("/".to_owned());
        let listing = Listing { prefix: prefix.to_owned(), delimiter, limit: usize::MAX, ..Listing::default() };
        let page = self.0.list(bucket, &listing).map_err(|error| told(&error, bucket, ""))?;
        let folders = page.listed.into_iter().filter_map(|listed| match listed {
            Listed::Prefix(folder) => Some(folder),
            Listed::Object(..) => None,
        });
        Ok(folders.collect())
    }
}

fn told(error: &BucketsError, bucket: &str, key: &str) -> BucketError {
    match error {
        BucketsError::NoSuchBucket | BucketsError::InvalidBucketName => BucketError::NoBucket(bucket.to_owned()),
        BucketsError::NoSuchKey | BucketsError::KeyTooLong => BucketError::NoObject(key.to_owned()),
        BucketsError::Io { doing, source } => BucketError::Other(format!("cannot {doing}: {source}")),
        other => BucketError::Other(other.to_string()),
    }
}
