//! Names of objects of any text: no panic, and a key that is understood is written as it was read.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none log_key -- -max_total_time=20
#![no_main]

use libfuzzer_sys::fuzz_target;
use record::log_key::{LogKey, ObjectKey};

fuzz_target!(|input: &str| {
    let _ = LogKey::of_path(input);
    let _ = LogKey::of_file_name(input);
    let _ = input.parse::<ObjectKey>();
    if let Ok(key) = input.parse::<LogKey>() {
        let written = key.to_string();
        assert_eq!(written.parse::<LogKey>().ok().as_ref(), Some(&key), "{written}");
    }
});
