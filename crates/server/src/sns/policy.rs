//! A topic's policy: stored, given back, changed by AddPermission and RemovePermission; never enforced.

use std::borrow::Cow;

use record::names::AccountId;
use route::json::Value;
use wire::ApiError;

use super::invalid;

/// What a policy can be about. <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html>
const ACTIONS: &[&str] = &[
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
];

/// What a topic has that was given no policy: everything to its owner.
pub(crate) fn default_policy(topic_arn: &str, owner: &AccountId) -> String {
    let actions = list(ACTIONS.iter().map(|action| text(format!("SNS:{action}"))).collect());
    let owner = object(vec![("AWS:SourceOwner", text(owner.to_string()))]);
    let statement = object(vec![
        ("Sid", text("__default_statement_ID")),
        ("Effect", text("Allow")),
        ("Principal", object(vec![("AWS", text("*"))])),
        ("Action", actions),
        ("Resource", text(topic_arn)),
        ("Condition", object(vec![("StringEquals", owner)])),
    ]);
    let policy = object(vec![
        ("Version", text("2008-10-17")),
        ("Id", text("__default_policy_ID")),
        ("Statement", list(vec![statement])),
    ]);
    policy.to_json()
}

/// A policy as it is kept; or the fault.
pub(crate) fn checked(policy: &str) -> Result<String, String> {
    match Value::parse(policy) {
        Ok(Value::Object(_)) => Ok(policy.to_owned()),
        _ => Err("Policy Error: null".into()),
    }
}

/// The policy with one statement more: these accounts may do this.
pub(crate) fn with_statement(
    policy: &str,
    label: &str,
    topic_arn: &str,
    accounts: &[String],
    actions: &[String],
) -> Result<String, ApiError> {
    let is_known = |action: &&String| action.as_str() == "*" || ACTIONS.contains(&action.as_str());
    if actions.is_empty() || !actions.iter().all(|action| is_known(&action)) {
        return Err(invalid("Policy statement action out of service scope!"));
    }
    if accounts.is_empty() {
        return Err(invalid("AWSAccountId"));
    }
    let mut policy = Value::parse(policy).unwrap_or(Value::Null);
    let statements = statements(&mut policy);
    if statements.iter().any(|statement| has_label(statement, label)) {
        return Err(invalid("Statement already exists"));
    }
    // Whoever is an ARN already stays one.
    let principal = |account: &String| {
        text(if account.starts_with("arn:") { account.clone() } else { format!("arn:aws:iam::{account}:root") })
    };
    statements.push(object(vec![
        ("Sid", text(label)),
        ("Effect", text("Allow")),
        ("Principal", object(vec![("AWS", one_or_all(accounts.iter().map(principal).collect()))])),
        ("Action", one_or_all(actions.iter().map(|action| text(format!("SNS:{action}"))).collect())),
        ("Resource", text(topic_arn)),
    ]));
    Ok(policy.to_json())
}

/// The policy without the statement of this label; it need not be there.
pub(crate) fn without_statement(policy: &str, label: &str) -> String {
    let mut policy = Value::parse(policy).unwrap_or(Value::Null);
    statements(&mut policy).retain(|statement| !has_label(statement, label));
    policy.to_json()
}

/// The statements, which are made a list if they are none.
fn statements<'p, 'a>(policy: &'p mut Value<'a>) -> &'p mut Vec<Value<'a>> {
    if !matches!(policy, Value::Object(_)) {
        *policy = Value::Object(Vec::new());
    }
    let Value::Object(fields) = policy else { unreachable!("it has just become an object") };
    let place = match fields.iter().rposition(|(name, _)| name == "Statement") {
        Some(place) => place,
        None => {
            fields.push((Cow::Borrowed("Statement"), list(Vec::new())));
            fields.len() - 1
        }
    };
    let statement = &mut fields[place].1;
    if !matches!(statement, Value::Array(_)) {
        *statement = list(vec![std::mem::replace(statement, Value::Null)]);
    }
    let Value::Array(statements) = statement else { unreachable!("it has just become a list") };
    statements
}

fn has_label(statement: &Value<'_>, label: &str) -> bool {
    matches!(statement.get("Sid"), Some(Value::String(sid)) if sid == label)
}

fn one_or_all(mut all: Vec<Value<'_>>) -> Value<'_> {
    if all.len() == 1 { all.remove(0) } else { list(all) }
}

fn text<'a>(text: impl Into<Cow<'a, str>>) -> Value<'a> {
    Value::String(text.into())
}

fn list(items: Vec<Value<'_>>) -> Value<'_> {
    Value::Array(items)
}

fn object<'a>(fields: Vec<(&'static str, Value<'a>)>) -> Value<'a> {
    Value::Object(fields.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect())
}
