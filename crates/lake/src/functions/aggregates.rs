//! How an aggregate of ours is made, and those that are a few numbers: `geometric_mean`, `skewness`, `kurtosis`, `entropy`, `checksum`.
//!
//! <https://trino.io/docs/current/functions/aggregate.html>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use twox_hash::XxHash64;

use super::typed::{Types, many};
use crate::values::text_of;

/// What is kept of a group, of arguments of these types.
pub(super) type State = fn(&[DataType]) -> Vec<DataType>;
/// Begins a group.
pub(super) type Begin = fn(&AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>>;

struct Aggregate {
    name: &'static str,
    types: Types,
    state: State,
    begin: Begin,
    signature: Signature,
}

/// One of these.
pub(super) fn aggregate(name: &'static str, types: Types, state: State, begin: Begin) -> AggregateUDF {
    let signature = Signature::user_defined(Volatility::Immutable);
    AggregateUDF::from(Aggregate { name, types, state, begin, signature })
}

known_by_name!(Aggregate);

impl AggregateUDFImpl for Aggregate {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        Ok((self.types)(given)?.0)
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        Ok((self.types)(given)?.1)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let given: Vec<DataType> = args.input_fields.iter().map(|field| field.data_type().clone()).collect();
        let field = |(at, of)| Arc::new(Field::new(format_state_name(args.name, &format!("state{at}")), of, true));
        Ok((self.state)(&given).into_iter().enumerate().map(field).collect())
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        (self.begin)(&args)
    }
}

pub(super) fn all() -> Vec<AggregateUDF> {
    let number: Types = |given| {
        many("an aggregate function of one column", given, 1..=1)?;
        Ok((vec![DataType::Float64], DataType::Float64))
    };
    let (two, five): (State, State) = (|_| vec![DataType::Float64; 2], |_| vec![DataType::Float64; 5]);
    vec![
        aggregate("skewness", number, five, |_| {
            Moments::begin(|of| (of.many > 2.0).then(|| of.many.sqrt() * of.third / of.second.powf(1.5)))
        }),
        aggregate("kurtosis", number, five, |_| {
            Moments::begin(|Moments { many: n, second, fourth, .. }| {
                let scale = n * (n + 1.0) / ((n - 1.0) * (n - 2.0) * (n - 3.0));
                let less = 3.0 * (n - 1.0).powi(2) / ((n - 2.0) * (n - 3.0));
                (*n > 3.0).then(|| scale * fourth * (n - 1.0).powi(2) / second.powi(2) - less)
            })
        }),
        aggregate("geometric_mean", number, two, |_| {
            Sums::begin(|number| [1.0, number.ln()], |[many, logs]| (many > 0.0).then(|| (logs / many).exp()))
        }),
        // Of counts, how many bits it takes to say which of them one is.
        aggregate("entropy", number, two, |_| {
            Sums::begin(
                |count| [count, if count > 0.0 { count * count.log2() } else { 0.0 }],
                |[sum, logs]| Some(if sum > 0.0 { (sum.log2() - logs / sum).max(0.0) } else { 0.0 }),
            )
        }),
        aggregate(
            "checksum",
            |given| {
                many("checksum", given, 1..=1)?;
                Ok((given.to_vec(), DataType::Binary))
            },
            |_| vec![DataType::Int64],
            |_| Ok(Box::new(Checksum(None))),
        ),
    ]
}

/// Numbers in sums of the powers of how far they are from their mean. Two of them are put together as Pébay has it.
#[derive(Debug)]
struct Moments {
    gives: fn(&Moments) -> Option<f64>,
    many: f64,
    mean: f64,
    second: f64,
    third: f64,
    fourth: f64,
}

impl Moments {
    fn begin(gives: fn(&Moments) -> Option<f64>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Moments { gives, many: 0.0, mean: 0.0, second: 0.0, third: 0.0, fourth: 0.0 }))
    }

    fn add(&mut self, [many, mean, second, third, fourth]: [f64; 5]) {
        let (a, b, n) = (self.many, many, self.many + many);
        if b == 0.0 {
            return;
        }
        let apart = mean - self.mean;
        let (m2, m3) = (self.second, self.third);
        self.fourth += fourth
            + apart.powi(4) * a * b * (a * a - a * b + b * b) / n.powi(3)
            + 6.0 * apart.powi(2) * (a * a * second + b * b * m2) / n.powi(2)
            + 4.0 * apart * (a * third - b * m3) / n;
        self.third += third + apart.powi(3) * a * b * (a - b) / n.powi(2) + 3.0 * apart * (a * second - b * m2) / n;
        self.second += second + apart.powi(2) * a * b / n;
        self.mean += apart * b / n;
        self.many = n;
    }
}

impl Accumulator for Moments {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        for number in columns[0].as_primitive::<Float64Type>().iter().flatten() {
            self.add([1.0, number, 0.0, 0.0, 0.0]);
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64((self.gives)(self)))
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok([self.many, self.mean, self.second, self.third, self.fourth].map(ScalarValue::from).into())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for row in 0..states[0].len() {
            let part = |at: usize| states[at].as_primitive::<Float64Type>().value(row);
            self.add([part(0), part(1), part(2), part(3), part(4)]);
        }
        Ok(())
    }
}

/// Two sums of what is made of each number.
#[derive(Debug)]
struct Sums {
    of: fn(f64) -> [f64; 2],
    gives: fn([f64; 2]) -> Option<f64>,
    sums: [f64; 2],
}

impl Sums {
    fn begin(of: fn(f64) -> [f64; 2], gives: fn([f64; 2]) -> Option<f64>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Sums { of, gives, sums: [0.0; 2] }))
    }
}

impl Accumulator for Sums {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        for number in columns[0].as_primitive::<Float64Type>().iter().flatten() {
            let [one, other] = (self.of)(number);
            self.sums = [self.sums[0] + one, self.sums[1] + other];
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64((self.gives)(self.sums)))
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(self.sums.map(ScalarValue::from).into())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for (sum, more) in self.sums.iter_mut().zip(states) {
            *sum += more.as_primitive::<Float64Type>().iter().flatten().sum::<f64>();
        }
        Ok(())
    }
}

/// The same for the same values, in any order.
#[derive(Debug)]
struct Checksum(Option<i64>);

impl Checksum {
    fn add(&mut self, hash: i64) {
        self.0 = Some(self.0.unwrap_or(0).wrapping_add(hash));
    }
}

impl Accumulator for Checksum {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        for row in 0..columns[0].len() {
            let text = text_of(&columns[0], row);
            let seed = u64::from(text.is_none());
            self.add(XxHash64::oneshot(seed, text.unwrap_or_default().as_bytes()).cast_signed());
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Binary(self.0.map(|hash| hash.to_be_bytes().to_vec())))
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.0.into()])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        states[0].as_primitive::<Int64Type>().iter().flatten().for_each(|hash| self.add(hash));
        Ok(())
    }
}
