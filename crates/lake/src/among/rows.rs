//! `(a, b) IN (SELECT x, y …)`: the dialect writes `row_among(a, b) IN (SELECT row_among(x, y) FROM (…))`, and here it is asked whether there is a row
//! of which all is equal. Whether it may be there that is not known (a NULL is on either side, and all else is equal) is asked where false
//! and NULL are not alike.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{DFSchema, Spans, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Exists, InSubquery, ScalarFunction};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Projection, lit, when};
use datafusion::optimizer::AnalyzerRule;

use super::steps::{each_filter, from_outside, steps, subquery};

/// Of so many values each set of NULLs is asked for by itself.
const SETS_OF: usize = 3;
/// As what the dialect writes a row.
pub(crate) const ROW: &str = "row_among";

#[derive(Debug)]
pub(super) struct Rows;

impl AnalyzerRule for Rows {
    fn name(&self) -> &str {
        "rows"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        each_filter(plan, is_of_rows, by_itself)
    }
}

fn is_of_rows(of: &Expr) -> bool {
    matches!(of, Expr::InSubquery(InSubquery { expr, .. }) if values(expr).is_some())
}

/// The values of a row, as the dialect writes one.
fn values(of: &Expr) -> Option<&[Expr]> {
    match of {
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.name() == ROW => Some(args),
        Expr::Alias(of) => values(&of.expr),
        _ => None,
    }
}

/// A condition that stands by itself: NULL is the same as false.
fn by_itself(condition: Expr, around: &DFSchema) -> Result<Expr> {
    match condition {
        Expr::InSubquery(among) if values(&among.expr).is_some() => {
            let asked = Asked::of(&among, around)?;
            if !among.negated {
                return asked.is_there(false);
            }
            Ok(asked.may_be(true)?.into_iter().fold(asked.is_there(true)?, Expr::and))
        }
        Expr::Not(of) => match *of {
            Expr::InSubquery(among) if values(&among.expr).is_some() => {
                let turned = InSubquery { negated: !among.negated, ..among };
                by_itself(Expr::InSubquery(turned), around)
            }
            of => in_steps(Expr::Not(Box::new(of)), around),
        },
        other => in_steps(other, around),
    }
}

/// The same condition with each such question in steps: whether it is there, whether it may be, and else it is not.
fn in_steps(condition: Expr, around: &DFSchema) -> Result<Expr> {
    let asked = condition.transform_up(|of| match of {
        Expr::InSubquery(among) if values(&among.expr).is_some() => {
            let asked = Asked::of(&among, around)?;
            let may_be = asked.may_be(false)?.into_iter().reduce(Expr::or).unwrap_or(lit(false));
            steps(asked.is_there(false)?, may_be, among.negated).map(Transformed::yes)
        }
        of => Ok(Transformed::no(of)),
    });
    asked.data()
}

/// A row, and those that it may be among.
struct Asked {
    sought: Vec<Expr>,
    columns: Vec<Expr>,
    rows: Arc<LogicalPlan>,
}

impl Asked {
    fn of(among: &InSubquery, around: &DFSchema) -> Result<Asked> {
        let LogicalPlan::Projection(Projection { expr, input, .. }) = &*among.subquery.subquery else {
            return plan_err!("the rows behind IN are not understood");
        };
        let (Some(sought), Some(Some(columns))) = (values(&among.expr), expr.first().map(values)) else {
            return plan_err!("the rows behind IN are not understood");
        };
        let sought = sought.iter().map(|of| from_outside(of.clone(), around)).collect::<Result<_>>()?;
        Ok(Asked { sought, columns: columns.to_vec(), rows: Arc::clone(input) })
    }

    /// Whether there is a row of which all is equal.
    fn is_there(&self, negated: bool) -> Result<Expr> {
        let equal = self.sought.iter().zip(&self.columns).map(|(sought, of)| of.clone().eq(sought.clone()));
        self.exists(equal.collect(), negated)
    }

    /// Whether there is one of which nothing is known to differ, and something is not known: of it, or of the row itself. Of the latter it is asked for each set
    /// of values that may be NULL together, by the others: so rows are looked up by them, and not held against each.
    fn may_be(&self, negated: bool) -> Result<Vec<Expr>> {
        let pairs = || self.sought.iter().zip(&self.columns);
        let may_equal = |(sought, of): (&Expr, &Expr)| {
            of.clone().eq(sought.clone()).or(sought.clone().is_null().or(of.clone().is_null()))
        };
        let is_any_null =
            |all: &[Expr]| all.iter().map(|of| of.clone().is_null()).reduce(Expr::or).unwrap_or(lit(false));
        let there = is_any_null(&self.columns);
        let with = |condition: Expr| std::iter::once(condition).chain(pairs().map(may_equal)).collect();
        let mut all = vec![self.exists(with(there.clone()), negated)?];
        let is_told = Expr::Not(Box::new(there));
        if self.sought.len() > SETS_OF {
            let key = when(is_any_null(&self.sought), lit(true)).end()?.eq(is_told);
            all.push(self.exists(with(key), negated)?);
            return Ok(all);
        }
        for set in 1..1u32 << self.sought.len() {
            let is_in = |place: usize| set >> place & 1 == 1;
            let is_so = |(place, of): (usize, &Expr)| {
                if is_in(place) { of.clone().is_null() } else { of.clone().is_not_null() }
            };
            let are_null = self.sought.iter().enumerate().map(is_so).reduce(Expr::and).unwrap_or(lit(false));
            let told = pairs().enumerate().filter(|(place, _)| !is_in(*place));
            let equal = told.map(|(_, (sought, of))| Ok(of.clone().eq(when(are_null.clone(), sought.clone()).end()?)));
            let mut equal = equal.collect::<Result<Vec<_>>>()?;
            if equal.is_empty() {
                // Whatever is there may be it.
                equal.push(when(are_null, lit(true)).end()?.eq(is_told.clone()));
            }
            all.push(self.exists(equal, negated)?);
        }
        Ok(all)
    }

    fn exists(&self, conditions: Vec<Expr>, negated: bool) -> Result<Expr> {
        let condition = conjunction(conditions).unwrap_or_else(|| lit(true));
        let chosen = LogicalPlanBuilder::from(Arc::clone(&self.rows)).filter(condition)?.build()?;
        Ok(Expr::Exists(Exists { subquery: subquery(chosen, Spans::default()), negated }))
    }
}
