//! Functions that are something else here: expressions of SQL, or functions of another name.

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    CaseWhen, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, Ident, ObjectName, ObjectNamePart, OrderByExpr, OrderByOptions, Value,
};

/// What Trino calls them, and what DataFusion does.
const NAMES: &[(&str, &str)] = &[
    ("any_match", "array_any_match"),
    ("any_value", "first_value"),
    ("approx_percentile", "approx_percentile_cont"),
    ("arbitrary", "first_value"),
    ("array_join", "array_to_string"),
    ("contains", "array_has"),
    ("filter", "array_filter"),
    ("sequence", "generate_series"),
    ("slice", "array_slice"),
    ("transform", "array_transform"),
    ("typeof", "arrow_typeof"),
];

/// What these give is JSON.
const JSON: &[&str] = &["json_array_get", "json_extract", "json_parse"];

/// Those that are expressions here.
#[cfg(test)]
const EXPRESSIONS: &[&str] = &["if", "date", "try", "count_if", "max_by", "min_by", "regexp_replace"];

/// Whether it is written as something else here.
#[cfg(test)]
pub(crate) fn knows(name: &str) -> bool {
    EXPRESSIONS.contains(&name) || NAMES.iter().any(|(theirs, _)| *theirs == name)
}

/// Writes a function of Trino as what it is here.
pub(super) fn rewrite(expr: &mut Expr) {
    let Expr::Function(function) = expr else { return };
    let Some(name) = name_of(function) else { return };
    let replacement = match (&name[..], &mut arguments(function)[..]) {
        ("if", [condition, then]) => case(condition, then, None),
        ("if", [condition, then, otherwise]) => case(condition, then, Some(otherwise)),
        ("date", [of]) => cast(of, DataType::Date),
        ("try", [Expr::Cast { expr, data_type, .. }]) => Expr::Cast {
            kind: CastKind::TryCast,
            expr: expr.clone(),
            data_type: data_type.clone(),
            array: false,
            format: None,
        },
        ("count_if", [condition]) => {
            let condition = Box::new(condition.clone());
            let mut count = call("count", vec![FunctionArgExpr::Wildcard]);
            if let Expr::Function(count) = &mut count {
                (count.filter, count.over) = (Some(condition), function.over.take());
            }
            count
        }
        ("max_by", [of, by]) => first_by(of, by, false),
        ("min_by", [of, by]) => first_by(of, by, true),
        // All that is found is replaced, and by nothing if nothing is said.
        ("regexp_replace", [of, found]) => {
            let texts = ["", "g"].map(|text| Expr::value(Value::SingleQuotedString(text.into())));
            call_of("regexp_replace", [of.clone(), found.clone()].into_iter().chain(texts))
        }
        ("regexp_replace", [of, found, put]) => {
            let all = Expr::value(Value::SingleQuotedString("g".into()));
            call_of("regexp_replace", [of.clone(), found.clone(), put.clone(), all])
        }
        _ => {
            let ours = NAMES.iter().find(|(theirs, _)| *theirs == name).map_or(name.as_str(), |(_, ours)| *ours);
            let ident = Ident::new(ours);
            function.name = ObjectName::from(vec![ident]);
            return;
        }
    };
    *expr = replacement;
}

/// Writes a cast of JSON, or to JSON, as what it is here.
pub(super) fn rewrite_cast(expr: &mut Expr) {
    let Expr::Cast { expr: of, data_type, .. } = expr else { return };
    let to: String = data_type.to_string().to_lowercase().split_whitespace().collect();
    let is_json =
        matches!(&**of, Expr::Function(function) if name_of(function).is_some_and(|name| JSON.contains(&&*name)));
    let of = (**of).clone();
    *expr = if to == "json" {
        of
    } else if to.starts_with("map(") {
        call_of("json_as_map", [of])
    } else if to.starts_with("array<") && (is_json || to == "array<json>") {
        call_of("json_as_array", [of])
    } else if is_json && (to.starts_with("varchar") || to.starts_with("char") || to == "text") {
        call_of("json_as_text", [of])
    } else {
        return;
    };
}

/// The value where another is first. Where that is NULL it does not count.
fn first_by(of: &Expr, by: &Expr, asc: bool) -> Expr {
    let mut first = call_of("first_value", [of.clone()]);
    let order = OrderByExpr {
        expr: by.clone(),
        options: OrderByOptions { asc: Some(asc), nulls_first: Some(false) },
        with_fill: None,
    };
    if let Expr::Function(Function { args: FunctionArguments::List(list), .. }) = &mut first {
        list.clauses.push(FunctionArgumentClause::OrderBy(vec![order]));
    }
    first
}

/// A call of a function.
pub(super) fn call_of(name: &str, args: impl IntoIterator<Item = Expr>) -> Expr {
    call(name, args.into_iter().map(FunctionArgExpr::Expr).collect())
}

fn call(name: &str, args: Vec<FunctionArgExpr>) -> Expr {
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: args.into_iter().map(FunctionArg::Unnamed).collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

fn name_of(function: &Function) -> Option<String> {
    match &function.name.0[..] {
        [ObjectNamePart::Identifier(ident)] => Some(ident.value.to_lowercase()),
        _ => None,
    }
}

/// The plain arguments of a function.
fn arguments(function: &mut Function) -> Vec<&mut Expr> {
    let FunctionArguments::List(list) = &mut function.args else { return Vec::new() };
    let plain = list.args.iter_mut().map(|arg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    plain.collect::<Option<_>>().unwrap_or_default()
}

fn case(condition: &Expr, then: &Expr, otherwise: Option<&Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: vec![CaseWhen { condition: condition.clone(), result: then.clone() }],
        else_result: otherwise.map(|expr| Box::new(expr.clone())),
    }
}

fn cast(of: &Expr, to: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(of.clone()), data_type: to, array: false, format: None }
}
