//! Buckets that are held here: folders, in which an object is a plain file.
//!
//! ```text
//! DIR/buckets/my-trail/bucket.json           its Region
//!                      settings.json         its policy, tags and the like, once they were set (settings.rs)
//!                      objects/AWSLogs/…     the objects, each a file of the key's name (names.rs)
//!                      about/AWSLogs/…       what S3 tells of them besides: ETag, type, metadata (about.rs)
//!                      uploads/<id>/         uploads in parts, not completed yet (uploads.rs)
//! DIR/buckets/.incoming/                     what is on its way; emptied at the start
//! ```
//!
//! An object is written beside its place, synced, and renamed: a reader sees the old one or the new one, and who was told that
//! it is stored can rely on it. A file that others put into `objects/` is an object as well.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use server::world::{Clock, Dice};
use tempfile::NamedTempFile;

mod about;
mod held;
mod incoming;
mod listing;
mod names;
mod settings;
mod uploads;

pub use about::{About, Checksums, Headers};
pub use held::Held;
pub use incoming::Incoming;
pub use listing::{Listed, Listing, Page};
pub use settings::{PublicAccessBlock, Settings as BucketSettings};
pub use uploads::{Part, Upload};

use names::place_of;

/// Is told of every object that was put, when it is stored: bucket and key.
pub type OnPut = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// All buckets that are held here. Everything blocks.
pub struct Buckets {
    root: PathBuf,
    clock: Box<dyn Clock>,
    dice: Box<dyn Dice>,
    on_put: OnPut,
    /// Folders come and go with objects: one change at a time. Content is written before.
    changes: Mutex<()>,
}

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
fn doing<T>(what: impl FnOnce() -> String, work: impl FnOnce() -> io::Result<T>) -> Result<T, BucketsError> {
    work().map_err(|source| BucketsError::Io { doing: what(), source })
}

/// What is remembered of a bucket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name: that of its folder.
    #[serde(skip)]
    pub name: String,
    /// The Region it was made for.
    pub region: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What an object will be, besides its bytes.
#[derive(Clone, Debug, Default)]
pub struct NewObject {
    /// What whoever puts it says of it.
    pub headers: Headers,
    /// The checksums that came with it.
    pub checksums: Checksums,
    /// When not to store it.
    pub condition: Condition,
}

/// When an object is stored only if something is so.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Condition {
    /// In any case.
    #[default]
    None,
    /// If there is none of this key.
    Absent,
    /// If the one that is there has this ETag.
    Is(String),
}

/// The folder of all buckets, in the data directory.
pub const FOLDER: &str = "buckets";
/// In a bucket's folder: its objects, what is told of them, and parts of what is to become one.
pub(crate) const OBJECTS: &str = "objects";
pub(crate) const ABOUT: &str = "about";
pub(crate) const UPLOADS: &str = "uploads";
/// Beside the buckets: what is not put yet.
pub(crate) const INCOMING: &str = ".incoming";

/// The least of all parts of an upload but the last.
const LEAST_PART_BYTES: u64 = 5 << 20;

impl Buckets {
    /// The buckets below a folder, which is made if it is not there. One process a folder: whoever opens it holds the store.
    pub fn open(
        root: impl Into<PathBuf>,
        clock: Box<dyn Clock>,
        dice: Box<dyn Dice>,
        on_put: OnPut,
    ) -> Result<Buckets, BucketsError> {
        let buckets = Buckets { root: root.into(), clock, dice, on_put, changes: Mutex::default() };
        let incoming = buckets.incoming_folder();
        doing(
            || format!("make the folder `{}`", incoming.display()),
            || {
                match fs::remove_dir_all(&incoming) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
                fs::create_dir_all(&incoming)
            },
        )?;
        Ok(buckets)
    }

    /// Makes a bucket.
    pub fn create(&self, name: &str, region: &str) -> Result<(), BucketsError> {
        let folder = self.folder(name)?;
        let _changes = self.changes();
        if folder.exists() {
            return Err(BucketsError::BucketIsYours);
        }
        let bucket = Bucket { name: name.to_owned(), region: region.to_owned(), created_at: self.clock.now() };
        doing(
            || format!("make the bucket `{name}`"),
            || {
                let new = tempfile::tempdir_in(self.incoming_folder())?;
                fs::create_dir(new.path().join(OBJECTS))?;
                let mut file = File::create(new.path().join("bucket.json"))?;
                serde_json::to_writer_pretty(&mut file, &bucket)?;
                file.sync_all()?;
                sync_folder(new.path())?;
                fs::rename(new.keep(), &folder)?;
                sync_folder(&self.root)
            },
        )
    }

    /// A bucket.
    pub fn bucket(&self, name: &str) -> Result<Bucket, BucketsError> {
        let path = self.folder(name)?.join("bucket.json");
        match fs::read(&path) {
            Ok(text) => doing(
                || format!("read `{}`", path.display()),
                || Ok(Bucket { name: name.to_owned(), ..serde_json::from_slice(&text)? }),
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BucketsError::NoSuchBucket),
            Err(source) => Err(BucketsError::Io { doing: format!("read `{}`", path.display()), source }),
        }
    }

    /// All buckets, by name.
    pub fn all(&self) -> Result<Vec<Bucket>, BucketsError> {
        let names = doing(
            || format!("read the folder `{}`", self.root.display()),
            || {
                fs::read_dir(&self.root)?
                    .map(|entry| Ok(entry?.file_name().into_string().ok()))
                    .collect::<io::Result<Vec<_>>>()
            },
        )?;
        let mut names: Vec<String> = names.into_iter().flatten().filter(|name| names::is_bucket_name(name)).collect();
        names.sort();
        let buckets = names.iter().map(|name| self.bucket(name));
        buckets.filter(|bucket| !matches!(bucket, Err(BucketsError::NoSuchBucket))).collect()
    }

    /// Removes a bucket that has no objects. Uploads that were not completed go with it.
    pub fn delete(&self, name: &str) -> Result<(), BucketsError> {
        self.bucket(name)?;
        let folder = self.folder(name)?;
        let _changes = self.changes();
        if !self.list(name, &Listing { limit: 1, ..Listing::default() })?.listed.is_empty() {
            return Err(BucketsError::BucketNotEmpty);
        }
        doing(
            || format!("remove the bucket `{name}`"),
            || {
                let gone = tempfile::tempdir_in(self.incoming_folder())?;
                fs::rename(&folder, gone.path().join("bucket"))?;
                sync_folder(&self.root)?;
                gone.close()
            },
        )
    }

    /// Begins to take something in. Nothing of it is kept unless it is put.
    pub fn incoming(&self) -> Result<Incoming, BucketsError> {
        Incoming::new(&self.incoming_folder())
    }

    /// Stores what came in as an object, in place of one that is there.
    pub fn put(&self, bucket: &str, key: &str, incoming: Incoming, new: NewObject) -> Result<About, BucketsError> {
        let (file, etag) = incoming.finish()?;
        self.keep(bucket, key, file, etag, new)
    }

    /// Stores some bytes as an object.
    pub fn put_bytes(&self, bucket: &str, key: &str, bytes: &[u8]) -> Result<About, BucketsError> {
        let mut incoming = self.incoming()?;
        incoming.write(bytes)?;
        self.put(bucket, key, incoming, NewObject::default())
    }

    fn keep(
        &self,
        bucket: &str,
        key: &str,
        file: NamedTempFile,
        etag: String,
        new: NewObject,
    ) -> Result<About, BucketsError> {
        self.bucket(bucket)?;
        let place = place_of(key)?;
        let folder = self.folder(bucket)?;
        let what = || format!("store the object `{key}` of bucket `{bucket}`");
        let now = self.clock.now();
        let NewObject { headers, checksums, condition } = new;
        let about = doing(what, || {
            file.as_file().set_modified(system_time(now))?;
            file.as_file().sync_all()?;
            Ok(About { bytes: file.as_file().metadata()?.len(), modified_at: now, etag, headers, checksums })
        })?;
        let beside = doing(what, || about.written(&self.incoming_folder()))?;
        let objects = folder.join(OBJECTS);
        let parent = place.folder(&objects);
        let beside_place = place.beside(&folder.join(ABOUT));
        let beside_parent = beside_place.parent().expect("it is below the bucket");
        {
            let _changes = self.changes();
            self.bucket(bucket)?;
            self.hold(bucket, key, &condition)?;
            doing(what, || {
                make_folders(&objects, &parent)?;
                file.persist(place.to_write(&objects))?;
                make_folders(&folder, beside_parent)?;
                beside.persist(&beside_place)?;
                Ok(())
            })?;
        }
        // It is waited for the disk beside others' changes. If only one of both files outlives a crash, what is told beside the object
        // is not of it, and is not heeded.
        doing(what, || {
            still_there(sync_folder(&parent))?;
            if about.is_told_by_the_bytes() { Ok(()) } else { still_there(sync_folder(beside_parent)) }
        })?;
        (self.on_put)(bucket, key);
        Ok(about)
    }

    /// Whether a condition is met by what is there.
    fn hold(&self, bucket: &str, key: &str, condition: &Condition) -> Result<(), BucketsError> {
        let is_met = match condition {
            Condition::None => true,
            Condition::Absent => !self.exists(bucket, key)?,
            Condition::Is(etag) => self.get(bucket, key)?.1.etag == *etag,
        };
        if is_met { Ok(()) } else { Err(BucketsError::ConditionFailed) }
    }

    /// An object, opened, and what is told of it.
    pub fn get(&self, bucket: &str, key: &str) -> Result<(File, About), BucketsError> {
        let place = place_of(key)?;
        let folder = self.folder(bucket)?;
        let opened = place.to_read(&folder.join(OBJECTS)).map(File::open);
        let file = match opened {
            Some(Ok(file)) => file,
            None => {
                self.bucket(bucket)?;
                return Err(BucketsError::NoSuchKey);
            }
            Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => return Err(BucketsError::NoSuchKey),
            Some(Err(source)) => return Err(BucketsError::Io { doing: format!("open the object `{key}`"), source }),
        };
        let about = doing(
            || format!("read the object `{key}` of bucket `{bucket}`"),
            || About::of(&file, &place.beside(&folder.join(ABOUT))),
        )?;
        Ok((file, about))
    }

    /// Whether there is such an object.
    pub fn exists(&self, bucket: &str, key: &str) -> Result<bool, BucketsError> {
        Ok(place_of(key)?.to_read(&self.folder(bucket)?.join(OBJECTS)).is_some())
    }

    /// Removes an object, if it is there.
    pub fn remove(&self, bucket: &str, key: &str) -> Result<(), BucketsError> {
        self.bucket(bucket)?;
        let place = place_of(key)?;
        let folder = self.folder(bucket)?;
        let _changes = self.changes();
        doing(
            || format!("remove the object `{key}` of bucket `{bucket}`"),
            || {
                let objects = folder.join(OBJECTS);
                let Some(path) = place.to_read(&objects) else { return Ok(()) };
                fs::remove_file(path)?;
                prune(&objects, &place.folder(&objects))?;
                let about = folder.join(ABOUT);
                let beside = place.beside(&about);
                match fs::remove_file(&beside) {
                    Ok(()) => prune(&about, beside.parent().expect("it is below the bucket")),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                    Err(error) => Err(error),
                }
            },
        )
    }

    fn folder(&self, bucket: &str) -> Result<PathBuf, BucketsError> {
        match names::is_bucket_name(bucket) {
            true => Ok(self.root.join(bucket)),
            false => Err(BucketsError::InvalidBucketName),
        }
    }

    fn incoming_folder(&self) -> PathBuf {
        self.root.join(INCOMING)
    }

    fn changes(&self) -> MutexGuard<'_, ()> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the folders from `top` (which is there) down to `folder`. Where an object has the name of a folder, it makes way.
fn make_folders(top: &Path, folder: &Path) -> io::Result<()> {
    if folder == top || folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().expect("it is below the top");
    make_folders(top, parent)?;
    if folder.is_file() {
        fs::rename(folder, names::aside(folder))?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_folder(parent),
    }
}

/// Removes folders that have become empty, from `folder` upward, but not `top`.
fn prune(top: &Path, folder: &Path) -> io::Result<()> {
    let mut folder = folder;
    while folder != top && fs::remove_dir(folder).is_ok() {
        folder = folder.parent().expect("it is below the top");
    }
    sync_folder(folder)
}

/// A moment as the file system has it.
pub fn system_time(time: Timestamp) -> SystemTime {
    let nanoseconds = u64::try_from(time.as_nanosecond()).unwrap_or_default();
    UNIX_EPOCH + Duration::from_nanos(nanoseconds)
}

/// A folder that somebody else has removed meanwhile, with what was put into it, needs no syncing.
fn still_there(synced: io::Result<()>) -> io::Result<()> {
    synced.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// What was renamed into a folder is there after a crash only when the folder is synced.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
