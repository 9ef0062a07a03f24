//! CloudTrail Lake's SQL → DataFusion's. Pure: a text in, the tree of a statement out, or why it is none. Knows no DataFusion, no table,
//! and of columns their names.
//!
//! Lake speaks Trino's SELECT with liberties of its own. What differs is set right in the tree of the statement, before it is
//! planned:
//!
//! | Lake | here |
//! |---|---|
//! | `FROM 2a8f2138-0caa-46c8-…` | a bare id is quoted before it is parsed (`words`) |
//! | an id, a name, an ARN in FROM | the table of that event data store |
//! | names in any case | as the schema writes them, or as the statement first wrote them |
//! | `IF(c, a, b)`, `date(x)` | CASE, CAST |
//! | `transform`, `max_by`, … | what DataFusion has for them (`functions`) |
//! | JSON | text; a cast of it reads it (`casts`) |
//! | `CAST(x AS array(json))`, `CAST(2.5 AS bigint)` | functions of ours (`casts`) |
//! | `LIKE 'a#_%' ESCAPE '#'`, `readOnly = 'true'`, `IN (VALUES 1, 2)` | with DataFusion's escape, with a flag, with a list (`conditions`) |
//! | `TRY(x / y)` | what fails within it is NULL |
//! | the same selected twice | by two names |
//! | `SELECT EXISTS (…)`, names of a query around | what gives one value, fields (`subqueries`) |
//! | `FETCH FIRST n ROWS ONLY` | LIMIT |
//! | `CROSS JOIN UNNEST(list) AS t(x)` | a subquery that unnests (`unnests`) |
//!
//! The labels of a result are as the statement writes them: an alias, or else the last part of a name.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-limitations.html>

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use sqlparser::ast::{
    AccessExpr, BinaryOperator, DataType, Expr, Fetch, Ident, LimitClause, ObjectName, ObjectNamePart,
    OneOrManyWithParens, Query, Select, SelectItem, SetExpr, SetOperator, SetQuantifier, Statement, Subscript, Value,
    ValueWithSpan, VisitMut, VisitorMut,
};
use sqlparser::parser::{Parser, ParserError};
use thiserror::Error;

mod casts;
mod conditions;
mod expressions;
mod functions;
mod grammar;
mod labels;
mod size;
mod subqueries;
mod tries;
mod unnests;
mod words;

pub use functions::{knows as knows_function, writes as writes_function, written_otherwise as functions};
pub use tries::TRIED;
pub use words::Places;

/// Operators within operators, queries within queries.
const DEPTH: usize = 120;
/// Lambdas within lambdas: what one gives may be asked for twice, to know what it is given.
const LAMBDAS: usize = 8;
/// Subscripts within subscripts: what is wrong in the innermost is tried again and again, fifteen times for each.
const SUBSCRIPTS: usize = 3;
/// Functions within functions whose arguments are written twice.
const COPIES: usize = 3;
/// Brackets within brackets: a type of a thousand lists within lists is long to think about.
const BRACKETS: usize = 60;

/// Why a text is no statement that is understood: in its own words, and with its place (`Line: 1, Column: 8`).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// A statement that was understood.
#[derive(Clone, Debug)]
pub struct Understood {
    /// It, as DataFusion plans it.
    pub statement: Statement,
    /// The event data stores that it reads, as it names them.
    pub stores: BTreeSet<String>,
    /// The labels of its columns, as far as they are named; `None`: all columns of a table stand there.
    pub labels: Vec<Option<String>>,
    /// Where its letters were, as it was written.
    pub places: Places,
}

/// Reads a statement. Only one, and only a SELECT: nothing that writes, or looks elsewhere. `names`: those of columns, as they are spelt.
pub fn understand(text: &str, names: &Names) -> Result<Understood, Refused> {
    if words::deepest_brackets(text) > BRACKETS || words::deepest_subscripts(text) > SUBSCRIPTS {
        return Err(told(&ParserError::RecursionLimitExceeded, &Places::default()));
    }
    let (quoted, places) = words::set_right(text);
    let parser = Parser::new(&grammar::Lake).with_recursion_limit(DEPTH);
    let parsed = parser.try_with_sql(&quoted).and_then(|mut parser| parser.parse_statements());
    let mut statements = parsed.map_err(|error| told(&error, &places))?;
    let (Some(Statement::Query(mut query)), true) = (statements.pop(), statements.is_empty()) else {
        return Err(Refused("only one SELECT statement is run at a time, and nothing else".into()));
    };
    size::check(&query)?;
    let labels = labels::labels(&query.body);
    unnests::rewrite(&mut query)?;
    let names = names.clone();
    let mut rewriting = Rewriting {
        names,
        places,
        stores: BTreeSet::new(),
        named_here: Vec::new(),
        scopes: Vec::new(),
        copies: 0,
        values: Vec::new(),
    };
    if let ControlFlow::Break(error) = query.visit(&mut rewriting) {
        return Err(error);
    }
    Ok(Understood { statement: Statement::Query(query), stores: rewriting.stores, labels, places: rewriting.places })
}

/// What a parser says, which tells line and column of the statement.
fn told(error: &ParserError, places: &Places) -> Refused {
    Refused(match error {
        ParserError::TokenizerError(why) | ParserError::ParserError(why) => places.in_sentence(why),
        ParserError::RecursionLimitExceeded => "the statement has too many brackets within brackets".into(),
    })
}

/// How names are spelt: each as it was first.
#[derive(Clone, Debug, Default)]
pub struct Names {
    spelt: HashMap<String, String>,
}

impl Names {
    /// Adds one, if it is not known in other letters.
    pub fn know(&mut self, name: &str) {
        self.spelt.entry(name.to_lowercase()).or_insert_with(|| name.to_owned());
    }

    fn spell(&mut self, ident: &mut Ident) {
        let spelt = self.spelt.entry(ident.value.to_lowercase()).or_insert_with(|| ident.value.clone());
        ident.value.clone_from(spelt);
    }
}

struct Rewriting {
    names: Names,
    places: Places,
    stores: BTreeSet<String>,
    /// What WITH names, query within query.
    named_here: Vec<Vec<String>>,
    /// What tables are called, query within query.
    scopes: Vec<Vec<String>>,
    /// How many functions around here copy what they are given.
    copies: usize,
    /// What lambdas around here call their values.
    values: Vec<Vec<String>>,
}

impl Rewriting {
    fn is_named_here(&self, name: &str) -> bool {
        self.named_here.iter().flatten().any(|named| named.eq_ignore_ascii_case(name))
    }
}

impl VisitorMut for Rewriting {
    type Break = Refused;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Refused> {
        if query.fetch.as_ref().is_some_and(|fetch| fetch.with_ties || fetch.percent) {
            return ControlFlow::Break(Refused("WITH TIES and PERCENT are not understood: use rank() OVER (…)".into()));
        }
        if has_all_but_union(&query.body) {
            return ControlFlow::Break(Refused(
                "EXCEPT ALL and INTERSECT ALL are not understood: without ALL each row is there once".into(),
            ));
        }
        if let Some(Fetch { quantity: Some(limit), .. }) = query.fetch.take() {
            let offset = match query.limit_clause.take() {
                Some(LimitClause::LimitOffset { offset, .. }) => offset,
                _ => None,
            };
            query.limit_clause = Some(LimitClause::LimitOffset { limit: Some(limit), offset, limit_by: Vec::new() });
        }
        self.scopes.push(subqueries::tables(query));
        let named = query.with.iter_mut().flat_map(|with| &mut with.cte_tables);
        let mut here = Vec::new();
        for table in named {
            self.names.spell(&mut table.alias.name);
            here.push(table.alias.name.value.clone());
        }
        self.named_here.push(here);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<Refused> {
        self.named_here.pop();
        self.scopes.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Refused> {
        subqueries::rewrite(select);
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<Refused> {
        // Lake may select the same twice, DataFusion by two names only. What a column is called in the result is known already.
        let has_all = select
            .projection
            .iter()
            .any(|item| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)));
        let mut seen = HashSet::new();
        for (place, item) in select.projection.iter_mut().enumerate() {
            match item {
                SelectItem::ExprWithAlias { alias, .. } => self.names.spell(alias),
                SelectItem::UnnamedExpr(expr) if !seen.insert(expr.to_string()) || (has_all && is_name(expr)) => {
                    let (expr, alias) = (expr.clone(), Ident::new(format!("_col{place}")));
                    *item = SelectItem::ExprWithAlias { expr, alias };
                }
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &mut sqlparser::ast::TableFactor) -> ControlFlow<Refused> {
        use sqlparser::ast::TableFactor;
        let alias = match table {
            TableFactor::Table { alias, name, args, .. } => {
                if args.is_some() {
                    // A function that makes a table.
                    for part in &mut name.0 {
                        if let ObjectNamePart::Identifier(ident) = part {
                            ident.value = ident.value.to_lowercase();
                        }
                    }
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
        if let Expr::Function(function) = expr
            && let [ObjectNamePart::Identifier(name)] = &function.name.0[..]
        {
            self.places.note(&name.value.to_lowercase(), name.span.start.line, name.span.start.column);
            if functions::COPYING.iter().any(|copying| name.value.eq_ignore_ascii_case(copying)) {
                self.copies += 1;
                if self.copies > COPIES {
                    let why = format!("`{}` stands within others of its kind, more than {COPIES} deep", name.value);
                    return ControlFlow::Break(Refused(why));
                }
            }
            if name.value.eq_ignore_ascii_case("try") {
                let _ = expr.visit(&mut tries::Trying);
            }
        }
        if let Expr::Lambda(lambda) = expr {
            if self.values.len() >= LAMBDAS {
                let why = format!("the statement has lambdas within lambdas, more than {LAMBDAS} deep");
                return ControlFlow::Break(Refused(why));
            }
            let values = match &mut lambda.params {
                OneOrManyWithParens::One(value) => std::slice::from_mut(value),
                OneOrManyWithParens::Many(values) => values,
            };
            for value in &mut *values {
                self.names.spell(&mut value.name);
                // Unquoted, DataFusion writes it small here, and only here.
                value.name.quote_style = Some('"');
            }
            self.values.push(values.iter().map(|value| value.name.value.clone()).collect());
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Refused> {
        match expr {
            Expr::Lambda(_) => drop(self.values.pop()),
            // A field of a lambda's value.
            Expr::CompoundIdentifier(idents)
                if self.values.iter().flatten().any(|value| value.eq_ignore_ascii_case(&idents[0].value)) =>
            {
                idents.iter_mut().for_each(|ident| self.names.spell(ident));
                let mut parts = std::mem::take(idents).into_iter();
                if let Some(value) = parts.next() {
                    let root = Box::new(Expr::Identifier(value));
                    *expr = Expr::CompoundFieldAccess { root, access_chain: parts.map(|part| field(&part)).collect() };
                }
            }
            Expr::Identifier(ident) => self.names.spell(ident),
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
            // Within lambdas DataFusion's literals of lists know no value of theirs.
            Expr::Array(list) if !self.values.is_empty() => {
                *expr = expressions::call_of("make_array", std::mem::take(&mut list.elem));
            }
            Expr::Function(_) | Expr::Substring { .. } => {
                let is_copying = |expr: &Expr| match expr {
                    Expr::Function(function) => {
                        expressions::name_of(function).is_some_and(|name| functions::COPYING.contains(&&*name))
                    }
                    _ => false,
                };
                self.copies -= usize::from(is_copying(expr));
                functions::rewrite(expr);
            }
            Expr::Cast { .. } => casts::rewrite(expr),
            Expr::Extract { .. } => functions::rewrite_extract(expr),
            Expr::AtTimeZone { timestamp, time_zone } => {
                *expr = expressions::call_of("at_timezone", [(**timestamp).clone(), (**time_zone).clone()]);
            }
            Expr::InSubquery { .. } => conditions::list_values(expr),
            Expr::Like { pattern, escape_char, .. } => conditions::set_right(pattern, escape_char),
            Expr::BinaryOp { left, op: BinaryOperator::Eq | BinaryOperator::NotEq, right } => {
                conditions::hold_flag_against(left, right);
                conditions::hold_flag_against(right, left);
            }
            Expr::TypedString(typed) if typed.data_type == DataType::JSON => {
                *expr = expressions::call_of("json_parse", [Expr::Value(typed.value.clone())]);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// `.name`, as `['name']`.
fn field(name: &Ident) -> AccessExpr {
    let name = Expr::value(Value::SingleQuotedString(name.value.clone()));
    AccessExpr::Subscript(Subscript::Index { index: name })
}

/// The event data store that a name in FROM means: its id, its name, or the id at the end of its ARN.
fn store_of(name: &ObjectName) -> Option<String> {
    let parts: Vec<&str> = name
        .0
        .iter()
        .map(|part| match part {
            ObjectNamePart::Identifier(ident) => Some(ident.value.as_str()),
            ObjectNamePart::Function(_) => None,
        })
        .collect::<Option<_>>()?;
    let whole = parts.join(".");
    Some(whole.rsplit_once(":eventdatastore/").map_or(whole.as_str(), |(_, id)| id).to_owned())
}

fn is_name(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
}

/// Whether queries are put together by EXCEPT ALL or INTERSECT ALL.
fn has_all_but_union(body: &SetExpr) -> bool {
    match body {
        SetExpr::SetOperation { op, set_quantifier, left, right } => {
            let is_one = *op != SetOperator::Union && *set_quantifier == SetQuantifier::All;
            is_one || has_all_but_union(left) || has_all_but_union(right)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
