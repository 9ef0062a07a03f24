//! Ways into JSON: `$.a.b[0]['c d']`, `$.list[*].name`, `$..name`, `$.rules[?(@.status == 'Enabled' && @.days < 90)]`.
//!
//! A way that may lead to several gives the list of them, as in Trino.
//! <https://trino.io/docs/current/functions/json.html#json_extract>

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::json::{as_text, each_entry, each_item, item, member};

/// What `..` looks into, at most: lists within lists.
const DEEPEST: usize = 20;
/// Steps of a way, those of them that lead to several, filters within filters, and conditions of one.
const MOST_STEPS: usize = 64;
const MOST_SEVERAL: usize = 8;
const MOST_FILTERS: usize = 4;
const MOST_CONDITIONS: usize = 64;
/// `..` of a way, and of it and of a way within its filter: each may find the same again and again.
const MOST_DEEP: usize = 1;
const MOST_DEEP_WITHIN: usize = 2;

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
    All(Vec<Filter>),
    Any(Vec<Filter>),
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
        let (path, rest) = path(rest, &['.', '['], MOST_FILTERS)?;
        (rest.is_empty() && path.deep() <= MOST_DEEP_WITHIN).then_some(path)
    }

    /// Whether it leads to one place at most.
    pub(crate) fn is_to_one(&self) -> bool {
        self.0.iter().all(Step::is_to_one)
    }

    /// How many `..` are within one another in it.
    fn deep(&self) -> usize {
        let within = |step: &Step| if let Step::Filter(filter) = step { filter.deep() } else { 0 };
        self.own_deep() + self.0.iter().map(within).max().unwrap_or(0)
    }

    fn own_deep(&self) -> usize {
        self.0.iter().filter(|step| matches!(step, Step::Deep(_))).count()
    }

    /// What lies there, as it is written; of a way to several, the list of them, if there is anything that they could lie in.
    pub(crate) fn find<'j>(&self, json: &'j str) -> Option<Cow<'j, str>> {
        let several = self.0.iter().position(|step| !step.is_to_one());
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

    /// Whether it leads to anything of which this holds.
    fn leads_to(&self, json: &str, holds: impl Fn(&str) -> bool) -> bool {
        let mut is_so = false;
        walk(&self.0, json, &mut |found| is_so = is_so || (!found.is_empty() && holds(found)));
        is_so
    }
}

impl Step {
    fn is_to_one(&self) -> bool {
        matches!(self, Step::Member(_) | Step::Item(_))
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

/// A way, up to what is none of its steps. `ends`: what ends a name; `filters`: how deep they may still be.
fn path<'t>(text: &'t str, ends: &[char], filters: usize) -> Option<(Path, &'t str)> {
    let (steps, rest) = steps(text, ends, filters)?;
    let path = Path(steps);
    let several = path.0.iter().filter(|step| !step.is_to_one()).count();
    (several <= MOST_SEVERAL && path.own_deep() <= MOST_DEEP).then_some((path, rest))
}

/// Its steps.
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
        let (filter, rest) = any(filter.trim_start().strip_prefix('(')?, filters.checked_sub(1)?)?;
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

fn any(text: &str, filters: usize) -> Option<(Filter, &str)> {
    let (conditions, rest) = between(text, "||", |text| all(text, filters))?;
    Some((Filter::Any(conditions), rest))
}

fn all(text: &str, filters: usize) -> Option<(Filter, &str)> {
    let (conditions, rest) = between(text, "&&", |text| one(text, filters))?;
    Some((Filter::All(conditions), rest))
}

/// Conditions, and what stands between them.
fn between<'t>(
    text: &'t str,
    sign: &str,
    one: impl Fn(&'t str) -> Option<(Filter, &'t str)>,
) -> Option<(Vec<Filter>, &'t str)> {
    let (first, mut rest) = one(text)?;
    let mut conditions = vec![first];
    while let Some(after) = rest.trim_start().strip_prefix(sign) {
        let (next, after) = one(after)?;
        conditions.push(next);
        rest = after;
    }
    (conditions.len() <= MOST_CONDITIONS).then_some((conditions, rest))
}

fn one(text: &str, filters: usize) -> Option<(Filter, &str)> {
    let text = text.trim_start().strip_prefix('@')?;
    let (path, rest) = path(text, &['.', '[', ' ', ')', '=', '!', '<', '>', '&', '|'], filters)?;
    let rest = rest.trim_start();
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
            Filter::IsThere(path) => path.leads_to(json, |_| true),
            Filter::Is(path, comparison, value) => path.leads_to(json, |found| comparison.holds(found, value)),
            Filter::All(conditions) => conditions.iter().all(|condition| condition.takes(json)),
            Filter::Any(conditions) => conditions.iter().any(|condition| condition.takes(json)),
        }
    }

    fn deep(&self) -> usize {
        match self {
            Filter::IsThere(path) | Filter::Is(path, ..) => path.deep(),
            Filter::All(conditions) | Filter::Any(conditions) => conditions.iter().map(Filter::deep).max().unwrap_or(0),
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

    /// What is written, and what it is written of, may be of any length: of both together no more is made than of one.
    #[test]
    fn what_would_be_walked_again_and_again_is_no_way() {
        let within = |many: usize| format!("{}@.a{}", "@..b[?(".repeat(many), ")]".repeat(many));
        let said = |condition: &str, many: usize| format!("$[?({})]", vec![condition; many].join(" || "));
        for path in [
            "$[?(@..a..b)]".to_owned(),
            format!("$[?(@{})]", "[*]".repeat(9)),
            format!("$[?({})]", within(3)),
            format!("$..a[?({})]", within(2)),
            said("@.a", 65),
            said("@.a", 1_000_000),
        ] {
            assert_eq!(Path::parse(&path), None, "{path:.60}");
        }
        for path in [
            "$..a[?(@..b)]".to_owned(),
            "$[?(@..a || @..b && @..c)]".to_owned(),
            format!("$[?({})]", within(2)),
            said("@.a && @.b", 64),
        ] {
            assert!(Path::parse(&path).is_some(), "{path:.60}");
        }
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
            // Of a way to several, any.
            ("$.rules[?(@..s)].days", Some("[30,90]")),
            ("$.rules[?(@..nothing)].days", Some("[]")),
            ("$.rules[?(@..s == 'in')].days", Some("[30]")),
            ("$[?(@.rules[*].days > 60)].one.s", Some(r#"["Enabled"]"#)),
            ("$.one[?(@.s == 'Enabled')].s", Some(r#"["Enabled"]"#)),
            ("$.rules[*].nothing", Some("[]")),
            ("$.nothing[*].s", None),
        ] {
            finds(json, path, expected);
        }
    }
}
