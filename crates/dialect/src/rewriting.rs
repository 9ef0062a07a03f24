//! The walk over a statement that sets it right: names as they are spelt, stores in FROM, and each expression as it is planned.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use sqlparser::ast::{
    AccessExpr, BinaryOperator, DataType, Expr, Function, Ident, LambdaFunction, ObjectName, ObjectNamePart,
    OneOrManyWithParens, Query, Select, SelectItem, SetExpr, Spanned, TableFactor, UnaryOperator, Value, ValueWithSpan,
    VisitMut, VisitorMut,
};

use super::columns::{Columns, Tables, store_of};
use super::expressions::{call_of, field, name_of};
use super::{
    Logs, Names, Places, Refused, casts, conditions, counts, functions, labels, starts, subqueries, tries, zones,
};

/// Lambdas within lambdas: what one gives may be asked for twice, to know what it is given.
const LAMBDAS: usize = 8;
/// Functions within functions whose arguments are written twice.
const COPIES: usize = 3;

/// Sets a query right. Gives the stores that it names, and where its letters were. `logs`: names of tables that are no stores.
pub(super) fn rewrite(
    query: &mut Query,
    names: Names,
    places: Places,
    logs: &BTreeMap<String, Logs>,
) -> Result<(BTreeSet<String>, Places), Refused> {
    let mut rewriting = Rewriting {
        names,
        places,
        logs,
        stores: BTreeSet::new(),
        named_here: Vec::new(),
        scopes: Vec::new(),
        copies: 0,
        values: Vec::new(),
        is_plain: matches!(&*query.body, SetExpr::Select(_)),
    };
    match query.visit(&mut rewriting) {
        ControlFlow::Break(why) => Err(why),
        ControlFlow::Continue(()) => Ok((rewriting.stores, rewriting.places)),
    }
}

struct Rewriting<'l> {
    names: Names,
    places: Places,
    logs: &'l BTreeMap<String, Logs>,
    stores: BTreeSet<String>,
    /// What WITH names, query within query, and what its columns are called.
    named_here: Vec<Vec<(String, Columns)>>,
    /// What tables are called, query within query.
    scopes: Vec<Vec<String>>,
    /// How many functions around here copy what they are given.
    copies: usize,
    /// What lambdas around here call their values.
    values: Vec<Vec<String>>,
    /// What the whole statement selects is put together with nothing else.
    is_plain: bool,
}

impl Rewriting<'_> {
    /// Whether it names log files.
    fn is_of_logs(&self, name: &ObjectName) -> bool {
        matches!(&name.0[..], [ObjectNamePart::Identifier(ident)] if self.logs.contains_key(&ident.value))
    }

    fn is_named_here(&self, name: &str) -> bool {
        self.named_here.iter().flatten().any(|(named, _)| named.eq_ignore_ascii_case(name))
    }

    /// What tables there are here.
    fn tables(&self) -> Tables<'_> {
        let named = self.named_here.iter().flatten().map(|(name, columns)| (name.to_lowercase(), columns.clone()));
        Tables { of_stores: &self.names.columns, named: named.collect() }
    }

    /// What `*` brings.
    fn brought(&self, select: &Select) -> Columns {
        if select.projection.iter().any(labels::is_all) { self.tables().brought(select) } else { Columns::new() }
    }

    /// Notes where it is, and refuses it too deep within others that copy what they are given.
    fn enter_function(&mut self, function: &Function) -> Result<(), Refused> {
        let [ObjectNamePart::Identifier(name)] = &function.name.0[..] else { return Ok(()) };
        self.places.note(&name.value.to_lowercase(), name.span.start.line, name.span.start.column);
        if is_try(function) {
            self.enter_values(Vec::new())?;
        }
        if let Some(condition) = &function.filter {
            self.places.note_kind("WHERE", || starts::start(condition));
        }
        if is_copying(function) {
            self.copies += 1;
            if self.copies > COPIES {
                let why = format!("`{}` stands within others of its kind, more than {COPIES} deep", name.value);
                return Err(Refused(why));
            }
        }
        Ok(())
    }

    /// Notes what it calls its values.
    fn enter_lambda(&mut self, lambda: &mut LambdaFunction) -> Result<(), Refused> {
        let values = match &mut lambda.params {
            OneOrManyWithParens::One(value) => std::slice::from_mut(value),
            OneOrManyWithParens::Many(values) => values,
        };
        for value in &mut *values {
            self.names.spell(&mut value.name);
            // Unquoted, DataFusion writes it small here, and only here.
            value.name.quote_style = Some('"');
        }
        self.enter_values(values.iter().map(|value| value.name.value.clone()).collect())
    }

    /// A lambda with these values begins, or a TRY, which becomes one without.
    fn enter_values(&mut self, values: Vec<String>) -> Result<(), Refused> {
        if self.values.len() >= LAMBDAS {
            let why = format!("the statement has lambdas within lambdas, more than {LAMBDAS} deep");
            return Err(Refused(why));
        }
        self.values.push(values);
        Ok(())
    }

    /// Names are as they are spelt. Fields of a lambda's value, and of what a query around names, are told as fields.
    fn spell_names(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Identifier(ident) => {
                self.names.spell(ident);
                if ident.quote_style == Some('"') {
                    self.places.note_quoted(&ident.value);
                }
            }
            Expr::CompoundIdentifier(idents) if self.is_value(&idents[0].value) => {
                idents.iter_mut().for_each(|ident| self.names.spell(ident));
                let mut parts = std::mem::take(idents).into_iter();
                if let Some(value) = parts.next() {
                    let root = Box::new(Expr::Identifier(value));
                    *expr = Expr::CompoundFieldAccess { root, access_chain: parts.map(|part| field(&part)).collect() };
                }
            }
            Expr::CompoundIdentifier(idents) => {
                for ident in &mut *idents {
                    self.names.spell(ident);
                    self.places.note(&ident.value, ident.span.start.line, ident.span.start.column);
                }
                if let Some(outer) = subqueries::outer_name(idents, &self.scopes) {
                    *expr = outer;
                }
            }
            Expr::CompoundFieldAccess { access_chain, .. } => {
                for access in access_chain {
                    if let AccessExpr::Dot(Expr::Identifier(ident)) = access {
                        self.names.spell(ident);
                        *access = field(ident);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a lambda around here calls a value so.
    fn is_value(&self, name: &str) -> bool {
        self.values.iter().flatten().any(|value| value.eq_ignore_ascii_case(name))
    }
}

impl VisitorMut for Rewriting<'_> {
    type Break = Refused;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Refused> {
        if let Err(why) = counts::check(query, &self.places) {
            return ControlFlow::Break(why);
        }
        if let SetExpr::SetOperation { .. } = &*query.body {
            self.places.note_kind("UNION", || query.body.span().start);
        }
        counts::limit_as_fetched(query);
        self.scopes.push(subqueries::tables(query));
        self.named_here.push(Vec::new());
        for table in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
            self.names.spell(&mut table.alias.name);
            let columns = self.tables().of_named(table);
            if let Some(here) = self.named_here.last_mut() {
                here.push((table.alias.name.value.clone(), columns));
            }
        }
        let brought = match (&*query.body, &query.order_by) {
            (SetExpr::Select(select), Some(_)) => self.brought(select),
            _ => Columns::new(),
        };
        if let Some(label) = labels::ordered_by_several(query, &brought) {
            let why = format!("`{label}` is in ORDER BY, and several columns are called so");
            return ControlFlow::Break(Refused(why));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<Refused> {
        if let (SetExpr::Select(select), Some(_)) = (&mut *query.body, &query.order_by) {
            labels::tell_casts(select, &mut query.order_by);
        }
        self.named_here.pop();
        self.scopes.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Refused> {
        let on = select.from.iter().flat_map(|table| &table.joins).filter_map(starts::condition);
        for condition in select.selection.iter().chain(&select.having).chain(on) {
            self.places.note_kind("WHERE", || starts::start(condition));
        }
        subqueries::rewrite(select);
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<Refused> {
        for item in &mut select.projection {
            if let SelectItem::ExprWithAlias { alias, .. } = item {
                self.names.spell(alias);
            }
        }
        labels::tell_casts(select, &mut None);
        let brought = self.brought(select);
        labels::tell_apart(select, self.is_plain && self.scopes.len() == 1, &brought);
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> ControlFlow<Refused> {
        let alias = match table {
            TableFactor::Table { sample: Some(_), .. } | TableFactor::Derived { sample: Some(_), .. } => {
                return ControlFlow::Break(Refused("TABLESAMPLE is not understood: use WHERE rand() < 0.1".into()));
            }
            TableFactor::Table { alias, name, args, .. } => {
                if args.is_some() {
                    // A function that makes a table.
                    for part in &mut name.0 {
                        if let ObjectNamePart::Identifier(ident) = part {
                            ident.value = ident.value.to_lowercase();
                        }
                    }
                } else if self.is_of_logs(name) {
                    // It has its name.
                } else if let Some(store) = store_of(name)
                    && !self.is_named_here(&store)
                {
                    self.stores.insert(store.clone());
                    *name = ObjectName::from(vec![Ident::with_quote('"', store)]);
                } else if let [ObjectNamePart::Identifier(ident)] = &mut name.0[..] {
                    self.names.spell(ident);
                }
                alias
            }
            TableFactor::Derived { alias, .. } => alias,
            _ => return ControlFlow::Continue(()),
        };
        if let Some(alias) = alias {
            self.names.spell(&mut alias.name);
            alias.columns.iter_mut().for_each(|column| self.names.spell(&mut column.name));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<Refused> {
        if let Value::SingleQuotedString(text) = &value.value {
            self.places.note_text(text, value.span.start.line, value.span.start.column);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Refused> {
        if let Expr::SimilarTo { .. } | Expr::RLike { .. } = expr {
            return ControlFlow::Break(Refused(
                "SIMILAR TO and RLIKE are not understood: use regexp_like(text, pattern)".into(),
            ));
        }
        if let Expr::Interval(interval) = expr
            && interval.leading_field.is_none()
            && interval.value.to_string().trim_matches('\'').trim().parse::<f64>().is_ok()
        {
            let why = format!("INTERVAL {} has no unit: write it like INTERVAL '1' DAY", interval.value);
            return ControlFlow::Break(Refused(why));
        }
        if let Some(kind) = starts::kind(expr) {
            self.places.note_kind(&kind, || starts::start(expr));
        }
        let entered = match expr {
            Expr::Function(function) => self.enter_function(function),
            Expr::Lambda(lambda) => self.enter_lambda(lambda),
            _ => Ok(()),
        };
        if let Err(why) = entered {
            return ControlFlow::Break(why);
        }
        if let Expr::Function(function) = expr
            && is_try(function)
        {
            tries::set_right(expr);
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Refused> {
        zones::rewrite(expr);
        match expr {
            Expr::Lambda(_) => drop(self.values.pop()),
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::CompoundFieldAccess { .. } => {
                self.spell_names(expr);
            }
            // Within lambdas DataFusion's literals of lists know no value of theirs.
            Expr::Array(list) if !self.values.is_empty() => {
                *expr = call_of("make_array", std::mem::take(&mut list.elem));
            }
            Expr::Function(_) | Expr::Substring { .. } => {
                self.copies -= usize::from(matches!(expr, Expr::Function(function) if is_copying(function)));
                if matches!(expr, Expr::Function(function) if is_try(function)) {
                    self.values.pop();
                }
                functions::rewrite(expr);
                zones::set_right(expr);
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr: of } if !zones::is_span(of) && !is_literal(of) => {
                *expr = call_of("negative", [(**of).clone()]);
            }
            Expr::Cast { .. } => casts::rewrite(expr),
            Expr::Extract { .. } => functions::rewrite_extract(expr),
            Expr::AtTimeZone { timestamp, time_zone } => {
                *expr = zones::at((**timestamp).clone(), (**time_zone).clone());
            }
            Expr::InSubquery { .. } => conditions::list_values(expr),
            Expr::Like { pattern, escape_char, .. } => conditions::set_right(pattern, escape_char),
            Expr::BinaryOp { left, op: BinaryOperator::Eq | BinaryOperator::NotEq, right } => {
                conditions::hold_flag_against(left, right);
                conditions::hold_flag_against(right, left);
            }
            Expr::TypedString(typed) if typed.data_type == DataType::JSON => {
                *expr = call_of("json_parse", [Expr::Value(typed.value.clone())]);
            }
            Expr::TypedString(_) => zones::written(expr),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Whether it writes what it is given several times.
fn is_copying(function: &Function) -> bool {
    name_of(function).is_some_and(|name| functions::COPYING.contains(&&*name))
}

fn is_try(function: &Function) -> bool {
    name_of(function).is_some_and(|name| name == "try")
}

/// Whether it is a value as it is written: what is below zero of these is one, too.
fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(of) | Expr::UnaryOp { expr: of, .. } => is_literal(of),
        expr => matches!(expr, Expr::Value(_)),
    }
}
