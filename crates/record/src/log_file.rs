//! Log files: bytes in, records out, one by one and borrowed; one bad record hides no other.
//!
//! ```text
//!   gzip (one member or more) ──► inflated ─┐
//!   .json as it is ─────────────────────────┴─► one or more JSON values:
//!        {"Records": [ record, … ]}     as CloudTrail writes it, with whatever else around
//!        [ record, … ]                  as exports have it
//!        record                         one alone, or one a line
//! ```
//!
//! A record that cannot be used is told with its reason, and the walk goes on behind it. Where its JSON is broken, "behind it"
//! is where its brackets close, or else where the next record seems to begin. A fault of the file itself (cut short, not
//! gzip, not JSON, not CloudTrail) ends it, after the records before the fault were handed over.
//!
//! Whatever comes in, memory is bounded by [`Limits`] and time by a small multiple of the inflated bytes.

mod broken;
mod inflate;
mod rejected;

use crate::api_call::Record;
use crate::scan::{Fault, Fields, Walk, after_space};
use broken::{Place, opening};
use inflate::Inflater;

pub use rejected::{RejectReason, RejectedFile, Rejection};

/// How much one file may ask of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A file may inflate to this much; never more than 4 GiB.
    pub inflated_bytes: usize,
    /// A record may have this much.
    pub record_bytes: usize,
    /// Brackets within brackets in a record. What reads the raw JSON later (serde_json) goes down to 128.
    pub depth: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { inflated_bytes: 256 << 20, record_bytes: 16 << 20, depth: 120 }
    }
}

/// Reads log files one after another, in the same memory. One a thread.
pub struct Reader {
    limits: Limits,
    walk: Walk,
    inflater: Inflater,
}

impl Reader {
    /// Reads with the fastest walk of this machine.
    pub fn new(limits: Limits) -> Reader {
        Reader::with_walk(limits, Walk::best())
    }

    /// Reads with this walk: for tests and measurements.
    pub fn with_walk(limits: Limits, walk: Walk) -> Reader {
        // Positions within a record are 32 bits wide.
        let inflated_bytes = limits.inflated_bytes.min(u32::MAX as usize - 64);
        Reader { limits: Limits { inflated_bytes, ..limits }, walk, inflater: Inflater::new(inflated_bytes) }
    }

    /// Hands over every record of one log file, in file order: what was read, and what was rejected.
    ///
    /// A file of no bytes (the consoles' "folders") has no records. `key_account` is the account in the object's key, for
    /// records that tell none.
    pub fn read<'r>(
        &'r mut self,
        file: &'r [u8],
        key_account: Option<&'r str>,
        each: impl FnMut(Result<Record<'r>, Rejection>),
    ) -> Result<(), RejectedFile> {
        let (limits, walk) = (self.limits, self.walk);
        let (text, fault): (&'r [u8], _) =
            if file.starts_with(&[0x1f, 0x8b]) { self.inflater.inflate(file)? } else { (file, None) };
        if text.len() > limits.inflated_bytes {
            return Err(RejectedFile::TooLarge { limit: limits.inflated_bytes });
        }
        let mut reading = Reading {
            text,
            limits,
            walk,
            key_account,
            each,
            record_count: 0,
            opening: b"",
            next_start: 0,
            effort: text.len().saturating_mul(8).saturating_add(256 << 20),
        };
        let read = reading.documents();
        match fault {
            None => read,
            Some(RejectedFile::CutShort { .. }) => Err(RejectedFile::CutShort { at: text.len() }),
            Some(fault) => Err(fault),
        }
    }
}

struct Reading<'r, F> {
    text: &'r [u8],
    limits: Limits,
    walk: Walk,
    key_account: Option<&'r str>,
    each: F,
    record_count: usize,
    /// How the records of an array begin, down to the end of their first key.
    opening: &'r [u8],
    /// Where a record seems to begin, as last sought behind a broken one.
    next_start: usize,
    /// Bytes that may still be looked at in vain, at broken records: that keeps the whole linear.
    effort: usize,
}

/// What a JSON object that is no record turns out to be.
enum Wrapper {
    Records,
    Digest,
    Other,
}

/// Why an object could not be read as a wrapper.
enum NoWrapper {
    /// It broke before there were any records.
    Broken(Fault),
    /// It broke among its records or behind them.
    File(RejectedFile),
}

impl<'r, F: FnMut(Result<Record<'r>, Rejection>)> Reading<'r, F> {
    /// JSON values, one after another, to the end of the file.
    fn documents(&mut self) -> Result<(), RejectedFile> {
        let mut pos = if self.text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        loop {
            pos = after_space(self.text, pos);
            pos = match self.text.get(pos) {
                None => return Ok(()),
                Some(b'[') => self.records(pos + 1)?,
                Some(b'{') => self.object(pos)?,
                Some(_) if self.record_count == 0 => return Err(RejectedFile::NotJson { at: pos }),
                // Some exports part their lines with commas.
                Some(b',') => pos + 1,
                Some(_) => self.not_an_object(pos, Place::Line)?,
            };
        }
    }

    /// An object that is no element of an array: a wrapper of records, or a record alone.
    fn object(&mut self, start: usize) -> Result<usize, RejectedFile> {
        let first_key = after_space(self.text, start + 1);
        let mut fault = None;
        if !self.text[first_key..].starts_with(b"\"Records\"") {
            let window = self.window(start);
            let mut fields = Fields::default();
            match self.walk.record(window, self.limits.depth, &mut fields) {
                Ok(()) if fields.is_like_a_record() => return Ok(self.record(start, &fields)),
                Ok(()) => {}
                Err(found) => {
                    self.spend(found, window.len())?;
                    fault = Some(found);
                }
            }
        }
        match self.wrapper(start) {
            Ok((Wrapper::Records, after)) => Ok(after),
            Ok((other, after)) => {
                // A record that is too deep or too large reads well as a wrapper of nothing.
                if let Some(fault) = fault {
                    return self.broken(start, fault, Place::Line);
                }
                if self.record_count > 0 || after_space(self.text, after) < self.text.len() {
                    self.reject(start, RejectReason::NotARecord, String::new());
                    return Ok(after);
                }
                Err(if matches!(other, Wrapper::Digest) { RejectedFile::Digest } else { RejectedFile::NotCloudTrail })
            }
            Err(NoWrapper::Broken(found)) => {
                self.spend(found, self.text.len() - start)?;
                self.broken(start, fault.unwrap_or(found), Place::Line)
            }
            Err(NoWrapper::File(rejected)) => Err(rejected),
        }
    }

    /// The members of an object, and the records in its `Records`.
    fn wrapper(&mut self, start: usize) -> Result<(Wrapper, usize), NoWrapper> {
        let mut kind = Wrapper::Other;
        let mut pos = after_space(self.text, start + 1);
        if self.text.get(pos) == Some(&b'}') {
            return Ok((kind, pos + 1));
        }
        loop {
            let member = self.wrapper_member(pos, start, &mut kind);
            let after = match (member, &kind) {
                (Ok(after), _) => after_space(self.text, after),
                (Err(NoWrapper::Broken(fault)), Wrapper::Records) => {
                    return Err(NoWrapper::File(self.file_fault(fault, start)));
                }
                (Err(error), _) => return Err(error),
            };
            match self.text.get(after) {
                Some(b'}') => return Ok((kind, after + 1)),
                Some(b',') => pos = after_space(self.text, after + 1),
                other => {
                    let fault = if other.is_none() { Fault::CutShort } else { Fault::Syntax(after - start) };
                    return Err(match kind {
                        Wrapper::Records => NoWrapper::File(self.file_fault(fault, start)),
                        Wrapper::Digest | Wrapper::Other => NoWrapper::Broken(fault),
                    });
                }
            }
        }
    }

    /// One member of the wrapper that begins at `start`.
    fn wrapper_member(&mut self, quote: usize, start: usize, kind: &mut Wrapper) -> Result<usize, NoWrapper> {
        let key_end = self.value(quote, start).map_err(NoWrapper::Broken)?;
        let key = serde_json::from_slice::<String>(&self.text[quote..key_end]).unwrap_or_default();
        let colon = after_space(self.text, key_end);
        if self.text.get(colon) != Some(&b':') {
            return Err(NoWrapper::Broken(if colon < self.text.len() {
                Fault::Syntax(colon - start)
            } else {
                Fault::CutShort
            }));
        }
        let value = after_space(self.text, colon + 1);
        if key == "Records" && self.text.get(value) == Some(&b'[') {
            *kind = Wrapper::Records;
            return self.records(value + 1).map_err(NoWrapper::File);
        }
        if matches!(kind, Wrapper::Other) && (key == "digestS3Object" || key == "digestStartTime") {
            *kind = Wrapper::Digest;
        }
        let after = self.value(value, start).map_err(NoWrapper::Broken)?;
        if simdutf8::basic::from_utf8(&self.text[quote..after]).is_err() {
            return Err(NoWrapper::File(RejectedFile::NotJson { at: quote }));
        }
        Ok(after)
    }

    /// The elements of an array, to its end; `pos` is after its bracket.
    fn records(&mut self, mut pos: usize) -> Result<usize, RejectedFile> {
        let mut fields = Fields::default();
        loop {
            pos = after_space(self.text, pos);
            pos = match self.text.get(pos) {
                Some(b'{') => {
                    let window = self.window(pos);
                    match self.walk.record(window, self.limits.depth, &mut fields) {
                        Ok(()) => {
                            if self.opening.is_empty() {
                                self.opening = opening(&self.text[pos..pos + fields.len]);
                            }
                            self.record(pos, &fields)
                        }
                        Err(fault) => {
                            self.spend(fault, window.len())?;
                            self.broken(pos, fault, Place::Array)?
                        }
                    }
                }
                Some(b',') => pos + 1,
                Some(b']') => return Ok(pos + 1),
                Some(_) => self.not_an_object(pos, Place::Array)?,
                None => return Err(RejectedFile::CutShort { at: pos }),
            };
        }
    }

    /// Hands over the record that the walk went over. The position after it.
    fn record(&mut self, start: usize, fields: &Fields) -> usize {
        let raw = &self.text[start..start + fields.len];
        if raw.len() > self.limits.record_bytes {
            self.reject(start, RejectReason::TooLarge, format!("{} bytes", raw.len()));
        } else if let Ok(raw) = simdutf8::basic::from_utf8(raw) {
            let index = self.record_count;
            self.record_count += 1;
            (self.each)(Record::new(raw, fields, self.key_account, index, start));
        } else {
            self.reject(start, RejectReason::NotUtf8, String::new());
        }
        start + fields.len
    }

    #[cold]
    fn reject(&mut self, at: usize, reason: RejectReason, detail: String) {
        let index = self.record_count;
        self.record_count += 1;
        (self.each)(Err(Rejection { reason, index, at, detail }));
    }

    #[cold]
    fn not_an_object(&mut self, pos: usize, place: Place) -> Result<usize, RejectedFile> {
        match self.value(pos, pos) {
            Ok(after) => {
                self.reject(pos, RejectReason::NotAnObject, String::new());
                Ok(after)
            }
            Err(fault) => {
                self.spend(fault, self.text.len() - pos)?;
                self.broken(pos, fault, place)
            }
        }
    }

    /// The bytes in which a record must end.
    fn window(&self, start: usize) -> &'r [u8] {
        let end = start.saturating_add(self.limits.record_bytes).saturating_add(1).min(self.text.len());
        &self.text[start..end]
    }

    /// The position after the value at `pos`. Faults are told from `start`, as everywhere here.
    fn value(&self, pos: usize, start: usize) -> Result<usize, Fault> {
        self.walk.value(self.text, pos, u32::MAX).map_err(|fault| match fault {
            Fault::Syntax(at) => Fault::Syntax(at - start),
            Fault::TooDeep(at) => Fault::TooDeep(at - start),
            Fault::CutShort => Fault::CutShort,
        })
    }
}
