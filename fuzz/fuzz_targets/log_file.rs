//! Log files of any bytes: the reader ends, within its limits, and both forms of the walk tell the same.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none log_file -- -max_total_time=20
//!
//! (from the folder above; the sanitizer `address` works too and is slower)
#![no_main]

use libfuzzer_sys::fuzz_target;
use record::api_call::Record;
use record::log_file::{Limits, Reader};
use record::scan::Walk;

fuzz_target!(|file: &[u8]| {
    let limits = Limits { inflated_bytes: 1 << 20, record_bytes: 1 << 16, depth: 20 };
    let mut told = [Walk::best(), Walk::portable()].map(|walk| {
        let mut reader = Reader::with_walk(limits, walk);
        let mut told = Vec::new();
        let ended = reader.read(file, Some("111122223333"), |record| {
            told.push(match record {
                Ok(Record::Call(call)) => {
                    assert!(call.raw.len() <= limits.record_bytes);
                    // Texts are cut at whole characters, and attribution takes any of them.
                    format!(
                        "{call:?} {:?} {:?} {:?}",
                        call.identity.who(),
                        call.identity.session_name(),
                        call.plain_error_code()
                    )
                }
                Ok(Record::Insight { raw }) => format!("{raw:?}"),
                Err(rejection) => rejection.to_string(),
            });
        });
        told.push(format!("{ended:?}"));
        told
    });
    let [best, portable] = &mut told;
    assert_eq!(best, portable);

    if let Ok(text) = std::str::from_utf8(file) {
        let _ = record::log_key::LogKey::of_path(text);
    }
});
