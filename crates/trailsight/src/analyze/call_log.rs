//! The call log: who made every call that somebody may ask about, kept small until it is known which calls those are.
//!
//! Which insights there are is known only at the end, and then the values of their calls and of those of the week before are
//! asked for. Reading all log files again would double the work, and cost every object of a bucket twice. So each batch
//! leaves a block: its texts once, its calls sorted by API and by values, some five bytes a call, compressed. Blocks beyond
//! 32 MiB go to a file without a name, in the folder for temporary files.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use detect::attribution::{Contributions, ValueCounts, Values};
use detect::tally::SeriesId;
use record::insight::Attribute;
use record::texts::{NO_TEXT, ValueNumbers};
use record::time::Minute;
use rustc_hash::FxHashMap;

/// Bytes of blocks that stay in memory.
const IN_MEMORY: usize = 32 << 20;

/// One call, as a block keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoggedCall {
    /// The series of all calls of its API.
    pub api: SeriesId,
    /// Its values, as numbers of the block's texts.
    pub values: ValueNumbers,
    /// When it was called.
    pub minute: Minute,
}

/// All blocks.
#[derive(Default)]
pub struct CallLog {
    blocks: Vec<Block>,
    spool: Spool,
}

/// Where a block is, and what could be in it.
struct Block {
    offset: u64,
    len: usize,
    inflated: usize,
    first: Minute,
    last: Minute,
    apis: [u64; 4],
}

/// A block that is ready to be kept.
pub struct Sealed {
    bytes: Vec<u8>,
    block: Block,
}

/// Which calls somebody asks about: of one API, with one error code or any, within three spans.
#[derive(Clone, Debug)]
pub struct Question {
    /// The series of all calls of the API.
    pub api: SeriesId,
    /// Only calls that failed so.
    pub error: Option<String>,
    /// The baseline: [from, until).
    pub baseline: (Minute, Minute),
    /// The first five minutes: [from, until).
    pub start: (Minute, Minute),
    /// The whole insight: [from, until).
    pub insight: (Minute, Minute),
}

impl Question {
    fn span(&self) -> (Minute, Minute) {
        let spans = [self.baseline, self.start, self.insight].into_iter().filter(|span| span.0 < span.1);
        spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((Minute(0), Minute(0)))
    }
}

fn bit_of(api: SeriesId) -> (usize, u64) {
    let hash = api.0.wrapping_mul(0x9E37_79B1) >> 24;
    (hash as usize / 64, 1 << (hash % 64))
}

/// Makes a block of the calls of a batch. Can be done on any core.
pub fn seal<'t>(mut calls: Vec<LoggedCall>, text: impl Fn(u32) -> &'t str) -> Option<Sealed> {
    let first = calls.iter().map(|call| call.minute).min()?;
    let last = calls.iter().map(|call| call.minute).max()?;
    calls.sort_unstable();

    // Texts of this block only, in the order in which they come.
    let mut numbers: FxHashMap<u32, u32> = FxHashMap::default();
    let mut texts = Vec::new();
    let mut body = Vec::new();
    let mut apis = [0; 4];
    for of_api in calls.chunk_by(|a, b| a.api == b.api) {
        let (word, bit) = bit_of(of_api[0].api);
        apis[word] |= bit;
        put(&mut body, of_api[0].api.0);
        put(&mut body, of_api.chunk_by(|a, b| a.values == b.values).count() as u32);
        for alike in of_api.chunk_by(|a, b| a.values == b.values) {
            for value in alike[0].values {
                let number = match value {
                    NO_TEXT => 0,
                    value => *numbers.entry(value).or_insert_with(|| {
                        texts.push(value);
                        texts.len() as u32
                    }),
                };
                put(&mut body, number);
            }
            put(&mut body, alike.chunk_by(|a, b| a.minute == b.minute).count() as u32);
            let mut before = first;
            for same_minute in alike.chunk_by(|a, b| a.minute == b.minute) {
                put(&mut body, (same_minute[0].minute - before).0 as u32);
                put(&mut body, same_minute.len() as u32);
                before = same_minute[0].minute;
            }
        }
    }
    let mut head = Vec::new();
    put(&mut head, texts.len() as u32);
    for &number in &texts {
        let text = text(number);
        put(&mut head, text.len() as u32);
        head.extend_from_slice(text.as_bytes());
    }
    head.extend_from_slice(&body);
    let bytes = lz4_flex::block::compress(&head);
    let block = Block { offset: 0, len: bytes.len(), inflated: head.len(), first, last, apis };
    Some(Sealed { bytes, block })
}

impl CallLog {
    /// Keeps a block.
    pub fn keep(&mut self, sealed: Sealed) -> io::Result<()> {
        let offset = self.spool.append(&sealed.bytes)?;
        self.blocks.push(Block { offset, ..sealed.block });
        Ok(())
    }

    /// The values of the calls that are asked about, question by question.
    pub fn answer(&mut self, questions: &[Question]) -> io::Result<Vec<Contributions>> {
        let mut answers = vec![Contributions::default(); questions.len()];
        let mut bytes = Vec::new();
        for block in &self.blocks {
            let asked: Vec<usize> = (0..questions.len()).filter(|&at| block.may_answer(&questions[at])).collect();
            if asked.is_empty() {
                continue;
            }
            bytes.resize(block.len, 0);
            self.spool.read(block.offset, &mut bytes)?;
            let inflated = lz4_flex::block::decompress(&bytes, block.inflated).map_err(io::Error::other)?;
            let answered = Opened { bytes: &inflated, at: 0 }.answer(block.first, questions, &asked, &mut answers);
            answered
                .ok_or_else(|| io::Error::other("the log of calls in the folder for temporary files was changed"))?;
        }
        Ok(answers)
    }

    /// Bytes kept, in memory and on disk.
    pub fn bytes(&self) -> u64 {
        self.spool.flushed + self.spool.memory.len() as u64
    }
}

impl Block {
    fn may_answer(&self, question: &Question) -> bool {
        let (word, bit) = bit_of(question.api);
        let (from, until) = question.span();
        self.apis[word] & bit != 0 && self.first < until && from <= self.last
    }
}

/// A block, opened.
struct Opened<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Opened<'a> {
    fn answer(
        mut self,
        first: Minute,
        questions: &[Question],
        asked: &[usize],
        answers: &mut [Contributions],
    ) -> Option<()> {
        let mut texts = Vec::new();
        for _ in 0..self.number()? {
            let len = self.number()? as usize;
            let text = self.bytes.get(self.at..self.at + len)?;
            self.at += len;
            texts.push(std::str::from_utf8(text).ok()?);
        }
        while self.at < self.bytes.len() {
            let api = SeriesId(self.number()?);
            let of_api: Vec<usize> = asked.iter().copied().filter(|&at| questions[at].api == api).collect();
            for _ in 0..self.number()? {
                let mut values: Values<'a> = [None; Attribute::ALL.len()];
                for value in &mut values {
                    *value = (self.number()? as usize).checked_sub(1).and_then(|at| texts.get(at).copied());
                }
                let error = values[Attribute::ErrorCode as usize];
                let is_asked = |&at: &usize| questions[at].error.as_deref().is_none_or(|code| Some(code) == error);
                let alike: Vec<usize> = of_api.iter().copied().filter(is_asked).collect();
                let mut sums = vec![[0u64; 3]; alike.len()];
                let mut minute = first;
                for _ in 0..self.number()? {
                    minute.0 += self.number()? as i32;
                    let calls = u64::from(self.number()?);
                    for (sum, &at) in sums.iter_mut().zip(&alike) {
                        let question = &questions[at];
                        for (sum, span) in sum.iter_mut().zip([question.baseline, question.start, question.insight]) {
                            *sum += if span.0 <= minute && minute < span.1 { calls } else { 0 };
                        }
                    }
                }
                for (sum, &at) in sums.iter().zip(&alike) {
                    let Contributions { baseline, start, insight } = &mut answers[at];
                    let add = |counts: &mut ValueCounts, calls: u64| {
                        if calls > 0 {
                            counts.add(&values, calls);
                        }
                    };
                    add(baseline, sum[0]);
                    add(start, sum[1]);
                    add(insight, sum[2]);
                }
            }
        }
        Some(())
    }

    fn number(&mut self) -> Option<u32> {
        let (mut number, mut shift) = (0u32, 0);
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            number |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(number);
            }
            shift += 7;
        }
    }
}

fn put(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Bytes that can be appended and read: the newest in memory, the others in a file without a name.
#[derive(Default)]
struct Spool {
    memory: Vec<u8>,
    file: Option<File>,
    flushed: u64,
}

impl Spool {
    fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        if self.memory.len() + bytes.len() > IN_MEMORY && !self.memory.is_empty() {
            let file = match &mut self.file {
                Some(file) => file,
                none => none.insert(tempfile::tempfile()?),
            };
            file.seek(SeekFrom::Start(self.flushed))?;
            file.write_all(&self.memory)?;
            self.flushed += self.memory.len() as u64;
            self.memory.clear();
        }
        let offset = self.flushed + self.memory.len() as u64;
        self.memory.extend_from_slice(bytes);
        Ok(offset)
    }

    fn read(&mut self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        if let Some(at) = offset.checked_sub(self.flushed) {
            into.copy_from_slice(&self.memory[at as usize..at as usize + into.len()]);
            return Ok(());
        }
        let file = self.file.as_mut().ok_or_else(|| io::Error::other("no file for the log of calls"))?;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(into)
    }
}

#[cfg(test)]
mod tests {
    use record::insight::InsightType;

    use super::*;

    #[test]
    fn what_was_logged_is_told_however_it_was_cut() {
        let texts = ["arn:a", "arn:b", "agent", "AccessDenied"];
        let call = |api: u32, who: u32, failed: bool, minute: i32| {
            let mut values = [NO_TEXT; 8];
            values[0] = who;
            values[1] = 2;
            values[2] = if failed { 3 } else { NO_TEXT };
            LoggedCall { api: SeriesId(api), values, minute: Minute(minute) }
        };
        let calls: Vec<LoggedCall> =
            (0..10_000).map(|n| call(n % 7, n % 2, n % 3 == 0, 29_000_000 + n as i32 / 3)).collect();
        let (from, start, end) = (Minute(29_000_000), Minute(29_003_000), Minute(29_003_200));
        let question = |api, error: Option<&str>| Question {
            api: SeriesId(api),
            error: error.map(str::to_owned),
            baseline: (from, start),
            start: (start, Minute(start.0 + 5)),
            insight: (start, end),
        };
        let questions =
            [question(3, None), question(3, Some("AccessDenied")), question(5, Some("Other")), question(99, None)];
        let told = |cut: usize| {
            let mut log = CallLog::default();
            for calls in calls.chunks(cut) {
                log.keep(seal(calls.to_vec(), |number| texts[number as usize]).unwrap()).unwrap();
            }
            log.answer(&questions).unwrap()
        };
        let count = |from: Minute, end: Minute, failed: bool| {
            let is_asked = |call: &&LoggedCall| {
                call.api.0 == 3 && from <= call.minute && call.minute < end && (!failed || call.values[2] == 3)
            };
            calls.iter().filter(is_asked).count() as u64
        };
        for cut in [10_000, 333, 1] {
            let answers = told(cut);
            assert_eq!(answers[0].baseline.calls(), count(from, start, false));
            assert_eq!(answers[0].insight.calls(), count(start, end, false));
            assert_eq!(answers[1].insight.calls(), count(start, end, true));
            assert_eq!(answers[2].insight.calls(), 0);
            assert_eq!(answers[3].baseline.calls(), 0);
            let told = answers[0].attributions(InsightType::ApiCallRateInsight);
            assert_eq!(told[0].insight.iter().map(|share| share.calls).sum::<u64>(), count(start, end, false));
        }
    }
}
