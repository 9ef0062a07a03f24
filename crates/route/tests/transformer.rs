//! Transformers: stories in `tests/transformer/*.txt`, what AWS was recorded to deliver, and laws.
//!
//! A story says what comes in; `UPDATE_EXPECT=1` writes anew what comes out, behind `tells` and `mails`.
//!
//! ```text
//! # What it shows, for a reader.
//! event {"detail": {"a": 1}}
//! path a $.detail.a
//! template                         (or input, or input-path, or both, which is refused)
//!   "a is <a>"
//! tells
//!   "a is 1"
//! mails                            (only where it is asked)
//!   a is 1
//! ```

use std::path::Path;

use proptest::prelude::*;
use route::json::Value;
use route::transformer::{InputTransformer, RuleContext, TargetInput, email_text};

const CONTEXT: RuleContext<'_> = RuleContext {
    rule_arn: "arn:aws:events:us-east-1:123456789012:rule/insights",
    rule_name: "insights",
    ingestion_time: "2026-02-12T14:31:02Z",
};

#[test]
fn every_story_ends_as_it_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transformer");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let story = std::fs::read_to_string(&file).unwrap();
        expect_test::expect_file![&file].assert_eq(&told_anew(&story));
    }
}

/// The story with what really comes out.
fn told_anew(story: &str) -> String {
    let (mut event, mut paths) = (String::from("{}"), Vec::new());
    let (mut input, mut input_path, mut template) = (None, None, None);
    let mut told = None;
    let mut anew = String::new();
    let mut lines = story.lines().peekable();
    while let Some(line) = lines.next() {
        anew.extend([line, "\n"]);
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut block = || {
            let mut block = Vec::new();
            while let Some(line) = lines.next_if(|line| line.starts_with("  ")) {
                block.push(&line[2..]);
            }
            block.join("\n")
        };
        let mut asked = |to: &mut Option<String>| {
            let block = block();
            anew.push_str(&indented(&block));
            *to = Some(block);
        };
        match word {
            "event" => event = rest.to_owned(),
            "path" => paths.push(rest.split_once(' ').unwrap_or((rest, ""))),
            "input" => asked(&mut input),
            "input-path" => asked(&mut input_path),
            "template" => asked(&mut template),
            "tells" => {
                block();
                let (input, input_path, template) = (input.take(), input_path.take(), template.take());
                let transformer = template.as_deref().map(|template| InputTransformer { paths: &paths, template });
                let input = TargetInput::new("a-target", input.as_deref(), input_path.as_deref(), transformer);
                told = Some(match input {
                    Ok(input) => {
                        let event = Value::parse(&event).unwrap();
                        input.deliver(&event, &CONTEXT).unwrap_or_else(|| "(nothing is delivered)".into())
                    }
                    Err(error) => format!("(refused) {error}"),
                });
                anew.push_str(&indented(told.as_deref().unwrap()));
            }
            "mails" => {
                block();
                anew.push_str(&indented(&email_text(told.as_deref().unwrap())));
            }
            _ => assert!(word.is_empty() || word.starts_with('#'), "a story has no word {word:?}"),
        }
    }
    anew
}

fn indented(text: &str) -> String {
    text.split('\n').map(|line| format!("  {line}\n")).collect()
}

/// The recorded cases: `shared/` is beside the checkout where they are, and nowhere else.
#[test]
fn what_aws_was_recorded_to_deliver_is_delivered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/event-patterns");
    if !folder.exists() {
        return;
    }
    let cases = std::fs::read_to_string(folder.join("input_transformer.jsonl")).unwrap();
    let cases: Vec<_> = cases.lines().map(|case| Value::parse(case).unwrap()).collect();
    assert_eq!(cases.len(), 10);
    for case in cases {
        let text = |name: &str| match case.get(name) {
            Some(Value::String(text)) => Some(text.as_ref()),
            _ => None,
        };
        let paths: Vec<_> = match case.get("paths") {
            Some(Value::Object(paths)) => paths.iter().map(|(name, path)| (name.as_ref(), plain(path))).collect(),
            _ => Vec::new(),
        };
        let transformer = text("template").map(|template| InputTransformer { paths: &paths, template });
        let input = TargetInput::new("a-target", None, text("path"), transformer).unwrap();
        let told = input.deliver(case.get("event").unwrap(), &CONTEXT);
        match (told, case.get("sqs_body").unwrap()) {
            (None, Value::Null) => {}
            (Some(told), Value::String(body)) => assert_eq!(told, *body),
            (Some(told), body) => {
                assert!(is_recorded(&Value::parse(&told).unwrap(), body), "{told}\n{}", body.to_json())
            }
            (None, body) => panic!("nothing is delivered, and AWS delivers {}", body.to_json()),
        }
    }
}

fn plain<'v>(value: &'v Value<'_>) -> &'v str {
    match value {
        Value::String(text) => text,
        _ => panic!("{value:?} is no text"),
    }
}

/// The same keys in the same order, and the same values; the recording has names where AWS's own values were.
fn is_recorded(told: &Value<'_>, recorded: &Value<'_>) -> bool {
    match (told, recorded) {
        (Value::Object(told), Value::Object(recorded)) => {
            told.len() == recorded.len()
                && told
                    .iter()
                    .zip(recorded)
                    .all(|(told, recorded)| told.0 == recorded.0 && is_recorded(&told.1, &recorded.1))
        }
        (Value::Array(told), Value::Array(recorded)) => {
            told.len() == recorded.len()
                && told.iter().zip(recorded).all(|(told, recorded)| is_recorded(told, recorded))
        }
        (Value::String(_), Value::String(name)) if name == "date" || name.starts_with('<') => true,
        (told, recorded) => told == recorded,
    }
}

fn tells(paths: &[(&str, &str)], template: &str, event: &str) -> Option<String> {
    let input = TargetInput::new("a-target", None, None, Some(InputTransformer { paths, template })).unwrap();
    input.deliver(&Value::parse(event).unwrap(), &CONTEXT)
}

#[test]
fn limits_are_aws_s() {
    let target = |paths: &[(&str, &str)], template: &str| {
        TargetInput::new("a-target", None, None, Some(InputTransformer { paths, template }))
    };
    let keys: Vec<_> = (0..101).map(|i| format!("key-{i}")).collect();
    let paths: Vec<_> = keys.iter().map(|key| (key.as_str(), "$.a")).collect();
    assert!(target(&paths[..100], "\"<key-99>\"").is_ok());
    assert!(target(&paths, "\"<key-99>\"").is_err());
    assert!(target(&[], &"ä".repeat(8192)).is_ok());
    assert!(target(&[], &"ä".repeat(8193)).is_err());
    assert!(TargetInput::new("a-target", Some(&format!("\"{}\"", "a".repeat(8190))), None, None).is_ok());
    assert!(TargetInput::new("a-target", Some(&format!("\"{}\"", "a".repeat(8191))), None, None).is_err());
    assert!(target(&[(&"k".repeat(256), "$.a")], "x").is_ok());
    assert!(target(&[(&"k".repeat(257), "$.a")], "x").is_err());
}

#[test]
fn nothing_that_is_told_grows_without_end() {
    let event = format!(r#"{{"detail":"{}"}}"#, "a".repeat(200_000));
    assert!(tells(&[("d", "$.detail")], &"<d>".repeat(5), &event).is_some());
    assert!(tells(&[("d", "$.detail")], &"<d>".repeat(2000), &event).is_none());
}

/// Any JSON value, its strings with anything in them.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let text = prop_oneof![any::<String>(), "[\"\\\\\n\u{0}\u{7f}<>a]{0,6}"];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        text.prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|fields| serde_json::Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_json_template_tells_json_or_nothing(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "{\"k\":", "[", "]", "}", "\"", "\\", ":", ",", "<a>", "<b>", "<none>", "<aws.events.event>", "n", "\\u00",
                "1", "-", ".", "null", " ", "\n", "<", ">", "\"k\":<a>", "\"<b>\"", "\"x\":\"<a>-<b>\"",
            ]),
            0..12,
        ),
        a in json(),
        b in json(),
    ) {
        let text: String = pieces.concat();
        let event = serde_json::json!({"detail": {"a": a, "b": b}, "detail-type": "T"}).to_string();
        let paths = [("a", "$.detail.a"), ("b", "$.detail.b"), ("none", "$.none")];
        for template in [format!("{{{text}}}"), format!("[{text}]"), format!("{{\"k\":{text}}}"), text] {
            let transformer = InputTransformer { paths: &paths, template: &template };
            let Ok(input) = TargetInput::new("a-target", None, None, Some(transformer)) else { continue };
            let told = input.deliver(&Value::parse(&event).unwrap(), &CONTEXT);
            if template.trim_start().starts_with(['{', '[']) && let Some(told) = told {
                let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&told).is_ok();
                prop_assert!(is_json, "{template} told {told}");
            }
        }
    }

    #[test]
    fn a_value_outside_quotes_arrives_as_it_is(value in json()) {
        let told = tells(&[("v", "$.v")], r#"{"v": <v>}"#, &serde_json::json!({"v": value}).to_string()).unwrap();
        prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&told).unwrap()["v"], &value);
    }

    #[test]
    fn a_text_inside_quotes_arrives_as_it_is(text: String) {
        let told = tells(&[("v", "$.v")], r#"{"v": "a<v>b"}"#, &serde_json::json!({"v": text}).to_string()).unwrap();
        prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&told).unwrap()["v"], &format!("a{text}b"));
    }

    #[test]
    fn a_text_in_a_string_template_is_told_byte_by_byte(text: String) {
        let told = tells(&[("v", "$.v")], "\"<v>\"", &serde_json::json!({"v": text}).to_string());
        prop_assert_eq!(told, Some(format!("\"{text}\"")));
    }

    #[test]
    fn mail_reads_what_the_literal_says(lines in prop::collection::vec(any::<String>(), 1..4)) {
        let message: Vec<_> = lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
        let message = message.join("\n");
        prop_assert_eq!(email_text(&message), lines.join("\n"));
    }

    #[test]
    fn mail_takes_any_message(message in any::<String>(), literal in "\"[\"\\\\nu0d8é\n ]{0,12}\"") {
        email_text(&message);
        email_text(&literal);
    }

    #[test]
    fn mail_leaves_what_is_no_literal_as_it_is(message in "[^\"]*") {
        prop_assert_eq!(email_text(&message), message.as_str());
    }
}
