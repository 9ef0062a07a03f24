//! The walk says what `serde_json::Value` says: on scribbled records, and on every real file at hand.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use crate::oracle::{Outcome, expected, read};
use crate::scribble::Scribble;

const KEY_ACCOUNT: Option<&str> = Some("999988887777");

#[test]
fn scribbled_records_are_read_as_serde_json_reads_them() {
    let mut calls = 0;
    let mut records = 0;
    for seed in 0..6000 {
        let mut scribble = Scribble::new(seed);
        let texts: Vec<String> = (0..=scribble.dice.below(4)).map(|_| scribble.record()).collect();
        let file = match seed % 4 {
            0 => format!("{{\"Records\":[{}]}}", texts.join(",")),
            1 => format!("{}[{}]\n", scribble.space(), texts.join(",\n")),
            2 => format!("{{\"a\":[1,{{}}],\"Records\" : [ {} ] ,\"z\":\"]\"}}", texts.join(" , ")),
            // One a line needs that none looks like something else.
            _ => format!("\u{feff}{{\"Records\":[{}]}}\n{{\"Records\":[]}}", texts.join(",")),
        };
        let key_account = if seed % 3 == 0 { None } else { KEY_ACCOUNT };
        let (outcomes, ended) = read(file.as_bytes(), key_account);
        assert_eq!(ended, Ok(()), "seed {seed}: {file}");
        assert_eq!(outcomes.len(), texts.len(), "seed {seed}: {file}");
        for (text, (outcome, raw)) in texts.iter().zip(outcomes) {
            assert_eq!(outcome, expected(text, key_account), "seed {seed}: {} {text}", String::from_utf8_lossy(&raw));
            records += 1;
            if matches!(outcome, Outcome::Call(_)) {
                calls += 1;
                assert_eq!(String::from_utf8(raw).unwrap(), *text, "seed {seed}");
            }
        }
    }
    // The scribbler must not be so wild that nothing is left to compare.
    assert!(calls * 4 > records, "{calls} of {records}");
}

#[test]
fn real_files_are_read_as_serde_json_reads_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/cloudtrail");
    let mut files = Vec::new();
    find(&folder, &mut files);
    if files.is_empty() {
        let _ = writeln!(std::io::stderr(), "LEFT OUT: there is nothing in {}", folder.display());
        return;
    }
    let mut calls = 0;
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let mut text = String::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        } else {
            text = String::from_utf8(bytes.clone()).unwrap();
        }
        let (outcomes, ended) = read(&bytes, KEY_ACCOUNT);
        assert_eq!(ended, Ok(()), "{}", path.display());
        let records = records_of(&text);
        assert_eq!(outcomes.len(), records.len(), "{}", path.display());
        for (raw, (outcome, read)) in records.iter().zip(&outcomes) {
            assert_eq!(*outcome, expected(raw.get(), KEY_ACCOUNT), "{}: {raw}", path.display());
            if matches!(outcome, Outcome::Call(_)) {
                assert_eq!(std::str::from_utf8(read).unwrap(), raw.get(), "{}", path.display());
                calls += 1;
            }
        }
    }
    assert!(calls > 2900, "{calls}");
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, files);
        } else if path.to_string_lossy().ends_with(".json") || path.to_string_lossy().ends_with(".json.gz") {
            files.push(path);
        }
    }
}

fn records_of(text: &str) -> Vec<Box<RawValue>> {
    #[derive(serde::Deserialize)]
    struct Records {
        #[serde(rename = "Records")]
        records: Vec<Box<RawValue>>,
    }
    serde_json::from_str::<Records>(text)
        .map(|wrapper| wrapper.records)
        .or_else(|_| serde_json::from_str(text))
        .unwrap()
}
