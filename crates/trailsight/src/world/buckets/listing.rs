//! Lists: a bucket's keys in S3's order, a page at a time, without walking over more than the page.
//!
//! S3's order is that of the keys' bytes. A folder stands where its name with the slash does: `a-b`, `a/…`, `a0`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::names::{object_part, part};
use super::{About, Buckets, BucketsError, OBJECTS};

/// What to list.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Only keys that begin so.
    pub prefix: String,
    /// Keys that go on after the prefix to this text count as one, up to its end.
    pub delimiter: Option<String>,
    /// Only what comes after this key.
    pub after: String,
    /// At most so much.
    pub limit: usize,
}

impl Default for Listing {
    fn default() -> Listing {
        Listing { prefix: String::new(), delimiter: None, after: String::new(), limit: 1000 }
    }
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Listed {
    /// An object, and what is told of it.
    Object(String, Box<About>),
    /// Objects that begin so.
    Prefix(String),
}

impl Listed {
    /// The key, or what the keys begin with.
    pub fn name(&self) -> &str {
        match self {
            Listed::Object(name, _) | Listed::Prefix(name) => name,
        }
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// In order.
    pub listed: Vec<Listed>,
    /// Whether there is more.
    pub has_more: bool,
}

impl Buckets {
    /// Lists a bucket.
    pub fn list(&self, bucket: &str, listing: &Listing) -> Result<Page, BucketsError> {
        self.bucket(bucket)?;
        let objects = self.folder(bucket)?.join(OBJECTS);
        let mut walk = Walk { listing, found: Vec::new() };
        let io = |source| BucketsError::Io { doing: format!("list the bucket `{bucket}`"), source };
        walk.folder(&objects, "").map_err(io)?;
        let has_more = walk.found.len() > listing.limit;
        walk.found.truncate(listing.limit);
        let mut listed = Vec::with_capacity(walk.found.len());
        for found in walk.found {
            match found {
                Found::Prefix(prefix) => listed.push(Listed::Prefix(prefix)),
                Found::Object(key) => match self.get(bucket, &key) {
                    Ok((_, about)) => listed.push(Listed::Object(key, Box::new(about))),
                    // It was removed meanwhile.
                    Err(BucketsError::NoSuchKey) => {}
                    Err(error) => return Err(error),
                },
            }
        }
        Ok(Page { listed, has_more })
    }
}

enum Found {
    Object(String),
    Prefix(String),
}

struct Walk<'l> {
    listing: &'l Listing,
    found: Vec<Found>,
}

impl Walk<'_> {
    /// One more than asked for tells that there are more.
    fn is_done(&self) -> bool {
        self.found.len() > self.listing.limit
    }

    /// Walks over a folder. `begin` is how its keys begin.
    fn folder(&mut self, folder: &Path, begin: &str) -> io::Result<()> {
        for (key, path) in entries(folder, begin)? {
            if self.is_done() {
                break;
            }
            if key.ends_with('/') && path.is_dir() {
                self.within(&path, &key)?;
            } else {
                self.object(key);
            }
        }
        Ok(())
    }

    fn within(&mut self, folder: &Path, begin: &str) -> io::Result<()> {
        let Listing { prefix, delimiter, after, .. } = self.listing;
        let can_match = begin.starts_with(prefix.as_str()) || prefix.starts_with(begin);
        let is_before = after.as_str() > begin && !after.starts_with(begin);
        if !can_match || is_before {
            return Ok(());
        }
        // The folder that the prefix ends in or goes on to: all of it is one line, unless what comes after is within.
        let rest = begin.strip_prefix(prefix.as_str()).unwrap_or_default();
        if delimiter.as_deref() == Some("/") && rest.find('/').is_some_and(|at| at + 1 == rest.len()) {
            if after == begin {
                return Ok(());
            }
            if !after.starts_with(begin) {
                if has_object(folder)? {
                    self.found.push(Found::Prefix(begin.to_owned()));
                }
                return Ok(());
            }
        }
        self.folder(folder, begin)
    }

    fn object(&mut self, key: String) {
        let Listing { prefix, delimiter, after, .. } = self.listing;
        let Some(rest) = key.strip_prefix(prefix.as_str()) else { return };
        if key.as_str() <= after.as_str() && !after.is_empty() {
            return;
        }
        let end = delimiter.as_deref().and_then(|delimiter| rest.find(delimiter).map(|at| at + delimiter.len()));
        let Some(end) = end else {
            self.found.push(Found::Object(key));
            return;
        };
        let common = &key[..prefix.len() + end];
        let is_told = common == after || matches!(self.found.last(), Some(Found::Prefix(last)) if last == common);
        if !is_told {
            self.found.push(Found::Prefix(common.to_owned()));
        }
    }
}

/// The entries of a folder by their keys, in order: a folder's ends in a slash. What is no name of ours is left out.
fn entries(folder: &Path, begin: &str) -> io::Result<Vec<(String, PathBuf)>> {
    let mut entries = Vec::new();
    let read = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(entries),
        read => read?,
    };
    for entry in read {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        let key = match name.to_str() {
            Some(name) if kind.is_dir() => part(name).map(|part| format!("{begin}{part}/")),
            Some(name) if kind.is_file() => object_part(name).map(|part| format!("{begin}{part}")),
            _ => None,
        };
        entries.extend(key.map(|key| (key, entry.path())));
    }
    entries.sort_unstable();
    Ok(entries)
}

fn has_object(folder: &Path) -> io::Result<bool> {
    for (key, path) in entries(folder, "")? {
        if !(key.ends_with('/') && path.is_dir()) || has_object(&path)? {
            return Ok(true);
        }
    }
    Ok(false)
}
