//! Faults: the same calls, delivered otherwise. Whoever counts them must find the same.
//!
//! Each takes files and a seed and returns other files that hold the same calls. None makes a record later than it
//! was: what is settled stays settled.

use std::collections::BTreeMap;

use libdeflater::{CompressionLvl, Compressor, Decompressor};
use record::log_key::LogKey;
use record::time::Minute;

use crate::dice::Dice;
use crate::log_files::{LogFile, gzip, named};

/// All of the below at once.
pub fn all(files: Vec<LogFile>, seed: u64) -> Vec<LogFile> {
    let files = recut(files, seed);
    let files = second_trail(files, seed);
    let files = repeated(files, seed);
    shuffled(files, seed)
}

/// Files that arrive within the same five minutes come in any order.
pub fn shuffled(mut files: Vec<LogFile>, seed: u64) -> Vec<LogFile> {
    let mut dice = Dice::of(seed, &[50]);
    let mut places: Vec<(i32, u64, LogFile)> =
        files.drain(..).map(|file| (file.arrived_at.0.div_euclid(5), dice.bits(), file)).collect();
    places.sort_by_key(|(when, lot, _)| (*when, *lot));
    places.into_iter().map(|(_, _, file)| file).collect()
}

/// One file in five comes again: half of them the same object, half under another name.
pub fn repeated(files: Vec<LogFile>, seed: u64) -> Vec<LogFile> {
    let mut dice = Dice::of(seed, &[51]);
    let mut out = Vec::new();
    for file in files {
        if dice.chance(0.2) {
            let LogKey { account, region, time, .. } = name(&file);
            let again = named(&account, &region, time.seconds(), dice.bits());
            let key = if dice.chance(0.5) { file.key.clone() } else { again };
            let later = Minute(file.arrived_at.0 + dice.below(5) as i32);
            out.push(LogFile { key, arrived_at: later, ..file.clone() });
        }
        out.push(file);
    }
    in_order(out)
}

/// What one account and Region got at one time is cut into other files.
pub fn recut(files: Vec<LogFile>, seed: u64) -> Vec<LogFile> {
    let mut dice = Dice::of(seed, &[52]);
    let mut tools = Tools::new();
    let mut together: BTreeMap<(String, Minute, String), Vec<LogFile>> = BTreeMap::new();
    for file in files {
        let LogKey { account, region, time, .. } = name(&file);
        together.entry((account, time, region)).or_default().push(file);
    }
    let mut out = Vec::new();
    for ((account, time, region), files) in together {
        let arrived_at = files.iter().map(|file| file.arrived_at).max().expect("a group has files");
        let texts: Vec<Vec<u8>> = files.iter().map(|file| tools.inflate(&file.body)).collect();
        let mut records: Vec<&[u8]> = texts.iter().flat_map(|text| records_in(text)).collect();
        dice.shuffle(&mut records);
        let count = 1 + dice.below(4);
        for records in records.chunks(records.len().div_ceil(count).max(1)) {
            let key = named(&account, &region, time.seconds(), dice.bits());
            out.push(LogFile { key, arrived_at, body: tools.deflate(records), records: records.len() });
        }
    }
    in_order(out)
}

/// A second trail writes everything again, in files of its own.
pub fn second_trail(files: Vec<LogFile>, seed: u64) -> Vec<LogFile> {
    let copies = recut(files.clone(), seed ^ 0x5EC0);
    in_order(files.into_iter().chain(copies).collect())
}

/// The records of a file, as they are.
///
/// For files that this crate made: one object with one array of objects, no spaces between them.
pub fn records_in(text: &[u8]) -> Vec<&[u8]> {
    let (mut records, mut depth, mut start) = (Vec::new(), 0, 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                depth += 1;
                if depth == 3 {
                    start = at;
                }
            }
            b'}' | b']' => {
                if depth == 3 {
                    records.push(&text[start..=at]);
                }
                depth -= 1;
            }
            _ => {}
        }
    }
    records
}

/// The text of a file that this crate made.
pub fn inflated(file: &LogFile) -> Vec<u8> {
    Tools::new().inflate(&file.body)
}

fn in_order(mut files: Vec<LogFile>) -> Vec<LogFile> {
    files.sort_by(|a, b| (a.arrived_at, &a.key).cmp(&(b.arrived_at, &b.key)));
    files
}

fn name(file: &LogFile) -> LogKey {
    file.key.parse().expect("files of this crate are named as AWS names them")
}

struct Tools(Compressor, Decompressor);

impl Tools {
    fn new() -> Tools {
        Tools(Compressor::new(CompressionLvl::fastest()), Decompressor::new())
    }

    fn inflate(&mut self, body: &[u8]) -> Vec<u8> {
        let length = body[body.len() - 4..].try_into().map(u32::from_le_bytes).expect("four bytes");
        let mut text = vec![0; length as usize];
        self.1.gzip_decompress(body, &mut text).expect("files of this crate are whole");
        text
    }

    fn deflate(&mut self, records: &[&[u8]]) -> Vec<u8> {
        let text = [b"{\"Records\":[".as_slice(), &records.join(b",".as_slice()), b"]}"].concat();
        gzip(&mut self.0, &text)
    }
}
