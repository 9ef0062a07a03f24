//! Where a table lies: in a folder of this machine, or in an object store.
//!
//! ```text
//!   a file is made in a folder, whole ──► synced, and it stays there         a folder
//!                                     ──► sent, and only then it is there    an object store
//! ```

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::object_store::path::Path as Key;
use datafusion::object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, WriteMultipart};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::LakeError;
use crate::table::failed_in;

/// Bytes that are sent at once, and how many such pieces.
const PIECE_BYTES: usize = 8 << 20;
const PIECES_AT_ONCE: usize = 3;

/// Where a table lies. One process writes it.
#[derive(Clone, Debug)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// An object store. What is to be sent there is made in a folder of this machine.
    Objects {
        /// The store.
        objects: Objects,
        /// The folder.
        making: PathBuf,
    },
}

/// An object store, and what all keys begin with: `trailsight/lake/events`. It must be able to put an object only if there is none (S3, GCS and Azure
/// are): by that a commit is there or not.
#[derive(Clone, Debug)]
pub struct Objects {
    /// By what name it is known to all who read it: that of a bucket.
    pub name: String,
    /// The store.
    pub store: Arc<dyn ObjectStore>,
    /// A key without a slash at its end.
    pub prefix: String,
}

impl Objects {
    /// A part of it, by a name.
    pub fn part(&self, name: &str) -> Objects {
        let prefix = self.prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        Objects { name: self.name.clone(), store: Arc::clone(&self.store), prefix }
    }

    /// The key of a file, as it lies in a table.
    pub(crate) fn key(&self, path: &str) -> Key {
        key(&self.prefix, path)
    }
}

/// Where a table's files lie, as plans name it: on another machine too, which has a way of its own to what is called so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Address {
    /// A folder.
    Folder(PathBuf),
    /// An object store, by its name, and what all keys begin with.
    Objects {
        /// The name.
        name: String,
        /// A key without a slash at its end.
        prefix: String,
    },
}

/// The scheme of the URLs by which object stores are asked for; the host is the name.
pub const SCHEME: &str = "objects";

impl Address {
    /// By what name DataFusion asks for it.
    pub(crate) fn url(&self) -> ObjectStoreUrl {
        match self {
            Address::Folder(_) => ObjectStoreUrl::local_filesystem(),
            Address::Objects { name, .. } => {
                ObjectStoreUrl::parse(format!("{SCHEME}://{name}")).expect("a bucket's name is that of a host")
            }
        }
    }

    /// Where a file lies there, as DataFusion names it: a path, or a key.
    pub(crate) fn path(&self, file: &str) -> String {
        match self {
            Address::Folder(folder) => format!("{}/{file}", folder.to_string_lossy().trim_end_matches('/')),
            Address::Objects { prefix, .. } => key(prefix, file).to_string(),
        }
    }
}

fn key(prefix: &str, file: &str) -> Key {
    Key::from(format!("{prefix}/{file}"))
}

impl Place {
    /// The folder in which files are made.
    pub(crate) fn making(&self) -> &Path {
        match self {
            Place::Folder(folder) | Place::Objects { making: folder, .. } => folder,
        }
    }

    /// As plans name it.
    pub fn address(&self) -> Address {
        match self {
            Place::Folder(folder) => Address::Folder(folder.clone()),
            Place::Objects { objects, .. } => {
                Address::Objects { name: objects.name.clone(), prefix: objects.prefix.clone() }
            }
        }
    }

    /// Makes its address known to a session.
    pub(crate) fn make_known(&self, session: &RuntimeEnv) {
        if let Place::Objects { objects, .. } = self {
            session.register_object_store(self.address().url().as_ref(), Arc::clone(&objects.store));
        }
    }

    /// A file that was made stays. Gives its path within the place, and its bytes.
    pub(crate) async fn keep(&self, file: NamedTempFile) -> Result<(String, u64), LakeError> {
        let made = file.path().to_owned();
        let told = failed_in(&made);
        let path = made.strip_prefix(self.making()).expect("it was made there").to_string_lossy().into_owned();
        let bytes = file.as_file().metadata().map_err(&told)?.len();
        match self {
            Place::Folder(_) => {
                let keep = || {
                    file.as_file().sync_all()?;
                    let (_, place) = file.keep()?;
                    File::open(place.parent().expect("it lies in a day's folder"))?.sync_all()
                };
                keep().map_err(told)?;
            }
            Place::Objects { objects, .. } => send(objects, &path, file.reopen().map_err(told)?).await?,
        }
        Ok((path, bytes))
    }

    /// A file of it, to be read from any place on.
    pub(crate) async fn open(&self, path: &str) -> Result<File, LakeError> {
        match self {
            Place::Folder(folder) => {
                let path = folder.join(path);
                File::open(&path).map_err(failed_in(&path))
            }
            Place::Objects { objects, making } => {
                fs::create_dir_all(making).map_err(failed_in(making))?;
                let mut file = tempfile::tempfile_in(making).map_err(failed_in(making))?;
                let told = |error| failed_there(objects, path, &error);
                let mut pieces = objects.store.get(&objects.key(path)).await.map_err(told)?.into_stream();
                while let Some(piece) = pieces.try_next().await.map_err(told)? {
                    io::Write::write_all(&mut file, &piece).map_err(failed_in(making))?;
                }
                file.rewind().map_err(failed_in(making))?;
                Ok(file)
            }
        }
    }
}

async fn send(objects: &Objects, path: &str, mut file: File) -> Result<(), LakeError> {
    let key = objects.key(path);
    let told = |error| failed_there(objects, path, &error);
    let mut piece = || -> Result<Bytes, LakeError> {
        let mut bytes = Vec::new();
        (&mut file).take(PIECE_BYTES as u64).read_to_end(&mut bytes).map_err(failed_in(Path::new(path)))?;
        Ok(bytes.into())
    };
    let first = piece()?;
    if first.len() < PIECE_BYTES {
        return objects.store.put(&key, first.into()).await.map(drop).map_err(told);
    }
    let mut sending = WriteMultipart::new(objects.store.put_multipart(&key).await.map_err(told)?);
    let mut next = first;
    while !next.is_empty() {
        sending.wait_for_capacity(PIECES_AT_ONCE).await.map_err(told)?;
        sending.put(next);
        next = piece()?;
    }
    sending.finish().await.map(drop).map_err(told)
}

fn failed_there(objects: &Objects, path: &str, error: &StoreError) -> LakeError {
    LakeError::Table(format!("{}: {error}", objects.key(path)))
}
