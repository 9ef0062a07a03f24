//! Conditions on the fields of a JSON message: `{ ($.a = "b" || $.c > 5) && $.d NOT EXISTS }`.
//!
//! `&&` binds closer than `||`. Read by descent; a pattern's length bounds how deep that goes.

use serde_json::Value;

use super::PatternError;
use super::comparison::Comparison;
use super::selector::Selector;

/// Wildcards in the selectors of one pattern.
const MAX_WILDCARDS: usize = 3;

#[derive(Debug)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Test(Selector, Test),
}

#[derive(Debug)]
pub(super) enum Test {
    Is(Value),
    NotExists,
    Compares(Comparison),
}

impl Condition {
    /// Of a whole pattern, with its braces.
    pub(super) fn of(text: &str) -> Result<Condition, PatternError> {
        let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        let inner = inner.ok_or_else(|| PatternError::new("a { is not closed by a } at the end"))?;
        let mut reader = Reader { rest: inner, wildcards: 0 };
        let condition = reader.any()?;
        match reader.skip_blanks() {
            "" if reader.wildcards > MAX_WILDCARDS => {
                Err(PatternError::new(format!("there are more than {MAX_WILDCARDS} wildcards in selectors")))
            }
            "" => Ok(condition),
            rest => Err(unexpected(rest)),
        }
    }

    pub(super) fn holds(&self, message: &Value) -> bool {
        match self {
            Condition::All(conditions) => conditions.iter().all(|condition| condition.holds(message)),
            Condition::Any(conditions) => conditions.iter().any(|condition| condition.holds(message)),
            Condition::Test(selector, Test::NotExists) => selector.values(message).is_empty(),
            Condition::Test(selector, Test::Is(wanted)) => selector.values(message).contains(&wanted),
            Condition::Test(selector, Test::Compares(comparison)) => {
                selector.values(message).into_iter().any(|value| comparison.holds(value))
            }
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
    wildcards: usize,
}

impl<'t> Reader<'t> {
    fn skip_blanks(&mut self) -> &'t str {
        self.rest = self.rest.trim_start();
        self.rest
    }

    /// Whether this comes next; then it is passed.
    fn takes(&mut self, text: &str) -> bool {
        let rest = self.skip_blanks().strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// The same of a word, in large letters or small.
    fn takes_word(&mut self, word: &str) -> bool {
        let rest = self.skip_blanks();
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let is_word = rest[..end].eq_ignore_ascii_case(word);
        if is_word {
            self.rest = &rest[end..];
        }
        is_word
    }

    fn any(&mut self) -> Result<Condition, PatternError> {
        let mut conditions = vec![self.all()?];
        while self.takes("||") {
            conditions.push(self.all()?);
        }
        Ok(one_or(conditions, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, PatternError> {
        let mut conditions = vec![self.one()?];
        while self.takes("&&") {
            conditions.push(self.one()?);
        }
        Ok(one_or(conditions, Condition::All))
    }

    fn one(&mut self) -> Result<Condition, PatternError> {
        if self.takes("(") {
            let condition = self.any()?;
            return if self.takes(")") { Ok(condition) } else { Err(PatternError::new("a ( is not closed")) };
        }
        let (selector, rest) = Selector::read(self.skip_blanks())?;
        self.rest = rest;
        self.wildcards += usize::from(selector.has_wildcard());
        let test = if self.takes_word("IS") {
            let wanted = [("NULL", Value::Null), ("TRUE", true.into()), ("FALSE", false.into())];
            let found = wanted.into_iter().find(|(word, _)| self.takes_word(word));
            Test::Is(found.ok_or_else(|| PatternError::new("behind IS there is NULL, TRUE or FALSE"))?.1)
        } else if self.takes_word("NOT") {
            match self.takes_word("EXISTS") {
                true => Test::NotExists,
                false => return Err(PatternError::new("behind NOT there is EXISTS")),
            }
        } else {
            let (comparison, rest) = Comparison::read(self.skip_blanks())?;
            self.rest = rest;
            Test::Compares(comparison)
        };
        Ok(Condition::Test(selector, test))
    }
}

fn one_or(mut conditions: Vec<Condition>, several: fn(Vec<Condition>) -> Condition) -> Condition {
    if conditions.len() == 1 { conditions.remove(0) } else { several(conditions) }
}

fn unexpected(rest: &str) -> PatternError {
    let shown: String = rest.chars().take(20).collect();
    PatternError::new(format!("`{shown}` is not expected there"))
}
