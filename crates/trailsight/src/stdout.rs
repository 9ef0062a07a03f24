//! Standard output: the one door by which a command tells what it was asked for.
//!
//! Whoever reads it may go away (`| head -1`). Then nothing went wrong, and nothing more is said. Whether that happened is asked
//! here and not of errors: CSV, JSON and Parquet wrap one as they like, and another pipe may break too, that to a bucket.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Standard output.
#[derive(Debug)]
pub struct Stdout(io::Stdout);

/// Standard output.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub fn stdout() -> Stdout {
    Stdout(io::stdout())
}

/// Whether somebody was told something who was there no longer.
pub fn is_closed() -> bool {
    IS_CLOSED.load(Ordering::Relaxed)
}

impl Stdout {
    /// Whether it is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.0.is_terminal()
    }
}

fn note<T>(written: io::Result<T>) -> io::Result<T> {
    written.map_err(|error| {
        if error.kind() == ErrorKind::BrokenPipe {
            IS_CLOSED.store(true, Ordering::Relaxed);
        }
        // Whoever writes says of an error only what it is.
        io::Error::new(error.kind(), format!("cannot write to standard output: {error}"))
    })
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        note(self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        note(self.0.flush())
    }
}
