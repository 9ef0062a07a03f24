//! Objects: stored, opened and removed.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use super::error::doing;
use super::names::{self, place_of};
use super::{ABOUT, About, Buckets, BucketsError, Checksums, Headers, Incoming, OBJECTS, sync_folder, system_time};

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

impl Buckets {
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

    pub(super) fn keep(
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
    pub(super) fn hold(&self, bucket: &str, key: &str, condition: &Condition) -> Result<(), BucketsError> {
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

/// A folder that somebody else has removed meanwhile, with what was put into it, needs no syncing.
fn still_there(synced: io::Result<()>) -> io::Result<()> {
    synced.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}
