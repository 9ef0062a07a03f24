//! Files, folders, globs and buckets: listed, read, written. One face for all of them.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::iter::successors;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use futures::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as ObjectPath;
use object_store::{BackoffConfig, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};

use super::aws_profile;
use crate::analyze::inputs::{FileToRead, Inputs, is_log_file};

/// Objects of a bucket that are fetched at the same time, by one thread.
const FETCHED_AT_ONCE: usize = 16;

/// How a bucket is reached, where the environment does not say.
#[derive(Clone, Debug, Default)]
pub struct S3Options {
    /// Where S3 answers: `http://127.0.0.1:4580`.
    pub endpoint_url: Option<String>,
    /// The bucket's Region.
    pub region: Option<String>,
    /// Requests are not signed: for public buckets.
    pub no_sign_request: bool,
}

/// Everything that can be read or written by name.
pub struct Objects {
    options: S3Options,
    runtime: tokio::runtime::Runtime,
    buckets: BTreeMap<String, Arc<AmazonS3>>,
}

impl Objects {
    /// Nothing is opened yet.
    pub fn new(options: S3Options) -> Result<Objects> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Ok(Objects {
            options,
            runtime: runtime.context("cannot start the network's thread")?,
            buckets: BTreeMap::new(),
        })
    }

    /// Adds all log files that a path means: a file, a folder, a glob, or `s3://bucket/prefix`.
    pub fn list(&mut self, path: &str, inputs: &mut Inputs) -> Result<()> {
        if let Some(rest) = path.strip_prefix("s3://") {
            return self.list_bucket(rest, inputs).with_context(|| format!("cannot list {path}"));
        }
        if Path::new(path).exists() {
            return list_local(path, inputs);
        }
        let matches = glob::glob(path).with_context(|| format!("{path} is neither a file, a folder, nor a pattern"))?;
        let mut count = 0;
        for found in matches {
            let found = found.with_context(|| format!("cannot read what {path} matches"))?;
            count += 1;
            list_local(&found.to_string_lossy(), inputs)?;
        }
        if count == 0 {
            bail!("there is no file or folder `{path}`, and nothing that it matches as a pattern");
        }
        Ok(())
    }

    /// Whether files of this name are fetched over the network.
    pub fn is_remote(path: &str) -> bool {
        path.starts_with("s3://")
    }

    /// Reads some files, and hands over the bytes of each, in order. A file that cannot be read hides no other.
    pub fn read_each(&self, files: &[FileToRead], mut each: impl FnMut(&FileToRead, Result<&[u8]>)) {
        let mut buffer = Vec::new();
        let (local, remote): (Vec<_>, Vec<_>) = files.iter().partition(|file| !Objects::is_remote(&file.path));
        for file in local {
            buffer.clear();
            let read =
                fs::File::open(&file.path).and_then(|mut open| std::io::Read::read_to_end(&mut open, &mut buffer));
            match read {
                Ok(_) => each(file, Ok(&buffer)),
                Err(error) => each(file, Err(error.into())),
            }
        }
        if remote.is_empty() {
            return;
        }
        self.runtime.block_on(async {
            let fetches = remote.into_iter().map(async |file| (file, self.fetch(&file.path).await));
            let mut fetched = futures::stream::iter(fetches).buffered(FETCHED_AT_ONCE);
            while let Some((file, bytes)) = fetched.next().await {
                each(file, bytes.as_deref().map_err(|error| anyhow!("{error:#}")));
            }
        });
    }

    /// Writes a file below a folder or below `s3://bucket/prefix`.
    pub fn write(&mut self, below: &str, key: &str, bytes: Vec<u8>) -> Result<()> {
        if let Some(rest) = below.strip_prefix("s3://") {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            let store = self.bucket(bucket)?;
            let path = ObjectPath::parse(format!("{}/{key}", prefix.trim_end_matches('/')).trim_start_matches('/'))?;
            let put = self.runtime.block_on(store.put(&path, PutPayload::from(bytes)));
            put.map_err(told_once).with_context(|| format!("cannot write s3://{bucket}/{path}"))?;
            return Ok(());
        }
        if key.split('/').any(|part| matches!(part, "" | "." | "..")) {
            bail!("cannot write {key} below {below}: it is no key");
        }
        let path = Path::new(below).join(key);
        let folder = path.parent().ok_or_else(|| anyhow!("{} has no folder", path.display()))?;
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    async fn fetch(&self, url: &str) -> Result<Vec<u8>> {
        let (bucket, key) =
            url.strip_prefix("s3://").and_then(|rest| rest.split_once('/')).ok_or_else(|| anyhow!("no object"))?;
        let store = self.buckets.get(bucket).ok_or_else(|| anyhow!("the bucket {bucket} was not listed"))?;
        let object = store.get(&ObjectPath::parse(key)?).await.map_err(told_once)?;
        let bytes = object.bytes().await.map_err(told_once)?;
        Ok(bytes.into())
    }

    fn list_bucket(&mut self, bucket_and_prefix: &str, inputs: &mut Inputs) -> Result<()> {
        let (bucket, prefix) = bucket_and_prefix.split_once('/').unwrap_or((bucket_and_prefix, ""));
        let store = self.bucket(bucket)?;
        let prefix = ObjectPath::parse(prefix.trim_end_matches('/'))?;
        self.runtime.block_on(async {
            let mut listed = store.list(Some(&prefix));
            let mut count = 0;
            while let Some(object) = listed.try_next().await.map_err(told_once)? {
                count += 1;
                let key = object.location.as_ref();
                if is_log_file(key) {
                    let at = key.rfind('/').map_or(0, |at| at + 1);
                    inputs.add(&format!("s3://{bucket}/{}", &key[..at]), &key[at..], object.size);
                }
            }
            if count == 0 && !prefix.as_ref().is_empty() {
                // Not a prefix of folders: perhaps one object.
                let object = store.head(&prefix).await.map_err(told_once)?;
                let key = prefix.as_ref();
                let at = key.rfind('/').map_or(0, |at| at + 1);
                inputs.add(&format!("s3://{bucket}/{}", &key[..at]), &key[at..], object.size);
            }
            Ok(())
        })
    }

    fn bucket(&mut self, bucket: &str) -> Result<Arc<AmazonS3>> {
        if let Some(store) = self.buckets.get(bucket) {
            return Ok(store.clone());
        }
        let store = Arc::new(
            open(bucket, &self.options, |name| std::env::var(name).ok())
                .with_context(|| format!("cannot open the bucket {bucket}"))?,
        );
        self.buckets.insert(bucket.to_owned(), store.clone());
        Ok(store)
    }
}

/// Its text tells its causes already; in a chain they would be told again and again.
pub(crate) fn told_once(error: object_store::Error) -> anyhow::Error {
    anyhow!("{}", to_the_last(&error))
}

/// The text of an error, and its last cause where that is not told there: of a name that nobody knows, or a port at which nobody listens,
/// the library says only that a request was not sent.
pub(super) fn to_the_last(error: &(dyn Error + 'static)) -> String {
    let text = error.to_string();
    match successors(error.source(), |&cause| cause.source()).last().map(ToString::to_string) {
        Some(last) if !text.contains(&last) => format!("{text}: {last}"),
        _ => text,
    }
}

/// A server that is busy is asked again for some ten seconds; one that is not there is soon told.
pub(super) fn patience() -> RetryConfig {
    let backoff =
        BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(4), base: 2.0 };
    RetryConfig { backoff, max_retries: 6, retry_timeout: Duration::from_secs(30) }
}

/// A bucket as the environment, then the profile, then the options describe it.
fn open(bucket: &str, options: &S3Options, variable: impl Fn(&str) -> Option<String> + Copy) -> Result<AmazonS3> {
    let profile = aws_profile::settings(variable);
    let mut builder = aws_profile::with_keys(AmazonS3Builder::from_env().with_bucket_name(bucket), &profile, variable);
    let named =
        || variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).or_else(|| profile.get("region").cloned());
    if let Some(region) = options.region.clone().or_else(named) {
        builder = builder.with_region(region);
    }
    let endpoint = options
        .endpoint_url
        .clone()
        .or_else(|| variable("AWS_ENDPOINT_URL_S3"))
        .or_else(|| variable("AWS_ENDPOINT_URL"));
    if let Some(endpoint) = endpoint {
        builder = builder.with_allow_http(endpoint.starts_with("http://")).with_endpoint(endpoint);
    }
    Ok(builder.with_skip_signature(options.no_sign_request).with_retry(patience()).build()?)
}

/// Adds a file, or the log files of a folder and of all folders in it.
fn list_local(path: &str, inputs: &mut Inputs) -> Result<()> {
    let metadata = fs::metadata(path).with_context(|| format!("cannot read {path}"))?;
    let is_folder = metadata.is_dir();
    for entry in walkdir::WalkDir::new(path).follow_links(true).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            // A link to a folder above: all that it leads to is listed already.
            Err(error) if error.loop_ancestor().is_some() => continue,
            Err(error) => match error.path().filter(|at| *at != Path::new(path)) {
                // A folder that may not be looked into, a link that leads nowhere: opening it tells why, and hides no other.
                Some(at) => {
                    let whole = at.to_string_lossy();
                    let name = at.file_name().unwrap_or_default().to_string_lossy();
                    if at.is_dir() || is_log_file(&name) {
                        inputs.add(whole.strip_suffix(&*name).unwrap_or(""), &name, 0);
                    }
                    continue;
                }
                None => return Err(error).with_context(|| format!("cannot list {path}")),
            },
        };
        let name = entry.file_name().to_string_lossy();
        let whole = entry.path().to_string_lossy();
        if !entry.file_type().is_file() || (is_folder && !is_log_file(&name)) {
            continue;
        }
        let folder = whole.strip_suffix(&*name).unwrap_or("");
        let size = entry.metadata().map(|metadata| metadata.len()).unwrap_or(0);
        inputs.add(folder, &name, size);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("error sending request")]
    struct NotSent(#[source] std::io::Error);

    #[test]
    fn why_a_request_was_not_sent_is_told() {
        let of = |source: Box<dyn Error + Send + Sync>| told_once(object_store::Error::Generic { store: "S3", source });
        let refused = std::io::Error::other("Connection refused");
        assert_eq!(
            format!("{:#}", of(Box::new(NotSent(refused)))),
            "Generic S3 error: error sending request: Connection refused"
        );
        assert_eq!(format!("{:#}", of("no more than that".into())), "Generic S3 error: no more than that");
    }
}
