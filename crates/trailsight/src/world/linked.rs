//! Linked buckets: real storage elsewhere, under a name of ours.
//!
//! ```text
//!  buckets.toml ──read, and read again when it changes──► LinkedBuckets ──► Linked: a store, and what its keys begin with there
//!                                                               └──► notices.rs: queues that tell of new objects
//! ```

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::Result;
use server::world::BucketError;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::aws::Aws;
use super::buckets::OnPut;
use super::links::{Link, Links, LinksFile};
use super::watched_file::WatchedFile;

mod bucket;
mod notice;
mod notices;

pub use bucket::Linked;

/// How often the file of links is looked at, and what could not be opened is tried again.
const LOOKED_AT: Duration = Duration::from_secs(3);
/// Objects that are fetched at once: each is waited for more than worked on.
const FETCHED_AT_ONCE: usize = 16;
/// Bytes of objects that were asked for so and not taken yet. One that has more comes alone.
const FETCHED_BYTES: usize = 64 << 20;
/// Every linked bucket.
pub struct LinkedBuckets {
    file: LinksFile,
    links: WatchedFile<Links>,
    aws: Arc<Aws>,
    runtime: Handle,
    buckets: RwLock<Arc<BTreeMap<String, Arc<Linked>>>>,
    room: Room,
}

/// How much is fetched at once.
#[derive(Clone, Debug)]
pub struct Room {
    objects: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    most_bytes: usize,
}

impl Default for Room {
    fn default() -> Room {
        Room::of(FETCHED_AT_ONCE, FETCHED_BYTES)
    }
}

impl Room {
    /// Room for so many objects on their way, and so many bytes that nobody took yet. One that has more comes alone.
    pub fn of(objects: usize, bytes: usize) -> Room {
        let room = |permits| Arc::new(Semaphore::new(permits));
        Room { objects: room(objects), bytes: room(bytes), most_bytes: bytes }
    }
}

impl LinkedBuckets {
    /// Those of a file, which must be in order. That one cannot be opened holds up none of the others.
    pub fn open(file: LinksFile, aws: Arc<Aws>, runtime: Handle) -> Result<LinkedBuckets> {
        let links = WatchedFile::read([file.path().to_owned()], || file.read())?;
        let linked = LinkedBuckets { file, links, aws, runtime, buckets: RwLock::default(), room: Room::default() };
        linked.look();
        Ok(linked)
    }

    /// A bucket, if it is linked.
    pub fn get(&self, name: &str) -> Option<Arc<Linked>> {
        self.all().get(name).cloned()
    }

    /// All of them, by name.
    pub fn all(&self) -> Arc<BTreeMap<String, Arc<Linked>>> {
        Arc::clone(&self.buckets.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// When links were last changed.
    pub fn changed_at(&self) -> SystemTime {
        let changed_at = std::fs::metadata(self.file.path()).and_then(|file| file.modified());
        changed_at.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// Waits for what is asked of a store.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Fetches objects, each with a place of its own, several at once and all in a bounded room. They come as they are there.
    pub fn get_each(
        &self,
        objects: Vec<(usize, Arc<Linked>, String)>,
        most_bytes: u64,
    ) -> impl Iterator<Item = (usize, Result<Vec<u8>, BucketError>)> + '_ {
        self.get_each_in(&self.room, objects, most_bytes)
    }

    /// The same in a room of one's own: whoever does not take what comes holds up nobody else.
    pub fn get_each_in(
        &self,
        room: &Room,
        objects: Vec<(usize, Arc<Linked>, String)>,
        most_bytes: u64,
    ) -> impl Iterator<Item = (usize, Result<Vec<u8>, BucketError>)> + use<'_> {
        let mut fetching = JoinSet::new();
        for (place, linked, key) in objects {
            let room = room.clone();
            let fetch = async move {
                let _one_of_them = room.objects.acquire().await;
                let (bytes, most) = (room.bytes, room.most_bytes as u64);
                let wait = async |size: u64| bytes.acquire_many_owned(size.min(most) as u32).await;
                (place, linked.get_bytes_when(&key, most_bytes, wait).await)
            };
            fetching.spawn_on(fetch, &self.runtime);
        }
        std::iter::from_fn(move || match self.wait(fetching.join_next())? {
            // Its room is free again as soon as somebody has it.
            Ok((place, fetched)) => Some((place, fetched.map(|(bytes, _room)| bytes))),
            // Or the service ends: whoever starts next fetches it.
            Err(broken) => broken.try_into_panic().map_or(None, |why| std::panic::resume_unwind(why)),
        })
    }

    /// Reads the file again whenever it changes, and listens to the queues of notices; never ends.
    pub async fn follow(self: Arc<Self>, on_put: OnPut) {
        loop {
            let mut listening = JoinSet::new();
            for linked in self.all().values().filter(|linked| linked.link.notices_queue_url.is_some()) {
                listening.spawn(notices::listen_on(Arc::clone(&self), Arc::clone(linked), Arc::clone(&on_put)));
            }
            while !self.look() {
                tokio::time::sleep(LOOKED_AT).await;
            }
            tracing::info!(file = %self.file.path().display(), buckets = self.all().len(), "the links have changed");
        }
    }

    /// Reads the file if it has changed, and tries again what could not be opened; says whether a bucket came, went or is another
    /// than before. A file that is wrong changes nothing.
    pub fn look(&self) -> bool {
        let links = self.links.now(|| self.file.read());
        let before = self.all();
        let buckets = links.iter().map(|(name, link)| (name.clone(), self.linked(name, link, before.get(name))));
        let buckets: BTreeMap<String, Arc<Linked>> = buckets.collect();
        let is_as_before = before.len() == buckets.len()
            && buckets.iter().all(|(name, linked)| before.get(name).is_some_and(|known| Arc::ptr_eq(known, linked)));
        if !is_as_before {
            *self.buckets.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(buckets);
        }
        !is_as_before
    }

    /// The bucket of a link: what has not changed keeps its connections and sessions.
    fn linked(&self, name: &str, link: &Link, known: Option<&Arc<Linked>>) -> Arc<Linked> {
        let known = known.filter(|known| known.link == *link);
        if let Some(known) = known.filter(|known| known.store.is_ok()) {
            return Arc::clone(known);
        }
        let why = match Linked::open(name, link, &self.aws) {
            Ok(linked) => return Arc::new(linked),
            Err(error) => error
                .downcast()
                .unwrap_or_else(|error| BucketError::Other(format!("{}: it cannot be opened: {error:#}", link.url))),
        };
        match known.filter(|known| known.store.as_ref().is_err_and(|before| *before == why)) {
            Some(known) => Arc::clone(known),
            None => {
                tracing::error!(bucket = name, %why, "the linked bucket is tried again until it can be opened");
                Arc::new(Linked::closed(name, link, why))
            }
        }
    }

    /// Which object here one there is: of every link that it is below.
    fn here(&self, bucket: &str, key: &str) -> Vec<(String, String)> {
        let all = self.all();
        let found = all.values().filter_map(|linked| Some((linked.name.clone(), linked.here(bucket, key)?)));
        found.collect()
    }
}

#[cfg(test)]
mod tests;
