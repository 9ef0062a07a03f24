//! Behind a broken record: where its brackets close, or else where the next one seems to begin. What is looked at in vain is
//! counted, so that no file takes much longer than a sound one.

use memchr::memmem;

use super::{Reading, RejectReason, RejectedFile, Rejection};
use crate::api_call::Record;
use crate::scan::{Fault, after_space};

impl<'r, F: FnMut(Result<Record<'r>, Rejection>)> Reading<'r, F> {
    /// Goes on behind a record that the walk could not go over: where its brackets close, or else where another seems to begin.
    #[cold]
    pub(super) fn broken(&mut self, start: usize, fault: Fault, place: Place) -> Result<usize, RejectedFile> {
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

    pub(super) fn spend(&mut self, fault: Fault, whole: usize) -> Result<(), RejectedFile> {
        let bytes = match fault {
            Fault::CutShort => whole,
            Fault::Syntax(at) | Fault::TooDeep(at) => at,
        };
        self.effort = self.effort.checked_sub(bytes).ok_or(RejectedFile::NotJson { at: self.next_start })?;
        Ok(())
    }

    pub(super) fn file_fault(&self, fault: Fault, start: usize) -> RejectedFile {
        match fault {
            Fault::CutShort => RejectedFile::CutShort { at: self.text.len() },
            Fault::Syntax(at) | Fault::TooDeep(at) => RejectedFile::NotJson { at: start + at },
        }
    }
}

/// Where a broken record stands: it says how the next one begins.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Array,
    Line,
}

/// What a record begins with, down to the end of its first key.
pub(super) fn opening(record: &[u8]) -> &[u8] {
    let mut quotes = memchr::memchr_iter(b'"', record);
    quotes.nth(1).map_or(CLOUDTRAIL_OPENING, |end| &record[..=end])
}

const CLOUDTRAIL_OPENING: &[u8] = b"{\"eventVersion\"";
