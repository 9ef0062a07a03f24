//! Any text as a notice that a queue holds: it is one or is none; and what SNS wraps tells of the same objects.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none notice -- -max_total_time=20
//!
//! (from the folder above). The reader is the binary's, taken as a file: the binary with all its libraries would take minutes to
//! build here.
#![no_main]

#[path = "../../crates/trailsight/src/world/linked/notice.rs"]
mod notice;

use libfuzzer_sys::fuzz_target;
use notice::objects;
use serde_json::{Value, json};

fuzz_target!(|body: &str| {
    let told = objects(body);
    if let Some(objects) = &told {
        assert!(objects.iter().all(|(bucket, key)| bucket.len() + key.len() <= body.len()), "{objects:?}");
    }
    let is_wrapped = serde_json::from_str::<Value>(body).is_ok_and(|notice| notice["Type"] == "Notification");
    let wrapped = json!({ "Type": "Notification", "Message": body }).to_string();
    assert_eq!(objects(&wrapped), if is_wrapped { None } else { told });
});
