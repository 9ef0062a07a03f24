//! What of a table is in an event data store, as a condition on its rows.

use datafusion::common::ScalarValue;
use datafusion::functions::core::expr_fn::get_field;
use datafusion::functions::string::expr_fn::{ends_with, starts_with};
use datafusion::functions_nested::expr_fn::array_has;
use datafusion::logical_expr::{Expr, ident, lit};
use jiff::Timestamp;
use record::names::EventCategory;
use record::selection::{FieldCondition, Part, Selector, Window};

use crate::functions::any_resource;
use crate::schema::Kind;
use crate::table::DataFile;

/// What calls are of.
const CATEGORIES: [EventCategory; 3] = [EventCategory::Management, EventCategory::Data, EventCategory::NetworkActivity];

/// Whether a file may have something of it whose events are of these moments, in microseconds since 1970.
pub(crate) fn may_have(part: &Part, first: i64, last: i64) -> bool {
    let covers = |window: &Window| {
        last >= window.from.as_microsecond() && window.until.is_none_or(|until| first < until.as_microsecond())
    };
    part.windows.iter().any(covers)
}

/// The condition on rows of these files of a table; `None` if every row is in it. What holds for all of them need not be asked of each: to ask
/// is to read a column.
pub(crate) fn condition(part: &Part, kind: Kind, files: &[DataFile]) -> Option<Expr> {
    let at = |moment: Timestamp| lit(ScalarValue::TimestampMicrosecond(Some(moment.as_microsecond()), None));
    let window = |Window { from, until }: &Window| {
        let from = (*from != Timestamp::MIN).then(|| ident("eventTime").gt_eq(at(*from)));
        let until = until.map(|until| ident("eventTime").lt(at(until)));
        all_of([from, until].into_iter().flatten()).unwrap_or(lit(true))
    };
    let has_all = |window: &Window, file: &DataFile| {
        let begins = window.from == Timestamp::MIN || window.from.as_microsecond() <= file.span.first;
        begins && window.until.is_none_or(|until| file.span.last < until.as_microsecond())
    };
    let windows = match part.windows.as_slice() {
        windows if files.iter().all(|file| windows.iter().any(|window| has_all(window, file))) => None,
        windows => Some(any_of(windows.iter().map(window)).unwrap_or(lit(false))),
    };
    let selector = |selector: &Selector| all_of(selector.conditions.iter().map(expression)).unwrap_or(lit(true));
    let accounts = part.accounts.as_ref().map(|all| one_of("recipientAccountId", all.iter().map(|name| name.as_str())));
    let regions = part.regions.as_ref().map(|all| one_of("awsRegion", all.iter().map(|name| name.as_str())));
    let selectors = match kind {
        Kind::Events if takes_every_category(&part.selectors) => None,
        _ => any_of(part.selectors.iter().map(selector)),
    };
    all_of([accounts, regions, windows, selectors].into_iter().flatten())
}

/// Whether events of all categories are taken, whatever else is in them: then each is, also one that says that it is of another.
fn takes_every_category(selectors: &[Selector]) -> bool {
    CATEGORIES.iter().all(|category| selectors.iter().any(|selector| takes_all_of(selector, category.as_str())))
}

/// Whether a selector takes all events of a category.
fn takes_all_of(selector: &Selector, category: &str) -> bool {
    let [only] = selector.conditions.as_slice() else { return false };
    let FieldCondition { equals, .. } = only;
    let is_plain =
        *only == FieldCondition { field: "eventCategory".into(), equals: equals.clone(), ..FieldCondition::default() };
    is_plain && equals.iter().any(|taken| taken == category)
}

fn one_of<'n>(column: &str, names: impl Iterator<Item = &'n str>) -> Expr {
    ident(column).in_list(names.map(lit).collect(), false)
}

fn all_of(conditions: impl Iterator<Item = Expr>) -> Option<Expr> {
    conditions.reduce(Expr::and)
}

fn any_of(conditions: impl Iterator<Item = Expr>) -> Option<Expr> {
    conditions.reduce(Expr::or)
}

fn expression(condition: &FieldCondition) -> Expr {
    let subject = Subject::of(&condition.field);
    let may = any_of(
        condition
            .equals
            .iter()
            .map(|text| subject.is(text))
            .chain(condition.starts_with.iter().map(|text| subject.starts(text)))
            .chain(condition.ends_with.iter().map(|text| subject.ends(text))),
    );
    let must_not = condition
        .not_equals
        .iter()
        .map(|text| subject.is(text))
        .chain(condition.not_starts_with.iter().map(|text| subject.starts(text)))
        .chain(condition.not_ends_with.iter().map(|text| subject.ends(text)))
        // What has no such field is none of these.
        .map(|one| one.is_true().is_false());
    all_of(may.into_iter().chain(must_not)).unwrap_or(lit(true))
}

/// What a field of a selector is in a row.
enum Subject {
    Text(Expr),
    Flag(Expr),
    /// Any of a list of texts.
    AnyOf(Expr),
    /// A part of any of its resources.
    AnyResource(&'static str),
}

impl Subject {
    /// Fields that no column has are NULL: nothing is like them.
    fn of(field: &str) -> Subject {
        match field {
            "readOnly" => Subject::Flag(ident("readOnly")),
            "eventDataStores" => Subject::AnyOf(ident(field)),
            "resources.type" => Subject::AnyResource("type"),
            "resources.ARN" => Subject::AnyResource("arn"),
            "userIdentity.arn" => Subject::Text(get_field(ident("userIdentity"), "arn")),
            "eventCategory"
            | "eventName"
            | "eventSource"
            | "eventType"
            | "errorCode"
            | "vpcEndpointId"
            | "sessionCredentialFromConsole"
            | "insightType"
            | "recipientAccountId"
            | "awsRegion" => Subject::Text(ident(field)),
            _ => Subject::Text(lit(ScalarValue::Utf8(None))),
        }
    }

    fn is(&self, text: &str) -> Expr {
        match self {
            Subject::Text(expr) => expr.clone().eq(lit(text)),
            Subject::Flag(expr) => expr.clone().eq(lit(text.eq_ignore_ascii_case("true"))),
            Subject::AnyOf(expr) => array_has(expr.clone(), lit(text)),
            Subject::AnyResource(part) => any_resource(ident("resources"), part, "is", text),
        }
    }

    fn starts(&self, text: &str) -> Expr {
        match self {
            Subject::Text(expr) => starts_with(expr.clone(), lit(text)),
            Subject::Flag(_) | Subject::AnyOf(_) => lit(false),
            Subject::AnyResource(part) => any_resource(ident("resources"), part, "starts", text),
        }
    }

    fn ends(&self, text: &str) -> Expr {
        match self {
            Subject::Text(expr) => ends_with(expr.clone(), lit(text)),
            Subject::Flag(_) | Subject::AnyOf(_) => lit(false),
            Subject::AnyResource(part) => any_resource(ident("resources"), part, "ends", text),
        }
    }
}
