//! `max(x, n)`, `min(x, n)`, `max_by(x, y, n)`, `min_by(x, y, n)`: the greatest or least few of a group, in order. The dialect calls
//! them `max_n`, `min_n`, `max_by_n` and `min_by_n`.
//!
//! <https://trino.io/docs/current/functions/aggregate.html>

use std::cmp::Ordering;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Schema};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::logical_expr::{Accumulator, AggregateUDF, ColumnarValue};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::scalar::ScalarValue;

use super::aggregates::{State, aggregate};
use super::typed::{Types, list_of, many};

/// Trino's.
const MOST: usize = 10_000;

pub(super) fn all() -> Vec<AggregateUDF> {
    let plain: Types = |given| {
        many("max and min", given, 2..=2)?;
        Ok((vec![given[0].clone(), DataType::Int64], list_of(given[0].clone())))
    };
    let by: Types = |given| {
        many("max_by and min_by", given, 3..=3)?;
        Ok((vec![given[0].clone(), given[1].clone(), DataType::Int64], list_of(given[0].clone())))
    };
    // What is told, and by what it is held against others.
    let state: State = |given| vec![list_of(given[0].clone()), list_of(given[given.len() - 2].clone())];
    vec![
        aggregate("max_n", plain, state, |args| Few::begin(args, Ordering::Greater)),
        aggregate("min_n", plain, state, |args| Few::begin(args, Ordering::Less)),
        aggregate("max_by_n", by, state, |args| Few::begin(args, Ordering::Greater)),
        aggregate("min_by_n", by, state, |args| Few::begin(args, Ordering::Less)),
    ]
}

/// An argument that is the same for all rows.
pub(super) fn constant(expr: &dyn PhysicalExpr) -> Result<ScalarValue> {
    match expr.evaluate(&RecordBatch::new_empty(Schema::empty().into())) {
        Ok(ColumnarValue::Scalar(value)) => Ok(value),
        _ => exec_err!("what is not a value of the rows is written out: a number, or an array of numbers"),
    }
}

#[derive(Debug)]
struct Few {
    most: usize,
    wanted: Ordering,
    /// Of what types the value and what it is held by are.
    types: [DataType; 2],
    /// The best, and some that wait to be held against them.
    kept: Vec<(ScalarValue, ScalarValue)>,
    bytes: usize,
}

impl Few {
    fn begin(args: &AccumulatorArgs<'_>, wanted: Ordering) -> Result<Box<dyn Accumulator>> {
        let types = |at: usize| args.exprs[at].data_type(args.schema);
        let last = args.exprs.len() - 1;
        let most = match constant(args.exprs[last].as_ref())? {
            ScalarValue::Int64(Some(most)) => usize::try_from(most).unwrap_or(0),
            _ => 0,
        };
        if most == 0 || most >= MOST {
            return exec_err!("as many as 1 to {} are told of a group", MOST - 1);
        }
        Ok(Box::new(Few { most, wanted, types: [types(0)?, types(last - 1)?], kept: Vec::new(), bytes: 0 }))
    }

    fn add(&mut self, values: &ArrayRef, by: &ArrayRef) -> Result<()> {
        for row in (0..by.len()).filter(|row| by.is_valid(*row)) {
            let by = ScalarValue::try_from_array(by, row)?.compacted();
            // Once it is full the worst of the best is the last, and what is no better never comes in.
            if self.kept.len() >= self.most && !self.is_better(&by, &self.kept[self.most - 1].1) {
                continue;
            }
            let value = ScalarValue::try_from_array(values, row)?.compacted();
            self.bytes += value.size() + by.size();
            self.kept.push((value, by));
            if self.kept.len() == self.most || self.kept.len() >= self.most * 2 {
                self.settle();
            }
        }
        Ok(())
    }

    fn is_better(&self, one: &ScalarValue, other: &ScalarValue) -> bool {
        one.partial_cmp(other) == Some(self.wanted)
    }

    /// Leaves the best, in order.
    fn settle(&mut self) {
        let wanted = self.wanted;
        self.kept.sort_by(|one, other| {
            let order = one.1.partial_cmp(&other.1).unwrap_or(Ordering::Equal);
            if wanted == Ordering::Greater { order.reverse() } else { order }
        });
        self.kept.truncate(self.most);
        self.bytes = self.kept.iter().map(|(value, by)| value.size() + by.size()).sum();
    }
}

impl Accumulator for Few {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        self.add(&columns[0], &columns[columns.len() - 2])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.settle();
        if self.kept.is_empty() {
            return ScalarValue::try_new_null(&list_of(self.types[0].clone()));
        }
        let values: Vec<ScalarValue> = self.kept.iter().map(|(value, _)| value.clone()).collect();
        Ok(ScalarValue::List(ScalarValue::new_list_nullable(&values, &self.types[0])))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes + self.kept.capacity() * size_of::<(ScalarValue, ScalarValue)>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.settle();
        let (values, by): (Vec<_>, Vec<_>) = self.kept.iter().cloned().unzip();
        let list = |all: &[ScalarValue], of: &DataType| ScalarValue::List(ScalarValue::new_list_nullable(all, of));
        Ok(vec![list(&values, &self.types[0]), list(&by, &self.types[1])])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let (values, by) = (states[0].as_list::<i32>(), states[1].as_list::<i32>());
        (0..by.len()).filter(|row| by.is_valid(*row)).try_for_each(|row| self.add(&values.value(row), &by.value(row)))
    }
}
