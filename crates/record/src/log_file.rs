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

use std::io::Read;

use libdeflater::{DecompressionError, Decompressor};
use memchr::memmem;

use crate::api_call::Record;
use crate::scan::{Fault, Fields, Walk, after_space};

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

/// Why a record was not read. Each has one short name for ever, by which it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "`as_str` and `advice` say it")]
pub enum RejectReason {
    NotAnObject,
    NotARecord,
    BrokenJson,
    TooLarge,
    TooDeep,
    NotUtf8,
    BadText,
    WrongType,
    OtherVersion,
    OtherCategory,
    NoEventTime,
    BadEventTime,
    NoEventName,
    NoEventSource,
    NoRegion,
    BadRegion,
    NoIdentity,
    NoAccount,
    BadAccount,
}

impl RejectReason {
    /// All of them.
    pub const ALL: [RejectReason; 19] = [
        RejectReason::NotAnObject,
        RejectReason::NotARecord,
        RejectReason::BrokenJson,
        RejectReason::TooLarge,
        RejectReason::TooDeep,
        RejectReason::NotUtf8,
        RejectReason::BadText,
        RejectReason::WrongType,
        RejectReason::OtherVersion,
        RejectReason::OtherCategory,
        RejectReason::NoEventTime,
        RejectReason::BadEventTime,
        RejectReason::NoEventName,
        RejectReason::NoEventSource,
        RejectReason::NoRegion,
        RejectReason::BadRegion,
        RejectReason::NoIdentity,
        RejectReason::NoAccount,
        RejectReason::BadAccount,
    ];

    /// Its short name.
    pub fn as_str(self) -> &'static str {
        match self {
            RejectReason::NotAnObject => "not an object",
            RejectReason::NotARecord => "not a CloudTrail record",
            RejectReason::BrokenJson => "broken JSON",
            RejectReason::TooLarge => "too large",
            RejectReason::TooDeep => "too deep",
            RejectReason::NotUtf8 => "not UTF-8",
            RejectReason::BadText => "bad escape",
            RejectReason::WrongType => "wrong type",
            RejectReason::OtherVersion => "unknown eventVersion",
            RejectReason::OtherCategory => "unknown eventCategory",
            RejectReason::NoEventTime => "no eventTime",
            RejectReason::BadEventTime => "bad eventTime",
            RejectReason::NoEventName => "no eventName",
            RejectReason::NoEventSource => "no eventSource",
            RejectReason::NoRegion => "no awsRegion",
            RejectReason::BadRegion => "bad awsRegion",
            RejectReason::NoIdentity => "no userIdentity",
            RejectReason::NoAccount => "no account",
            RejectReason::BadAccount => "bad account",
        }
    }

    /// What to do about it.
    pub fn advice(self) -> &'static str {
        match self {
            RejectReason::NotAnObject | RejectReason::NotARecord => "leave out what CloudTrail did not write",
            RejectReason::BrokenJson | RejectReason::NotUtf8 | RejectReason::BadText => {
                "fetch the file again, as CloudTrail wrote it"
            }
            RejectReason::TooLarge | RejectReason::TooDeep => "raise the limit if the record is genuine",
            RejectReason::OtherVersion => "only versions 1.x are known: look for a newer Trailsight",
            RejectReason::OtherCategory => "no calls: nothing is lost for detection",
            RejectReason::NoAccount => "read the file under its own key, which names the account",
            RejectReason::WrongType
            | RejectReason::NoEventTime
            | RejectReason::BadEventTime
            | RejectReason::NoEventName
            | RejectReason::NoEventSource
            | RejectReason::NoRegion
            | RejectReason::BadRegion
            | RejectReason::NoIdentity
            | RejectReason::BadAccount => "read the file as CloudTrail wrote it: something has rewritten the record",
        }
    }
}

impl std::fmt::Display for RejectReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A record that was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {} (byte {at}) rejected: {reason}{}{detail}: {}", index + 1, if detail.is_empty() { "" } else { ": " }, reason.advice())]
pub struct Rejection {
    /// Why.
    pub reason: RejectReason,
    /// Which one of the file: 0 is the first, and read ones count too.
    pub index: usize,
    /// Where it begins in the inflated file.
    pub at: usize,
    /// What exactly: the field, the text; may be empty.
    pub detail: String,
}

/// A file that was not read, or not to its end. The records before the fault were handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectedFile {
    /// The last bytes are missing.
    #[error("cut short at inflated byte {at}: fetch the file again")]
    CutShort {
        /// Where it ends.
        at: usize,
    },
    /// The gzip stream is damaged.
    #[error("damaged gzip ({detail}) after {at} inflated bytes: fetch the file again")]
    BadGzip {
        /// How much could be inflated.
        at: usize,
        /// What the decompressor says.
        detail: String,
    },
    /// It inflates to more than the limit.
    #[error("inflates to more than {limit} bytes: raise the limit on inflated bytes if the file is genuine")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// Neither gzip nor JSON.
    #[error("not JSON at inflated byte {at}: not a log file, or damaged")]
    NotJson {
        /// Where it stops being JSON.
        at: usize,
    },
    /// It is a digest of log files, and has no records.
    #[error("a digest file: it lists log files and has no records; leave it out")]
    Digest,
    /// JSON, but nothing that CloudTrail writes.
    #[error("not CloudTrail: JSON without `Records`; leave it out")]
    NotCloudTrail,
}

impl RejectedFile {
    /// Its short name, by which rejected files are counted.
    pub fn as_str(&self) -> &'static str {
        match self {
            RejectedFile::CutShort { .. } => "cut short",
            RejectedFile::BadGzip { .. } => "damaged gzip",
            RejectedFile::TooLarge { .. } => "too large",
            RejectedFile::NotJson { .. } => "not JSON",
            RejectedFile::Digest => "digest",
            RejectedFile::NotCloudTrail => "not CloudTrail",
        }
    }
}

/// Reads log files one after another, in the same memory. One a thread.
pub struct Reader {
    limits: Limits,
    walk: Walk,
    decompressor: Decompressor,
    /// What the last file inflated to, and room behind it: never shrunk between files, so that it is zeroed only as it grows.
    inflated: Vec<u8>,
}

/// Room that is kept from one file to the next.
const KEPT_BYTES: usize = 64 << 20;

impl Reader {
    /// Reads with the fastest walk of this machine.
    pub fn new(limits: Limits) -> Reader {
        Reader::with_walk(limits, Walk::best())
    }

    /// Reads with this walk: for tests and measurements.
    pub fn with_walk(limits: Limits, walk: Walk) -> Reader {
        // Positions within a record are 32 bits wide.
        let inflated_bytes = limits.inflated_bytes.min(u32::MAX as usize - 64);
        Reader {
            limits: Limits { inflated_bytes, ..limits },
            walk,
            decompressor: Decompressor::new(),
            inflated: Vec::new(),
        }
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
            if file.starts_with(&[0x1f, 0x8b]) { self.inflate(file)? } else { (file, None) };
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

    /// The inflated bytes, as many as there are, and what is wrong behind them.
    fn inflate<'r>(&'r mut self, file: &[u8]) -> Result<(&'r [u8], Option<RejectedFile>), RejectedFile> {
        if self.inflated.len() > KEPT_BYTES {
            self.inflated = Vec::new();
        }
        match self.inflate_one_member(file)? {
            Some(len) => Ok((&self.inflated[..len], None)),
            None => {
                let (len, fault) = self.inflate_slowly(file)?;
                Ok((&self.inflated[..len], fault))
            }
        }
    }

    /// The fast way, for a file that is one sound gzip member and nothing else: nearly every one.
    fn inflate_one_member(&mut self, file: &[u8]) -> Result<Option<usize>, RejectedFile> {
        let limit = self.limits.inflated_bytes;
        let Some(claimed) = file.last_chunk::<4>().filter(|_| file.len() >= 18).map(|size| u32::from_le_bytes(*size))
        else {
            return Ok(None);
        };
        // The size at the end may be a lie, but deflate makes at most 1032 bytes of one.
        self.make_room((claimed as usize).min(file.len().saturating_mul(1032)).min(limit));
        loop {
            match self.decompressor.gzip_decompress(file, &mut self.inflated) {
                // libdeflate reads the first member and says nothing of what comes behind it.
                Ok(len) if len as u32 == claimed && !has_other_member(file, claimed) => return Ok(Some(len)),
                Ok(_) | Err(DecompressionError::BadData) => return Ok(None),
                Err(DecompressionError::InsufficientSpace) if self.inflated.len() >= limit => {
                    return Err(RejectedFile::TooLarge { limit });
                }
                Err(DecompressionError::InsufficientSpace) => {
                    self.make_room((2 * self.inflated.len()).max(4 * file.len()).max(4096).min(limit));
                }
            }
        }
    }

    /// Member after member, as far as it goes: for several members, and for damaged files.
    fn inflate_slowly(&mut self, file: &[u8]) -> Result<(usize, Option<RejectedFile>), RejectedFile> {
        let limit = self.limits.inflated_bytes;
        let mut rest = file;
        let mut len = 0;
        loop {
            let mut member = flate2::bufread::GzDecoder::new(rest);
            loop {
                if len == self.inflated.len() {
                    // One byte more than the limit shows that there is more.
                    self.make_room((2 * len).max(4 * file.len()).max(4096).min(limit + 1));
                }
                match member.read(&mut self.inflated[len..]) {
                    Ok(0) => break,
                    Ok(count) => len += count,
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                        return Ok((len, Some(RejectedFile::CutShort { at: len })));
                    }
                    Err(error) => return Ok((len, Some(RejectedFile::BadGzip { at: len, detail: error.to_string() }))),
                }
                if len > limit {
                    return Err(RejectedFile::TooLarge { limit });
                }
            }
            rest = member.into_inner();
            // Tapes and block devices are padded with zeros.
            if rest.iter().all(|byte| *byte == 0) {
                return Ok((len, None));
            }
            if !rest.starts_with(&[0x1f, 0x8b]) {
                let detail = format!("{} bytes behind it that are no gzip", rest.len());
                return Ok((len, Some(RejectedFile::BadGzip { at: len, detail })));
            }
        }
    }

    fn make_room(&mut self, bytes: usize) {
        if self.inflated.len() < bytes {
            // Doubling: or each file a little larger than those before would have to be given fresh pages.
            let bytes = bytes.next_power_of_two().min(self.limits.inflated_bytes + 1).max(bytes);
            // A new one: nothing of the old needs copying, unless something was already inflated into it.
            if self.inflated.capacity() >= bytes {
                self.inflated.resize(bytes, 0);
            } else {
                let old = std::mem::replace(&mut self.inflated, vec![0; bytes]);
                self.inflated[..old.len()].copy_from_slice(&old);
            }
        }
    }
}

/// Whether another gzip member may follow the first, which inflates to `len` bytes: somewhere that size and another header
/// stand side by side.
fn has_other_member(file: &[u8], len: u32) -> bool {
    memmem::find_iter(file, &[0x1f, 0x8b, 0x08]).skip(1).any(|at| file[..at].ends_with(&len.to_le_bytes()))
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

    /// Goes on behind a record that the walk could not go over: where its brackets close, or else where another seems to begin.
    #[cold]
    fn broken(&mut self, start: usize, fault: Fault, place: Place) -> Result<usize, RejectedFile> {
        if self.next_start <= start {
            self.next_start = self.next_start_from(start + 1, place);
        }
        let is_cut_by_window = fault == Fault::CutShort && start + self.window(start).len() < self.text.len();
        let too = match fault {
            Fault::TooDeep(_) => Some(RejectReason::TooDeep),
            Fault::CutShort if is_cut_by_window => Some(RejectReason::TooLarge),
            Fault::CutShort | Fault::Syntax(_) => None,
        };
        // Brackets are followed up to where the next record seems to begin, or farther if only the size is wrong.
        let is_large = too == Some(RejectReason::TooLarge) && self.next_start > start + self.limits.record_bytes;
        let until = if too == Some(RejectReason::TooDeep) || is_large { self.text.len() } else { self.next_start };
        if let Ok(len) = self.walk.value(&self.text[start..until], 0, u32::MAX) {
            let after = after_space(self.text, start + len);
            if matches!(self.text.get(after), Some(b',' | b']' | b'{') | None) {
                let detail = match fault {
                    Fault::Syntax(at) => format!("at byte {at} of it"),
                    Fault::TooDeep(at) => format!("more than {} brackets at byte {at} of it", self.limits.depth),
                    Fault::CutShort => format!("{len} bytes"),
                };
                self.reject(start, too.unwrap_or(RejectReason::BrokenJson), detail);
                return Ok(start + len);
            }
        } else if until > self.next_start {
            self.spend(Fault::CutShort, until - start)?;
        }
        if self.next_start < self.text.len() {
            self.reject(start, RejectReason::BrokenJson, String::new());
            return Ok(self.next_start);
        }
        Err(self.file_fault(fault, start))
    }

    /// Where the next record seems to begin: like those before it, behind a comma (within a text those quotes would be
    /// escaped), or on a new line. The end of the text if nowhere.
    fn next_start_from(&self, from: usize, place: Place) -> usize {
        let rest = &self.text[from..];
        let found = match place {
            Place::Array => {
                let opening = if self.opening.is_empty() { CLOUDTRAIL_OPENING } else { self.opening };
                memmem::find_iter(rest, opening).find(|at| self.text[..from + at].trim_ascii_end().ends_with(b","))
            }
            Place::Line => memmem::find(rest, b"\n{").map(|at| at + 1),
        };
        found.map_or(self.text.len(), |at| from + at)
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

    fn spend(&mut self, fault: Fault, whole: usize) -> Result<(), RejectedFile> {
        let bytes = match fault {
            Fault::CutShort => whole,
            Fault::Syntax(at) | Fault::TooDeep(at) => at,
        };
        self.effort = self.effort.checked_sub(bytes).ok_or(RejectedFile::NotJson { at: self.next_start })?;
        Ok(())
    }

    fn file_fault(&self, fault: Fault, start: usize) -> RejectedFile {
        match fault {
            Fault::CutShort => RejectedFile::CutShort { at: self.text.len() },
            Fault::Syntax(at) | Fault::TooDeep(at) => RejectedFile::NotJson { at: start + at },
        }
    }
}

/// Where a broken record stands: it says how the next one begins.
#[derive(Clone, Copy)]
enum Place {
    Array,
    Line,
}

/// What a record begins with, down to the end of its first key.
fn opening(record: &[u8]) -> &[u8] {
    let mut quotes = memchr::memchr_iter(b'"', record);
    quotes.nth(1).map_or(CLOUDTRAIL_OPENING, |end| &record[..=end])
}

const CLOUDTRAIL_OPENING: &[u8] = b"{\"eventVersion\"";
