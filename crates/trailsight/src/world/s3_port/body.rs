//! Bodies: what comes in is held against all that was said of it, what goes out goes a piece at a time.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};

use super::conditions::Conditions;
use super::{Port, ranges};
use crate::world::buckets::{About, Buckets, BucketsError, Checksums, Incoming};
use crate::world::s3_request::Promised;

/// Written to disk at a time.
const WRITE_BYTES: usize = 1 << 20;

/// Read from disk at a time.
const READ_BYTES: u64 = 256 << 10;

impl Port {
    /// Takes a body in, and holds it against all that was said of it.
    pub(super) async fn receive(&self, body: Option<StreamingBlob>, said: Said) -> S3Result<(Incoming, Checksums)> {
        let mut incoming = self.work(Buckets::incoming).await?;
        let mut hasher = said.hasher();
        if let Some(mut body) = body {
            let mut waiting = Vec::new();
            loop {
                let next = body.next().await.transpose().map_err(broken)?;
                let is_end = next.is_none();
                waiting.extend_from_slice(&next.unwrap_or_default());
                if waiting.len() >= WRITE_BYTES || (is_end && !waiting.is_empty()) {
                    let bytes = std::mem::take(&mut waiting);
                    (incoming, hasher) = self
                        .work(move |_| {
                            incoming.write(&bytes)?;
                            hasher.update(&bytes);
                            Ok((incoming, hasher))
                        })
                        .await?;
                }
                if is_end {
                    break;
                }
            }
        }
        let checksums = said.hold(&incoming, hasher.finalize())?;
        Ok((incoming, checksums))
    }

    /// Copies a part of an object, or all of it, if the conditions hold.
    pub(super) async fn copied(
        &self,
        source: &CopySource,
        range: Option<Range>,
        conditions: &Conditions,
    ) -> S3Result<(Incoming, About)> {
        let CopySource::Bucket { bucket, key, .. } = source else { return Err(s3_error!(NotImplemented)) };
        let (bucket, key) = (bucket.to_string(), key.to_string());
        if self.linked.get(&bucket).is_some() {
            return Err(s3_error!(
                NotImplemented,
                "Nothing is copied out of a linked bucket: get the object, and put it"
            ));
        }
        let (file, about) = self.work(move |buckets| buckets.get(&bucket, &key)).await?;
        conditions.hold_of_copy(&about)?;
        let range = ranges::within(range.as_ref(), about.bytes)?;
        self.work(move |buckets| {
            let mut incoming = buckets.incoming()?;
            let mut at = range.start;
            let mut buffer = vec![0; WRITE_BYTES];
            while at < range.end {
                let want = (range.end - at).min(WRITE_BYTES as u64);
                let buffer = &mut buffer[..usize::try_from(want).expect("it is at most a MiB")];
                let read = file.read_exact_at(buffer, at);
                read.map_err(|source| BucketsError::Io { doing: "read what is copied".into(), source })?;
                incoming.write(buffer)?;
                at += want;
            }
            Ok((incoming, about))
        })
        .await
    }
}

/// A body that was not read to its end. If it is not what was signed, [`super::signed_otherwise`] says so.
fn broken(error: s3s::StdError) -> S3Error {
    S3Error::with_source(S3ErrorCode::IncompleteBody, error)
}

/// What a request says of its body.
#[derive(Default)]
pub(super) struct Said {
    pub(super) promised: Promised,
    pub(super) length: Option<i64>,
    pub(super) md5: Option<String>,
    pub(super) algorithm: Option<ChecksumAlgorithm>,
    pub(super) checksums: Checksum,
}

/// The names of checksums, in headers and where they are kept.
const CRC32: &str = "x-amz-checksum-crc32";
const CRC32C: &str = "x-amz-checksum-crc32c";
const CRC64NVME: &str = "x-amz-checksum-crc64nvme";
const SHA1: &str = "x-amz-checksum-sha1";
const SHA256: &str = "x-amz-checksum-sha256";

impl Said {
    /// Which checksums to compute: trailers come too late to say so, and are few.
    fn hasher(&self) -> ChecksumHasher {
        let is_chunked = self.promised.bytes.is_some();
        let algorithm = self.algorithm.as_ref().map(ChecksumAlgorithm::as_str).unwrap_or_default();
        let wants = |name: &str, header: &Option<String>| is_chunked || algorithm == name || header.is_some();
        let Checksum { checksum_crc32, checksum_crc32c, checksum_crc64nvme, checksum_sha1, checksum_sha256, .. } =
            &self.checksums;
        ChecksumHasher {
            crc32: wants("CRC32", checksum_crc32).then(Crc32::new),
            crc32c: wants("CRC32C", checksum_crc32c).then(Crc32c::new),
            crc64nvme: wants("CRC64NVME", checksum_crc64nvme).then(Crc64Nvme::new),
            sha1: wants("SHA1", checksum_sha1).then(Sha1::new),
            sha256: wants("SHA256", checksum_sha256).then(Sha256::new),
        }
    }

    /// Whether what came is what was said. Gives back the checksums that were said.
    fn hold(&self, incoming: &Incoming, computed: Checksum) -> S3Result<Checksums> {
        let length = self.promised.bytes.or_else(|| self.length.and_then(|length| u64::try_from(length).ok()));
        if length.is_some_and(|length| length != incoming.bytes()) {
            return Err(s3_error!(
                IncompleteBody,
                "You did not provide the number of bytes specified by the Content-Length HTTP header"
            ));
        }
        if self.md5.as_ref().is_some_and(|md5| BASE64.decode(md5).ok() != Some(incoming.md5())) {
            return Err(BucketsError::BadDigest { what: "Content-MD5" }.into());
        }
        let said = &self.checksums;
        let mut checksums = Checksums::new();
        for (name, said, computed) in [
            (CRC32, &said.checksum_crc32, computed.checksum_crc32),
            (CRC32C, &said.checksum_crc32c, computed.checksum_crc32c),
            (CRC64NVME, &said.checksum_crc64nvme, computed.checksum_crc64nvme),
            (SHA1, &said.checksum_sha1, computed.checksum_sha1),
            (SHA256, &said.checksum_sha256, computed.checksum_sha256),
        ] {
            let Some(said) = said.clone().or_else(|| self.promised.trailer(name)) else { continue };
            if computed.as_ref() != Some(&said) {
                return Err(BucketsError::BadDigest { what: name }.into());
            }
            checksums.insert(name.to_owned(), said);
        }
        Ok(checksums)
    }
}

/// Checksums as an answer's fields.
pub(super) fn told(checksums: &Checksums) -> Checksum {
    Checksum {
        checksum_crc32: checksums.get(CRC32).cloned(),
        checksum_crc32c: checksums.get(CRC32C).cloned(),
        checksum_crc64nvme: checksums.get(CRC64NVME).cloned(),
        checksum_sha1: checksums.get(SHA1).cloned(),
        checksum_sha256: checksums.get(SHA256).cloned(),
        checksum_type: None,
    }
}

/// What a request says of its body.
macro_rules! said_of {
    ($input:ident, $extensions:expr) => {
        Said {
            promised: $extensions.get::<Promised>().cloned().unwrap_or_default(),
            length: $input.content_length,
            md5: $input.content_md5,
            algorithm: $input.checksum_algorithm,
            checksums: Checksum {
                checksum_crc32: $input.checksum_crc32,
                checksum_crc32c: $input.checksum_crc32c,
                checksum_crc64nvme: $input.checksum_crc64nvme,
                checksum_sha1: $input.checksum_sha1,
                checksum_sha256: $input.checksum_sha256,
                checksum_type: None,
            },
        }
    };
}

pub(super) use said_of;

/// A file's bytes, a piece at a time.
pub(super) fn stream_of(file: File, range: std::ops::Range<u64>) -> StreamingBlob {
    let pieces = futures::stream::try_unfold((Arc::new(file), range), |(file, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let end = range.end.min(range.start + READ_BYTES);
        let reader = Arc::clone(&file);
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; usize::try_from(end - range.start).expect("it is a small piece")];
            reader.read_exact_at(&mut piece, range.start)?;
            Ok::<_, io::Error>(piece)
        });
        let piece = read.await.map_err(io::Error::other)??;
        Ok::<_, io::Error>(Some((Bytes::from(piece), (file, end..range.end))))
    });
    StreamingBlob::wrap(pieces.into_stream())
}
