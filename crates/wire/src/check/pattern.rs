//! Patterns of texts, as AWS's models write them: in Java's dialect, matched as a whole, and small.
//!
//! `regex-lite` has all of it that such patterns use (its `\w` and `\d` are ASCII, as Java's) but looking ahead and halves of characters:
//! patterns with those are asked by a function.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use regex_lite::Regex;

/// A pattern: what is told, and what is asked.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    text: &'static str,
    accepts: Option<fn(&str) -> bool>,
}

impl Pattern {
    pub(super) const fn new(text: &'static str) -> Pattern {
        Pattern { text, accepts: None }
    }

    pub(super) const fn by(text: &'static str, accepts: fn(&str) -> bool) -> Pattern {
        Pattern { text, accepts: Some(accepts) }
    }

    /// As AWS writes it.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Whether it can be asked: a test of the tables calls this.
    pub fn is_valid(&self) -> bool {
        self.accepts.is_some() || compiled(self.text).is_some()
    }

    /// Whether a text matches as a whole. A pattern that cannot be read refuses nothing.
    pub fn accepts(&self, text: &str) -> bool {
        match self.accepts {
            Some(accepts) => accepts(text),
            None => compiled(self.text).is_none_or(|regex| regex.is_match(text)),
        }
    }
}

/// Compiled once. The patterns are constants of ours, so that there are only so many.
fn compiled(text: &'static str) -> Option<Arc<Regex>> {
    static COMPILED: Mutex<BTreeMap<&'static str, Option<Arc<Regex>>>> = Mutex::new(BTreeMap::new());
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    compiled.entry(text).or_insert_with(|| Regex::new(&format!(r"^(?:{text})$")).ok().map(Arc::new)).clone()
}

/// Whether a text is `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`, which is what tags are made of: letters, blanks and digits of any script, and
/// some signs.
pub fn is_tag_text(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_the_whole_text_or_not_at_all() {
        let name = Pattern::new(r"[\.\-_A-Za-z0-9]+");
        assert!(name.accepts("a-b.c_D"));
        assert!(!name.accepts("a b") && !name.accepts("") && !name.accepts("a\n"));
        assert!(Pattern::new(r"a|b").accepts("b") && !Pattern::new(r"a|b").accepts("bc"));
        assert!(Pattern::new(r"(?s).*").accepts("a\nb") && !Pattern::new(r".*").accepts("a\nb"));
        assert!(Pattern::new(r"\d+").accepts("12") && !Pattern::new(r"\d+").accepts("١٢"));
    }

    /// AWS's own patterns, as the project's list of operations has them.
    #[test]
    fn the_patterns_of_cloudtrail_can_be_asked() {
        let list = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/spec/cloudtrail-operations.txt");
        let Ok(list) = std::fs::read_to_string(list) else { return };
        let mut count = 0;
        for line in list.lines() {
            for part in line.split(" pattern=").skip(1) {
                // A pattern may have brackets and blanks; it ends where the constraints do.
                let text = part.split(" -> ").next().unwrap_or(part);
                let text = text.strip_suffix(']').unwrap_or(text);
                if text.contains(r"\uD800") {
                    // Java's halves of characters: whoever uses this one says by a function what it means.
                    continue;
                }
                assert!(Regex::new(&format!("^(?:{text})$")).is_ok(), "{text}");
                count += 1;
            }
        }
        assert!(count > 100, "{count}");
    }
}
