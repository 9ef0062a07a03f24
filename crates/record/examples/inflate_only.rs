//! The limit of `bench/speed`: reads every log file of a folder, inflates it with libdeflate, and does nothing with it.
//!
//!   cargo run --release -p record --example inflate_only FOLDER…
//!
//! The file is read and the room is kept as `Reader` does it, the size is taken from gzip's last four bytes, and the check
//! sum that libdeflate always verifies is part of the limit. Prints files, bytes packed and bytes inflated.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use libdeflater::Decompressor;

fn main() {
    let mut files = Vec::new();
    for folder in std::env::args().skip(1) {
        find(Path::new(&folder), &mut files);
    }
    files.sort();
    let mut decompressor = Decompressor::new();
    let (mut packed, mut room) = (Vec::new(), Vec::new());
    let (mut bytes_packed, mut bytes_inflated) = (0, 0);
    for path in &files {
        packed.clear();
        File::open(path).and_then(|mut file| file.read_to_end(&mut packed)).expect("a readable file");
        let told = packed.last_chunk::<4>().map_or(0, |&size| u32::from_le_bytes(size) as usize);
        if room.len() < told {
            room.resize(told, 0);
        }
        bytes_packed += packed.len();
        bytes_inflated += decompressor.gzip_decompress(&packed, &mut room).expect("a sound gzip file of one member");
    }
    println!("{} files, {bytes_packed} bytes packed, {bytes_inflated} bytes inflated", files.len());
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            find(&entry.path(), files);
        } else if entry.path().to_string_lossy().ends_with(".json.gz") {
            files.push(entry.path());
        }
    }
}
