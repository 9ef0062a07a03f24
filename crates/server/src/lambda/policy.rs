//! A function's policy: remembered and told; nothing hangs on it here.

use std::collections::BTreeMap;

use record::names::AccountId;
use serde::{Deserialize, Serialize};
use wire::ApiError;

use super::words::invalid;

/// A statement, as JSON tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statement {
    pub(crate) sid: String,
    effect: String,
    principal: Principal,
    action: String,
    resource: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    condition: Conditions,
}

/// By operator: by key.
type Conditions = BTreeMap<String, BTreeMap<String, String>>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Principal {
    /// `*`
    Anybody(String),
    /// `{"Service": "events.amazonaws.com"}`
    Of(BTreeMap<String, String>),
}

/// A permit's conditions, as they are given: key, operator, value.
pub(crate) type Given = (&'static str, &'static str, Option<String>);

impl Statement {
    /// Who may do what.
    pub(crate) fn new(
        sid: String,
        principal: &str,
        action: String,
        resource: String,
        given: impl IntoIterator<Item = Given>,
    ) -> Result<Statement, ApiError> {
        let mut condition = Conditions::new();
        for (key, operator, value) in given {
            if let Some(value) = value {
                condition.entry(operator.to_owned()).or_default().insert(key.to_owned(), value);
            }
        }
        let principal = Principal::of(principal)?;
        Ok(Statement { sid, effect: "Allow".into(), principal, action, resource, condition })
    }

    /// Whether it is about this function, or this version of it.
    pub(crate) fn is_about(&self, arn: &str) -> bool {
        self.resource == arn
    }

    /// As JSON.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and maps of texts are always JSON")
    }
}

impl Principal {
    fn of(text: &str) -> Result<Principal, ApiError> {
        let of = |kind: &str, text: String| Principal::Of(BTreeMap::from([(kind.to_owned(), text)]));
        match text {
            "*" => Ok(Principal::Anybody("*".into())),
            _ if AccountId::is_one(text) => Ok(of("AWS", format!("arn:aws:iam::{}:root", AccountId::from(text)))),
            _ if text.starts_with("arn:") => Ok(of("AWS", text.to_owned())),
            _ if text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn") => {
                Ok(of("Service", text.to_owned()))
            }
            _ => Err(invalid("The provided principal was invalid. Please check the principal and try again.")),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy<'p> {
    version: &'static str,
    id: &'static str,
    statement: &'p [Statement],
}

/// All statements as one policy, as JSON.
pub(crate) fn policy_json(statements: &[Statement]) -> String {
    let policy = Policy { version: "2012-10-17", id: "default", statement: statements };
    serde_json::to_string(&policy).expect("texts and maps of texts are always JSON")
}
