//! Names of functions: `warden`, `warden:$LATEST`, `123456789012:function:warden`, or all of the ARN.

use record::names::AccountId;
use store::Key;
use wire::ApiError;

use super::words::{invalid, not_there};
use crate::Context;
use crate::arn::Arn;

/// The version that is changed.
pub(crate) const LATEST: &str = "$LATEST";

/// The function that an input means, and which version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// Its key.
    pub(crate) key: Key,
    /// Its ARN without a version.
    pub(crate) arn: String,
    /// A version or an alias, if one is meant.
    pub(crate) qualifier: Option<String>,
}

impl Named {
    /// Of a name, and of a qualifier beside it. Functions of other Regions and accounts are not ours to know.
    pub(crate) fn of(cx: &Context<'_>, text: &str, qualifier: Option<&str>) -> Result<Named, ApiError> {
        let parts = Parts::of(text);
        if let Some(region) = parts.region.filter(|region| *region != cx.region.as_str()) {
            let message = format!("Functions from '{region}' are not reachable in this region ('{}')", cx.region);
            return Err(not_there(message));
        }
        if parts.account.is_some_and(|account| account != cx.account.as_str()) {
            let message = "The function is of another account: there is only one here.";
            return Err(ApiError::new("AccessDeniedException", message).with_status(403));
        }
        let qualifier = match (parts.qualifier, qualifier) {
            (Some(derived), Some(given)) if derived != given => {
                return Err(invalid(
                    "The derived qualifier from the function name does not match the specified qualifier.",
                ));
            }
            (derived, given) => derived.or(given).map(str::to_owned),
        };
        let arn = cx.arn("lambda", format_args!("function:{}", parts.name));
        Ok(Named { key: cx.key(parts.name), arn, qualifier })
    }

    /// The same where versions are not spoken of.
    pub(crate) fn of_function(cx: &Context<'_>, text: &str) -> Result<Named, ApiError> {
        let named = Named::of(cx, text, None)?;
        match named.qualifier {
            None => Ok(named),
            Some(_) => Err(invalid(
                "This operation is permitted on Lambda functions only. Aliases and versions do not support this \
                 operation. Please specify either a function name or an unqualified function ARN.",
            )),
        }
    }

    /// Of an ARN, wherever it comes from.
    pub(crate) fn of_arn(text: &str) -> Option<Named> {
        let arn = Arn::of(text).filter(|arn| arn.service == "lambda")?;
        let resource = arn.resource.strip_prefix("function:")?;
        let (name, qualifier) = match resource.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier.to_owned())),
            None => (resource, None),
        };
        let key = Key::new(&arn.account.into(), &arn.region.into(), name);
        let arn = format!("arn:aws:lambda:{}:{}:function:{name}", arn.region, arn.account);
        Some(Named { key, arn, qualifier })
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.key.name
    }

    /// Its ARN with the version, if one is meant.
    pub(crate) fn told(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.arn),
            None => self.arn.clone(),
        }
    }

    /// What is meant where nothing is said.
    pub(crate) fn version(&self) -> &str {
        self.qualifier.as_deref().unwrap_or(LATEST)
    }

    /// Its ARN with the version that is meant, said or not.
    pub(crate) fn with_version(&self) -> String {
        format!("{}:{}", self.arn, self.version())
    }
}

#[derive(Debug, PartialEq)]
struct Parts<'t> {
    region: Option<&'t str>,
    account: Option<&'t str>,
    name: &'t str,
    qualifier: Option<&'t str>,
}

impl<'t> Parts<'t> {
    /// Of a text that has the shape of one.
    fn of(text: &'t str) -> Parts<'t> {
        let mut rest = text;
        if rest.starts_with("arn:") {
            rest = rest.splitn(4, ':').nth(3).unwrap_or_default();
        }
        let mut take = |is_it: fn(&str) -> bool| {
            let (first, after) = rest.split_once(':')?;
            is_it(first).then(|| rest = after)?;
            Some(first)
        };
        let region = take(is_region);
        let account = take(AccountId::is_one);
        take(|text| text == "function");
        let (name, qualifier) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier)),
            None => (rest, None),
        };
        Parts { region, account, name, qualifier }
    }
}

/// `us-east-1`, `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    matches!(parts.as_slice(), [words @ .., number]
        if words.len() >= 2 && words.iter().all(is_word) && number.len() == 1 && number.as_bytes()[0].is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_name_a_function_is_read() {
        let parts = |region, account, name, qualifier| Parts { region, account, name, qualifier };
        let (region, account) = (Some("us-east-1"), Some("123456789012"));
        for (text, expected) in [
            ("warden", parts(None, None, "warden", None)),
            ("warden:$LATEST", parts(None, None, "warden", Some("$LATEST"))),
            ("function:warden:7", parts(None, None, "warden", Some("7"))),
            ("123456789012:function:warden", parts(None, account, "warden", None)),
            ("arn:aws:lambda:us-east-1:123456789012:function:warden", parts(region, account, "warden", None)),
            ("arn:aws:lambda:us-east-1:123456789012:function:warden:a", parts(region, account, "warden", Some("a"))),
            ("arn:aws:lambda:us-east-1:123456789012:function", parts(region, account, "function", None)),
            ("us-gov-west-1:123456789012:warden", parts(Some("us-gov-west-1"), account, "warden", None)),
            ("a-b-1", parts(None, None, "a-b-1", None)),
        ] {
            assert_eq!(Parts::of(text), expected, "{text}");
        }
    }
}
