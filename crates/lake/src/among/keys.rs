//! A join that asks whether there is a row, of rows that are grouped by what it holds equal: one a key, with what is asked of them together.

use std::sync::Arc;

use datafusion::common::{Column, DFSchema};
use datafusion::error::Result;
use datafusion::logical_expr::{
    BinaryExpr, Expr, ExprSchemable, Join, JoinType, LogicalPlan, LogicalPlanBuilder, Operator,
};

use super::differing::{of, only_table};

/// What the least and the greatest of a key are called.
pub(super) const FIRST: &str = "among first";
pub(super) const LAST: &str = "among last";

/// On what condition a join asks that, beside what it holds equal. `None`: it asks something else, or of the first and the last already.
pub(super) fn condition(join: &Join) -> Option<&Expr> {
    let asks = matches!(join.join_type, JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark);
    let is_found = |column: &Column| column.name == FIRST || column.name == LAST;
    let condition = join.filter.as_ref().filter(|_| asks && !join.null_aware)?;
    (!condition.column_refs().into_iter().any(is_found)).then_some(condition)
}

/// Whether all that something says is of the rows on the right, or none.
pub(super) fn is_of(expr: &Expr, right: &DFSchema, is_right: bool) -> bool {
    let columns = expr.column_refs();
    !columns.is_empty() && columns.into_iter().all(|column| right.has_column(column) == is_right)
}

/// What is sought, how it is held, and against what of the rows on the right.
pub(super) fn comparison(filter: &Expr, right: &DFSchema) -> Option<(Expr, Operator, Expr)> {
    let Expr::BinaryExpr(BinaryExpr { left: a, op, right: b }) = filter else { return None };
    if !matches!(op, Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq | Operator::NotEq) {
        return None;
    }
    match (is_of(a, right, false) && is_of(b, right, true), is_of(a, right, true) && is_of(b, right, false)) {
        (true, _) => Some(((**a).clone(), *op, (**b).clone())),
        (_, true) => Some(((**b).clone(), op.swap()?, (**a).clone())),
        _ => None,
    }
}

/// What the rows on the right are held equal by.
pub(super) struct Keys(Vec<Expr>);

impl Keys {
    /// Those of a join; `None`: they cannot be grouped by, or differ each time.
    pub(super) fn of(join: &Join) -> Result<Option<Keys>> {
        let mut keys: Vec<Expr> = Vec::new();
        for (_, key) in &join.on {
            if key.get_type(join.right.schema())?.is_nested() {
                return Ok(None);
            }
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        let is_volatile = keys.iter().chain(&join.filter).any(Expr::is_volatile);
        Ok((!is_volatile).then_some(Keys(keys)))
    }

    /// The join with a row for each key, of which this is found; `holds` is asked of what that is called.
    pub(super) fn joined(
        self,
        join: &Join,
        found: Vec<Expr>,
        holds: impl FnOnce(&[Column]) -> Option<Expr>,
    ) -> Result<LogicalPlan> {
        let Keys(keys) = self;
        let rows = LogicalPlanBuilder::from(Arc::clone(&join.right)).aggregate(keys.clone(), found)?.build()?;
        // What is grouped by is called as it was written, and a mark by the table.
        let table = only_table(join.right.schema());
        let found = rows.schema().columns().into_iter().enumerate().map(|(place, column)| {
            let name = if place < keys.len() { format!("among key {place}") } else { column.name.clone() };
            (column, Column::new(table.clone(), name))
        });
        let (found, names): (Vec<Column>, Vec<Column>) = found.unzip();
        let named = found.into_iter().zip(&names);
        let named = named.map(|(of, name)| Expr::Column(of).alias_qualified(name.relation.clone(), &name.name));
        let rows = LogicalPlanBuilder::from(rows).project(named)?.build()?;
        let (called, found) = names.split_at(keys.len());
        // Two may be held against the same.
        let place = |key: &Expr| keys.iter().position(|other| other == key);
        let renamed = |key: &Expr| place(key).map_or_else(|| key.clone(), |at| Expr::Column(called[at].clone()));
        let on = join.on.iter().map(|(left, key)| (left.clone(), renamed(key))).collect();
        of(&Join { filter: holds(found), ..join.clone() }, rows, on)
    }
}
