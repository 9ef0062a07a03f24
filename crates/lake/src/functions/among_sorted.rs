//! `among_sorted(x)` and `among_sorted(x, other)`: the values of a group in their order, as one text of bytes, which `among_between` reads. A join that gives
//! it to each row of its key copies where it lies, and not what it is.

use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, AsArray, BinaryViewBuilder, BooleanArray, Int64Array, LargeBinaryBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, Expr, GroupsAccumulator, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;

/// What it is called.
pub(super) const NAME: &str = "among_sorted";

static SORTED: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| {
    let signature = Signature::variadic_any(Volatility::Immutable);
    Arc::new(AggregateUDF::from(Sorted { name: NAME, signature }))
});

pub(super) fn aggregate() -> AggregateUDF {
    (**SORTED).clone()
}

/// The values of a group, and of each the other.
pub(crate) fn among_sorted(x: Expr, other: Option<Expr>) -> Expr {
    SORTED.call([x].into_iter().chain(other).collect())
}

/// Whether values of this type are in the order of whole numbers that they can be cast to.
pub(crate) fn is_in_order(kind: &DataType) -> bool {
    use DataType::*;
    matches!(kind, Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | Timestamp(..) | Date32 | Date64)
}

/// Whether two values of this type are the same if their bytes are.
pub(crate) fn is_bytes(kind: &DataType) -> bool {
    kind.is_string() || is_in_order(kind)
}

pub(super) fn numbers(of: &ArrayRef) -> Result<Int64Array> {
    Ok(cast(of, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
}

/// A column of values that are held against others by their bytes.
pub(super) enum Bytes {
    Texts(ArrayRef),
    Numbers(Int64Array),
}

impl Bytes {
    pub(super) fn of(column: &ArrayRef) -> Result<Bytes> {
        Ok(match column.data_type().is_string() {
            true => Bytes::Texts(cast(column, &DataType::Utf8View)?),
            false => Bytes::Numbers(numbers(column)?),
        })
    }

    /// Gives a row's on, if there is one.
    pub(super) fn at<T>(&self, row: usize, then: impl FnOnce(&[u8]) -> T) -> Option<T> {
        match self {
            Bytes::Texts(texts) => texts.is_valid(row).then(|| then(texts.as_string_view().value(row).as_bytes())),
            Bytes::Numbers(numbers) => numbers.is_valid(row).then(|| then(&numbers.value(row).to_le_bytes())),
        }
    }
}

struct Sorted {
    name: &'static str,
    signature: Signature,
}

known_by_name!(Sorted);

impl AggregateUDFImpl for Sorted {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::BinaryView)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "sorted"), DataType::LargeBinary, true))])
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(One(Gathered::new(args.exprs.len() > 1))))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Gathered::new(args.exprs.len() > 1)))
    }
}

/// Values as they come, each of a group.
#[derive(Debug)]
struct Gathered {
    has_others: bool,
    total: usize,
    groups: Vec<u32>,
    numbers: Vec<i64>,
    /// Where the other value of each ends, in all of them.
    ends: Vec<u64>,
    others: Vec<u8>,
}

impl Gathered {
    fn new(has_others: bool) -> Gathered {
        Gathered { has_others, total: 0, groups: vec![], numbers: vec![], ends: vec![], others: vec![] }
    }

    fn add(&mut self, group: usize, number: i64, other: &[u8]) {
        self.groups.push(group as u32);
        self.numbers.push(number);
        if self.has_others {
            self.others.extend_from_slice(other);
            self.ends.push(self.others.len() as u64);
        }
    }

    fn add_rows(&mut self, columns: &[ArrayRef], group: impl Fn(usize) -> Option<usize>) -> Result<()> {
        let numbers = numbers(&columns[0])?;
        let others = columns.get(1).map(Bytes::of).transpose()?;
        for row in (0..numbers.len()).filter(|row| numbers.is_valid(*row)) {
            let Some(group) = group(row) else { continue };
            match &others {
                Some(others) => others.at(row, |other| self.add(group, numbers.value(row), other)).unwrap_or_default(),
                None => self.add(group, numbers.value(row), &[]),
            }
        }
        Ok(())
    }

    fn other(&self, at: usize) -> &[u8] {
        if !self.has_others {
            return &[];
        }
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.others[start as usize..self.ends[at] as usize]
    }

    /// Those of the first groups, which are here no more.
    fn take(&mut self, emit: EmitTo) -> Gathered {
        let few = match emit {
            EmitTo::First(few) if few < self.total => few,
            _ => return std::mem::replace(self, Gathered::new(self.has_others)),
        };
        let (mut first, mut rest) = (Gathered::new(self.has_others), Gathered::new(self.has_others));
        (first.total, rest.total) = (few, self.total - few);
        for (at, group) in self.groups.iter().enumerate() {
            let (to, group) = match (*group as usize).checked_sub(few) {
                None => (&mut first, *group as usize),
                Some(group) => (&mut rest, group),
            };
            to.add(group, self.numbers[at], self.other(at));
        }
        *self = rest;
        first
    }

    /// Which are of each group, in their order.
    fn each_group(&self, mut each: impl FnMut(&[u32]) -> Result<()>) -> Result<()> {
        let mut order: Vec<u32> = (0..self.groups.len() as u32).collect();
        order.sort_unstable_by(|a, b| {
            let others = || self.other(*a as usize).cmp(self.other(*b as usize));
            self.key(*a).cmp(&self.key(*b)).then_with(others)
        });
        order.dedup_by(|a, b| self.key(*a) == self.key(*b) && self.other(*a as usize) == self.other(*b as usize));
        let mut rest = &order[..];
        for group in 0..self.total as u32 {
            let (these, others) = rest.split_at(rest.partition_point(|at| self.groups[*at as usize] <= group));
            each(these)?;
            rest = others;
        }
        Ok(())
    }

    fn key(&self, at: u32) -> (u32, i64) {
        (self.groups[at as usize], self.numbers[at as usize])
    }

    /// Values one after the other, which others can be put behind.
    fn write_apart(&self, these: &[u32], out: &mut Vec<u8>) {
        for at in these.iter().map(|at| *at as usize) {
            out.extend(self.numbers[at].to_le_bytes());
            if self.has_others {
                let other = self.other(at);
                out.extend((other.len() as u32).to_le_bytes());
                out.extend_from_slice(other);
            }
        }
    }

    /// What `among_between` reads.
    fn write(&self, these: &[u32], out: &mut Vec<u8>) -> Result<()> {
        if self.has_others {
            out.extend((these.len() as u32).to_le_bytes());
        }
        these.iter().for_each(|at| out.extend(self.numbers[*at as usize].to_le_bytes()));
        if !self.has_others {
            return Ok(());
        }
        let mut next = vec![these.len() as u32; these.len()];
        for at in (1..these.len()).rev() {
            let is_same = self.other(these[at] as usize) == self.other(these[at - 1] as usize);
            next[at - 1] = if is_same { next[at] } else { at as u32 };
        }
        next.into_iter().for_each(|next| out.extend(next.to_le_bytes()));
        let mut end = 0;
        for at in these {
            end += self.other(*at as usize).len();
            let Ok(end) = u32::try_from(end) else { return exec_err!("a key has more than 4 GiB of values") };
            out.extend(end.to_le_bytes());
        }
        these.iter().for_each(|at| out.extend_from_slice(self.other(*at as usize)));
        Ok(())
    }
}

impl GroupsAccumulator for Gathered {
    fn update_batch(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.total = total;
        let is_asked = |row: usize| filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
        self.add_rows(columns, |row| is_asked(row).then(|| groups[row]))
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let these = self.take(emit);
        let (mut out, mut bytes) = (BinaryViewBuilder::with_capacity(these.total), Vec::new());
        these.each_group(|group| {
            bytes.clear();
            these.write(group, &mut bytes)?;
            Ok(out.try_append_value(&bytes)?)
        })?;
        Ok(Arc::new(out.finish()))
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        let these = self.take(emit);
        let (mut out, mut bytes) = (LargeBinaryBuilder::with_capacity(these.total, these.others.len()), Vec::new());
        these.each_group(|group| {
            bytes.clear();
            these.write_apart(group, &mut bytes);
            out.append_value(&bytes);
            Ok(())
        })?;
        Ok(vec![Arc::new(out.finish())])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.total = total;
        let states = states[0].as_binary::<i64>();
        for (row, group) in groups.iter().enumerate().filter(|(row, _)| states.is_valid(*row)) {
            let mut rest = states.value(row);
            while let Some((number, behind)) = rest.split_first_chunk::<8>() {
                rest = behind;
                let mut other: &[u8] = &[];
                if self.has_others {
                    let Some((length, behind)) = rest.split_first_chunk::<4>() else { break };
                    (other, rest) = behind.split_at(behind.len().min(u32::from_le_bytes(*length) as usize));
                }
                self.add(*group, i64::from_le_bytes(*number), other);
            }
        }
        Ok(())
    }

    fn convert_to_state(&self, columns: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let mut each = Gathered::new(self.has_others);
        let rows: Vec<usize> = (0..columns[0].len()).collect();
        each.update_batch(columns, &rows, filter, rows.len())?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        let of_each = size_of::<u32>() * self.groups.capacity() + size_of::<i64>() * self.numbers.capacity();
        // What is written of them is beside them for a while.
        2 * (of_each + size_of::<u64>() * self.ends.capacity() + self.others.capacity())
    }
}

/// The values of all rows.
#[derive(Debug)]
struct One(Gathered);

impl Accumulator for One {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        self.0.add_rows(columns, |_| Some(0))
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge_batch(states, &vec![0; states[0].len()], 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.0.total = 1;
        ScalarValue::try_from_array(&self.0.evaluate(EmitTo::All)?, 0)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.total = 1;
        self.0.state(EmitTo::All)?.iter().map(|state| ScalarValue::try_from_array(state, 0)).collect()
    }

    fn size(&self) -> usize {
        size_of_val(self) + GroupsAccumulator::size(&self.0)
    }
}
