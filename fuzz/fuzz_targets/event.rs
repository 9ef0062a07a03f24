//! Any bytes as an event: a clear answer, never a panic; what is JSON, the index and the naive matcher answer alike.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use route::{Pattern, Rules, Scratch, naive};

const PATTERNS: &[&str] = &[
    r#"{"a":[1,"x",null,{"prefix":"p"},{"suffix":"s"},{"anything-but":["x",""]}]}"#,
    r#"{"a":{"b":[{"exists":false}],"c":[{"numeric":[">",0,"<=",5]}]}}"#,
    r#"{"a":{"b":[1],"c":[{"wildcard":"*x*"},{"equals-ignore-case":"Ü"}]},"d":[{"cidr":"10.0.0.0/8"},"::1"]}"#,
    r#"{"$or":[{"a.b":[{"exists":true}]},{"":[true],"d":[{"anything-but":{"wildcard":"x*"}}]}]}"#,
];

static COMPILED: LazyLock<(Vec<Pattern>, Rules)> = LazyLock::new(|| {
    let patterns: Vec<Pattern> = PATTERNS.iter().map(|text| Pattern::compile(text).expect("it is a pattern")).collect();
    let rules = Rules::new(&patterns);
    (patterns, rules)
});

fuzz_target!(|event: &[u8]| {
    let (patterns, rules) = &*COMPILED;
    let mut scratch = Scratch::default();
    let found = rules.matching(event, &mut scratch).map(<[u32]>::to_vec);
    // The index looks at what it needs only, so that it may have an answer where there is none.
    let Ok(text) = std::str::from_utf8(event) else { return };
    for (i, pattern) in patterns.iter().enumerate() {
        if let Ok(expected) = naive::matches(pattern, text) {
            assert_eq!(found.as_ref().map(|found| found.contains(&(i as u32))), Ok(expected));
        }
    }
});
