//! SNS filter policies: which messages of a topic a subscription wants.
//!
//! They are event patterns, in an older form of the language, over a message's attributes or over its body. What the compiler
//! says of a fault is the same; SNS puts other words before it, and has limits of its own.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>

use crate::json::{Value, write_string};
use crate::pattern::{Dialect, Pattern, PatternError};

/// <https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html>
const KEY_LIMIT: usize = 5;
const COMBINATION_LIMIT: usize = 150;

/// What a filter policy is about: a subscription's `FilterPolicyScope`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FilterPolicyScope {
    /// The message's attributes. The policy is flat.
    #[default]
    MessageAttributes,
    /// The message's body, if it is a JSON object.
    MessageBody,
}

/// A compiled filter policy.
#[derive(Clone, Debug)]
pub struct FilterPolicy {
    pattern: Pattern,
    scope: FilterPolicyScope,
}

/// Why a text is no filter policy, in SNS's words.
///
/// SetSubscriptionAttributes puts `Invalid parameter: ` before it, Subscribe `Invalid parameter: Attributes Reason: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterPolicyError {
    /// It is no pattern, or beyond a limit.
    #[error("FilterPolicy: {0}")]
    Policy(#[from] PatternError),
    /// It is nested, but about attributes.
    #[error("Filter policy scope MessageAttributes does not support nested filter policy")]
    Nested,
}

/// A message attribute's value, as Publish takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeValue<'a> {
    /// `String`
    String(&'a str),
    /// `String.Array`: a JSON array of texts, numbers, booleans and nulls.
    StringArray(&'a str),
    /// `Number`
    Number(&'a str),
    /// `Binary`: never matches anything.
    Binary,
}

impl FilterPolicy {
    /// Compiles a filter policy.
    pub fn compile(text: &str, scope: FilterPolicyScope) -> Result<FilterPolicy, FilterPolicyError> {
        let pattern = Pattern::compile_as(text, Dialect::Sns)?;
        let policy = Value::parse(text).unwrap_or(Value::Null);
        let Value::Object(fields) = &policy else {
            return Err(PatternError::new("Filter is not an object").into());
        };
        if scope == FilterPolicyScope::MessageAttributes && is_nested(fields) {
            return Err(FilterPolicyError::Nested);
        }
        if fields.len() > KEY_LIMIT {
            return Err(PatternError::new(format!("Filter policy can not have more than {KEY_LIMIT} keys")).into());
        }
        if combinations(fields, 1) > COMBINATION_LIMIT {
            return Err(PatternError::new("Filter policy is too complex").into());
        }
        Ok(FilterPolicy { pattern, scope })
    }

    /// Whether the subscription wants a message.
    ///
    /// A body that is no JSON object and attributes that are no values match nothing.
    pub fn matches<'m>(&self, body: &str, attributes: impl IntoIterator<Item = (&'m str, AttributeValue<'m>)>) -> bool {
        match self.scope {
            FilterPolicyScope::MessageBody => self.pattern.matches(body).unwrap_or(false),
            FilterPolicyScope::MessageAttributes => self.pattern.matches(&as_event(attributes)).unwrap_or(false),
        }
    }
}

fn is_nested(fields: &[(std::borrow::Cow<'_, str>, Value<'_>)]) -> bool {
    fields.iter().any(|(name, value)| match value {
        Value::Object(_) => true,
        Value::Array(branches) if name == "$or" => {
            branches.iter().any(|branch| matches!(branch, Value::Object(fields) if is_nested(fields)))
        }
        _ => false,
    })
}

/// The number of combinations that a policy makes: each list counts its entries times its depth, fields multiply, the
/// branches of `$or` add up.
fn combinations(fields: &[(std::borrow::Cow<'_, str>, Value<'_>)], depth: usize) -> usize {
    let each = fields.iter().map(|(name, value)| match value {
        Value::Object(fields) => combinations(fields, depth + 1),
        Value::Array(branches) if name == "$or" => branches
            .iter()
            .map(|branch| match branch {
                Value::Object(fields) => combinations(fields, depth),
                _ => 1,
            })
            .fold(0, usize::saturating_add),
        Value::Array(entries) => entries.len() * depth,
        _ => 1,
    });
    each.fold(1, usize::saturating_mul)
}

/// Attributes as a JSON object.
fn as_event<'m>(attributes: impl IntoIterator<Item = (&'m str, AttributeValue<'m>)>) -> String {
    let mut event = String::from("{");
    for (name, value) in attributes {
        let length = event.len();
        if length > 1 {
            event.push(',');
        }
        write_string(name, &mut event);
        event.push(':');
        match value {
            AttributeValue::String(text) => write_string(text, &mut event),
            AttributeValue::Number(number) => match Value::parse(number) {
                Ok(Value::Number(number)) => event.push_str(number),
                // `007` and `+1` are numbers to SNS, but not to JSON.
                _ => match number.trim().parse::<f64>() {
                    Ok(number) if number.is_finite() => event.push_str(&number.to_string()),
                    _ => event.truncate(length),
                },
            },
            AttributeValue::StringArray(list) => match Value::parse(list) {
                Ok(list @ Value::Array(_)) => list.write_to(&mut event),
                _ => event.truncate(length),
            },
            AttributeValue::Binary => event.truncate(length),
        }
    }
    event.push('}');
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str, scope: FilterPolicyScope) -> String {
        FilterPolicy::compile(text, scope).map_or_else(|error| error.to_string(), |_| "none".into())
    }

    #[test]
    fn a_policy_has_limits_of_its_own() {
        use FilterPolicyScope::{MessageAttributes, MessageBody};
        let list = |count: usize| vec!["1"; count].join(",");
        for (text, scope, expected) in [
            (format!("{{\"a\":[{}]}}", list(150)), MessageAttributes, "none"),
            (format!("{{\"a\":[{}]}}", list(151)), MessageAttributes, "FilterPolicy: Filter policy is too complex"),
            // Depth counts: 3 × 25 × 2.
            (format!("{{\"a\":{{\"b\":{{\"c\":[{}]}}}},\"d\":[1,2]}}", list(25)), MessageBody, "none"),
            (
                format!("{{\"a\":{{\"b\":{{\"c\":[{}]}}}},\"d\":[1,2]}}", list(26)),
                MessageBody,
                "FilterPolicy: Filter policy is too complex",
            ),
            // Branches add up.
            (format!("{{\"$or\":[{{\"a\":[{}]}},{{\"b\":[{}]}}]}}", list(75), list(75)), MessageAttributes, "none"),
            (
                format!("{{\"$or\":[{{\"a\":[{}]}},{{\"b\":[{}]}}]}}", list(76), list(75)),
                MessageAttributes,
                "FilterPolicy: Filter policy is too complex",
            ),
            (r#"{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1]}"#.into(), MessageBody, "none"),
            (
                r#"{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]}"#.into(),
                MessageBody,
                "FilterPolicy: Filter policy can not have more than 5 keys",
            ),
            (r#"{"a":{"b":[1]}}"#.into(), MessageBody, "none"),
            (
                r#"{"$or":[{"a":[1]},{"a":{"b":[1]}}]}"#.into(),
                MessageAttributes,
                "Filter policy scope MessageAttributes does not support nested filter policy",
            ),
            (
                "[]".into(),
                MessageBody,
                "FilterPolicy: Filter is not an object\n at [Source: (String)\"[]\"; line: 1, column: 2]",
            ),
        ] {
            assert_eq!(fault(&text, scope), expected, "{text}");
        }
    }

    #[test]
    fn attributes_match_by_their_types() {
        let wants = |policy: &str, value| {
            let policy = FilterPolicy::compile(policy, FilterPolicyScope::MessageAttributes).expect("it is a policy");
            policy.matches("no JSON", [("other", AttributeValue::Binary), ("a", value)])
        };
        assert!(wants(r#"{"a":["x"]}"#, AttributeValue::String("x")));
        assert!(wants(r#"{"a":["\"\n"]}"#.replace('\n', "\\n").as_str(), AttributeValue::String("\"\n")));
        assert!(
            !wants(r#"{"a":[1]}"#, AttributeValue::String("1")) && wants(r#"{"a":[1]}"#, AttributeValue::Number("1"))
        );
        assert!(wants(r#"{"a":[{"numeric":["=",7]}]}"#, AttributeValue::Number("007")));
        assert!(wants(r#"{"a":["y",null]}"#, AttributeValue::StringArray(r#"["x", null, true, 2]"#)));
        assert!(!wants(r#"{"a":[{"exists":true}]}"#, AttributeValue::Binary));
        assert!(!wants(r#"{"a":[{"exists":true}]}"#, AttributeValue::StringArray("[")));
        assert!(!wants(r#"{"a":[{"exists":true}]}"#, AttributeValue::Number("many")));
    }
}
