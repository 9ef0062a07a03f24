//! Filter patterns: which log events are wanted.
//!
//! ```text
//!   ERROR "timed out" -retry      both terms, and not the third                 terms.rs
//!   ?ERROR ?WARN                  one of them                                    terms.rs
//!   %user-[0-9]+%                 what a regular expression finds                terms.rs
//!   { $.eventName = "Run*" && $.errorCode NOT EXISTS }     fields of JSON        json.rs, selector.rs, comparison.rs
//! ```
//!
//! Compiled once, asked of every message. Patterns of fields between blanks (`[ip, user, …]`) are refused.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

mod comparison;
mod json;
mod selector;
mod terms;

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct PatternError(String);

impl PatternError {
    fn new(text: impl Into<String>) -> PatternError {
        PatternError(text.into())
    }
}

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct FilterPattern(Kind);

#[derive(Debug)]
enum Kind {
    All,
    Terms(terms::Terms),
    Json(json::Condition),
}

impl FilterPattern {
    /// Compiles a pattern. One without anything in it wants all.
    pub(crate) fn of(text: &str) -> Result<FilterPattern, PatternError> {
        let text = text.trim();
        let kind = match text.as_bytes() {
            [] => Kind::All,
            [b'{', ..] => Kind::Json(json::Condition::of(text)?),
            [b'[', ..] => {
                return Err(PatternError::new(
                    "patterns of fields between blanks ([a, b, c]) are not known here: use terms, or a %regular expression%",
                ));
            }
            _ => Kind::Terms(terms::Terms::of(text)?),
        };
        Ok(FilterPattern(kind))
    }

    /// Whether a message is wanted.
    pub(crate) fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Kind::All => true,
            Kind::Terms(terms) => terms.matches(message),
            Kind::Json(condition) => {
                // Most lines of most logs are no JSON: that is seen from their first letter.
                message.trim_start().starts_with('{')
                    && serde_json::from_str(message).is_ok_and(|value| condition.holds(&value))
            }
        }
    }
}

/// A regular expression between two `%`. AWS knows fewer operators than there are here; none of its own means another thing.
fn regular_expression(text: &str) -> Result<regex_lite::Regex, PatternError> {
    if text.contains(['(', ')']) {
        return Err(PatternError::new(format!("( and ) have no meaning in the regular expression %{text}%")));
    }
    regex_lite::Regex::new(text)
        .map_err(|error| PatternError::new(format!("%{text}% is no regular expression: {error}")))
}

#[cfg(test)]
mod tests;
