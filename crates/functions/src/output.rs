//! What a function writes: lines of stdout and stderr, in one order, as many as may be.
//!
//! Both are the same pipe, so that the order is that of the writing; and nobody reads it but whoever waits for an answer, so
//! that all that was written before an answer is there before the answer is told.

use std::io::{ErrorKind, PipeWriter, pipe};

use tokio::net::unix::pipe::Receiver;

/// What one invocation may log, in bytes; the rest is counted only.
const BYTES: usize = 1 << 20;

/// What one event in CloudWatch Logs may have, less what it costs itself.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
const LINE_BYTES: usize = 256 * 1024 - 26;

/// A line costs its listing too: many empty ones are much.
const BYTES_A_LINE: usize = 32;

/// The reading end.
#[derive(Debug)]
pub(crate) struct Output {
    pipe: Receiver,
    /// The beginning of a line.
    begun: Vec<u8>,
    left: usize,
    dropped_bytes: usize,
    has_ended: bool,
}

impl Output {
    /// The reading end, and the writing end for stdout and stderr.
    pub(crate) fn new() -> std::io::Result<(Output, PipeWriter)> {
        let (reader, writer) = pipe()?;
        let pipe = Receiver::from_owned_fd(reader.into())?;
        Ok((Output { pipe, begun: Vec::new(), left: BYTES, dropped_bytes: 0, has_ended: false }, writer))
    }

    /// Waits until there is something to [`read`](Self::read); for ever, when there will be nothing more.
    pub(crate) async fn is_there(&self) {
        if self.has_ended || self.pipe.readable().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Reads what is there, as lines, without waiting.
    pub(crate) fn read(&mut self, mut tell: impl FnMut(String)) {
        let mut bytes = [0; 16 << 10];
        // Whoever writes without end must not keep us here.
        for _ in 0..64 {
            match self.pipe.try_read(&mut bytes) {
                Ok(0) => {
                    self.has_ended = true;
                    return;
                }
                Ok(length) => self.take(&bytes[..length], &mut tell),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.has_ended = error.kind() != ErrorKind::WouldBlock;
                    return;
                }
            }
        }
    }

    fn take(&mut self, bytes: &[u8], tell: &mut impl FnMut(String)) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = part.len().min(LINE_BYTES - self.begun.len()).min(self.left);
            self.begun.extend_from_slice(&part[..room]);
            self.left -= room;
            self.dropped_bytes += part.len() - room;
            if part.ends_with(b"\n") {
                self.end_line(tell);
            }
        }
    }

    fn end_line(&mut self, tell: &mut impl FnMut(String)) {
        if self.begun.is_empty() {
            return;
        }
        self.left = self.left.saturating_sub(BYTES_A_LINE);
        tell(String::from_utf8_lossy(&self.begun).into_owned());
        self.begun.clear();
    }

    /// The invocation is over: what is left of a line is one, and the next may log as much again.
    pub(crate) fn end_invocation(&mut self, mut tell: impl FnMut(String)) {
        self.end_line(&mut tell);
        if self.dropped_bytes > 0 {
            tell(format!("trailsight: {} bytes more were logged and are not kept\n", self.dropped_bytes));
        }
        (self.left, self.dropped_bytes) = (BYTES, 0);
    }
}
