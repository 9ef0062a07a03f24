//! Any text as an SNS filter policy, over any attributes: a clear answer, never a panic; attributes are judged as a body that says
//! the same.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none filter_policy -- -max_total_time=20
//!
//! (from the folder above). The input is a line for each attribute (`name=text`), an empty line, and a policy.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use route::{AttributeValue, FilterPolicy, FilterPolicyScope};

fuzz_target!(|input: &str| {
    let (attributes, policy) = input.split_once("\n\n").unwrap_or(("", input));
    let attributes: BTreeMap<&str, &str> = attributes.lines().filter_map(|line| line.split_once('=')).collect();
    let body = serde_json::to_string(&attributes).expect("texts are JSON");

    let of_body = FilterPolicy::compile(policy, FilterPolicyScope::MessageBody);
    let Ok(of_attributes) = FilterPolicy::compile(policy, FilterPolicyScope::MessageAttributes) else { return };
    let of_body = of_body.expect("what is about attributes can be about a body");
    let of_texts = |told: for<'a> fn(&'a str) -> AttributeValue<'a>| {
        of_attributes.matches("", attributes.iter().map(|(name, text)| (*name, told(text))))
    };
    assert_eq!(of_texts(|text| AttributeValue::String(text)), of_body.matches(&body, []));
    of_texts(|text| AttributeValue::Number(text));
    of_texts(|text| AttributeValue::StringArray(text));
    assert_eq!(of_texts(|_| AttributeValue::Binary), of_attributes.matches("", []));
    of_body.matches(policy, []);
});
