//! Expressions, as they are written in place of others.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    AccessExpr, BinaryOperator, CaseWhen, CastKind, DataType, DuplicateTreatment, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, ObjectName, ObjectNamePart, Subscript,
    UnaryOperator, Value, WindowType,
};

pub(super) fn number(digits: &str) -> Expr {
    Expr::value(Value::Number(digits.into(), false))
}

/// What an aggregate function is called of: what is filtered, and over what.
pub(super) type Rows = (Option<Box<Expr>>, Option<WindowType>);

/// A call of these rows.
pub(super) fn like(rows: &Rows, mut call: Expr) -> Expr {
    if let Expr::Function(call) = &mut call {
        (call.filter, call.over) = rows.clone();
    }
    call
}

/// A call of the rows alone of which this is so, too.
pub(super) fn only(mut call: Expr, condition: Expr) -> Expr {
    if let Expr::Function(Function { filter, .. }) = &mut call {
        let both = match filter.take() {
            Some(other) => binary(&other, BinaryOperator::And, &condition),
            None => condition,
        };
        *filter = Some(Box::new(both));
    }
    call
}

pub(super) fn distinct(mut call: Expr) -> Expr {
    if let Expr::Function(Function { args: FunctionArguments::List(list), .. }) = &mut call {
        list.duplicate_treatment = Some(DuplicateTreatment::Distinct);
    }
    call
}

pub(super) fn text(text: &str) -> Expr {
    Expr::value(Value::SingleQuotedString(text.into()))
}

pub(super) fn not(expr: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(Expr::Nested(Box::new(expr))) }
}

pub(super) fn binary(left: &Expr, op: BinaryOperator, right: &Expr) -> Expr {
    let nested = |expr: &Expr| Box::new(Expr::Nested(Box::new(expr.clone())));
    Expr::Nested(Box::new(Expr::BinaryOp { left: nested(left), op, right: nested(right) }))
}

/// `count(*)`.
pub(super) fn count_of_all() -> Expr {
    call("count", vec![FunctionArgExpr::Wildcard])
}

/// A call of a function.
pub(super) fn call_of(name: &str, args: impl IntoIterator<Item = Expr>) -> Expr {
    call(name, args.into_iter().map(FunctionArgExpr::Expr).collect())
}

pub(super) fn call(name: &str, args: Vec<FunctionArgExpr>) -> Expr {
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

pub(super) fn name_of(function: &Function) -> Option<String> {
    match &function.name.0[..] {
        [ObjectNamePart::Identifier(ident)] => Some(ident.value.to_lowercase()),
        _ => None,
    }
}

/// The plain arguments of a function.
pub(super) fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    let plain = list.args.iter().map(|arg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    plain.collect::<Option<_>>().unwrap_or_default()
}

pub(super) fn case(condition: &Expr, then: &Expr, otherwise: Option<&Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: vec![CaseWhen { condition: condition.clone(), result: then.clone() }],
        else_result: otherwise.map(|expr| Box::new(expr.clone())),
    }
}

pub(super) fn cast(of: &Expr, to: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(of.clone()), data_type: to, array: false, format: None }
}

/// `.name`, as `['name']`.
pub(super) fn field(name: &Ident) -> AccessExpr {
    let name = Expr::value(Value::SingleQuotedString(name.value.clone()));
    AccessExpr::Subscript(Subscript::Index { index: name })
}
