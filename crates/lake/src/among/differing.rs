//! Rows that something is looked for among are brought down to those that differ.
//!
//! A join of this kind asks whether there is a row, never how many. It holds each row of the one side against all that are equal to it on
//! the other all the same: a million events of ten users against half a million of the same are as many pairs as both numbers by one another.
//! So the other side is grouped by what the join's conditions ask of it, and nothing else of it is kept.

use std::sync::Arc;

use datafusion::common::{Column, DFSchema, TableReference};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, ExprSchemable, Join, JoinType, LogicalPlan, LogicalPlanBuilder};

/// The same join of fewer rows; `None`: it is as it should be.
pub(super) fn among_few(join: &Join) -> Result<Option<LogicalPlan>> {
    if !matches!(join.join_type, JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark) {
        return Ok(None);
    }
    let schema = join.right.schema();
    let mut columns: Vec<&Column> = join.filter.iter().flat_map(Expr::column_refs).collect();
    columns.retain(|column| schema.has_column(column));
    let mut asked: Vec<Expr> = columns.into_iter().cloned().map(Expr::Column).collect();
    asked.extend(join.on.iter().map(|(_, of)| of.clone()));
    asked.sort_by_cached_key(Expr::to_string);
    asked.dedup();
    let right = LogicalPlanBuilder::from(Arc::clone(&join.right));
    if asked.is_empty() {
        return Ok(match &*join.right {
            LogicalPlan::Limit(_) => None,
            _ => Some(of(join, right.limit(0, Some(1))?.build()?, join.on.clone())?),
        });
    }
    for of in &asked {
        if of.is_volatile() || of.get_type(schema)?.is_nested() {
            return Ok(None);
        }
    }
    if is_differing(&join.right, asked.len()) {
        return Ok(None);
    }
    // What is no column gets a name: of the same table, by which a mark is called.
    let table = only_table(schema);
    let named = |(place, of): (usize, &Expr)| match of {
        Expr::Column(column) => column.clone(),
        _ => Column::new(table.clone(), format!("among {place}")),
    };
    let names: Vec<Column> = asked.iter().enumerate().map(named).collect();
    let projected = asked.iter().zip(&names).map(|(of, name)| match of {
        Expr::Column(_) => of.clone(),
        _ => of.clone().alias_qualified(name.relation.clone(), &name.name),
    });
    let grouped = names.iter().cloned().map(Expr::Column);
    let right = right.project(projected)?.aggregate(grouped, Vec::<Expr>::new())?.build()?;
    let renamed = |of: &Expr| asked.iter().position(|other| other == of).map(|place| names[place].clone());
    let on = join.on.iter().map(|(left, of)| (left.clone(), renamed(of).map_or_else(|| of.clone(), Expr::Column)));
    let on = on.collect();
    Ok(Some(of(join, right, on)?))
}

/// The same join, of other rows on its right.
pub(super) fn of(join: &Join, right: LogicalPlan, on: Vec<(Expr, Expr)>) -> Result<LogicalPlan> {
    let (left, filter) = (Arc::clone(&join.left), join.filter.clone());
    let (null_equality, null_aware) = (join.null_equality, join.null_aware);
    let right = Arc::new(right);
    Join::try_new(left, right, on, filter, join.join_type, join.join_constraint, null_equality, null_aware)
        .map(LogicalPlan::Join)
}

/// The table that all columns are of.
pub(super) fn only_table(schema: &DFSchema) -> Option<TableReference> {
    let mut tables = schema.iter().filter_map(|(table, _)| table);
    let first = tables.next()?;
    tables.all(|other| other == first).then(|| first.clone())
}

/// Whether these are groups already, by so many columns.
fn is_differing(plan: &LogicalPlan, columns: usize) -> bool {
    match plan {
        LogicalPlan::Aggregate(_) | LogicalPlan::Distinct(_) => plan.schema().fields().len() <= columns,
        LogicalPlan::SubqueryAlias(of) => is_differing(&of.input, columns),
        LogicalPlan::Filter(of) => is_differing(&of.input, columns),
        // What is made of values that differ may be the same.
        LogicalPlan::Projection(of) if of.expr.iter().all(is_column) => is_differing(&of.input, columns),
        _ => false,
    }
}

pub(super) fn is_column(of: &Expr) -> bool {
    match of {
        Expr::Alias(of) => is_column(&of.expr),
        of => matches!(of, Expr::Column(_)),
    }
}
