//! `approx_percentile(x, p)`, `approx_percentile(x, array[p, …])`, and either with a weight as second argument: a value of the group, and
//! nothing between two of them.
//!
//! Values are kept in levels: one of a level stands for two of the level below. Of a level that is full, every second one goes up. So a
//! group of a thousand is told exactly, and of more the rank is off by less than one percent.
//! <https://trino.io/docs/current/functions/aggregate.html#approx_percentile>

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type, UInt64Type};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::logical_expr::{Accumulator, AggregateUDF};
use datafusion::scalar::ScalarValue;

use super::aggregates::aggregate;
use super::greatest_few::constant;
use super::typed::{item_of, list_of, many};

/// Values of a level.
const FULL: usize = 1024;

pub(super) fn all() -> Vec<AggregateUDF> {
    let state = |_: &[DataType]| vec![list_of(DataType::UInt64); 2];
    vec![aggregate("approx_percentile", types, state, Digest::begin)]
}

fn types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("approx_percentile", given, 2..=3)?;
    let of = match &given[0] {
        of if of.is_integer() => DataType::Int64,
        of if of.is_numeric() || of.is_null() => DataType::Float64,
        other => return plan_err!("approx_percentile takes numbers, and this is a {other}"),
    };
    let has_list = given.last().is_some_and(|of| item_of(of).is_some());
    let (asked, gives) =
        if has_list { (list_of(DataType::Float64), list_of(of.clone())) } else { (DataType::Float64, of.clone()) };
    let weight = (given.len() == 3).then_some(DataType::Int64);
    Ok((std::iter::once(of).chain(weight).chain([asked]).collect(), gives))
}

#[derive(Debug)]
struct Digest {
    /// Whole numbers, or doubles.
    whole: bool,
    asked: Vec<f64>,
    /// Whether a list is asked for.
    list: bool,
    levels: Vec<Vec<u64>>,
    /// Whether the first of two goes up, next time.
    first: bool,
}

impl Digest {
    fn begin(args: &AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let last = args.exprs.len() - 1;
        let (asked, list) = match constant(args.exprs[last].as_ref())? {
            ScalarValue::Float64(Some(part)) => (vec![part], false),
            ScalarValue::List(parts) if parts.is_valid(0) => {
                let parts = parts.value(0);
                let parts = parts.as_primitive::<Float64Type>();
                (parts.iter().map(|part| part.unwrap_or(f64::NAN)).collect(), true)
            }
            other => return exec_err!("approx_percentile takes a part of 0 to 1, and not {other}"),
        };
        if let Some(part) = asked.iter().find(|part| !(0.0..=1.0).contains(*part)) {
            return exec_err!("approx_percentile takes a part of 0 to 1, and not {part}");
        }
        let whole = args.exprs[0].data_type(args.schema)? == DataType::Int64;
        Ok(Box::new(Digest { whole, asked, list, levels: Vec::new(), first: false }))
    }

    /// A value that stands for two to the power of its level.
    fn add(&mut self, value: u64, level: usize) {
        if self.levels.len() <= level {
            self.levels.resize_with(level + 1, Vec::new);
        }
        self.levels[level].push(value);
        let mut full = level;
        while self.levels[full].len() >= FULL {
            let mut values = std::mem::take(&mut self.levels[full]);
            values.sort_unstable();
            let skipped = usize::from(!self.first);
            self.first = !self.first;
            full += 1;
            if self.levels.len() <= full {
                self.levels.push(Vec::new());
            }
            self.levels[full].extend(values.into_iter().skip(skipped).step_by(2));
        }
    }

    fn of(&self, value: u64) -> ScalarValue {
        if self.whole { ScalarValue::from(to_whole(value)) } else { ScalarValue::from(to_double(value)) }
    }
}

impl Accumulator for Digest {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let weights = (columns.len() == 3).then(|| columns[1].as_primitive::<Int64Type>());
        for row in (0..columns[0].len()).filter(|row| columns[0].is_valid(*row)) {
            let value = if self.whole {
                of_whole(columns[0].as_primitive::<Int64Type>().value(row))
            } else {
                of_double(columns[0].as_primitive::<Float64Type>().value(row))
            };
            let weight = weights.map_or(1, |weights| if weights.is_valid(row) { weights.value(row) } else { 0 });
            if weight < 0 {
                return exec_err!("approx_percentile takes weights of 0 or more, and not {weight}");
            }
            (0..63).filter(|level| weight >> level & 1 == 1).for_each(|level| self.add(value, level));
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let weighed = |(level, values): (usize, &Vec<u64>)| {
            values.iter().map(|value| (*value, 1u128 << level)).collect::<Vec<_>>()
        };
        let mut all: Vec<(u64, u128)> = self.levels.iter().enumerate().flat_map(weighed).collect();
        all.sort_unstable();
        let whole: u128 = all.iter().map(|(_, weight)| weight).sum();
        let at = |part: &f64| {
            let rank = ((part * whole as f64).ceil() as u128).clamp(1, whole.max(1));
            let mut before = 0;
            let reaches = |(_, weight): &&(u64, u128)| {
                before += weight;
                before >= rank
            };
            all.iter().find(reaches).or(all.last()).map(|(value, _)| self.of(*value))
        };
        let of = if self.whole { DataType::Int64 } else { DataType::Float64 };
        match self.asked.iter().map(at).collect::<Option<Vec<ScalarValue>>>() {
            Some(found) if self.list => Ok(ScalarValue::List(ScalarValue::new_list_nullable(&found, &of))),
            Some(found) => Ok(found.into_iter().next().unwrap_or(ScalarValue::Null)),
            None if self.list => ScalarValue::try_new_null(&list_of(of)),
            None => ScalarValue::try_new_null(&of),
        }
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.levels.iter().map(|level| size_of_val(level) + level.capacity() * 8).sum::<usize>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let number = |number: u64| ScalarValue::UInt64(Some(number));
        let list = |all: Vec<ScalarValue>| ScalarValue::List(ScalarValue::new_list_nullable(&all, &DataType::UInt64));
        let values = self.levels.iter().flatten().map(|value| number(*value)).collect();
        let levels = self.levels.iter().enumerate();
        let levels = levels.flat_map(|(at, level)| std::iter::repeat_n(number(at as u64), level.len())).collect();
        Ok(vec![list(values), list(levels)])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let (values, levels) = (states[0].as_list::<i32>(), states[1].as_list::<i32>());
        for row in (0..values.len()).filter(|row| values.is_valid(*row) && levels.is_valid(*row)) {
            let (values, levels) = (values.value(row), levels.value(row));
            let pairs =
                values.as_primitive::<UInt64Type>().values().iter().zip(levels.as_primitive::<UInt64Type>().values());
            // Nothing has more levels than a count has bits.
            pairs.for_each(|(value, level)| self.add(*value, (*level).min(63) as usize));
        }
        Ok(())
    }
}

const TOP: u64 = 1 << 63;

/// In the order of the numbers.
fn of_whole(number: i64) -> u64 {
    number.cast_unsigned() ^ TOP
}

fn to_whole(number: u64) -> i64 {
    (number ^ TOP).cast_signed()
}

fn of_double(number: f64) -> u64 {
    let bits = number.to_bits();
    if bits & TOP == 0 { bits | TOP } else { !bits }
}

fn to_double(number: u64) -> f64 {
    f64::from_bits(if number & TOP == 0 { !number } else { number & !TOP })
}
