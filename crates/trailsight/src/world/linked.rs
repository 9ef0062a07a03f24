//! Linked buckets: real storage elsewhere, under a name of ours.
//!
//! ```text
//!  buckets.toml ──read, and read again when it changes──► LinkedBuckets ──► Linked: a store, and what its keys begin with there
//!                                                               └──► notices.rs: queues that tell of new objects
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::{Result, anyhow, bail};
use futures::TryStreamExt;
use lake::place::Objects;
use object_store::aws::{AmazonS3ConfigKey, AwsCredentialProvider};
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{
    Attribute, Attributes, Error, GetOptions, GetResult, ObjectMeta, ObjectStore, PutOptions, PutPayload,
};
use server::world::BucketError;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::aws::{AssumedRole, Aws, bucket_builder};
use super::buckets::OnPut;
use super::lake::TablesIn;
use super::links::{Link, Links, LinksFile, Place, Scheme};
use super::objects::patience;
use super::watched_file::WatchedFile;

mod notice;
mod notices;

/// How often the file of links is looked at, and what could not be opened is tried again.
const LOOKED_AT: Duration = Duration::from_secs(3);
/// Objects that are fetched at once: each is waited for more than worked on.
const FETCHED_AT_ONCE: usize = 16;
/// Bytes of objects that were asked for so and not taken yet. One that has more comes alone.
const FETCHED_BYTES: usize = 64 << 20;
/// The Region of S3 if nobody says one.
const FIRST_REGION: &str = "us-east-1";

/// A bucket elsewhere.
#[derive(Debug)]
pub struct Linked {
    /// What it is called here.
    pub name: String,
    /// How it was linked.
    pub link: Link,
    place: Place,
    /// Or why it cannot be opened: a folder that is not mounted, an account that nobody named.
    store: Result<Arc<dyn ObjectStore>, String>,
    /// Of S3: who we are there.
    credentials: Option<AwsCredentialProvider>,
    region: String,
}

impl Linked {
    /// The bucket of a link; it is not asked yet.
    pub fn open(name: &str, link: &Link, aws: &Arc<Aws>) -> Result<Linked> {
        let place = link.place()?;
        let mut region = FIRST_REGION.to_owned();
        let mut credentials = None;
        let store: Arc<dyn ObjectStore> = match place.scheme {
            Scheme::S3 => {
                let mut builder = bucket_builder(|name| std::env::var(name).ok()).with_bucket_name(&place.bucket);
                if let Some(region) = &link.region {
                    builder = builder.with_region(region);
                }
                region = builder.get_config_value(&AmazonS3ConfigKey::Region).unwrap_or(region);
                if let Some(url) = &link.endpoint {
                    builder = builder.with_allow_http(url.starts_with("http://")).with_endpoint(url);
                }
                if let Some(role) = &link.role_arn {
                    let sts = link.sts_endpoint.as_deref();
                    let role = AssumedRole::new(Arc::clone(aws), role, link.external_id.as_deref(), &region, sts);
                    builder = builder.with_credentials(Arc::new(role));
                }
                let s3 = builder.with_region(&region).with_retry(patience()).build()?;
                credentials = Some(Arc::clone(s3.credentials()));
                Arc::new(s3)
            }
            Scheme::Gcs => {
                let builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(&place.bucket);
                Arc::new(builder.with_retry(patience()).build()?)
            }
            Scheme::Azure => {
                let builder = MicrosoftAzureBuilder::from_env().with_container_name(&place.bucket);
                Arc::new(builder.with_retry(patience()).build()?)
            }
            Scheme::Folder => Arc::new(LocalFileSystem::new_with_prefix(&place.prefix)?),
        };
        let place = if place.scheme == Scheme::Folder { Place { prefix: String::new(), ..place } } else { place };
        Ok(Linked { name: name.to_owned(), link: link.clone(), place, store: Ok(store), credentials, region })
    }

    /// The bucket of a link that cannot be opened: whoever asks it is told why.
    fn closed(name: &str, link: &Link, why: String) -> Linked {
        let place = link.place().expect("where a link leads was looked at when it was read");
        let region = link.region.clone().unwrap_or_else(|| FIRST_REGION.to_owned());
        Linked { name: name.to_owned(), link: link.clone(), place, store: Err(why), credentials: None, region }
    }

    fn store(&self) -> Result<&dyn ObjectStore, Error> {
        let closed = |why: &String| Error::Generic { store: "link", source: why.clone().into() };
        self.store.as_deref().map_err(closed)
    }

    /// It as the place of the lake's tables, which are written there.
    pub fn for_tables(&self) -> Result<TablesIn> {
        if self.link.read_only {
            bail!(
                "the bucket `{}` is linked to be read only, and the lake is written: link it without --read-only",
                self.name
            );
        }
        let place = self.link.place()?;
        if place.scheme == Scheme::Folder {
            return Ok(TablesIn::Folder(PathBuf::from(place.prefix)));
        }
        let store = self.store.as_ref().map_err(|why| anyhow!("the bucket `{}` cannot be opened: {why}", self.name))?;
        Ok(TablesIn::Objects(Objects { store: Arc::clone(store), prefix: place.prefix }))
    }

    /// The bucket's Region, as far as it is known.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// An object as it is asked for: with a range, under conditions, its head only.
    pub async fn get(&self, key: &str, options: GetOptions) -> Result<GetResult, Error> {
        self.store()?.get_opts(&self.path(key)?, options).await
    }

    /// An object's bytes, if it has no more than so many.
    pub async fn get_bytes(&self, key: &str, most_bytes: u64) -> Result<Vec<u8>, BucketError> {
        let (bytes, ()) = self.get_bytes_when(key, most_bytes, async |_| ()).await?;
        Ok(bytes)
    }

    /// The same, once there is room for so many bytes; and that room.
    async fn get_bytes_when<R>(
        &self,
        key: &str,
        most_bytes: u64,
        room: impl AsyncFnOnce(u64) -> R,
    ) -> Result<(Vec<u8>, R), BucketError> {
        let told = |error| self.told(&error, key);
        let found = self.get(key, GetOptions::default()).await.map_err(told)?;
        let bytes = found.meta.size;
        if bytes > most_bytes {
            return Err(BucketError::TooLarge { bytes });
        }
        let room = room(bytes).await;
        Ok((found.bytes().await.map_err(told)?.into(), room))
    }

    /// Puts an object in place of the one with this key.
    pub async fn put(&self, key: &str, bytes: &[u8], metadata: &[(&str, &str)]) -> Result<(), BucketError> {
        if self.link.read_only {
            let text = format!(
                "the bucket `{}` is linked to be read only: nothing is written to {}. Another bucket takes a trail's Insight \
                 files if the trail's tag `trailsight:insights-bucket` names it",
                self.name, self.link.url
            );
            return Err(BucketError::Other(text));
        }
        let mut attributes = Attributes::new();
        // A folder has no place for it.
        if self.place.scheme != Scheme::Folder {
            for (name, value) in metadata {
                let name = Attribute::Metadata((*name).to_owned().into());
                attributes.insert(name, (*value).to_owned().into());
            }
        }
        let options = PutOptions { attributes, ..PutOptions::default() };
        let work = async { self.store()?.put_opts(&self.path(key)?, PutPayload::from(bytes.to_vec()), options).await };
        work.await.map(drop).map_err(|error| self.told(&error, key))
    }

    /// Objects whose keys begin with `prefix` and come after `after`, in order, at most so many: key and what is told of it.
    pub async fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, ObjectMeta)>, BucketError> {
        let folder = self.folder_of(prefix);
        // What cannot be told to the store is left out below.
        let offset = Some(after).filter(|after| !after.is_empty()).and_then(|after| self.path(after).ok());
        let store = self.store().map_err(|error| self.told(&error, prefix))?;
        let listed = match &offset {
            Some(offset) => store.list_with_offset(folder.as_ref(), offset),
            None => store.list(folder.as_ref()),
        };
        let wanted = listed.try_filter_map(async |object| {
            let key = self.key(&object).filter(|key| key.starts_with(prefix) && key.as_str() > after);
            Ok(key.map(|key| (key, object)))
        });
        let read = async {
            if self.place.scheme == Scheme::Folder {
                // A folder's files come in no order.
                let mut all: Vec<(String, ObjectMeta)> = wanted.try_collect().await?;
                all.sort_by(|one, other| one.0.cmp(&other.0));
                all.truncate(limit);
                return Ok(all);
            }
            let mut page = Vec::new();
            let mut wanted = std::pin::pin!(wanted);
            while page.len() < limit
                && let Some(object) = wanted.try_next().await?
            {
                page.push(object);
            }
            Ok(page)
        };
        read.await.map_err(|error| self.told(&error, prefix))
    }

    /// What lies directly in the folder of a prefix: folders, which end in a slash, and objects; both in order.
    pub async fn list_folder(&self, prefix: &str) -> Result<(Vec<String>, Vec<(String, ObjectMeta)>), BucketError> {
        let listed = async { self.store()?.list_with_delimiter(self.folder_of(prefix).as_ref()).await };
        let listed = listed.await.map_err(|error| self.told(&error, prefix))?;
        let below = |path: &str| path.strip_prefix(self.place.prefix.as_str()).map(str::to_owned);
        let folders = listed.common_prefixes.iter().filter_map(|path| below(&format!("{path}/")));
        let mut folders: Vec<String> = folders.filter(|folder| folder.starts_with(prefix)).collect();
        folders.sort_unstable();
        let objects = listed.objects.into_iter().filter_map(|object| Some((self.key(&object)?, object)));
        let mut objects: Vec<_> = objects.filter(|(key, _)| key.starts_with(prefix)).collect();
        objects.sort_by(|one, other| one.0.cmp(&other.0));
        Ok((folders, objects))
    }

    /// The key here of a key there, if it is below the link.
    fn here(&self, bucket: &str, key: &str) -> Option<String> {
        let is_it = self.place.scheme != Scheme::Folder && self.place.bucket == bucket;
        key.strip_prefix(self.place.prefix.as_str()).filter(|_| is_it).map(str::to_owned)
    }

    fn path(&self, key: &str) -> Result<ObjectPath, Error> {
        Ok(ObjectPath::parse(format!("{}{key}", self.place.prefix))?)
    }

    fn key(&self, object: &ObjectMeta) -> Option<String> {
        object.location.as_ref().strip_prefix(self.place.prefix.as_str()).map(str::to_owned)
    }

    /// The folder that holds all keys with a prefix: a store lists folders only.
    fn folder_of(&self, prefix: &str) -> Option<ObjectPath> {
        let whole = format!("{}{prefix}", self.place.prefix);
        let folder = &whole[..whole.rfind('/').map_or(0, |at| at + 1)];
        ObjectPath::parse(folder).ok().filter(|path| !path.as_ref().is_empty())
    }

    fn told(&self, error: &Error, key: &str) -> BucketError {
        match error {
            Error::NotFound { .. } | Error::InvalidPath { .. } => BucketError::NoObject(key.to_owned()),
            other => BucketError::Other(format!("{}: {other}", self.link.url)),
        }
    }
}

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
struct Room {
    objects: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Room {
        let room = |permits| Arc::new(Semaphore::new(permits));
        Room { objects: room(FETCHED_AT_ONCE), bytes: room(FETCHED_BYTES) }
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
        let mut fetching = JoinSet::new();
        for (place, linked, key) in objects {
            let room = self.room.clone();
            let fetch = async move {
                let _one_of_them = room.objects.acquire().await;
                let bytes = room.bytes;
                let wait = async |size: u64| bytes.acquire_many_owned(size.min(FETCHED_BYTES as u64) as u32).await;
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
                listening.spawn(notices::listen(Arc::clone(&self), Arc::clone(linked), Arc::clone(&on_put)));
            }
            while !self.look() {
                tokio::time::sleep(LOOKED_AT).await;
            }
            tracing::info!(file = %self.file.path().display(), buckets = self.all().len(), "the links have changed");
        }
    }

    /// Reads the file if it has changed, and tries again what could not be opened; says whether a bucket came, went or is another
    /// than before. A file that is wrong changes nothing.
    fn look(&self) -> bool {
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
            Err(error) => format!("it cannot be opened: {error:#}"),
        };
        match known.filter(|known| known.store.as_ref().is_err_and(|before| *before == why)) {
            Some(known) => Arc::clone(known),
            None => {
                tracing::error!(bucket = name, why, "the linked bucket is tried again until it can be opened");
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
