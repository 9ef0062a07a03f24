//! Transformers of any text: compiling and filling end, a JSON template tells JSON or nothing, mail takes what is told.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none template -- -max_total_time=20
//!
//! (from the folder above). The input is four lines: a template (its line breaks are written `\x01`), two paths, an event.
#![no_main]

use libfuzzer_sys::fuzz_target;
use route::json::Value;
use route::transformer::{InputTransformer, RuleContext, TargetInput, email_text};

fuzz_target!(|input: &str| {
    let mut lines = input.splitn(4, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (template, a, b, event) = (line().replace('\x01', "\n"), line(), line(), line());
    email_text(&template);

    let Ok(event) = Value::parse(event) else { return };
    let context = RuleContext { rule_arn: a, rule_name: b, ingestion_time: "2026-02-12T14:30:00Z" };
    let tell = |input: TargetInput| input.deliver(&event, &context);

    if let Ok(input) = TargetInput::new("a-target", None, Some(a), None) {
        assert!(tell(input).is_none_or(|told| Value::parse(&told).is_ok()));
    }
    let transformer = InputTransformer { paths: &[("a", a), ("b", b)], template: &template };
    if let Ok(input) = TargetInput::new("a-target", None, None, Some(transformer))
        && let Some(told) = tell(input)
    {
        email_text(&told);
        // What is inserted may be as deep as it was read; within the template it may be deeper than we read.
        if template.trim_start().starts_with(['{', '[']) && told.matches(['{', '[']).count() < 1000 {
            assert!(Value::parse(&told).is_ok(), "{told}");
        }
    }
});
