//! How long somebody is waited for who sends or takes slowly: half a minute, and as much again as what went over is worth.
//!
//! Each byte that goes over puts the end off, at so many bytes a second, never beyond the half minute from now. Who trickles
//! is cut off like who is silent.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::room::Seat;

/// How long nothing may go over.
pub(super) const SILENCE: Duration = Duration::from_secs(30);
/// As many bytes as are worth a second.
const BYTES_PER_SECOND: u64 = 4 << 10;

/// Waits until somebody was too slow.
struct Patience(Pin<Box<Sleep>>);

impl Patience {
    fn new() -> Patience {
        Patience(Box::pin(sleep(SILENCE)))
    }

    /// So many bytes went over.
    fn gain(&mut self, bytes: usize) {
        let worth = Duration::from_micros((bytes as u64).saturating_mul(1_000_000) / BYTES_PER_SECOND);
        let end = (self.0.deadline() + worth).min(Instant::now() + SILENCE);
        self.0.as_mut().reset(end);
    }

    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        self.0.as_mut().poll(cx).is_ready()
    }
}

/// A body came too slowly.
#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
pub(super) struct TooSlow;

/// A body that is waited for with patience.
struct Slow {
    body: Incoming,
    patience: Option<Patience>,
}

/// The same body, whose reading fails if it comes too slowly.
pub(super) fn with_patience(body: Incoming) -> Body {
    if body.is_end_stream() {
        return Body::empty();
    }
    Body::new(Slow { body, patience: None })
}

impl HttpBody for Slow {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        // The time runs from when it is first asked for: a request may have to wait before its body is read.
        let Slow { body, patience } = &mut *self;
        let patience = patience.get_or_insert_with(Patience::new);
        match Pin::new(body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                patience.gain(frame.data_ref().map_or(0, Bytes::len));
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(other) => Poll::Ready(other.map(|frame| frame.map_err(Into::into))),
            Poll::Pending if patience.is_over(cx) => Poll::Ready(Some(Err(Box::new(TooSlow)))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection whose other side is cut off if it takes too slowly what it is sent, and whose seat is told when it has all.
pub(super) struct Written<S> {
    stream: S,
    seat: Arc<Seat>,
    patience: Option<Patience>,
}

impl<S> Written<S> {
    pub(super) fn new(stream: S, seat: Arc<Seat>) -> Written<S> {
        Written { stream, seat, patience: None }
    }

    /// What came of trying to write: the time runs while somebody is waited for.
    fn judged<T>(
        &mut self,
        cx: &mut Context<'_>,
        tried: Poll<io::Result<T>>,
        bytes: impl FnOnce(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        match tried {
            Poll::Ready(Ok(done)) => {
                if let Some(patience) = &mut self.patience {
                    patience.gain(bytes(&done));
                }
                Poll::Ready(Ok(done))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending if self.patience.get_or_insert_with(Patience::new).is_over(cx) => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Written<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Written<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let tried = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.judged(cx, tried, |count| *count)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let tried = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.judged(cx, tried, |count| *count)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let tried = Pin::new(&mut self.stream).poll_flush(cx);
        ready!(self.judged(cx, tried, |()| 0))?;
        // All has gone over: nobody is waited for.
        self.patience = None;
        self.seat.all_is_written();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let tried = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.judged(cx, tried, |()| 0)
    }
}
