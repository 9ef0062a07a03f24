//! Uploads in parts. A part is a file whose name says its number and its ETag.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use jiff::Timestamp;
use md5::{Digest, Md5};
use record::digest::hexadecimal;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::{
    About, Buckets, BucketsError, Condition, Headers, Incoming, LEAST_PART_BYTES, NewObject, UPLOADS, doing, names,
    sync_folder,
};

/// An upload that is not completed yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upload {
    /// Its id: the name of its folder.
    #[serde(skip)]
    pub id: String,
    /// The key of the object it will be.
    pub key: String,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// What is told of the object.
    pub headers: Headers,
}

/// A part of an upload.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// From 1 to 10,000.
    pub number: i32,
    /// The MD5 of its bytes.
    pub etag: String,
    /// Its length.
    pub bytes: u64,
    /// When it came.
    pub modified_at: Timestamp,
}

impl Buckets {
    /// Begins an upload.
    pub fn begin_upload(&self, bucket: &str, key: &str, headers: Headers) -> Result<String, BucketsError> {
        self.bucket(bucket)?;
        names::place_of(key)?;
        let uploads = self.folder(bucket)?.join(UPLOADS);
        let id = self.dice.uuid().replace('-', "");
        let upload = Upload { id: id.clone(), key: key.to_owned(), begun_at: self.clock.now(), headers };
        let _changes = self.changes();
        doing(
            || format!("begin an upload to `{key}` of bucket `{bucket}`"),
            || {
                fs::create_dir_all(&uploads)?;
                let new = tempfile::tempdir_in(self.incoming_folder())?;
                let mut file = File::create(new.path().join("upload.json"))?;
                serde_json::to_writer(&mut file, &upload)?;
                file.sync_all()?;
                fs::rename(new.keep(), uploads.join(&id))?;
                sync_folder(&uploads)
            },
        )?;
        Ok(id)
    }

    /// An upload to this key.
    pub fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<Upload, BucketsError> {
        self.bucket(bucket)?;
        let upload = self.upload_of(bucket, id)?;
        if upload.key == key { Ok(upload) } else { Err(BucketsError::NoSuchUpload) }
    }

    /// The uploads of a bucket that are not completed, by key.
    pub fn uploads(&self, bucket: &str) -> Result<Vec<Upload>, BucketsError> {
        self.bucket(bucket)?;
        let folder = self.folder(bucket)?.join(UPLOADS);
        let ids = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => doing(
                || format!("read the folder `{}`", folder.display()),
                || {
                    read?
                        .map(|entry| Ok(entry?.file_name().into_string().unwrap_or_default()))
                        .collect::<io::Result<Vec<_>>>()
                },
            )?,
        };
        let uploads = ids.iter().map(|id| self.upload_of(bucket, id));
        let mut uploads = uploads
            .filter(|upload| !matches!(upload, Err(BucketsError::NoSuchUpload)))
            .collect::<Result<Vec<_>, BucketsError>>()?;
        uploads.sort_by(|a, b| (&a.key, a.begun_at, &a.id).cmp(&(&b.key, b.begun_at, &b.id)));
        Ok(uploads)
    }

    /// Stores a part, in place of one of the same number.
    pub fn put_part(
        &self,
        bucket: &str,
        key: &str,
        id: &str,
        number: i32,
        incoming: Incoming,
    ) -> Result<String, BucketsError> {
        self.upload(bucket, key, id)?;
        let folder = self.upload_folder(bucket, id)?;
        let (file, etag) = incoming.finish()?;
        let what = || format!("store part {number} of the upload to `{key}`");
        doing(what, || file.as_file().sync_all())?;
        let _changes = self.changes();
        self.upload(bucket, key, id)?;
        let before = self.parts_of(bucket, id)?;
        doing(what, || {
            file.persist(folder.join(part_name(number, &etag)))?;
            for old in before.iter().filter(|part| part.number == number && part.etag != etag) {
                fs::remove_file(folder.join(part_name(number, &old.etag)))?;
            }
            sync_folder(&folder)
        })?;
        Ok(etag)
    }

    /// The parts that are there, by number.
    pub fn parts(&self, bucket: &str, key: &str, id: &str) -> Result<Vec<Part>, BucketsError> {
        self.upload(bucket, key, id)?;
        self.parts_of(bucket, id)
    }

    /// Makes the object of its parts: numbers and ETags, in order. The upload stays if the condition does not hold.
    pub fn complete_upload(
        &self,
        bucket: &str,
        key: &str,
        id: &str,
        parts: &[(i32, String)],
        condition: Condition,
    ) -> Result<About, BucketsError> {
        let upload = self.upload(bucket, key, id)?;
        let folder = self.upload_folder(bucket, id)?;
        if !parts.windows(2).all(|two| two[0].0 < two[1].0) {
            return Err(BucketsError::InvalidPartOrder);
        }
        let there = self.parts_of(bucket, id)?;
        let chosen: Option<Vec<&Part>> = parts
            .iter()
            .map(|(number, etag)| there.iter().find(|part| part.number == *number && part.etag == *etag))
            .collect();
        let chosen = chosen.filter(|parts| !parts.is_empty()).ok_or(BucketsError::InvalidPart)?;
        if chosen.iter().rev().skip(1).any(|part| part.bytes < LEAST_PART_BYTES) {
            return Err(BucketsError::EntityTooSmall);
        }
        let (file, etag) = doing(
            || format!("put the parts of `{key}` together"),
            || {
                let (mut whole, mut md5) = (NamedTempFile::new_in(self.incoming_folder())?, Md5::new());
                for part in &chosen {
                    let mut file = File::open(folder.join(part_name(part.number, &part.etag)))?;
                    io::copy(&mut file, whole.as_file_mut())?;
                    md5.update(unhex(&part.etag));
                }
                whole.flush()?;
                Ok((whole, format!("{}-{}", hexadecimal(&md5.finalize()), chosen.len())))
            },
        )?;
        let new = NewObject { headers: upload.headers, condition, ..NewObject::default() };
        let about = self.keep(bucket, key, file, etag, new)?;
        self.forget_upload(bucket, id)?;
        Ok(about)
    }

    /// Gives an upload up.
    pub fn abort_upload(&self, bucket: &str, key: &str, id: &str) -> Result<(), BucketsError> {
        self.upload(bucket, key, id)?;
        self.forget_upload(bucket, id)
    }

    fn forget_upload(&self, bucket: &str, id: &str) -> Result<(), BucketsError> {
        let folder = self.upload_folder(bucket, id)?;
        let _changes = self.changes();
        doing(
            || format!("remove the upload `{id}`"),
            || {
                let gone = tempfile::tempdir_in(self.incoming_folder())?;
                match fs::rename(&folder, gone.path().join("upload")) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
                gone.close()
            },
        )
    }

    fn upload_folder(&self, bucket: &str, id: &str) -> Result<PathBuf, BucketsError> {
        let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        match is_id {
            true => Ok(self.folder(bucket)?.join(UPLOADS).join(id)),
            false => Err(BucketsError::NoSuchUpload),
        }
    }

    fn upload_of(&self, bucket: &str, id: &str) -> Result<Upload, BucketsError> {
        let path = self.upload_folder(bucket, id)?.join("upload.json");
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BucketsError::NoSuchUpload),
            read => doing(
                || format!("read `{}`", path.display()),
                || Ok(Upload { id: id.to_owned(), ..serde_json::from_slice(&read?)? }),
            ),
        }
    }

    fn parts_of(&self, bucket: &str, id: &str) -> Result<Vec<Part>, BucketsError> {
        let folder = self.upload_folder(bucket, id)?;
        let mut parts = doing(
            || format!("read the folder `{}`", folder.display()),
            || {
                let mut parts = Vec::new();
                for entry in fs::read_dir(&folder)? {
                    let entry = entry?;
                    let name = entry.file_name().into_string().unwrap_or_default();
                    let Some((number, etag)) = name.split_once('-') else { continue };
                    let Ok(number) = number.parse() else { continue };
                    let metadata = entry.metadata()?;
                    let modified_at = Timestamp::try_from(metadata.modified()?).unwrap_or(Timestamp::UNIX_EPOCH);
                    parts.push(Part { number, etag: etag.to_owned(), bytes: metadata.len(), modified_at });
                }
                Ok(parts)
            },
        )?;
        parts.sort_by_key(|part| part.number);
        Ok(parts)
    }
}

fn part_name(number: i32, etag: &str) -> String {
    format!("{number:05}-{etag}")
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
