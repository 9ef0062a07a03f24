//! Bodies that are read whole before anything is done: how much of them is taken, and by when they must be here.
//!
//! However it comes, a body has an end that nothing puts off: after half a minute, and a second for every 64 KiB that it says it
//! has. Of a stranger, whose body is a line at most, it must be here within seconds.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header;
use axum::http::request::Parts;
use hyper::body::Body as _;
use tokio::time::timeout;

use super::patience::{SILENCE, TooSlow};

/// As many bytes must come in a second, over the whole of a body.
const BYTES_PER_SECOND: usize = 64 << 10;
/// How long a stranger's body may take.
const OF_STRANGER: Duration = Duration::from_secs(5);

/// What is taken of a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed {
    /// So many bytes.
    pub(super) bytes: usize,
    /// Whether who sends it has named a key that is known, or need not.
    pub(super) is_signed: bool,
}

/// Why a body was not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    TooLarge,
    TooSlow,
    Cut,
}

impl Allowed {
    /// How many bytes of a body can come at most.
    pub(super) fn bytes_to_come(self, parts: &Parts, body: &Body) -> usize {
        match body.is_end_stream() {
            true => 0,
            false => declared(parts).unwrap_or(self.bytes).min(self.bytes),
        }
    }

    /// Reads a body, if it has no more than may come. What says that it has more is not read.
    pub(super) async fn read_whole(self, parts: &Parts, body: Body) -> Result<Bytes, Unread> {
        if declared(parts).is_some_and(|bytes| bytes > self.bytes) {
            return Err(Unread::TooLarge);
        }
        let time = self.time_for(self.bytes_to_come(parts, &body));
        let read = timeout(time, to_bytes(body, self.bytes)).await.map_err(|_| Unread::TooSlow)?;
        read.map_err(|error| {
            let mut causes = std::iter::successors(std::error::Error::source(&error), |error| error.source());
            let known = causes.find_map(|cause| match cause {
                cause if cause.is::<TooSlow>() => Some(Unread::TooSlow),
                cause if cause.is::<http_body_util::LengthLimitError>() => Some(Unread::TooLarge),
                _ => None,
            });
            known.unwrap_or(Unread::Cut)
        })
    }

    fn time_for(self, bytes: usize) -> Duration {
        match self.is_signed {
            true => SILENCE + Duration::from_secs((bytes / BYTES_PER_SECOND) as u64),
            false => OF_STRANGER,
        }
    }
}

/// How long a request says that its body is.
fn declared(parts: &Parts) -> Option<usize> {
    parts.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll, ready};

    use axum::http::Request;
    use hyper::body::Frame;
    use tokio::time::{Instant, Interval, interval};

    use super::*;

    /// So many bytes a second, without end.
    struct Trickle(Interval, usize);

    impl hyper::body::Body for Trickle {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            ready!(self.0.poll_tick(cx));
            Poll::Ready(Some(Ok(Frame::data(vec![b'x'; self.1].into()))))
        }
    }

    fn parts(length: Option<&str>) -> Parts {
        let mut request = Request::new(());
        if let Some(length) = length {
            request.headers_mut().insert(header::CONTENT_LENGTH, length.parse().expect("it is a header"));
        }
        request.into_parts().0
    }

    #[test]
    fn room_is_taken_for_what_can_come() {
        let allowed = Allowed { bytes: 100, is_signed: true };
        let wanted = |length: Option<&str>, body: Body| allowed.bytes_to_come(&parts(length), &body);
        assert_eq!(wanted(None, Body::empty()), 0);
        assert_eq!(wanted(Some("7"), Body::from("x")), 7);
        assert_eq!(wanted(Some("700"), Body::from("x")), 100);
        assert_eq!(wanted(None, Body::from("x")), 100);
    }

    /// When a body is cut off that goes on and on, in seconds.
    async fn cut_off(is_signed: bool, length: Option<&str>, bytes_per_second: usize) -> u64 {
        let began = Instant::now();
        let body = Body::new(Trickle(interval(Duration::from_secs(1)), bytes_per_second));
        let read = Allowed { bytes: 64 << 20, is_signed }.read_whole(&parts(length), body).await;
        assert_eq!(read, Err(Unread::TooSlow));
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_an_end_that_nothing_puts_off() {
        // Faster than whoever is cut off as silent.
        assert_eq!(cut_off(true, Some("1000"), 8 << 10).await, 30);
        assert_eq!(cut_off(true, Some("4194304"), 8 << 10).await, 30 + 64);
        assert_eq!(cut_off(true, Some("67108864"), 8 << 10).await, 30 + 1024);
        assert_eq!(cut_off(true, None, 8 << 10).await, 30 + 1024);
        for length in [None, Some("1000"), Some("67108864")] {
            assert_eq!(cut_off(false, length, 1).await, 5);
        }
    }
}
