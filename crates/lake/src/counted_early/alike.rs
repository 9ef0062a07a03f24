//! Which rows of a batch are alike: by the places of their texts, which is a comparison of two numbers.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, new_empty_array};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::{
    DataType, Date32Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use datafusion::common::internal_err;
use datafusion::error::Result;

/// After so many rows it is looked whether enough of them are alike.
const LOOKED_AFTER: usize = 1 << 16;

const NOBODY: u32 = u32::MAX;
/// What stands for NULL. No text in place begins with so long a length, and no number is as large.
const NULL: u128 = u128::MAX;

/// Whether values of a type are compared here.
pub(super) fn is_comparable(of: &DataType) -> bool {
    Values::of(&new_empty_array(of)).is_some()
}

/// Which rows of a batch are alike. Keeps its room from batch to batch.
///
/// ```text
///   rows            a a a b b a c     those that differ from the one before begin a stretch
///   stretches       a     b   a c     which is of a kind: as many rows as it is long
///   kinds           0     1   0 2
/// ```
#[derive(Debug)]
pub(super) struct Alike {
    seen: Seen,
    /// Nobody who makes events knows which are looked for at one place.
    seed: (u64, u64),
    /// Whether a row differs from the one before.
    differs: Vec<bool>,
    /// Where each stretch begins, and where the last one ends.
    stretches: Vec<u32>,
    /// Of which kind each stretch is.
    kinds: Vec<u32>,
    /// The first row of each kind.
    first: Vec<u32>,
    /// What each kind has in the last column, and its kind in those before.
    known: Vec<(u32, u128)>,
    /// Where a kind is found.
    places: Vec<u32>,
}

impl Alike {
    #[expect(clippy::disallowed_methods, reason = "no answer, and no order, depends on what is drawn")]
    pub(super) fn new() -> Alike {
        let random = || RandomState::new().build_hasher().finish();
        Alike {
            seen: Seen::default(),
            seed: (random(), random()),
            differs: Vec::new(),
            stretches: Vec::new(),
            kinds: Vec::new(),
            first: Vec::new(),
            known: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Whether enough rows were alike so far.
    pub(super) fn is_worth_while(&self) -> bool {
        self.seen.rows_are_alike()
    }

    /// The first row of each kind.
    pub(super) fn first(&self) -> &[u32] {
        &self.first
    }

    /// Looks at the columns: two rows are of one kind if they are alike in each.
    pub(super) fn look_at(&mut self, columns: &[ArrayRef], rows: usize) -> Result<()> {
        let columns = columns.iter().map(|column| {
            let nulls = column.nulls().filter(|nulls| nulls.null_count() > 0);
            match Values::of(column) {
                Some(values) => Ok((values, nulls)),
                None => internal_err!("values of {} are not compared", column.data_type()),
            }
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        self.differs.clear();
        self.differs.resize(rows, false);
        for (values, nulls) in &columns {
            match values {
                Values::Texts(values) => mark(&mut self.differs, values),
                Values::Longs(values) => mark(&mut self.differs, values),
                Values::Ints(values) => mark(&mut self.differs, values),
                Values::Flags(values) => self.mark_flags(values),
            }
            if let Some(nulls) = nulls {
                self.mark_flags(nulls.inner());
            }
        }
        self.stretches.clear();
        self.stretches.extend((0..rows as u32).filter(|row| *row == 0 || self.differs[*row as usize]));
        let stretches = self.stretches.len();
        if self.seen.stretches_are_alike() {
            self.kinds.clear();
            self.kinds.resize(stretches, 0);
            self.places.resize((2 * stretches).next_power_of_two().max(2), NOBODY);
            for (values, nulls) in columns {
                match values {
                    Values::Texts(values) => self.split(nulls, |row| values[row]),
                    Values::Longs(values) => self.split(nulls, |row| u128::from(values[row] as u64)),
                    Values::Ints(values) => self.split(nulls, |row| u128::from(values[row] as u32)),
                    Values::Flags(values) => self.split(nulls, |row| u128::from(values.value(row))),
                }
            }
        } else {
            self.first.clone_from(&self.stretches);
            self.kinds.clear();
            self.kinds.extend(0..stretches as u32);
        }
        self.stretches.push(rows as u32);
        self.seen.rows += rows;
        self.seen.stretches += stretches;
        self.seen.kinds += self.first.len();
        Ok(())
    }

    fn mark_flags(&mut self, values: &BooleanBuffer) {
        for (row, differs) in self.differs.iter_mut().enumerate().skip(1) {
            *differs |= values.value(row) != values.value(row - 1);
        }
    }

    fn split(&mut self, nulls: Option<&NullBuffer>, value: impl Fn(usize) -> u128) {
        match nulls {
            None => self.split_by(value),
            Some(nulls) => self.split_by(|row| if nulls.is_null(row) { NULL } else { value(row) }),
        }
    }

    fn split_by(&mut self, value: impl Fn(usize) -> u128) {
        self.first.clear();
        self.known.clear();
        self.places.fill(NOBODY);
        let mask = self.places.len() - 1;
        for (kind, row) in self.kinds.iter_mut().zip(&self.stretches) {
            let wanted = (*kind, value(*row as usize));
            let mut at = place(self.seed, wanted) & mask;
            *kind = loop {
                match self.places[at] {
                    NOBODY => {
                        let new = self.known.len() as u32;
                        self.places[at] = new;
                        self.known.push(wanted);
                        self.first.push(*row);
                        break new;
                    }
                    known if self.known[known as usize] == wanted => break known,
                    _ => at = (at + 1) & mask,
                }
            };
        }
    }

    /// How many rows there are of each kind: all, or those that are there.
    pub(super) fn counts(&self, nulls: Option<&NullBuffer>) -> ArrayRef {
        let mut counts = vec![0i64; self.first.len()];
        for (kind, ends) in self.kinds.iter().zip(self.stretches.windows(2)) {
            let (from, to) = (ends[0] as usize, ends[1] as usize);
            let is_there = |nulls: &NullBuffer| (from..to).filter(|row| nulls.is_valid(*row)).count();
            counts[*kind as usize] += nulls.map_or(to - from, is_there) as i64;
        }
        Arc::new(Int64Array::from(counts))
    }
}

/// Marks rows that differ from the one before.
fn mark<T: PartialEq>(differs: &mut [bool], values: &[T]) {
    for (differs, pair) in differs.iter_mut().skip(1).zip(values.windows(2)) {
        *differs |= pair[0] != pair[1];
    }
}

/// Where to look for it first. Folded multiplication, as foldhash does it.
fn place((one, other): (u64, u64), (kind, value): (u32, u128)) -> usize {
    let folded = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        (product >> 64) as u64 ^ product as u64
    };
    let (low, high) = (value as u64, (value >> 64) as u64);
    folded(folded(low ^ one, high ^ other) ^ u64::from(kind), other | 1) as usize
}

/// How much was seen, and what was left of it.
#[derive(Debug, Default)]
struct Seen {
    rows: usize,
    stretches: usize,
    kinds: usize,
}

impl Seen {
    /// Whether at most half of the rows are left.
    fn rows_are_alike(&self) -> bool {
        self.rows < LOOKED_AFTER || self.kinds * 2 <= self.rows
    }

    /// Whether rows are alike that do not follow upon each other: a fifth of the stretches at least.
    fn stretches_are_alike(&self) -> bool {
        self.rows < LOOKED_AFTER || self.kinds * 5 <= self.stretches * 4
    }
}

/// What rows have in a column.
enum Values<'c> {
    Texts(&'c [u128]),
    Longs(&'c [i64]),
    Ints(&'c [i32]),
    Flags(&'c BooleanBuffer),
}

impl<'c> Values<'c> {
    /// `None`: values of its type are not compared.
    fn of(column: &'c dyn Array) -> Option<Values<'c>> {
        Some(match column.data_type() {
            DataType::Utf8View => Values::Texts(column.as_string_view().views()),
            DataType::Boolean => Values::Flags(column.as_boolean().values()),
            DataType::Int64 => Values::Longs(column.as_primitive::<Int64Type>().values()),
            DataType::Int32 => Values::Ints(column.as_primitive::<Int32Type>().values()),
            DataType::Date32 => Values::Ints(column.as_primitive::<Date32Type>().values()),
            DataType::Timestamp(unit, _) => Values::Longs(match unit {
                TimeUnit::Second => column.as_primitive::<TimestampSecondType>().values(),
                TimeUnit::Millisecond => column.as_primitive::<TimestampMillisecondType>().values(),
                TimeUnit::Microsecond => column.as_primitive::<TimestampMicrosecondType>().values(),
                TimeUnit::Nanosecond => column.as_primitive::<TimestampNanosecondType>().values(),
            }),
            _ => return None,
        })
    }
}
