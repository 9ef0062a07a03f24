//! What moments of a zone mean where they stand beside others, before it is seen of which types they are: DataFusion would take a moment without a zone
//! for a clock of there, and in Trino it is one of UTC.
//!
//! | a statement, where `z` has a zone | here |
//! |---|---|
//! | `z > m`, `z - m`, BETWEEN, IN, joins | both as moments |
//! | `z + INTERVAL '1' DAY` | 24 hours later, in its zone |
//! | `z + INTERVAL '1' MONTH` | when its clock shows the same a month later |
//! | `CASE WHEN … THEN z ELSE m END`, `coalesce(z, m)`, UNION | all in the zone of the first that has one |
//! | `CAST(z AS timestamp)`, `CAST(z AS date)` | what the clock of its zone shows |

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Between, Case, Cast, InList, InSubquery, SetComparison, TryCast};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    BinaryExpr, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, Operator, Subquery, Union, lit,
};
use datafusion::optimizer::AnalyzerRule;
use datafusion::scalar::ScalarValue;

use super::{AT_ZONE, CLOCK_OF, MOMENT_OF, WITH_ZONE, zone_of};
use crate::functions::zone_function;

const NAME: &str = "zones";
const KEPT: &str = "zones_kept";

/// By which statements are understood so.
pub(crate) fn analyze(rules: &mut Vec<Arc<dyn AnalyzerRule + Send + Sync>>) {
    if rules.iter().all(|rule| rule.name() != NAME) {
        rules.insert(0, Arc::new(Zones));
        rules.push(Arc::new(Kept));
    }
}

#[derive(Debug)]
struct Zones;

impl AnalyzerRule for Zones {
    fn name(&self) -> &str {
        NAME
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        if !has_zones(&plan)? {
            return Ok(plan);
        }
        plan.transform_up_with_subqueries(|plan| {
            let schema = merge_schema(&plan.inputs());
            let names = NamePreserver::new(&plan);
            let told = |expr: Expr| {
                let name = names.save(&expr);
                Ok(expr.transform_up(|expr| told(expr, &schema))?.update_data(|expr| name.restore(expr)))
            };
            plan.map_expressions(told)?.transform_data(sides)?.map_data(|plan| plan.recompute_schema())
        })
        .data()
    }
}

/// Where a zone is left out of account after all, it is said.
#[derive(Debug)]
struct Kept;

impl AnalyzerRule for Kept {
    fn name(&self) -> &str {
        KEPT
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        if !has_zones(&plan)? {
            return Ok(plan);
        }
        plan.apply_with_subqueries(|plan| {
            let schema = merge_schema(&plan.inputs());
            plan.apply_expressions(|expr| {
                expr.apply(|expr| match expr {
                    Expr::Cast(Cast { expr, field }) | Expr::TryCast(TryCast { expr, field })
                        if type_of(expr, &schema).is_some_and(|of| is_another_clock(&of, field.data_type())) =>
                    {
                        plan_err!("a moment with a time zone stands beside one without: write AT TIME ZONE behind both")
                    }
                    _ => Ok(TreeNodeRecursion::Continue),
                })
            })
        })?;
        Ok(plan)
    }
}

/// Whether a cast takes clocks of one zone for those of another: beside each other, or within lists, rows and maps.
fn is_another_clock(of: &DataType, to: &DataType) -> bool {
    use DataType::{FixedSizeList, LargeList, List, Map, Struct};
    match (of, to) {
        (
            List(of) | LargeList(of) | FixedSizeList(of, _) | Map(of, _),
            List(to) | LargeList(to) | FixedSizeList(to, _) | Map(to, _),
        ) => has_another_clock(of.data_type(), to.data_type()),
        (Struct(of), Struct(to)) => of.iter().zip(to).any(|(of, to)| has_another_clock(of.data_type(), to.data_type())),
        _ => is_without(of) && zone_of(to).is_some(),
    }
}

/// The same of what is within: nothing has taken the clock of there.
fn has_another_clock(of: &DataType, to: &DataType) -> bool {
    is_another_clock(of, to) || (zone_of(of).is_some() && is_without(to))
}

/// Whether a span has months, or years: how long they are, a calendar says.
fn has_months(of: &Expr) -> Result<bool> {
    of.exists(|of| match of {
        Expr::Literal(ScalarValue::IntervalMonthDayNano(Some(span)), _) => Ok(span.months != 0),
        Expr::Literal(ScalarValue::IntervalYearMonth(Some(months)), _) => Ok(*months != 0),
        _ => Ok(false),
    })
}

/// Whether it is a moment or a day of no zone.
fn is_without(of: &DataType) -> bool {
    matches!(of, DataType::Timestamp(_, None) | DataType::Date32 | DataType::Date64)
}

/// Whether it is a moment, but none of this zone.
fn is_elsewhere(of: &DataType, zone: &Arc<str>) -> bool {
    is_without(of) || zone_of(of).is_some_and(|other| other != zone)
}

/// Whether anything is given a zone.
fn has_zones(plan: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    plan.apply_with_subqueries(|plan| {
        plan.apply_expressions(|expr| {
            found |= expr.exists(|expr| {
                Ok(matches!(expr, Expr::ScalarFunction(of) if matches!(of.func.name(), AT_ZONE | WITH_ZONE)))
            })?;
            Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        })
    })?;
    Ok(found)
}

/// Of which type it is, where that is known.
fn type_of(expr: &Expr, schema: &DFSchema) -> Option<DataType> {
    expr.get_type(schema).ok()
}

fn zone(expr: &Expr, schema: &DFSchema) -> Option<Arc<str>> {
    zone_of(&type_of(expr, schema)?).cloned()
}

fn call(name: &'static str, args: Vec<Expr>) -> Expr {
    zone_function(name).call(args)
}

/// The moment itself.
fn moment(expr: Expr, schema: &DFSchema) -> Expr {
    if zone(&expr, schema).is_some() { call(MOMENT_OF, vec![expr]) } else { expr }
}

/// Whether one of these has a zone that another has not.
fn differ<'e>(all: impl IntoIterator<Item = &'e Expr>, schema: &DFSchema) -> bool {
    let types: Vec<DataType> = all.into_iter().filter_map(|expr| type_of(expr, schema)).collect();
    types.iter().any(|of| zone_of(of).is_some() && types.iter().any(|other| of != other))
}

/// The moments among these in the zone of the first that has one.
fn alike(all: Vec<Expr>, schema: &DFSchema) -> Vec<Expr> {
    let Some(first) = all.iter().find_map(|expr| zone(expr, schema)) else { return all };
    let alike = |expr: Expr| match type_of(&expr, schema) {
        Some(of) if is_elsewhere(&of, &first) => call(AT_ZONE, vec![expr, lit(&*first)]),
        _ => expr,
    };
    all.into_iter().map(alike).collect()
}

/// What an expression means whose operands are told.
fn told(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let boxed = |expr: Box<Expr>| Box::new(moment(*expr, schema));
    Ok(Transformed::yes(match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if differ([&*left, &*right], schema) => {
            let spans = |expr: &Expr| {
                type_of(expr, schema).is_some_and(|of| matches!(of, DataType::Interval(_) | DataType::Duration(_)))
            };
            let zone = zone(&left, schema).or_else(|| zone(&right, schema));
            let is_later = matches!(op, Operator::Plus | Operator::Minus) && (spans(&left) || spans(&right));
            if let Some(zone) = zone.as_ref().filter(|_| is_later)
                && (has_months(&left)? || has_months(&right)?)
            {
                let clock = |of: Box<Expr>| if spans(&of) { of } else { Box::new(call(CLOCK_OF, vec![*of])) };
                let later = Expr::BinaryExpr(BinaryExpr::new(clock(left), op, clock(right)));
                return Ok(Transformed::yes(call(WITH_ZONE, vec![later, lit(&**zone)])));
            }
            let both = Expr::BinaryExpr(BinaryExpr::new(boxed(left), op, boxed(right)));
            match zone {
                Some(zone) if is_later => call(AT_ZONE, vec![both, lit(&*zone)]),
                _ => both,
            }
        }
        Expr::Between(Between { expr, negated, low, high }) if differ([&*expr, &*low, &*high], schema) => {
            Expr::Between(Between::new(boxed(expr), negated, boxed(low), boxed(high)))
        }
        Expr::InList(InList { expr, list, negated }) if differ(list.iter().chain([&*expr]), schema) => {
            let list = list.into_iter().map(|expr| moment(expr, schema)).collect();
            Expr::InList(InList::new(boxed(expr), list, negated))
        }
        Expr::InSubquery(InSubquery { expr, subquery, negated })
            if type_of(&expr, schema) != Some(selected(&subquery)) =>
        {
            Expr::InSubquery(InSubquery { expr: boxed(expr), subquery: moments(subquery)?, negated })
        }
        Expr::SetComparison(SetComparison { expr, subquery, op, quantifier })
            if type_of(&expr, schema) != Some(selected(&subquery)) =>
        {
            Expr::SetComparison(SetComparison { expr: boxed(expr), subquery: moments(subquery)?, op, quantifier })
        }
        Expr::Case(case) => return case_of(case, schema),
        Expr::Cast(Cast { expr, field }) if is_without(field.data_type()) && zone(&expr, schema).is_some() => {
            Expr::Cast(Cast { expr: Box::new(call(CLOCK_OF, vec![*expr])), field })
        }
        Expr::TryCast(TryCast { expr, field }) if is_without(field.data_type()) && zone(&expr, schema).is_some() => {
            Expr::TryCast(TryCast { expr: Box::new(call(CLOCK_OF, vec![*expr])), field })
        }
        Expr::ScalarFunction(mut of) if differ(&of.args, schema) && !is_ours(of.func.name()) => {
            of.args = alike(of.args, schema);
            Expr::ScalarFunction(of)
        }
        Expr::WindowFunction(mut of) if differ(&of.params.args, schema) => {
            of.params.args = alike(of.params.args, schema);
            Expr::WindowFunction(of)
        }
        // It counts by moments.
        Expr::AggregateFunction(mut of) if of.func.name() == "insights" => {
            of.params.args = of.params.args.into_iter().map(|expr| moment(expr, schema)).collect();
            Expr::AggregateFunction(of)
        }
        other => return Ok(Transformed::no(other)),
    }))
}

fn is_ours(name: &str) -> bool {
    matches!(name, AT_ZONE | WITH_ZONE | MOMENT_OF | CLOCK_OF)
}

fn case_of(Case { expr, when_then_expr, else_expr }: Case, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let (whens, mut thens): (Vec<Expr>, Vec<Expr>) =
        when_then_expr.into_iter().map(|(when, then)| (*when, *then)).unzip();
    let has_else = else_expr.is_some();
    thens.extend(else_expr.map(|of| *of));
    let mut thens = if differ(&thens, schema) { alike(thens, schema) } else { thens };
    let (expr, whens) = match expr {
        Some(of) if differ(whens.iter().chain([&*of]), schema) => {
            (Some(Box::new(moment(*of, schema))), whens.into_iter().map(|when| moment(when, schema)).collect())
        }
        expr => (expr, whens),
    };
    let else_expr = if has_else { thens.pop().map(Box::new) } else { None };
    let when_then_expr = whens.into_iter().zip(thens).map(|(when, then)| (Box::new(when), Box::new(then))).collect();
    Ok(Transformed::yes(Expr::Case(Case { expr, when_then_expr, else_expr })))
}

/// Of which type what a subquery selects is.
fn selected(subquery: &Subquery) -> DataType {
    subquery.subquery.schema().field(0).data_type().clone()
}

/// The same subquery, selecting moments.
fn moments(subquery: Subquery) -> Result<Subquery> {
    let (table, field) = subquery.subquery.schema().qualified_field(0);
    if zone_of(field.data_type()).is_none() {
        return Ok(subquery);
    }
    let selected = call(MOMENT_OF, vec![Expr::Column(Column::from((table, field)))]).alias(field.name());
    let plan = LogicalPlanBuilder::from(Arc::clone(&subquery.subquery)).project([selected])?.build()?;
    Ok(subquery.with_plan(Arc::new(plan)))
}

/// What is joined by columns, and what is put one below the other.
fn sides(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    match plan {
        LogicalPlan::Join(mut join) => {
            let (left, right) = (Arc::clone(join.left.schema()), Arc::clone(join.right.schema()));
            let mut is_other = false;
            for (one, other) in &mut join.on {
                if (zone(one, &left), zone(other, &right)) != (None, None)
                    && type_of(one, &left) != type_of(other, &right)
                {
                    (*one, *other) = (moment(one.clone(), &left), moment(other.clone(), &right));
                    is_other = true;
                }
            }
            Ok(Transformed::new_transformed(LogicalPlan::Join(join), is_other))
        }
        LogicalPlan::Union(mut union) => {
            let columns = union.schema.fields().len();
            let of = |input: &LogicalPlan, at: usize| input.schema().field(at).data_type().clone();
            let zones: Vec<Option<Arc<str>>> =
                (0..columns).map(|at| union.inputs.iter().find_map(|input| zone_of(&of(input, at)).cloned())).collect();
            for input in &mut union.inputs {
                let is_other = |at: usize| zones[at].as_ref().filter(|zone| is_elsewhere(&of(input, at), zone));
                if (0..columns).all(|at| is_other(at).is_none()) {
                    continue;
                }
                let each = (0..columns).map(|at| {
                    let (table, field) = input.schema().qualified_field(at);
                    let column = Expr::Column(Column::from((table, field)));
                    match is_other(at) {
                        Some(zone) => {
                            call(AT_ZONE, vec![column, lit(&**zone)]).alias_qualified(table.cloned(), field.name())
                        }
                        None => column,
                    }
                });
                let each: Vec<Expr> = each.collect();
                *input = Arc::new(LogicalPlanBuilder::from(Arc::clone(input)).project(each)?.build()?);
            }
            // Its types are those of what it is of now.
            Ok(Transformed::yes(LogicalPlan::Union(Union::try_new_with_loose_types(union.inputs)?)))
        }
        other => Ok(Transformed::no(other)),
    }
}
