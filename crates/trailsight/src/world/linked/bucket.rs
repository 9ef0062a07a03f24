//! A bucket elsewhere: opened as its link says, read, listed, and written where that is allowed.

use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

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
use tokio::time::sleep;

use crate::world::aws::{AssumedRole, Aws, bucket_builder};
use crate::world::lake::TablesIn;
use crate::world::links::{Link, Place, Scheme};
use crate::world::objects::{patience, to_the_last, told_once};

/// What S3 and Cloud Storage, and what Azure call a bucket that is not there.
const NO_BUCKET: [&str; 2] = ["NoSuchBucket", "ContainerNotFound"];
/// The Region of S3 if nobody says one.
const FIRST_REGION: &str = "us-east-1";
/// How often it is asked whether a listing that is waited for is still wanted.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(100);

/// A bucket elsewhere.
#[derive(Debug)]
pub struct Linked {
    /// What it is called here.
    pub name: String,
    /// How it was linked.
    pub link: Link,
    place: Place,
    /// The folder that it is, if it is one.
    folder: Option<PathBuf>,
    /// Or why it cannot be opened: a folder that is not mounted, an account that nobody named.
    pub(super) store: Result<Arc<dyn ObjectStore>, BucketError>,
    /// Of S3: who we are there.
    pub(super) credentials: Option<AwsCredentialProvider>,
    region: String,
}

impl Linked {
    /// The bucket of a link; it is not asked yet.
    pub fn open(name: &str, link: &Link, aws: &Arc<Aws>) -> Result<Linked> {
        let mut place = link.place()?;
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
                let s3 = builder.with_region(&region).with_retry(patience()).build().map_err(told_once)?;
                credentials = Some(Arc::clone(s3.credentials()));
                Arc::new(s3)
            }
            Scheme::Gcs => {
                let builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(&place.bucket);
                Arc::new(builder.with_retry(patience()).build().map_err(told_once)?)
            }
            Scheme::Azure => {
                let builder = MicrosoftAzureBuilder::from_env().with_container_name(&place.bucket);
                Arc::new(builder.with_retry(patience()).build().map_err(told_once)?)
            }
            Scheme::Folder => {
                folder(std::fs::metadata(&place.prefix), &link.url)?;
                Arc::new(LocalFileSystem::new_with_prefix(&place.prefix).map_err(told_once)?)
            }
        };
        // A folder is opened as a whole: nothing in it has a prefix.
        let folder = (place.scheme == Scheme::Folder).then(|| PathBuf::from(std::mem::take(&mut place.prefix)));
        Ok(Linked { name: name.to_owned(), link: link.clone(), place, folder, store: Ok(store), credentials, region })
    }

    /// The bucket of a link that cannot be opened: whoever asks it is told why.
    pub(super) fn closed(name: &str, link: &Link, why: BucketError) -> Linked {
        let place = link.place().expect("where a link leads was looked at when it was read");
        let region = link.region.clone().unwrap_or_else(|| FIRST_REGION.to_owned());
        let (name, link) = (name.to_owned(), link.clone());
        Linked { name, link, place, folder: None, store: Err(why), credentials: None, region }
    }

    fn store(&self) -> Result<&dyn ObjectStore, Error> {
        // `told` knows why.
        let closed = |why: &BucketError| Error::Generic { store: "link", source: why.clone().into() };
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
        let (name, store) = (self.name.clone(), self.object_store()?);
        Ok(TablesIn::Objects(Objects { name, store, prefix: place.prefix }))
    }

    /// What is behind the link, with the keys of there.
    pub fn object_store(&self) -> Result<Arc<dyn ObjectStore>> {
        let told = |why: &BucketError| anyhow!("the bucket `{}` cannot be opened: {why}", self.name);
        self.store.as_ref().map(Arc::clone).map_err(told)
    }

    /// The bucket's Region, as far as it is known.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whether it is there, as far as nobody need be asked for that: a folder is looked at, but not into.
    pub async fn look(&self) -> Result<(), BucketError> {
        self.store.as_ref().map_err(Clone::clone)?;
        self.check_folder().await
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
    pub(super) async fn get_bytes_when<R>(
        &self,
        key: &str,
        most_bytes: u64,
        room: impl AsyncFnOnce(u64) -> R,
    ) -> Result<(Vec<u8>, R), BucketError> {
        let found = match self.get(key, GetOptions::default()).await {
            Ok(found) => found,
            Err(error) => return Err(self.why(&error, key).await),
        };
        let bytes = found.meta.size;
        if bytes > most_bytes {
            return Err(BucketError::TooLarge { bytes });
        }
        let room = room(bytes).await;
        Ok((found.bytes().await.map_err(|error| self.told(&error, key))?.into(), room))
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
        // The library would make a folder that is gone.
        self.check_folder().await?;
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
        self.check_folder().await?;
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

    /// Goes through all objects in the folder that a prefix ends in, and below it, in any order, until somebody has seen enough, or wants to know
    /// no more while a listing is waited for: key and bytes of each. None is held, however many there are.
    pub async fn walk(
        &self,
        prefix: &str,
        each: &mut (dyn FnMut(&str, u64) -> ControlFlow<()> + Send),
        is_wanted: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), BucketError> {
        let told = |error: Error| self.told(&error, prefix);
        // Of a prefix that no key can have the folder is none, and none means all there is.
        self.path(&prefix[..prefix.rfind('/').map_or(0, |at| at + 1)]).map_err(told)?;
        self.check_folder().await?;
        let folder = self.folder_of(prefix);
        let mut listed = self.store().map_err(told)?.list(folder.as_ref());
        loop {
            let object = tokio::select! {
                object = listed.try_next() => object.map_err(told)?,
                () = sleep(BETWEEN_QUESTIONS) => match is_wanted() {
                    true => continue,
                    false => return Ok(()),
                },
            };
            let Some(object) = object else { return Ok(()) };
            if self.key(&object).is_some_and(|key| each(&key, object.size).is_break()) {
                return Ok(());
            }
        }
    }

    /// What lies directly in the folder of a prefix: folders, which end in a slash, and objects; both in order.
    pub async fn list_folder(&self, prefix: &str) -> Result<(Vec<String>, Vec<(String, ObjectMeta)>), BucketError> {
        self.check_folder().await?;
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

    /// The key there of a key here.
    pub fn there(&self, key: &str) -> String {
        format!("{}{key}", self.place.prefix)
    }

    /// The key here of a key there, if it is below the link.
    pub(super) fn here(&self, bucket: &str, key: &str) -> Option<String> {
        let is_it = self.place.scheme != Scheme::Folder && self.place.bucket == bucket;
        key.strip_prefix(self.place.prefix.as_str()).filter(|_| is_it).map(str::to_owned)
    }

    fn path(&self, key: &str) -> Result<ObjectPath, Error> {
        Ok(ObjectPath::parse(self.there(key))?)
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

    /// A folder that is gone is empty to the library.
    async fn check_folder(&self) -> Result<(), BucketError> {
        match &self.folder {
            Some(path) => folder(tokio::fs::metadata(path).await, &self.link.url),
            None => Ok(()),
        }
    }

    /// Why an object is not given. In a folder that is gone the library finds but no object.
    pub async fn why(&self, error: &Error, key: &str) -> BucketError {
        if matches!(error, Error::NotFound { .. })
            && let Err(gone) = self.check_folder().await
        {
            return gone;
        }
        self.told(error, key)
    }

    fn told(&self, error: &Error, key: &str) -> BucketError {
        if let Err(why) = &self.store {
            return why.clone();
        }
        let (text, url) = (to_the_last(error), &self.link.url);
        let refusal = refusal(&text);
        // Of a list that is refused the library has no words but its text.
        let is_denied = matches!(error, Error::PermissionDenied { .. } | Error::Unauthenticated { .. })
            || ["status code: 403 ", "status code: 401 "].iter().any(|status| text.contains(status));
        match error {
            _ if refusal.is_some_and(|(code, _)| NO_BUCKET.contains(&code)) => BucketError::NoBucket(url.clone()),
            Error::NotFound { .. } | Error::InvalidPath { .. } => BucketError::NoObject(key.to_owned()),
            _ if is_denied => BucketError::Denied(match refusal {
                Some((code, message)) => format!("{url}: {code}: {message}"),
                None => format!("{url}: {text}"),
            }),
            _ => BucketError::Other(format!("{url}: {text}")),
        }
    }
}

/// Whether a link to a folder leads to one.
fn folder(found: io::Result<Metadata>, url: &str) -> Result<(), BucketError> {
    match found {
        Ok(found) if !found.is_dir() => Err(BucketError::Other(format!("{url}: it is no folder"))),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(BucketError::NoBucket(url.to_owned())),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Code and message of a refusal that a text repeats.
fn refusal(text: &str) -> Option<(&str, &str)> {
    let between = |start: &str, end: &str| Some(text.split_once(start)?.1.split_once(end)?.0);
    Some((between("<Code>", "</Code>")?, between("<Message>", "</Message>").unwrap_or_default()))
}
