//! Of rows that something is looked for between bounds among, those of a key are put in order once, and it is found by halving.
//!
//! | a statement | holds for the rows of a key if |
//! |---|---|
//! | `EXISTS (SELECT … WHERE b.key = a.key AND b.x > a.x AND b.x < a.y)` | one of their `x` lies there |
//! | `… AND b.x > a.x AND b.x < a.y AND b.z <> a.z` | one lies there whose `z` is another |
//!
//! So it is asked what came within an hour of something else, or from another address, and each event of a busy identity was held against all others of it.
//! There may be any number of bounds, of one column; one `<>`, of any; and what is asked of `a` alone.

use datafusion::error::Result;
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{Expr, ExprSchemable, Join, LogicalPlan, Operator};

use super::bounds::bounds;
use super::differing::is_column;
use super::keys::{Keys, comparison, condition};
use crate::functions::{Bound, among_between, among_sorted, is_bytes, is_in_order};

/// What the values of a key are called.
const SORTED: &str = "among sorted";

/// What a join asks of the rows of a key.
struct Asked {
    x: Expr,
    bounds: Vec<Bound>,
    /// What is another on the left, and on the right.
    other: Option<(Expr, Expr)>,
    /// What is asked of the left alone.
    rest: Vec<Expr>,
}

/// The same join, with one row a key on its right; `None`: it asks something else.
pub(super) fn one_a_key(join: &Join) -> Result<Option<LogicalPlan>> {
    let Some(filter) = condition(join) else { return Ok(None) };
    let Some(Asked { x, bounds, other, rest }) = asked(filter, join)? else { return Ok(None) };
    let Some(keys) = Keys::of(join)? else { return Ok(None) };
    let (other, others) = other.unzip();
    let sorted = among_sorted(x, others).alias(SORTED);
    let joined = keys.joined(join, vec![sorted], |found| {
        let is_there = among_between(Expr::Column(found[0].clone()), bounds, other);
        conjunction([is_there].into_iter().chain(rest))
    });
    joined.map(Some)
}

fn asked(filter: &Expr, join: &Join) -> Result<Option<Asked>> {
    let (left, right) = (join.left.schema(), join.right.schema());
    let (mut among, mut all, mut other, mut rest) = (None, Vec::new(), None, Vec::new());
    for part in split_conjunction(filter) {
        if !part.column_refs().into_iter().any(|column| right.has_column(column)) {
            rest.push(part.clone());
        } else if let Some((x, these)) = bounds(part, left, right)? {
            if !is_in_order(&x.get_type(right)?) || *among.get_or_insert_with(|| x.clone()) != x {
                return Ok(None);
            }
            all.extend(these);
        } else {
            let Some((sought, Operator::NotEq, z)) = comparison(part, right).filter(|_| other.is_none()) else {
                return Ok(None);
            };
            let kind = z.get_type(right)?;
            if !is_column(&z) || !is_bytes(&kind) || sought.get_type(left)? != kind {
                return Ok(None);
            }
            other = Some((sought, z));
        }
    }
    Ok(among.map(|x| Asked { x, bounds: all, other, rest }))
}
