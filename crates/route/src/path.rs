//! Paths: `$.detail.resources[0].arn`, the part of JSONPath that EventBridge reads.
//!
//! `$` and then any of `.key`, `[0]`, `.*`, `[*]`, `['a.b']`. A key after a dot is anything but dots, brackets, stars,
//! quotes and blanks, so `$.detail-type` and `$.detail.a/b` are paths. What RFC 9535 has beyond (filters, slices, `..`)
//! EventBridge takes and never finds; we refuse it at once and say where.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>

use crate::json::Value;

/// Paths are no longer than this, in characters.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html>
pub const MAX_PATH_CHARS: usize = 256;

/// A path into an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(Box<str>),
    Index(usize),
    Every,
}

/// Why and where a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at character {place} of `{path}`")]
pub struct PathError {
    reason: &'static str,
    place: usize,
    path: String,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Found<'v, 'a> {
    /// One value.
    One(&'v Value<'a>),
    /// All that a `*` leads to, be it one or none.
    Many(Vec<&'v Value<'a>>),
}

impl Path {
    /// Reads a path.
    pub fn parse(path: &str) -> Result<Path, PathError> {
        let mut parser = Parser { path, at: 0 };
        if path.chars().nth(MAX_PATH_CHARS).is_some() {
            return Err(parser.fault("a path has at most 256 characters, and this one has more"));
        }
        if !parser.skips("$") {
            return Err(parser.fault("a path begins with `$`, but there is something else"));
        }
        let mut steps = Vec::new();
        while parser.at < path.len() {
            steps.push(parser.step()?);
        }
        Ok(Path { steps })
    }

    /// What it leads to in this value; none if there is nothing. A `*` makes a list of what it leads to, once there is
    /// an array or object that it is asked of.
    pub fn find<'v, 'a>(&self, value: &'v Value<'a>) -> Option<Found<'v, 'a>> {
        let star = self.steps.iter().position(|step| *step == Step::Every).unwrap_or(self.steps.len());
        let (before, after) = self.steps.split_at(star);
        let one = before.iter().try_fold(value, |value, step| step.of(value))?;
        if after.is_empty() {
            return Some(Found::One(one));
        }
        if !matches!(one, Value::Array(_) | Value::Object(_)) {
            return None;
        }
        let mut many = vec![one];
        for step in after {
            many = match step {
                Step::Every => many.into_iter().flat_map(children).collect(),
                Step::Key(_) | Step::Index(_) => many.into_iter().filter_map(|value| step.of(value)).collect(),
            };
        }
        Some(Found::Many(many))
    }
}

impl Step {
    fn of<'v, 'a>(&self, value: &'v Value<'a>) -> Option<&'v Value<'a>> {
        match (self, value) {
            (Step::Key(key), _) => value.get(key),
            (Step::Index(index), Value::Array(elements)) => elements.get(*index),
            (Step::Index(_) | Step::Every, _) => None,
        }
    }
}

fn children<'v, 'a>(value: &'v Value<'a>) -> Vec<&'v Value<'a>> {
    match value {
        Value::Array(elements) => elements.iter().collect(),
        Value::Object(fields) => fields.iter().map(|(_, value)| value).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

impl Found<'_, '_> {
    /// Writes it as compact JSON: the value, or a list of the values.
    pub fn write_to(&self, out: &mut String) {
        match self {
            Found::One(value) => value.write_to(out),
            Found::Many(values) => {
                out.push('[');
                for (i, value) in values.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    value.write_to(out);
                }
                out.push(']');
            }
        }
    }
}

struct Parser<'p> {
    path: &'p str,
    /// In bytes.
    at: usize,
}

impl<'p> Parser<'p> {
    fn step(&mut self) -> Result<Step, PathError> {
        if self.skips(".") {
            if self.skips("*") {
                return Ok(Step::Every);
            }
            return match self.take_while(|c| !matches!(c, '.' | '[' | ']' | '*' | '"' | '\'') && !is_blank(c)) {
                "" => Err(self.fault("there is no key")),
                key => Ok(Step::Key(key.into())),
            };
        }
        if !self.skips("[") {
            return Err(self.fault("`.` or `[` is missing"));
        }
        let step = if self.skips("*") {
            Step::Every
        } else if let Some(quote) = ["'", "\""].into_iter().find(|quote| self.skips(quote)) {
            let key = self.take_while(|c| !quote.contains(c));
            if !self.skips(quote) {
                return Err(self.fault("the quote is not closed"));
            }
            Step::Key(key.into())
        } else {
            let before = self.at;
            match self.take_while(|c| c.is_ascii_digit()).parse() {
                Ok(index) => Step::Index(index),
                Err(_) => {
                    self.at = before;
                    return Err(self.fault("there is no index, no `*` and no key in quotes"));
                }
            }
        };
        if self.skips("]") { Ok(step) } else { Err(self.fault("`]` is missing")) }
    }

    fn skips(&mut self, text: &str) -> bool {
        let skips = self.path[self.at..].starts_with(text);
        if skips {
            self.at += text.len();
        }
        skips
    }

    fn take_while(&mut self, is_wanted: impl Fn(char) -> bool) -> &'p str {
        let rest = &self.path[self.at..];
        let taken = &rest[..rest.find(|c| !is_wanted(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn fault(&self, reason: &'static str) -> PathError {
        PathError { reason, place: self.path[..self.at].chars().count() + 1, path: self.path.to_owned() }
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"detail-type": "A", "detail": {"a/b": 1, "list": [{"x": 1.0}, {"y": 2}, {"x": null}],
        "a.b": "dotted", "nothing": null, "empty": [], "same": 1, "same": 2, "ünï": true}}"#;

    fn found(path: &str) -> Option<String> {
        let event = Value::parse(EVENT).unwrap();
        let found = Path::parse(path).unwrap();
        let found = found.find(&event)?;
        let mut out = String::new();
        found.write_to(&mut out);
        Some(out)
    }

    #[test]
    fn a_path_leads_to_one_value_or_to_nothing() {
        for (path, expected) in [
            ("$.detail-type", Some(r#""A""#)),
            ("$['detail-type']", Some(r#""A""#)),
            ("$.detail.a/b", Some("1")),
            ("$.detail['a.b']", Some(r#""dotted""#)),
            (r#"$.detail["a.b"]"#, Some(r#""dotted""#)),
            ("$.detail.ünï", Some("true")),
            ("$.detail.list[0].x", Some("1.0")),
            ("$.detail.list[1]", Some(r#"{"y":2}"#)),
            ("$.detail.list[3]", None),
            ("$.detail.list.x", None),
            ("$.detail.nothing", Some("null")),
            ("$.detail.nothing.x", None),
            ("$.detail.same", Some("2")),
            ("$.none", None),
            ("$[0]", None),
        ] {
            assert_eq!(found(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn a_star_leads_to_a_list() {
        for (path, expected) in [
            ("$.detail.list[*].x", Some("[1.0,null]")),
            ("$.detail.list.*.x", Some("[1.0,null]")),
            ("$.detail.list[*]", Some(r#"[{"x":1.0},{"y":2},{"x":null}]"#)),
            ("$.detail.list[*].none", Some("[]")),
            ("$.detail.empty[*]", Some("[]")),
            ("$.detail.list[*].*", Some("[1.0,2,null]")),
            ("$.detail.none[*]", None),
            ("$.detail.nothing[*]", None),
        ] {
            assert_eq!(found(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn the_whole_event_is_a_path() {
        assert_eq!(found("$"), Some(Value::parse(EVENT).unwrap().to_json()));
    }

    #[test]
    fn a_fault_says_what_and_where() {
        for (path, expected) in [
            ("", "a path begins with `$`, but there is something else at character 1 of ``"),
            ("detail", "a path begins with `$`, but there is something else at character 1 of `detail`"),
            ("$detail", "`.` or `[` is missing at character 2 of `$detail`"),
            ("$..a", "there is no key at character 3 of `$..a`"),
            ("$.", "there is no key at character 3 of `$.`"),
            ("$.ü[?(@.x)]", "there is no index, no `*` and no key in quotes at character 5 of `$.ü[?(@.x)]`"),
            ("$[-1]", "there is no index, no `*` and no key in quotes at character 3 of `$[-1]`"),
            ("$[0:2]", "`]` is missing at character 4 of `$[0:2]`"),
            ("$['a]", "the quote is not closed at character 6 of `$['a]`"),
            ("$.a b", "`.` or `[` is missing at character 4 of `$.a b`"),
        ] {
            assert_eq!(Path::parse(path).unwrap_err().to_string(), expected);
        }
        assert!(Path::parse(&format!("$.{}", "ü".repeat(254))).is_ok());
        assert!(Path::parse(&format!("$.{}", "ü".repeat(255))).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(path in ".{0,40}", steps in r#"\$([.\[\]*'"a0-]){0,12}"#) {
            let event = Value::parse(EVENT).unwrap();
            for path in [path, steps] {
                if let Ok(path) = Path::parse(&path) {
                    path.find(&event);
                }
            }
        }
    }
}
