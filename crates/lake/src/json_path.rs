//! Ways into JSON: `$.a.b[0]['c d']`, `$.list[*].name`, `$..name`, `$.rules[?(@.status == 'Enabled' && @.days < 90)]`.
//!
//! A way that may lead to several gives the list of them, as in Trino.
//! <https://trino.io/docs/current/functions/json.html#json_extract>

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::json::{as_text, each_entry, each_item, item, member};

/// What `..` looks into, at most: lists within lists.
const DEEPEST: usize = 20;
/// Steps of a way, those of them that lead to several, and filters within filters.
const MOST_STEPS: usize = 64;
const MOST_SEVERAL: usize = 8;
const MOST_FILTERS: usize = 4;

/// A way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Member(String),
    Item(i64),
    /// `[*]`, `.*`
    All,
    /// `..name`
    Deep(String),
    Filter(Filter),
}

/// What an item must be: `@.a`, `@.a == 1`, put together by `&&` and `||`.
#[derive(Clone, Debug, PartialEq)]
enum Filter {
    IsThere(Path),
    Is(Path, Comparison, String),
    Both(Box<Filter>, Box<Filter>),
    Either(Box<Filter>, Box<Filter>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

/// Those that begin with another stand before it.
const COMPARISONS: &[(&str, Comparison)] = &[
    ("===", Comparison::Equal),
    ("==", Comparison::Equal),
    ("!==", Comparison::NotEqual),
    ("!=", Comparison::NotEqual),
    ("<=", Comparison::LessOrEqual),
    ("<", Comparison::Less),
    (">=", Comparison::MoreOrEqual),
    (">", Comparison::More),
];

impl Path {
    /// Reads a way; `None` if it is none.
    pub(crate) fn parse(text: &str) -> Option<Path> {
        let text = text.trim();
        // What SQL's own functions of JSON may say before it: a shape that is another is no error here, in either.
        let text = text.strip_prefix("lax ").or_else(|| text.strip_prefix("strict ")).unwrap_or(text).trim_start();
        let rest = text.strip_prefix('$').unwrap_or(text);
        if !rest.is_empty() && !rest.starts_with(['.', '[']) {
            // A bare name is a member.
            return (!rest.contains(['*', '?'])).then(|| Path(vec![Step::Member(rest.into())]));
        }
        let (steps, rest) = steps(rest, &['.', '['], MOST_FILTERS)?;
        let several = steps.iter().filter(|step| !matches!(step, Step::Member(_) | Step::Item(_))).count();
        // Each `..` may find the same again and again.
        let deep = steps.iter().filter(|step| matches!(step, Step::Deep(_))).count();
        (rest.is_empty() && several <= MOST_SEVERAL && deep <= 1).then_some(Path(steps))
    }

    /// Whether it leads to one place at most.
    pub(crate) fn is_to_one(&self) -> bool {
        self.0.iter().all(|step| matches!(step, Step::Member(_) | Step::Item(_)))
    }

    /// What lies there, as it is written; of a way to several, the list of them, if there is anything that they could lie in.
    pub(crate) fn find<'j>(&self, json: &'j str) -> Option<Cow<'j, str>> {
        let several = self.0.iter().position(|step| !matches!(step, Step::Member(_) | Step::Item(_)));
        let (one, several) = self.0.split_at(several.unwrap_or(self.0.len()));
        let mut here = json.trim();
        for step in one {
            here = match step {
                Step::Item(place) => item(here, *place)?,
                Step::Member(name) => member(here, name)?,
                _ => return None,
            };
        }
        if here.is_empty() {
            return None;
        }
        if several.is_empty() {
            return Some(here.into());
        }
        let mut found = Vec::new();
        walk(several, here, &mut |json| found.push(json));
        Some(format!("[{}]", found.join(",")).into())
    }
}

/// Everything that steps lead to.
fn walk<'j>(steps: &[Step], here: &'j str, found: &mut dyn FnMut(&'j str)) {
    let Some((step, rest)) = steps.split_first() else { return found(here) };
    match step {
        Step::Member(name) => member(here, name).into_iter().for_each(|json| walk(rest, json, found)),
        Step::Item(place) => item(here, *place).into_iter().for_each(|json| walk(rest, json, found)),
        Step::All => each_within(here, &mut |_, json| walk(rest, json, found)),
        Step::Deep(name) => deep(name, here, DEEPEST, &mut |json| walk(rest, json, found)),
        Step::Filter(filter) if here.starts_with('[') => each_within(here, &mut |_, json| {
            if filter.takes(json) {
                walk(rest, json, found);
            }
        }),
        Step::Filter(filter) if filter.takes(here) => walk(rest, here, found),
        Step::Filter(_) => {}
    }
}

/// The items of a list, or the members of an object with their names.
fn each_within<'j>(json: &'j str, each: &mut dyn FnMut(Option<&str>, &'j str)) {
    match json.as_bytes().first() {
        Some(b'[') => each_item(json, |item| each(None, item.get())),
        Some(b'{') => each_entry(json, |name, value| each(Some(name), value.get())),
        _ => {}
    }
}

/// Members of this name (`*`: all) at any depth.
fn deep<'j>(wanted: &str, json: &'j str, depth: usize, found: &mut dyn FnMut(&'j str)) {
    if depth == 0 {
        return;
    }
    each_within(json, &mut |name, value| {
        if wanted == "*" || name == Some(wanted) {
            found(value);
        }
        deep(wanted, value, depth - 1, found);
    });
}

/// Steps up to what is none. `ends`: what ends a name; `filters`: how deep they may still be.
fn steps<'t>(text: &'t str, ends: &[char], filters: usize) -> Option<(Vec<Step>, &'t str)> {
    let (mut steps, mut rest) = (Vec::new(), text);
    loop {
        if steps.len() > MOST_STEPS {
            return None;
        }
        if let Some(after) = rest.strip_prefix('.') {
            let (is_deep, name) = after.strip_prefix('.').map_or((false, after), |name| (true, name));
            if is_deep && name.starts_with('[') {
                return None;
            }
            let (name, after) = name.split_at(name.find(ends).unwrap_or(name.len()));
            let name = name.trim_matches('"');
            steps.push(match (name, is_deep) {
                ("", _) => return None,
                (_, true) => Step::Deep(name.into()),
                ("*", false) => Step::All,
                (_, false) => Step::Member(name.into()),
            });
            rest = after;
        } else if let Some(inside) = rest.strip_prefix('[') {
            let (step, after) = bracket(inside.trim_start(), filters)?;
            steps.push(step);
            rest = after.trim_start().strip_prefix(']')?;
        } else {
            return Some((steps, rest));
        }
    }
}

/// What stands in square brackets, without the last one.
fn bracket(inside: &str, filters: usize) -> Option<(Step, &str)> {
    if let Some(filter) = inside.strip_prefix('?') {
        let (filter, rest) = either(filter.trim_start().strip_prefix('(')?, filters.checked_sub(1)?)?;
        return Some((Step::Filter(filter), rest.trim_start().strip_prefix(')')?));
    }
    if let Some(rest) = inside.strip_prefix('*') {
        return Some((Step::All, rest));
    }
    if let Some(quote @ ('"' | '\'')) = inside.chars().next() {
        let (name, rest) = inside[1..].split_once(quote)?;
        return Some((Step::Member(name.into()), rest));
    }
    let (number, rest) = inside.split_at(inside.find(']')?);
    Some((Step::Item(number.trim().parse().ok()?), rest))
}

fn either(text: &str, filters: usize) -> Option<(Filter, &str)> {
    let (mut filter, mut rest) = both(text, filters)?;
    while let Some(after) = rest.trim_start().strip_prefix("||") {
        let (other, after) = both(after, filters)?;
        (filter, rest) = (Filter::Either(Box::new(filter), Box::new(other)), after);
    }
    Some((filter, rest))
}

fn both(text: &str, filters: usize) -> Option<(Filter, &str)> {
    let (mut filter, mut rest) = one(text, filters)?;
    while let Some(after) = rest.trim_start().strip_prefix("&&") {
        let (other, after) = one(after, filters)?;
        (filter, rest) = (Filter::Both(Box::new(filter), Box::new(other)), after);
    }
    Some((filter, rest))
}

fn one(text: &str, filters: usize) -> Option<(Filter, &str)> {
    let text = text.trim_start().strip_prefix('@')?;
    let (steps, rest) = steps(text, &['.', '[', ' ', ')', '=', '!', '<', '>', '&', '|'], filters)?;
    let (path, rest) = (Path(steps), rest.trim_start());
    let Some((sign, comparison)) = COMPARISONS.iter().find(|(sign, _)| rest.starts_with(sign)) else {
        return Some((Filter::IsThere(path), rest));
    };
    let rest = rest[sign.len()..].trim_start();
    let (value, rest) = match rest.chars().next()? {
        quote @ ('"' | '\'') => {
            let (text, rest) = rest[1..].split_once(quote)?;
            (serde_json::to_string(text).ok()?, rest)
        }
        _ => {
            let (value, rest) = rest.split_at(rest.find([')', ' ', '&', '|']).filter(|end| *end > 0)?);
            (value.to_owned(), rest)
        }
    };
    Some((Filter::Is(path, *comparison, value), rest))
}

impl Filter {
    fn takes(&self, json: &str) -> bool {
        match self {
            Filter::IsThere(path) => path.find(json).is_some(),
            Filter::Is(path, comparison, value) => path.find(json).is_some_and(|found| comparison.holds(&found, value)),
            Filter::Both(one, other) => one.takes(json) && other.takes(json),
            Filter::Either(one, other) => one.takes(json) || other.takes(json),
        }
    }
}

impl Comparison {
    fn holds(self, found: &str, value: &str) -> bool {
        let (number, wanted) = (found.parse::<f64>(), value.parse::<f64>());
        let order = match (number, wanted) {
            (Ok(number), Ok(wanted)) => number.partial_cmp(&wanted),
            // A text is no number, whatever it says.
            _ if found.starts_with('"') != value.starts_with('"') => None,
            _ => as_text(found).partial_cmp(&as_text(value)),
        };
        match self {
            Comparison::Equal => order == Some(Ordering::Equal),
            Comparison::NotEqual => order != Some(Ordering::Equal),
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
            Comparison::More => order == Some(Ordering::Greater),
            Comparison::MoreOrEqual => order.is_some_and(Ordering::is_ge),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn finds(json: &str, path: &str, expected: Option<&str>) {
        let found = Path::parse(path).unwrap_or_else(|| panic!("{path}")).find(json);
        assert_eq!(found.as_deref(), expected, "{path}");
    }

    #[test]
    fn what_lies_at_a_path_is_found() {
        let json = r#" {"a": {"b": [1, {"c d": "x\ny"}], "e": null}, "f.g": true} "#;
        for (path, expected) in [
            ("$.a.b[0]", Some("1")),
            ("$.a.b[1]['c d']", Some(r#""x\ny""#)),
            ("$['a'][\"b\"][-1]", Some(r#"{"c d": "x\ny"}"#)),
            ("$.a.e", Some("null")),
            ("$['f.g']", Some("true")),
            ("$.a.b[9]", None),
            ("$.nothing.there", None),
            ("a", Some(r#"{"b": [1, {"c d": "x\ny"}], "e": null}"#)),
            ("$", Some(json.trim())),
        ] {
            finds(json, path, expected);
        }
        for path in ["$[", "$.", "$..", "$..[0]", "$.a[?(b)]", "$.a[?(@.b == )]", "$.a[?(@.b]", "$..a..b"] {
            assert_eq!(Path::parse(path), None, "{path}");
        }
        assert_eq!(Path::parse("$.a").and_then(|path| path.find("no JSON")), None);
    }

    #[test]
    fn several_are_a_list() {
        let json = r#"{"rules":[{"s":"Enabled","days":30,"x":{"s":"in"}},{"s":"Disabled","days":90},{"days":"7"}],"one":{"s":"Enabled"}}"#;
        for (path, expected) in [
            ("$.rules[*].s", Some(r#"["Enabled","Disabled"]"#)),
            ("$.rules.*.days", Some(r#"[30,90,"7"]"#)),
            ("$..s", Some(r#"["Enabled","in","Disabled","Enabled"]"#)),
            ("$.rules[?(@.s === \"Enabled\")].days", Some("[30]")),
            ("$.rules[?(@.s != 'Enabled')].days", Some("[90]")),
            ("$.rules[?(@.days < 90)].days", Some("[30]")),
            ("$.rules[?(@.days>=30 && @.days <= 90)].days", Some("[30,90]")),
            ("$.rules[?(@.days == 90 || @.x.s == 'in')].days", Some("[30,90]")),
            ("$.rules[?(@.x)].days", Some("[30]")),
            ("$.one[?(@.s == 'Enabled')].s", Some(r#"["Enabled"]"#)),
            ("$.rules[*].nothing", Some("[]")),
            ("$.nothing[*].s", None),
        ] {
            finds(json, path, expected);
        }
    }
}
