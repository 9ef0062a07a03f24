//! The cases recorded from AWS and from its open-source Event Ruler, where they are at hand (`../shared/data`). They are
//! not ours to copy, so that a checkout without them passes without looking.

use std::path::PathBuf;

use route::{AttributeValue, FilterPolicy, FilterPolicyScope, Pattern};
use serde_json::Value;

/// The cases of a file, or none.
fn cases(file: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(file);
    let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
    text.lines().map(|line| serde_json::from_str(line).expect("cases are JSON")).collect()
}

fn text<'c>(case: &'c Value, key: &str) -> Option<&'c str> {
    case[key].as_str()
}

/// What differs from what was recorded, a line each.
fn differences(cases: &[Value]) -> Vec<String> {
    let mut differences = Vec::new();
    for case in cases {
        let pattern = text(case, "pattern").expect("a case has a pattern");
        let expected_error = text(case, "error")
            .or_else(|| text(case, "error_message"))
            .map(|message| message.strip_prefix("Event pattern is not valid. Reason: ").unwrap_or(message));
        let found = match (Pattern::compile(pattern), text(case, "event")) {
            (Err(error), _) => format!("error {error}"),
            (Ok(_), None) => "compiles".into(),
            (Ok(pattern), Some(event)) => match pattern.matches(event) {
                Ok(is_match) => {
                    assert_eq!(route::naive::matches(&pattern, event), Ok(is_match), "{case}");
                    is_match.to_string()
                }
                Err(_) => "error Parameter Event is not valid.".into(),
            },
        };
        let expected = match (expected_error, case["expected"].as_bool()) {
            (Some(error), _) => format!("error {error}"),
            (None, Some(is_match)) => is_match.to_string(),
            (None, None) => "compiles".into(),
        };
        if found != expected {
            differences.push(format!("{}\n  expected {expected}\n  found    {found}\n  {case}", case["src"]));
        }
    }
    differences
}

#[test]
fn patterns_answer_as_aws_and_event_ruler_did() {
    for file in ["aws_validated", "match", "compile", "fuzz"] {
        let cases = cases(&format!("event-patterns/{file}.jsonl"));
        let differences = differences(&cases);
        assert!(
            differences.is_empty(),
            "{file}: {} differ\n{}",
            differences.len(),
            differences[..differences.len().min(8)].join("\n")
        );
    }
}

/// What SNS says of a filter policy, without what it says before that.
fn fault(policy: &str, scope: FilterPolicyScope) -> Option<String> {
    FilterPolicy::compile(policy, scope).err().map(|error| error.to_string())
}

#[test]
fn filter_policies_are_refused_as_sns_did() {
    for case in cases("sns-filter-policies/error.jsonl") {
        let Some(policy) = text(&case, "policy") else { continue };
        let message = text(&case, "error_message").expect("an error has a message");
        let message = message.strip_prefix("Invalid parameter: ").expect("all begin so");
        let message = message.strip_prefix("Attributes Reason: ").unwrap_or(message);
        assert_eq!(fault(policy, FilterPolicyScope::MessageBody).as_deref(), Some(message), "{case}");
    }
}

#[test]
fn filter_policies_match_as_recorded() {
    for case in cases("sns-filter-policies/body.jsonl") {
        let policy = FilterPolicy::compile(&case["policy"].to_string(), FilterPolicyScope::MessageBody);
        let is_match = policy.expect("it is a policy").matches(&case["message"].to_string(), []);
        assert_eq!(Some(is_match), case["expected"].as_bool(), "{case}");
    }
    for case in cases("sns-filter-policies/attributes.jsonl") {
        let policy = case["policy"].to_string();
        let policy = match FilterPolicy::compile(&policy, FilterPolicyScope::MessageAttributes) {
            Ok(policy) => policy,
            Err(error) => {
                // One was never given to SNS, which demands lists.
                assert!(error.to_string().contains("must be an object or an array"), "{error}: {case}");
                continue;
            }
        };
        let attributes: Vec<(String, String, String)> = case["attributes"]
            .as_object()
            .expect("attributes are an object")
            .iter()
            .map(|(name, attribute)| {
                let value = attribute["Value"].as_str().map_or_else(|| attribute["Value"].to_string(), str::to_string);
                (name.clone(), text(attribute, "Type").expect("an attribute has a type").to_string(), value)
            })
            .collect();
        let attributes = attributes.iter().map(|(name, kind, value)| {
            let value = match kind.as_str() {
                "String" => AttributeValue::String(value),
                "String.Array" => AttributeValue::StringArray(value),
                "Number" => AttributeValue::Number(value),
                other => panic!("an attribute of type {other}"),
            };
            (name.as_str(), value)
        });
        assert_eq!(Some(policy.matches("", attributes)), case["expected"].as_bool(), "{case}");
    }
}
