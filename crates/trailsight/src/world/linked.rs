//! Linked buckets: real storage elsewhere, under a name of ours.
//!
//! ```text
//!  buckets.toml ──read, and read again when it changes──► LinkedBuckets ──► Linked: a store, and what its keys begin with there
//!                                                               └──► notices.rs: queues that tell of new objects
//! ```

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use futures::TryStreamExt;
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
use tokio::task::JoinSet;

use super::aws::{AssumedRole, Aws, bucket_builder};
use super::buckets::OnPut;
use super::links::{Link, Links, LinksFile, Place, Scheme};
use super::objects::patience;

mod notices;

/// How often the file of links is looked at.
const LOOKED_AT: Duration = Duration::from_secs(3);
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
    store: Arc<dyn ObjectStore>,
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
        Ok(Linked { name: name.to_owned(), link: link.clone(), place, store, credentials, region })
    }

    /// The bucket's Region, as far as it is known.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// An object as it is asked for: with a range, under conditions, its head only.
    pub async fn get(&self, key: &str, options: GetOptions) -> Result<GetResult, Error> {
        self.store.get_opts(&self.path(key)?, options).await
    }

    /// An object's bytes.
    pub async fn get_bytes(&self, key: &str) -> Result<Vec<u8>, BucketError> {
        let work = async { self.get(key, GetOptions::default()).await?.bytes().await };
        work.await.map(Into::into).map_err(|error| self.told(&error, key))
    }

    /// Puts an object in place of the one with this key.
    pub async fn put(&self, key: &str, bytes: &[u8], metadata: &[(&str, &str)]) -> Result<(), BucketError> {
        if self.link.read_only {
            let text = format!(
                "the bucket `{}` is linked to be read only: nothing is written to {}",
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
        let work = async { self.store.put_opts(&self.path(key)?, PutPayload::from(bytes.to_vec()), options).await };
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
        let listed = match &offset {
            Some(offset) => self.store.list_with_offset(folder.as_ref(), offset),
            None => self.store.list(folder.as_ref()),
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
        let listed = self.store.list_with_delimiter(self.folder_of(prefix).as_ref()).await;
        let listed = listed.map_err(|error| self.told(&error, prefix))?;
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
    aws: Arc<Aws>,
    runtime: Handle,
    buckets: RwLock<Arc<BTreeMap<String, Arc<Linked>>>>,
    /// Which content of the file was read last: its time and length.
    seen: Mutex<Option<(SystemTime, u64)>>,
}

impl LinkedBuckets {
    /// Those of a file, which must be in order.
    pub fn open(file: LinksFile, aws: Arc<Aws>, runtime: Handle) -> Result<LinkedBuckets> {
        let linked = LinkedBuckets { file, aws, runtime, buckets: RwLock::default(), seen: Mutex::new(None) };
        let seen = linked.stamp();
        linked.take(&linked.file.read()?)?;
        *linked.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
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
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.map_or(SystemTime::UNIX_EPOCH, |(time, _)| time)
    }

    /// Waits for what is asked of a store.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
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
            tracing::info!(file = %self.file.path().display(), buckets = self.all().len(), "the links were read again");
        }
    }

    /// Reads the file if it has changed. A file that is wrong changes nothing, and is told once.
    fn look(&self) -> bool {
        let stamp = self.stamp();
        {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if *seen == stamp {
                return false;
            }
            *seen = stamp;
        }
        match self.file.read().and_then(|links| self.take(&links)) {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "the links cannot be read: those that were stay as they were"
                );
                false
            }
        }
    }

    fn take(&self, links: &Links) -> Result<()> {
        let before = self.all();
        let mut buckets = BTreeMap::new();
        for (name, link) in links {
            // What has not changed keeps its connections and sessions.
            let linked = match before.get(name).filter(|linked| linked.link == *link) {
                Some(linked) => Arc::clone(linked),
                None => {
                    let opened = Linked::open(name, link, &self.aws);
                    Arc::new(opened.with_context(|| format!("cannot open the bucket {name}"))?)
                }
            };
            buckets.insert(name.clone(), linked);
        }
        *self.buckets.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(buckets);
        Ok(())
    }

    fn stamp(&self) -> Option<(SystemTime, u64)> {
        let metadata = std::fs::metadata(self.file.path()).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
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
