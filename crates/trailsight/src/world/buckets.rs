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

mod about;
mod error;
mod held;
mod incoming;
mod listing;
mod names;
mod objects;
mod settings;
mod uploads;

pub use about::{About, Checksums, Headers};
pub use error::BucketsError;
pub use held::Held;
pub use incoming::Incoming;
pub use listing::{Listed, Listing, Page};
pub use objects::{Condition, NewObject};
pub use settings::{PublicAccessBlock, Settings as BucketSettings};
pub use uploads::{Part, Upload};

use error::doing;

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

/// A moment as the file system has it.
pub fn system_time(time: Timestamp) -> SystemTime {
    let nanoseconds = u64::try_from(time.as_nanosecond()).unwrap_or_default();
    UNIX_EPOCH + Duration::from_nanos(nanoseconds)
}

/// What was renamed into a folder is there after a crash only when the folder is synced.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
