//! `ORDER BY … FETCH FIRST n ROWS WITH TIES`: those that are as far in front as the n-th are there, too. The dialect writes
//! `LIMIT with_ties(n)`, and here it is those whose rank is n at most.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::plan_err;
use datafusion::common::tree_node::{Transformed, TransformedResult};
use datafusion::error::Result;
use datafusion::functions_window::expr_fn::rank;
use datafusion::logical_expr::{
    Expr, ExprFunctionExt, Limit, LogicalPlan, LogicalPlanBuilder, Projection, Sort, cast, ident,
};
use datafusion::optimizer::AnalyzerRule;

/// What the dialect writes.
pub(crate) const WITH_TIES: &str = "with_ties";

/// What the rank of a row is called.
const RANK: &str = "rank with ties";

/// By which statements are understood so.
pub(crate) fn analyze(rules: &mut Vec<Arc<dyn AnalyzerRule + Send + Sync>>) {
    if rules.iter().all(|rule| rule.name() != WITH_TIES) {
        rules.push(Arc::new(Ties));
    }
}

#[derive(Debug)]
struct Ties;

impl AnalyzerRule for Ties {
    fn name(&self) -> &str {
        WITH_TIES
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let ranked = plan.transform_up_with_subqueries(|plan| match plan {
            LogicalPlan::Limit(Limit { skip, fetch, input }) => match fetch.as_deref().and_then(most) {
                Some(most) => ranked(&input, skip, most).map(Transformed::yes),
                None => Ok(Transformed::no(LogicalPlan::Limit(Limit { skip, fetch, input }))),
            },
            other => Ok(Transformed::no(other)),
        });
        ranked.data()
    }
}

/// How many rows are wanted, if those beside them are, too.
fn most(fetch: &Expr) -> Option<Expr> {
    match fetch {
        Expr::ScalarFunction(call) if call.name() == WITH_TIES => call.args.first().cloned(),
        Expr::Cast(of) => most(&of.expr),
        _ => None,
    }
}

fn ranked(rows: &Arc<LogicalPlan>, skip: Option<Box<Expr>>, most: Expr) -> Result<LogicalPlan> {
    // What is ordered by and not selected is taken away above.
    let (sorted, selected) = match &**rows {
        LogicalPlan::Projection(selected) => (&selected.input, Some(selected)),
        _ => (rows, None),
    };
    let LogicalPlan::Sort(Sort { expr: by, input, fetch: None }) = &**sorted else {
        return plan_err!("WITH TIES stands behind ORDER BY");
    };
    let columns: Vec<Expr> = input.schema().columns().into_iter().map(Expr::Column).collect();
    let from = match skip {
        Some(skip) => Arc::new(LogicalPlan::Limit(Limit { skip: Some(skip), fetch: None, input: Arc::clone(sorted) })),
        None => Arc::clone(input),
    };
    let place = rank().order_by(by.clone()).build()?.alias(RANK);
    let is_taken = cast(ident(RANK), DataType::Int64).lt_eq(most);
    let taken = LogicalPlanBuilder::from(from).window([place])?.filter(is_taken)?;
    let taken = Arc::new(taken.sort(by.clone())?.project(columns)?.build()?);
    match selected {
        Some(selected) => Projection::try_new(selected.expr.clone(), taken).map(LogicalPlan::Projection),
        None => Ok(Arc::unwrap_or_clone(taken)),
    }
}
