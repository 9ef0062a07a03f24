//! Policy documents: what of them is held when they are put, and how they are told.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use serde_json::Value;
use wire::ApiError;

/// What a document is for, and so what it must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Who may assume a role.
    Trust,
    /// What somebody may do.
    Identity,
}

/// Whether a document is one, as far as can be said without knowing every action.
pub(crate) fn check(document: &str, purpose: Purpose) -> Result<(), ApiError> {
    let Ok(Value::Object(document)) = serde_json::from_str(document) else {
        return Err(malformed("This policy contains invalid Json"));
    };
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) if !statements.is_empty() => statements.iter().collect(),
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => return Err(malformed("Syntax errors in policy.")),
    };
    for statement in statements {
        let has = |names: &[&str]| names.iter().any(|name| statement.get(name).is_some());
        if !matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny")) {
            return Err(malformed("Syntax errors in policy."));
        }
        let fault = match purpose {
            Purpose::Trust if has(&["Resource", "NotResource"]) => "Has prohibited field Resource",
            Purpose::Trust if !has(&["Principal", "NotPrincipal"]) => "Missing required field Principal",
            Purpose::Trust if !has(&["Action", "NotAction"]) => "Missing required field Action",
            Purpose::Identity if has(&["Principal", "NotPrincipal"]) => {
                "Policy document should not specify a principal."
            }
            Purpose::Identity if !has(&["Action", "NotAction"]) => "Policy statement must contain actions.",
            Purpose::Identity if !has(&["Resource", "NotResource"]) => "Policy statement must contain resources.",
            _ => continue,
        };
        return Err(malformed(fault));
    }
    Ok(())
}

/// A document's length as quotas count it: blanks are free.
pub(crate) fn counted_length(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// A document as it is told: in the percent-encoding of RFC 3986.
pub(crate) fn told(document: &str) -> String {
    let mut told = String::with_capacity(document.len() * 2);
    for byte in document.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => told.push(byte.into()),
            _ => told.push_str(&format!("%{byte:02X}")),
        }
    }
    told
}

fn malformed(message: &str) -> ApiError {
    ApiError::new("MalformedPolicyDocument", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_says_what_its_purpose_needs() {
        let trust = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"x"},"Action":"sts:AssumeRole"}}"#;
        let identity = r#"{"Statement":[{"Effect":"Deny","NotAction":"a:b","Resource":"*"}]}"#;
        for (document, trusts, allows) in [
            (trust, "", "Policy document should not specify a principal."),
            (identity, "Has prohibited field Resource", ""),
            ("[]", "This policy contains invalid Json", "This policy contains invalid Json"),
            (r#"{"Statement":[]}"#, "Syntax errors in policy.", "Syntax errors in policy."),
            (
                r#"{"Statement":{"Effect":"Allow"}}"#,
                "Missing required field Principal",
                "Policy statement must contain actions.",
            ),
        ] {
            let fault = |purpose| check(document, purpose).err().map_or(String::new(), |error| error.message);
            assert_eq!((&*fault(Purpose::Trust), &*fault(Purpose::Identity)), (trusts, allows), "{document}");
        }
        assert_eq!(told("{\"a b\":~}"), "%7B%22a%20b%22%3A~%7D");
        assert_eq!(counted_length("{ \"a\":\n1 }"), 7);
    }
}
