//! The buckets that are held here, as the server sees them.

use std::io::Read;
use std::sync::Arc;

use server::world::{BucketError, Buckets as ServerBuckets};

use super::{About, Buckets, BucketsError, Headers, Listed, Listing, NewObject};

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

    fn get(&self, bucket: &str, key: &str, most_bytes: u64) -> Result<Vec<u8>, BucketError> {
        let (mut file, About { bytes, .. }) = self.0.get(bucket, key).map_err(|error| told(&error, bucket, key))?;
        if bytes > most_bytes {
            return Err(BucketError::TooLarge { bytes });
        }
        let mut read = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
        match file.read_to_end(&mut read) {
            Ok(_) => Ok(read),
            Err(error) => {
                Err(BucketError::Other(format!("cannot read the object `{key}` of bucket `{bucket}`: {error}")))
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::clock::SystemClock;
    use crate::world::dice::SystemDice;

    #[test]
    fn of_an_object_that_is_too_large_nothing_is_read() {
        let folder = tempfile::tempdir().expect("there is room");
        let (clock, dice) = (Box::new(SystemClock), Box::new(SystemDice));
        let buckets = Buckets::open(folder.path(), clock, dice, Arc::new(|_, _| {})).expect("there is room");
        buckets.create("logs", "us-east-1").expect("there is room");
        let held = Held(Arc::new(buckets));
        held.put("logs", "a", b"four").expect("there is room");
        assert_eq!(held.get("logs", "a", 4), Ok(b"four".to_vec()));
        assert_eq!(held.get("logs", "a", 3), Err(BucketError::TooLarge { bytes: 4 }));
        assert_eq!(held.get("logs", "b", 4), Err(BucketError::NoObject("b".into())));
    }
}
