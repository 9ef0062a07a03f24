//! All buckets, as the server sees them: those that are held here, and those that are linked.

use std::sync::Arc;

use server::world::{BucketError, Buckets, FetchedEach};

use super::buckets::Held;
use super::linked::LinkedBuckets;

/// A link goes before a bucket of the same name that is held here.
pub struct AllBuckets {
    held: Held,
    linked: Arc<LinkedBuckets>,
}

impl AllBuckets {
    /// Both.
    pub fn new(held: Held, linked: Arc<LinkedBuckets>) -> AllBuckets {
        AllBuckets { held, linked }
    }
}

impl Buckets for AllBuckets {
    fn exists(&self, bucket: &str) -> Result<bool, BucketError> {
        // Whether it can be reached is another question: a trail may be made before the role is.
        if self.linked.get(bucket).is_some() { Ok(true) } else { self.held.exists(bucket) }
    }

    fn get(&self, bucket: &str, key: &str, most_bytes: u64) -> Result<Vec<u8>, BucketError> {
        match self.linked.get(bucket) {
            Some(linked) => self.linked.wait(linked.get_bytes(key, most_bytes)),
            None => self.held.get(bucket, key, most_bytes),
        }
    }

    fn get_each<'b>(&'b self, objects: Vec<(String, String)>, most_bytes: u64) -> FetchedEach<'b> {
        let (mut linked, mut held) = (Vec::new(), Vec::new());
        for (place, (bucket, key)) in objects.into_iter().enumerate() {
            match self.linked.get(&bucket) {
                Some(bucket) => linked.push((place, bucket, key)),
                None => held.push((place, bucket, key)),
            }
        }
        let held = held.into_iter();
        let held = held.map(move |(place, bucket, key)| (place, self.held.get(&bucket, &key, most_bytes)));
        Box::new(self.linked.get_each(linked, most_bytes).chain(held))
    }

    fn put_with(&self, bucket: &str, key: &str, bytes: &[u8], metadata: &[(&str, &str)]) -> Result<(), BucketError> {
        match self.linked.get(bucket) {
            Some(linked) => self.linked.wait(linked.put(key, bytes, metadata)),
            None => self.held.put_with(bucket, key, bytes, metadata),
        }
    }

    fn is_held(&self, bucket: &str) -> bool {
        self.linked.get(bucket).is_none()
    }

    fn list(&self, bucket: &str, prefix: &str, after: &str, limit: usize) -> Result<Vec<(String, u64)>, BucketError> {
        match self.linked.get(bucket) {
            Some(linked) => {
                let listed = self.linked.wait(linked.list(prefix, after, limit))?;
                Ok(listed.into_iter().map(|(key, object)| (key, object.size)).collect())
            }
            None => self.held.list(bucket, prefix, after, limit),
        }
    }

    fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, BucketError> {
        match self.linked.get(bucket) {
            Some(linked) => Ok(self.linked.wait(linked.list_folder(prefix))?.0),
            None => self.held.folders(bucket, prefix),
        }
    }
}
