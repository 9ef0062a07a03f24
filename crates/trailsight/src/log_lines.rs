//! The log, a line an event, whatever is written in it.
//!
//! What strangers wrote stands in values and errors, and the formatter passes some of it on as it is. So what ends a line or
//! moves a cursor is shown as text here, where all of it comes by. Colours, which the formatter makes on a terminal, are let be.

use std::io::{self, Write};

/// Writes each event as one line. An event comes in one piece, with its own line end.
pub struct OneLine<W> {
    /// Where to.
    pub to: W,
    /// Whether the formatter makes colours.
    pub has_colours: bool,
    /// Whether the events are JSON, whose strings have the rest escaped already.
    pub is_json: bool,
}

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let (line, end) = match event.split_last() {
            Some((b'\n', line)) => (line, &b"\n"[..]),
            _ => (event, &b""[..]),
        };
        let mut shown = Vec::with_capacity(event.len());
        let mut rest = line;
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            match byte {
                0x1b if self.has_colours && colour(after).is_some() => {
                    let (colour, after) = after.split_at(colour(after).unwrap_or_default());
                    shown.push(0x1b);
                    shown.extend_from_slice(colour);
                    rest = after;
                }
                b'\n' => shown.extend_from_slice(b"\\n"),
                b'\r' => shown.extend_from_slice(b"\\r"),
                b'\t' => shown.push(b'\t'),
                0..0x20 | 0x7f if self.is_json => write!(shown, "\\u{byte:04x}")?,
                0..0x20 | 0x7f => write!(shown, "\\x{byte:02x}")?,
                // The same once more, as UTF-8 has it: U+0080 to U+009F.
                0xc2 if after.first().is_some_and(|next| (0x80..0xa0).contains(next)) => {
                    match self.is_json {
                        true => write!(shown, "\\u{:04x}", after[0])?,
                        false => write!(shown, "\\u{{{:x}}}", after[0])?,
                    }
                    rest = &after[1..];
                }
                byte => shown.push(*byte),
            }
        }
        shown.extend_from_slice(end);
        self.to.write_all(&shown)?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// How long a colour is that follows an escape: `[1;31m`.
fn colour(after: &[u8]) -> Option<usize> {
    let numbers = after.strip_prefix(b"[")?;
    let count = numbers.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    (numbers.get(count) == Some(&b'm')).then_some(count + 2)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("nobody panics with it").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const EVIL: &str = "a\u{1b}[2J\r\n2026-02-12T14:30:00Z  INFO all is well\u{9b}2J\0\u{7f}";

    fn logged(has_colours: bool) -> String {
        let kept = Kept::default();
        let to = kept.clone();
        let subscriber = tracing_subscriber::fmt()
            .compact()
            .with_ansi(has_colours)
            .with_writer(move || OneLine { to: to.clone(), has_colours, is_json: false })
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(text = EVIL, shown = %EVIL, debug = ?EVIL, "first: {EVIL}");
            let error = io::Error::other(EVIL);
            tracing::error!(error = &error as &dyn std::error::Error, "second ü");
        });
        String::from_utf8(kept.0.lock().expect("nobody panics with it").clone()).expect("it is text")
    }

    #[test]
    fn an_event_is_one_line_and_moves_no_cursor() {
        let log = logged(false);
        assert_eq!(log.lines().count(), 2, "{log}");
        let is_control = |letter: char| letter.is_control() && letter != '\n';
        assert!(!log.contains(is_control), "{log:?}");
        assert_eq!(log.matches("all is well").count(), 5, "nothing is lost: {log}");
        assert!(log.contains("second ü"));
    }

    #[test]
    fn json_stays_json_and_moves_no_cursor() {
        let kept = Kept::default();
        let mut line = OneLine { to: kept.clone(), has_colours: false, is_json: true };
        let event = serde_json::json!({ "text": EVIL }).to_string() + "\n";
        line.write_all(event.as_bytes()).expect("there is room");
        let log = String::from_utf8(kept.0.lock().expect("nobody panics with it").clone()).expect("it is text");
        assert!(!log.trim_end_matches('\n').contains(char::is_control), "{log:?}");
        let told: serde_json::Value = serde_json::from_str(&log).expect("it is JSON");
        assert_eq!(told["text"], EVIL);
    }

    #[test]
    fn on_a_terminal_there_are_colours_and_nothing_else() {
        let log = logged(true);
        assert_eq!(log.lines().count(), 2, "{log:?}");
        assert!(log.contains("\u{1b}[33m") && !log.contains("\u{1b}[2J") && !log.contains('\u{9b}'), "{log:?}");
        for rest in log.split('\u{1b}').skip(1) {
            assert!(colour(rest.as_bytes()).is_some(), "{rest:?}");
        }
    }
}
