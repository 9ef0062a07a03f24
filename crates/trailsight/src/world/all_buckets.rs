//! All buckets, as the server sees them: those that are held here, and those that are linked.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use server::world::{BucketError, Buckets, FetchedEach};

use super::buckets::Held;
use super::linked::{Linked, LinkedBuckets, Room};

/// Keys of a bucket that is held here that are listed at once.
const PAGE: usize = 10_000;

/// A link goes before a bucket of the same name that is held here.
#[derive(Clone)]
pub struct AllBuckets {
    held: Held,
    linked: Arc<LinkedBuckets>,
}

impl AllBuckets {
    /// Both.
    pub fn new(held: Held, linked: Arc<LinkedBuckets>) -> AllBuckets {
        AllBuckets { held, linked }
    }

    /// A bucket, if it is linked.
    pub fn linked(&self, bucket: &str) -> Option<Arc<Linked>> {
        self.linked.get(bucket)
    }

    /// Goes through the objects whose keys begin with a prefix, in any order, until somebody has seen enough or wants to know no more: key and bytes
    /// of each. Of a linked bucket others come between them, which lie in the same folder. However many there are, few are held at once.
    pub fn walk(
        &self,
        bucket: &str,
        prefix: &str,
        mut each: impl FnMut(&str, u64) -> ControlFlow<()> + Send,
        is_wanted: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), BucketError> {
        if let Some(linked) = self.linked.get(bucket) {
            return self.linked.wait(linked.walk(prefix, &mut each, is_wanted));
        }
        let mut after = String::new();
        loop {
            let page = self.held.list(bucket, prefix, &after, PAGE)?;
            for (key, bytes) in &page {
                if each(key, *bytes).is_break() {
                    return Ok(());
                }
            }
            match page.into_iter().next_back() {
                Some((last, _)) => after = last,
                None => return Ok(()),
            }
        }
    }

    /// Fetches objects of a bucket in a room of one's own: keys, and what comes of each with its place among them.
    pub fn get_each_in<'b>(&'b self, room: &Room, bucket: &str, keys: &[&str], most_bytes: u64) -> FetchedEach<'b> {
        let keys = keys.iter().map(|key| (*key).to_owned()).enumerate();
        match self.linked.get(bucket) {
            Some(linked) => {
                let objects = keys.map(|(place, key)| (place, Arc::clone(&linked), key)).collect();
                Box::new(self.linked.get_each_in(room, objects, most_bytes))
            }
            None => {
                let (bucket, keys) = (bucket.to_owned(), keys.collect::<Vec<_>>());
                let get = move |(place, key): (usize, String)| (place, self.held.get(&bucket, &key, most_bytes));
                Box::new(keys.into_iter().map(get))
            }
        }
    }
}

impl fmt::Debug for AllBuckets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("all buckets")
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

#[cfg(test)]
impl AllBuckets {
    /// A bucket that is held here, with one object of 14 bytes: for tests.
    pub(crate) fn hold(&self, bucket: &str, key: &str) {
        self.held.0.create(bucket, "us-east-1").expect("there is room");
        self.put(bucket, key, br#"{"Records":[]}"#).expect("there is room");
    }
}

/// Those of a folder, none of which is held, and those of a file of links: for tests.
#[cfg(test)]
pub(crate) fn with_links(
    folder: &std::path::Path,
    links: super::links::LinksFile,
    runtime: &tokio::runtime::Handle,
) -> AllBuckets {
    let (clock, dice) = (Box::new(super::clock::SystemClock), Box::new(super::dice::SystemDice));
    let held = super::buckets::Buckets::open(folder.join("buckets"), clock, dice, Arc::new(|_, _| {}));
    let aws = Arc::new(super::aws::Aws::new().expect("there is a client"));
    let linked = LinkedBuckets::open(links, aws, runtime.clone()).expect("they are in order");
    AllBuckets::new(Held(Arc::new(held.expect("there is room"))), Arc::new(linked))
}
