//! Any bytes that are posted as pushed events: a post or none; what it says does not hang on room between its parts; each event has
//! its answer, in its place, whatever stands beside it; and a record that is kept is read as the same call from a log file.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none push -- -max_total_time=20
//!
//! (from the folder above). The reader is the service's, taken as a file: the service would take minutes to build here.
#![no_main]

#[path = "../../crates/server/src/push/post.rs"]
mod post;

use libfuzzer_sys::fuzz_target;
use post::events;
use record::api_call::Record;
use record::log_file::{Limits, Reader};

fuzz_target!(|body: &[u8]| {
    let Ok(told) = events(body) else { return };
    for event in &told {
        assert!(event.id.as_ref().is_none_or(|id| id.chars().count() <= 64));
        let Ok(pushed) = &event.record else { continue };
        let file = format!("{{\"Records\":[{}]}}", pushed.record);
        let mut calls = 0;
        let read = Reader::new(Limits::default()).read(file.as_bytes(), None, |told| match told {
            Ok(Record::Call(call)) => {
                calls += 1;
                let read = (&*call.account, &*call.region, call.event_time);
                assert_eq!(read, (pushed.account.as_str(), pushed.region.as_str(), pushed.event_time));
            }
            _ => panic!("it was a call: {}", pushed.record),
        });
        assert_eq!((calls, read.is_ok()), (1, true), "{}", pushed.record);
    }
    if !body.trim_ascii_start().starts_with(b"[") {
        // Beside one that is none, it is answered the same.
        let beside = [b"[{\"id\":\"none\"},", body, b"]"].concat();
        let beside = events(&beside).expect("it is JSON");
        assert!(beside.len() == 2 && beside[0].record.is_err());
        assert_eq!((&beside[1].id, &beside[1].record), (&told[0].id, &told[0].record));
    }
});
