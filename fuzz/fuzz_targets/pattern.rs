//! Any text as a pattern: a clear answer, never a panic; what compiles, the index and the naive matcher answer alike.
#![no_main]

use libfuzzer_sys::fuzz_target;
use route::{FilterPolicy, FilterPolicyScope, Pattern, naive};

const EVENTS: &[&str] = &[
    r#"{"source":"aws.ec2","detail":{"a":[{"b":1,"c":"x"},{"b":2.50,"c":null}],"ip":"10.0.0.1","é\n":"Ü"},"a.b":true}"#,
    r#"{"detail":{},"resources":["arn:aws:s3:::b"],"n":1e400,"n":-0.0}"#,
];

fuzz_target!(|text: &str| {
    let _ = FilterPolicy::compile(text, FilterPolicyScope::MessageBody);
    let Ok(pattern) = Pattern::compile(text) else { return };
    for event in EVENTS {
        assert_eq!(pattern.matches(event), naive::matches(&pattern, event));
        let _ = pattern.explain(event);
    }
});
