//! Links: which buckets are elsewhere, and how they are reached. `DIR/buckets.toml`, for people and for `trailsight buckets`.
//!
//! ```toml
//! [buckets.my-trail]
//! url = "s3://company-cloudtrail/trails"
//! region = "eu-west-1"
//! role_arn = "arn:aws:iam::210987654321:role/trailsight"
//! external_id = "…"
//! read_only = true
//! notices_queue_url = "https://sqs.eu-west-1.amazonaws.com/210987654321/trail-notices"
//! ```
//!
//! What somebody wrote besides, comments too, is kept when a link is added or removed.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use toml_edit::{DocumentMut, Item, Table};
use url::Url;

use super::whole_file;

/// The kinds of storage that a URL can begin with.
pub const SCHEMES: &str = "s3://, gs://, az:// or file:///";

/// How one bucket is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// `s3://bucket/prefix`, `gs://…`, `az://container/prefix`, `file:///folder`.
    pub url: String,
    /// Of S3: the bucket's Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Where S3 answers, if not at AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The role that is taken on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// What the role's owner wants to hear with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Where STS answers, if not at AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sts_endpoint: Option<String>,
    /// Nothing is written there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// The queue that is told of new objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notices_queue_url: Option<String>,
}

/// Every link, by the bucket's name here.
pub type Links = BTreeMap<String, Link>;

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The URL's scheme.
    pub scheme: Scheme,
    /// The bucket's name there; of a folder nothing.
    pub bucket: String,
    /// What all keys begin with, with a slash at its end, or nothing; of a folder its path.
    pub prefix: String,
}

/// A kind of storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Scheme {
    S3,
    Gcs,
    Azure,
    Folder,
}

impl Link {
    /// Where it leads; an error says what is wrong with it.
    pub fn place(&self) -> Result<Place> {
        let url = Url::parse(&self.url).with_context(|| format!("`{}` is no URL: {SCHEMES} is needed", self.url))?;
        let scheme = match url.scheme() {
            "s3" => Scheme::S3,
            "gs" => Scheme::Gcs,
            "az" => Scheme::Azure,
            "file" => Scheme::Folder,
            other => bail!("`{other}://` is no storage that is known here: {SCHEMES} is needed"),
        };
        if scheme != Scheme::S3 && (self.role_arn.is_some() || self.region.is_some() || self.endpoint.is_some()) {
            bail!("region, endpoint and role_arn are for s3:// only; `{}` is reached without", self.url);
        }
        if self.external_id.is_some() && self.role_arn.is_none() {
            bail!("an external_id is said with a role: role_arn is missing");
        }
        if scheme == Scheme::Folder {
            let Ok(path) = url.to_file_path() else { bail!("`{}` is no folder of this machine", self.url) };
            return Ok(Place { scheme, bucket: String::new(), prefix: path.to_string_lossy().into_owned() });
        }
        let bucket = url.host_str().unwrap_or_default().to_owned();
        if bucket.is_empty() {
            bail!("`{}` names no bucket", self.url);
        }
        let prefix = percent_encoding::percent_decode_str(url.path()).decode_utf8().context("its prefix is no text")?;
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Place { scheme, bucket, prefix })
    }
}

/// Whether a bucket can be called so, which is said of a link that is called otherwise.
pub fn check_name(name: &str) -> Result<()> {
    let is_name = (3..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'));
    ensure!(is_name, "`{name}` can be no bucket's name: 3 to 63 small letters, digits, dots and hyphens are needed");
    Ok(())
}

/// The file of links.
#[derive(Clone, Debug)]
pub struct LinksFile {
    folder: PathBuf,
    path: PathBuf,
}

/// The file in the data directory.
const FILE: &str = "buckets.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    buckets: Links,
}

impl LinksFile {
    /// That of a data directory.
    pub fn of(data_folder: &Path) -> LinksFile {
        LinksFile { folder: data_folder.to_owned(), path: data_folder.join(FILE) }
    }

    /// A file that lies anywhere: a copy of a service's.
    pub fn at(path: &Path) -> LinksFile {
        LinksFile { folder: path.parent().unwrap_or(Path::new("")).to_owned(), path: path.to_owned() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every link; none if there is no file. One that is wrong spoils all: half a file is no setting.
    pub fn read(&self) -> Result<Links> {
        let document: Document = toml_edit::de::from_document(self.document()?)
            .with_context(|| format!("{} cannot be read", self.path.display()))?;
        for (name, link) in &document.buckets {
            let told = || format!("{}: the bucket {name}", self.path.display());
            check_name(name).and_then(|()| link.place()).with_context(told)?;
        }
        Ok(document.buckets)
    }

    /// Adds a link, or puts it in place of the one that is there.
    pub fn add(&self, name: &str, link: &Link) -> Result<()> {
        link.place()?;
        let _held = self.hold()?;
        self.read()?;
        let mut document = self.document()?;
        let table = toml_edit::ser::to_document(link).context("a link is always a table")?.as_table().clone();
        let buckets = document.entry("buckets").or_insert_with(|| {
            let mut buckets = Table::new();
            buckets.set_implicit(true);
            Item::Table(buckets)
        });
        let buckets =
            buckets.as_table_like_mut().with_context(|| format!("{}: buckets is no table", self.path.display()))?;
        buckets.insert(name, Item::Table(table));
        self.write(&document)
    }

    /// Removes a link; says whether there was one.
    pub fn remove(&self, name: &str) -> Result<bool> {
        let held = whole_file::hold_if_there(&self.folder);
        let Some(_held) = held.with_context(|| format!("cannot write in {}", self.folder.display()))? else {
            return Ok(false);
        };
        let mut document = self.document()?;
        let buckets = document.get_mut("buckets").and_then(Item::as_table_like_mut);
        let is_removed = buckets.is_some_and(|buckets| buckets.remove(name).is_some());
        if is_removed {
            self.write(&document)?;
        }
        Ok(is_removed)
    }

    fn document(&self) -> Result<DocumentMut> {
        let text = match std::fs::read_to_string(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            read => {
                read.map_err(whole_file::advised).with_context(|| format!("cannot read {}", self.path.display()))?
            }
        };
        text.parse().with_context(|| format!("{} is no TOML", self.path.display()))
    }

    fn hold(&self) -> Result<std::fs::File> {
        whole_file::hold(&self.folder).with_context(|| format!("cannot write in {}", self.folder.display()))
    }

    fn write(&self, document: &DocumentMut) -> Result<()> {
        let written = whole_file::put(&self.folder, FILE, document.to_string());
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_added_read_and_removed_and_comments_stay() {
        let folder = tempfile::tempdir().expect("there is room");
        let file = LinksFile::of(folder.path());
        assert_eq!(file.read().expect("there is none"), Links::new());
        std::fs::write(file.path(), "# ours\n[buckets.old]\nurl = \"file:///srv/logs\" # a disk\n")
            .expect("there is room");
        let link = Link { url: "s3://real/trails".into(), read_only: true, ..Link::default() };
        file.add("my-trail", &link).expect("it is a link");
        let links = file.read().expect("it can be read");
        assert_eq!(links["my-trail"], link);
        assert_eq!(links.len(), 2);
        let text = std::fs::read_to_string(file.path()).expect("it is there");
        assert!(
            text.contains("# ours\n") && text.contains("# a disk\n") && text.contains("[buckets.my-trail]\n"),
            "{text}"
        );
        assert!(file.remove("my-trail").expect("it can be written"));
        assert!(!file.remove("my-trail").expect("it can be read"));
        assert_eq!(file.read().expect("it can be read").len(), 1);
    }

    #[test]
    fn links_that_are_added_at_once_are_all_there() {
        let folder = tempfile::tempdir().expect("there is room");
        let file = LinksFile::of(folder.path());
        let link = Link { url: "s3://real".into(), ..Link::default() };
        std::thread::scope(|scope| {
            for number in 0..8 {
                let (file, link) = (&file, &link);
                scope.spawn(move || file.add(&format!("bucket-{number}"), link).expect("there is room"));
            }
        });
        assert_eq!(file.read().expect("it can be read").len(), 8);
    }

    #[test]
    fn a_url_says_where_a_link_leads() {
        let place = |url: &str| Link { url: url.into(), ..Link::default() }.place().expect(url);
        let of = |scheme, bucket: &str, prefix: &str| Place { scheme, bucket: bucket.into(), prefix: prefix.into() };
        assert_eq!(place("s3://real"), of(Scheme::S3, "real", ""));
        assert_eq!(place("s3://real/a/b/"), of(Scheme::S3, "real", "a/b/"));
        assert_eq!(place("gs://real/a"), of(Scheme::Gcs, "real", "a/"));
        assert_eq!(place("file:///srv/logs"), of(Scheme::Folder, "", "/srv/logs"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let folder = tempfile::tempdir().expect("there is room");
        let file = LinksFile::of(folder.path());
        for (text, why) in [
            ("[buckets.logs]\nurl = \"real\"\n", "is no URL"),
            ("[buckets.logs]\nurl = \"ftp://real\"\n", "s3://, gs://"),
            ("[buckets.logs]\nurl = \"gs://real\"\nregion = \"x\"\n", "for s3:// only"),
            ("[buckets.logs]\nurl = \"s3://real\"\nexternal_id = \"x\"\n", "role_arn is missing"),
            ("[buckets.logs]\nurl = \"s3://real\"\nreadonly = true\n", "readonly"),
            ("[buckets.My_Logs]\nurl = \"s3://real\"\n", "can be no bucket's name"),
            ("[buckets.logs\n", "no TOML"),
        ] {
            std::fs::write(file.path(), text).expect("there is room");
            let error = format!("{:#}", file.read().expect_err(text));
            assert!(error.contains(why) && error.contains("buckets.toml"), "{error}");
        }
    }
}
