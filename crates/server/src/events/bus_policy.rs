//! A bus's policy: JSON, in which statements are found by their ids. What else it says stays as it was given.

use serde::{Deserialize, Serialize};
use wire::Value;

/// A policy, read.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BusPolicy {
    #[serde(default = "version")]
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(deserialize_with = "statements")]
    statement: Vec<Value>,
}

/// `{"StringEquals": {"aws:PrincipalOrgID": "o-1234"}}`, taken apart.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Condition {
    r#type: String,
    key: String,
    value: String,
}

fn version() -> String {
    "2012-10-17".into()
}

/// One statement may stand without brackets.
fn statements<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Value>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::List(statements) => statements,
        statement => vec![statement],
    })
}

/// The statement that `PutPermission` makes.
pub(crate) fn statement(
    sid: &str,
    principal: &str,
    action: &str,
    resource: &str,
    condition: Option<Condition>,
) -> Value {
    let principal = match principal {
        "*" => Value::from("*"),
        account => object([("AWS", format!("arn:aws:iam::{account}:root").into())]),
    };
    let condition = condition.map_or(Value::Null, |Condition { r#type, key, value }| {
        Value::Map(vec![(r#type.into(), Value::Map(vec![(key.into(), value.into())]))])
    });
    // What is null is not written.
    object([
        ("Sid", sid.into()),
        ("Effect", "Allow".into()),
        ("Principal", principal),
        ("Action", action.into()),
        ("Resource", resource.into()),
        ("Condition", condition),
    ])
}

fn object<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    Value::Map(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

impl Default for BusPolicy {
    fn default() -> BusPolicy {
        BusPolicy { version: version(), id: None, statement: Vec::new() }
    }
}

impl BusPolicy {
    /// Of JSON; none of what is no policy.
    pub(crate) fn read(json: &str) -> Option<BusPolicy> {
        let policy: BusPolicy = serde_json::from_str(json).ok()?;
        policy.statement.iter().all(|statement| matches!(statement, Value::Map(_))).then_some(policy)
    }

    /// Puts a statement in the place of the one with this id, or behind all.
    pub(crate) fn put(&mut self, sid: &str, statement: Value) {
        self.remove(sid);
        self.statement.push(statement);
    }

    /// Takes the statement with this id away. Says whether there was one.
    pub(crate) fn remove(&mut self, sid: &str) -> bool {
        let before = self.statement.len();
        self.statement.retain(|statement| statement.member("Sid").and_then(Value::as_text) != Some(sid));
        self.statement.len() < before
    }

    /// As JSON; none if it says nothing.
    pub(crate) fn to_json(&self) -> Option<String> {
        if self.statement.is_empty() { None } else { serde_json::to_string(self).ok() }
    }
}
