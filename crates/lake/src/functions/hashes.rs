//! Hashes of binaries: `sha1`, `crc32`, `xxhash64`, `hmac_sha256` and its kin. (`md5`, `sha256` and `sha512` are DataFusion's.)
//!
//! <https://trino.io/docs/current/functions/binary.html>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, Int64Builder};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha512};
use twox_hash::XxHash64;

use super::Plain;
use super::types::{BYTES, WHOLE};

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        Plain::new("sha1", &[BYTES], BYTES, |args, rows| {
            each(args, rows, |bytes, _| Some(Sha1::digest(bytes).to_vec()))
        })
        .into(),
        Plain::new("xxhash64", &[BYTES], BYTES, |args, rows| {
            each(args, rows, |bytes, _| Some(XxHash64::oneshot(0, bytes).to_be_bytes().to_vec()))
        })
        .into(),
        Plain::new("hmac_sha1", &[BYTES, BYTES], BYTES, |args, rows| {
            each(args, rows, |bytes, key| Some(signed(Hmac::<Sha1>::new_from_slice(key).ok()?, bytes)))
        })
        .into(),
        Plain::new("hmac_sha256", &[BYTES, BYTES], BYTES, |args, rows| {
            each(args, rows, |bytes, key| Some(signed(Hmac::<Sha256>::new_from_slice(key).ok()?, bytes)))
        })
        .into(),
        Plain::new("hmac_sha512", &[BYTES, BYTES], BYTES, |args, rows| {
            each(args, rows, |bytes, key| Some(signed(Hmac::<Sha512>::new_from_slice(key).ok()?, bytes)))
        })
        .into(),
        Plain::new("crc32", &[BYTES], WHOLE, |args, rows| {
            let mut out = Int64Builder::with_capacity(rows);
            args[0].as_binary::<i32>().iter().for_each(|bytes| out.append_option(bytes.map(crc32)));
            Ok(Arc::new(out.finish()))
        })
        .into(),
    ]
}

fn signed(mut mac: impl Mac, bytes: &[u8]) -> Vec<u8> {
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

/// Of the bytes of a row, and of a key if there is one.
fn each(args: &[ArrayRef], rows: usize, of: fn(&[u8], &[u8]) -> Option<Vec<u8>>) -> Result<ArrayRef> {
    let (bytes, keys) = (args[0].as_binary::<i32>(), args.get(1).map(|keys| keys.as_binary::<i32>()));
    let mut out = BinaryBuilder::new();
    for row in 0..rows {
        let key = keys.map_or(Some(&[][..]), |keys| keys.is_valid(row).then(|| keys.value(row)));
        let bytes = bytes.is_valid(row).then(|| bytes.value(row));
        out.append_option(bytes.zip(key).and_then(|(bytes, key)| of(bytes, key)));
    }
    Ok(Arc::new(out.finish()))
}

/// That of zlib and Ethernet.
fn crc32(bytes: &[u8]) -> i64 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (if crc & 1 == 1 { 0xEDB8_8320 } else { 0 });
        }
    }
    i64::from(!crc)
}
