//! What of a table is in an event data store, as a condition on its rows.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::functions::core::expr_fn::get_field;
use datafusion::functions::string::expr_fn::{ends_with, starts_with};
use datafusion::logical_expr::{Expr, ident, lit};

use crate::functions::any_resource;
use crate::schema::moment;

/// What all rows of a store are.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// `recipientAccountId`; `None`: any.
    pub accounts: Option<Vec<String>>,
    /// `awsRegion`; `None`: any.
    pub regions: Option<Vec<String>>,
    /// `eventTime` in microseconds since 1970: from the first, and before the second if there is one. In one of these; where there
    /// are none, nothing is in it.
    pub windows: Vec<(i64, Option<i64>)>,
    /// One of these takes it; where there are none, all is taken. In each, every condition holds.
    pub selectors: Vec<Vec<Condition>>,
}

/// A condition on one field of an event, as an advanced event selector has it.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    /// As AWS names it.
    pub field: String,
    /// It must be one of these,
    pub equals: Vec<String>,
    /// or begin like one of these,
    pub starts_with: Vec<String>,
    /// or end like one of these.
    pub ends_with: Vec<String>,
    /// It must be none of these,
    pub not_equals: Vec<String>,
    /// begin like none of these,
    pub not_starts_with: Vec<String>,
    /// and end like none of these.
    pub not_ends_with: Vec<String>,
}

impl Part {
    /// All there is.
    pub fn all() -> Part {
        Part { windows: vec![(i64::MIN, None)], ..Part::default() }
    }

    /// Whether a file may have something of it whose events are of these moments.
    pub(crate) fn may_have(&self, first: i64, last: i64) -> bool {
        self.windows.iter().any(|(from, until)| last >= *from && until.is_none_or(|until| first < until))
    }

    /// The condition; `None` if every row is in it.
    pub(crate) fn condition(&self) -> Option<Expr> {
        let one_of = |column: &str, names: &Option<Vec<String>>| {
            let names = names.as_ref()?;
            Some(ident(column).in_list(names.iter().map(|name| lit(name.as_str())).collect(), false))
        };
        let at = |micros: i64| lit(ScalarValue::TimestampMicrosecond(Some(micros), None));
        debug_assert_eq!(moment(), DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, None));
        let window = |(from, until): &(i64, Option<i64>)| {
            let from = (*from != i64::MIN).then(|| ident("eventTime").gt_eq(at(*from)));
            let until = until.map(|until| ident("eventTime").lt(at(until)));
            all_of([from, until].into_iter().flatten()).unwrap_or(lit(true))
        };
        let windows = match self.windows.as_slice() {
            [(i64::MIN, None)] => None,
            windows => Some(any_of(windows.iter().map(window)).unwrap_or(lit(false))),
        };
        let selector =
            |conditions: &Vec<Condition>| all_of(conditions.iter().map(Condition::expression)).unwrap_or(lit(true));
        let selectors = any_of(self.selectors.iter().map(selector));
        let conditions =
            [one_of("recipientAccountId", &self.accounts), one_of("awsRegion", &self.regions), windows, selectors];
        all_of(conditions.into_iter().flatten())
    }
}

fn all_of(conditions: impl Iterator<Item = Expr>) -> Option<Expr> {
    conditions.reduce(Expr::and)
}

fn any_of(conditions: impl Iterator<Item = Expr>) -> Option<Expr> {
    conditions.reduce(Expr::or)
}

impl Condition {
    fn expression(&self) -> Expr {
        let subject = Subject::of(&self.field);
        let may = any_of(
            self.equals
                .iter()
                .map(|text| subject.is(text))
                .chain(self.starts_with.iter().map(|text| subject.starts(text)))
                .chain(self.ends_with.iter().map(|text| subject.ends(text))),
        );
        let must_not = self
            .not_equals
            .iter()
            .map(|text| subject.is(text))
            .chain(self.not_starts_with.iter().map(|text| subject.starts(text)))
            .chain(self.not_ends_with.iter().map(|text| subject.ends(text)))
            // What has no such field is none of these.
            .map(|one| one.is_true().is_false());
        all_of(may.into_iter().chain(must_not)).unwrap_or(lit(true))
    }
}

/// What a field of a selector is in a row.
enum Subject {
    Text(Expr),
    Flag(Expr),
    /// A part of any of its resources.
    AnyResource(&'static str),
}

impl Subject {
    /// Fields that no column has are NULL: nothing is like them.
    fn of(field: &str) -> Subject {
        match field {
            "readOnly" => Subject::Flag(ident("readOnly")),
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
            Subject::AnyResource(part) => any_resource(ident("resources"), part, "is", text),
        }
    }

    fn starts(&self, text: &str) -> Expr {
        match self {
            Subject::Text(expr) => starts_with(expr.clone(), lit(text)),
            Subject::Flag(_) => lit(false),
            Subject::AnyResource(part) => any_resource(ident("resources"), part, "starts", text),
        }
    }

    fn ends(&self, text: &str) -> Expr {
        match self {
            Subject::Text(expr) => ends_with(expr.clone(), lit(text)),
            Subject::Flag(_) => lit(false),
            Subject::AnyResource(part) => any_resource(ident("resources"), part, "ends", text),
        }
    }
}
