//! Fetching log files once more, several at once, for the lake to keep.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use record::log_file::Limits;
use record::names::{AccountId, Region};
use record::time::Minute;

use super::Fault;
use crate::deliver::Delivering;
use crate::world::BucketError;
use crate::world::lake::KeptFile;

/// Fewer files than this are not worth another thread.
const FEW: usize = 8;
/// Files that are fetched at once: they may lie far away, so that it is waited for them more than worked.
const FETCHED_AT_ONCE: usize = 16;

/// A log file that is to be fetched, and which of its records were not counted.
pub(in crate::work) struct Wanted {
    pub(in crate::work) bucket: String,
    pub(in crate::work) key: String,
    pub(in crate::work) account_region: Option<(AccountId, Region)>,
    pub(in crate::work) delivered: Option<Minute>,
    pub(in crate::work) left_out: Vec<u32>,
}

/// A log file that is not there any more, or is too large to be read; and why.
pub(in crate::work) struct Gone {
    pub(in crate::work) bucket: String,
    pub(in crate::work) key: String,
    pub(in crate::work) error: BucketError,
}

/// Fetches files, several at once; what came of each, in the same order. Whoever cannot be asked now, fails all of it.
pub(in crate::work) fn fetch(cx: &Delivering<'_>, files: Vec<Wanted>) -> Result<Vec<Result<KeptFile, Gone>>, Fault> {
    let threads = match files.len() {
        0..FEW => 1,
        _ => FETCHED_AT_ONCE.min(4 * std::thread::available_parallelism().map_or(1, NonZero::get)),
    };
    let (count, has_failed) = (files.len(), AtomicBool::new(false));
    let next = Mutex::new(files.into_iter().enumerate());
    let fetched = Mutex::new(Vec::with_capacity(count));
    let fetch_all = || {
        while !has_failed.load(Ordering::Relaxed) {
            let Some((number, file)) = next.lock().unwrap_or_else(PoisonError::into_inner).next() else { return };
            let one = fetch_one(cx, file);
            has_failed.fetch_or(one.is_err(), Ordering::Relaxed);
            fetched.lock().unwrap_or_else(PoisonError::into_inner).push((number, one));
        }
    };
    if threads == 1 {
        fetch_all();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(fetch_all);
            }
        });
    }
    let mut fetched = fetched.into_inner().unwrap_or_else(PoisonError::into_inner);
    fetched.sort_by_key(|(number, _)| *number);
    fetched.into_iter().map(|(_, one)| one).collect()
}

fn fetch_one(cx: &Delivering<'_>, wanted: Wanted) -> Result<Result<KeptFile, Gone>, Fault> {
    let Wanted { bucket, key, account_region, delivered, left_out } = wanted;
    match cx.world.buckets.get(&bucket, &key, Limits::default().inflated_bytes as u64) {
        Ok(bytes) => Ok(Ok(KeptFile { account_region, delivered, bucket, key, bytes, left_out })),
        Err(error @ (BucketError::NoObject(_) | BucketError::NoBucket(_) | BucketError::TooLarge { .. })) => {
            Ok(Err(Gone { bucket, key, error }))
        }
        Err(error @ (BucketError::Denied(_) | BucketError::Other(_))) => Err(Fault::Fetch { bucket, key, error }),
    }
}
