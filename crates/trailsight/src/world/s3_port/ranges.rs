//! Ranges: which bytes of an object are given, whoever keeps it.
//!
//! | `Range` | of four bytes | of none |
//! |---|---|---|
//! | `bytes=1-2`, `bytes=1-9`, `bytes=1-` | those of them that there are | 416 |
//! | `bytes=-2`, `bytes=-9` | the last ones | 416 |
//! | `bytes=4-`, `bytes=-0` | 416 | 416 |
//! | `bytes=3-1`, `bytes=0-0,2-2`, `lines=1` | all, as if nothing had been said | all |
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>

use std::ops;

use http::header::RANGE;
use s3s::S3Result;
use s3s::dto::Range;
use s3s::s3_error;
use server::http::Request;

/// Takes off what is no range of bytes, or several: S3 passes over it. The library would refuse the request.
pub(super) fn pass_over_no_range<B>(request: &mut Request<B>) {
    let is_one = |value: &http::HeaderValue| value.to_str().is_ok_and(|text| Range::parse(text).is_ok());
    if request.headers().get(RANGE).is_some_and(|value| !is_one(value)) {
        request.headers_mut().remove(RANGE);
    }
}

/// The bytes that are asked for of an object that has so many.
pub(super) fn within(range: Option<&Range>, bytes: u64) -> S3Result<ops::Range<u64>> {
    let Some(range) = range else { return Ok(0..bytes) };
    // The library finds the last bytes of an empty object, which are none.
    let met = range.check(bytes).ok().filter(|met| !met.is_empty());
    met.ok_or_else(|| s3_error!(InvalidRange, "The requested range is not satisfiable"))
}

/// How the part is told.
pub(super) fn told(range: &ops::Range<u64>, bytes: u64) -> String {
    format!("bytes {}-{}/{bytes}", range.start, range.end - 1)
}
