//! Operators that do not take what they are given are found where they are planned: there it is known still where a column stands. What is wrong
//! is said as DataFusion would say it later, without a place.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Diagnostic, Span};
use datafusion::error::Result;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::type_coercion::binary::BinaryTypeCoercer;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator};
use datafusion::sql::sqlparser::ast::BinaryOperator;

/// By which statements are planned, after all others.
pub(super) fn planner() -> Arc<dyn ExprPlanner> {
    Arc::new(Operands)
}

#[derive(Debug)]
struct Operands;

impl ExprPlanner for Operands {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let types = (type_of(&expr.left, schema), type_of(&expr.right, schema));
        if let (Some(op), (Ok(left), Ok(right))) = (operator(&expr.op), types)
            && let Err(why) = BinaryTypeCoercer::new(&left, &op, &right).get_input_types()
            && let Some(span) = place(&expr.left).or_else(|| place(&expr.right))
        {
            return Err(why.with_diagnostic(Diagnostic::new_error("", Some(span))));
        }
        Ok(PlannerResult::Original(expr))
    }
}

/// What it is. What stands between AND and OR was found to be a condition when it was planned itself; there may be thousands within one another.
fn type_of(expr: &Expr, schema: &DFSchema) -> Result<DataType> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { op: Operator::And | Operator::Or, .. }) => Ok(DataType::Boolean),
        other => other.get_type(schema),
    }
}

fn operator(op: &BinaryOperator) -> Option<Operator> {
    Some(match op {
        BinaryOperator::Eq => Operator::Eq,
        BinaryOperator::NotEq => Operator::NotEq,
        BinaryOperator::Lt => Operator::Lt,
        BinaryOperator::LtEq => Operator::LtEq,
        BinaryOperator::Gt => Operator::Gt,
        BinaryOperator::GtEq => Operator::GtEq,
        BinaryOperator::Plus => Operator::Plus,
        BinaryOperator::Minus => Operator::Minus,
        BinaryOperator::Multiply => Operator::Multiply,
        BinaryOperator::Divide => Operator::Divide,
        BinaryOperator::Modulo => Operator::Modulo,
        BinaryOperator::And => Operator::And,
        BinaryOperator::Or => Operator::Or,
        _ => return None,
    })
}

/// Where the first column of it stands.
fn place(expr: &Expr) -> Option<Span> {
    let mut found = None;
    let look = expr.apply(|of| {
        if let Expr::Column(column) = of {
            found = column.spans.first();
        }
        Ok(if found.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    look.ok()?;
    found
}
