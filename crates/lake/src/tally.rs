//! Rows that are alike are counted where they come from, before they are grouped.
//!
//! ```text
//!   8,192 rows of a scan:  who        from          ──Tally──►  who    from       calls   ──group──► …
//!                          alice      10.0.0.1                  alice  10.0.0.1   8,003
//!                          alice      10.0.0.1                  bob    10.0.0.7     189
//!                          …
//! ```
//!
//! Who asks how often something happened groups a million rows by what a few hundred of them differ in. To find a row's group is to look at
//! its texts; here two texts are alike when they lie at the same place of the same page, which is a comparison of two numbers. What lies
//! elsewhere and is the same text all the same stays two rows, and grouping adds them up: so the answer is the same, and most of the work is not done.
//!
//! Where rows hardly ever are alike, it is seen after a few batches, and left.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, UInt32Array, new_empty_array};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::take;
use arrow::datatypes::{
    DataType, Date32Type, Field, Int32Type, Int64Type, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{exec_datafusion_err, internal_err};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::physical_expr::aggregate::{AggregateExprBuilder, AggregateFunctionExpr};
use datafusion::physical_expr::expressions::{Column, Literal};
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties};
use futures::StreamExt;

/// After so many rows it is looked whether enough of them are alike.
const LOOKED_AFTER: usize = 1 << 16;

/// The same plan, with rows counted before they are grouped wherever all that is asked of a group is how many it has.
pub(crate) fn tallied(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let plan = plan.transform_up(|plan| {
        let counted = plan.downcast_ref::<AggregateExec>().map(counted_before).transpose()?.flatten();
        Ok(counted.map_or_else(|| Transformed::no(plan), Transformed::yes))
    })?;
    Ok(plan.data)
}

fn counted_before(group: &AggregateExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let by = group.group_expr();
    let takes_rows = matches!(group.mode(), AggregateMode::Single | AggregateMode::Partial);
    let is_plain = by.is_single() && !by.is_empty() && group.limit_options().is_none();
    if !takes_rows || !is_plain || group.filter_expr().iter().any(Option::is_some) {
        return Ok(None);
    }
    let schema = group.input().schema();
    let keys: Vec<_> = by.expr().iter().map(|(key, _)| Arc::clone(key)).collect();
    for key in &keys {
        if !is_comparable(&key.data_type(&schema)?) {
            return Ok(None);
        }
    }
    let Some(counted) = group.aggr_expr().iter().map(|asked| counted_in(asked)).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let tally = Arc::new(Tally::new(Arc::clone(group.input()), keys, counted)?);
    let column = |at: usize| Arc::new(Column::new(tally.schema.field(at).name(), at)) as Arc<dyn PhysicalExpr>;
    let named = by.expr().iter().enumerate().map(|(at, (_, name))| (column(at), name.clone()));
    let sums = group.aggr_expr().iter().enumerate().map(|(at, asked)| {
        let sum = AggregateExprBuilder::new(sum_udaf(), vec![column(tally.keys.len() + at)]);
        Ok(Arc::new(sum.schema(tally.schema()).alias(asked.name()).build()?))
    });
    let (by, sums) = (PhysicalGroupBy::new_single(named.collect()), sums.collect::<Result<Vec<_>>>()?);
    let (filters, schema) = (vec![None; sums.len()], tally.schema());
    Ok(Some(Arc::new(AggregateExec::try_new(*group.mode(), by, sums, filters, tally, schema)?)))
}

/// What is counted: rows, or those that have this. `None`: it is no count.
fn counted_in(asked: &AggregateFunctionExpr) -> Option<Option<Arc<dyn PhysicalExpr>>> {
    let is_count = asked.fun().name() == "count" && !asked.is_distinct() && asked.order_bys().is_empty();
    match &asked.expressions()[..] {
        [counted] if is_count => match counted.downcast_ref::<Literal>() {
            Some(literal) if literal.value().is_null() => None,
            Some(_) => Some(None),
            None => Some(Some(Arc::clone(counted))),
        },
        _ => None,
    }
}

/// Counts rows that are alike within a batch.
#[derive(Debug)]
struct Tally {
    input: Arc<dyn ExecutionPlan>,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    /// What a row must have to be counted, for each count.
    counted: Vec<Option<Arc<dyn PhysicalExpr>>>,
    /// The keys, and the counts.
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl Tally {
    fn new(
        input: Arc<dyn ExecutionPlan>,
        keys: Vec<Arc<dyn PhysicalExpr>>,
        counted: Vec<Option<Arc<dyn PhysicalExpr>>>,
    ) -> Result<Tally> {
        let mut fields = Vec::with_capacity(keys.len() + counted.len());
        for (at, key) in keys.iter().enumerate() {
            let field = key.return_field(&input.schema())?;
            fields.push(Field::new(format!("key {at}"), field.data_type().clone(), field.is_nullable()));
        }
        fields.extend((0..counted.len()).map(|at| Field::new(format!("calls {at}"), DataType::Int64, false)));
        let schema = Arc::new(Schema::new(fields));
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(input.output_partitioning().partition_count()),
            input.pipeline_behavior(),
            input.boundedness(),
        );
        Ok(Tally { input, keys, counted, schema, properties: Arc::new(properties) })
    }
}

impl DisplayAs for Tally {
    fn fmt_as(&self, _: DisplayFormatType, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Tally: by=[")?;
        for (at, key) in self.keys.iter().enumerate() {
            write!(out, "{}{key}", if at == 0 { "" } else { ", " })?;
        }
        out.write_str("]")
    }
}

impl ExecutionPlan for Tally {
    fn name(&self) -> &str {
        "Tally"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        each: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for expression in self.keys.iter().chain(self.counted.iter().flatten()) {
            if each(expression)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children.into_iter().next();
        let input = input.ok_or_else(|| exec_datafusion_err!("a plan that counts has one below it"))?;
        Ok(Arc::new(Tally::new(input, self.keys.clone(), self.counted.clone())?))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let batches = self.input.execute(partition, context)?;
        let (keys, counted, schema) = (self.keys.clone(), self.counted.clone(), Arc::clone(&self.schema));
        let mut alike = Alike::new();
        let tallied = batches.map(move |batch| {
            let batch = batch?;
            let of = |expression: &Arc<dyn PhysicalExpr>| expression.evaluate(&batch)?.into_array(batch.num_rows());
            let keys = keys.iter().map(of).collect::<Result<Vec<_>>>()?;
            let nulls = counted.iter().map(|counted| match counted {
                Some(counted) => Ok(of(counted)?.logical_nulls()),
                None => Ok(None),
            });
            let nulls = nulls.collect::<Result<Vec<_>>>()?;
            let nulls = nulls.iter().map(Option::as_ref);
            let (keys, counts): (_, Vec<_>) = if alike.seen.rows_are_alike() {
                alike.look_at(&keys, batch.num_rows())?;
                let first = UInt32Array::from(alike.first.clone());
                let keys = keys.iter().map(|key| Ok(take(key, &first, None)?)).collect::<Result<Vec<_>>>()?;
                (keys, nulls.map(|nulls| alike.counts(nulls)).collect())
            } else {
                (keys, nulls.map(|nulls| ones(nulls, batch.num_rows())).collect())
            };
            Ok(RecordBatch::try_new(Arc::clone(&schema), keys.into_iter().chain(counts).collect())?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), tallied)))
    }
}

/// Each row by itself: one, if it is there.
fn ones(nulls: Option<&NullBuffer>, rows: usize) -> ArrayRef {
    let one = |row| i64::from(nulls.is_none_or(|nulls| nulls.is_valid(row)));
    Arc::new((0..rows).map(one).collect::<Int64Array>())
}

/// Whether values of a type are compared here.
fn is_comparable(of: &DataType) -> bool {
    Values::of(&new_empty_array(of)).is_some()
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

/// Which rows of a batch are alike. Keeps its room from batch to batch.
///
/// ```text
///   rows            a a a b b a c     those that differ from the one before begin a stretch
///   stretches       a     b   a c     which is of a kind: as many rows as it is long
///   kinds           0     1   0 2
/// ```
#[derive(Debug)]
struct Alike {
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

const NOBODY: u32 = u32::MAX;
/// What stands for NULL. No text in place begins with so long a length, and no number is as large.
const NULL: u128 = u128::MAX;

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

impl Alike {
    #[expect(clippy::disallowed_methods, reason = "no answer, and no order, depends on what is drawn")]
    fn new() -> Alike {
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

    /// Looks at the columns: two rows are of one kind if they are alike in each.
    fn look_at(&mut self, columns: &[ArrayRef], rows: usize) -> Result<()> {
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
    fn counts(&self, nulls: Option<&NullBuffer>) -> ArrayRef {
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use arrow::array::{StringViewArray, TimestampMicrosecondArray};
    use datafusion::datasource::MemTable;
    use datafusion::physical_plan::displayable;

    use super::*;
    use crate::query::{Limits, Query};
    use crate::results::texts;

    /// Who, when, and what went wrong.
    type Row = (Option<String>, i64, Option<String>);

    /// Rows of so many users, of whom a third has a short name, and one has none.
    fn rows(count: usize, users: u64) -> Vec<Row> {
        let row = |at: usize| {
            let drawn = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 8;
            let user = drawn % users;
            let arn = if user.is_multiple_of(3) { "u" } else { "arn:aws:iam::123456789012:user/" };
            let went_wrong = (drawn >> 9).is_multiple_of(4).then(|| "AccessDenied".to_owned());
            ((user > 0).then(|| format!("{arn}{user}")), (drawn >> 17) as i64 % 3, went_wrong)
        };
        (0..count).map(row).collect()
    }

    fn table(rows: &[Row], batch_rows: usize) -> MemTable {
        let text = |name| Field::new(name, DataType::Utf8View, true);
        let time = Field::new("time", DataType::Timestamp(TimeUnit::Microsecond, None), true);
        let schema = Arc::new(Schema::new(vec![text("who"), time, text("error")]));
        let batches = rows.chunks(batch_rows).map(|rows| {
            let whos: StringViewArray = rows.iter().map(|(who, ..)| who.as_deref()).collect();
            let errors: StringViewArray = rows.iter().map(|(.., error)| error.as_deref()).collect();
            let times = TimestampMicrosecondArray::from_iter_values(rows.iter().map(|row| row.1 * 60_000_000 + 7));
            let columns: Vec<ArrayRef> = vec![Arc::new(whos), Arc::new(times), Arc::new(errors)];
            RecordBatch::try_new(Arc::clone(&schema), columns).expect("columns of these types")
        });
        MemTable::try_new(Arc::clone(&schema), vec![batches.collect()]).expect("batches of this schema")
    }

    /// What a statement answers, in order; it is counted before it is grouped.
    fn asked(table: MemTable, threads: usize, statement: &str) -> Vec<Vec<Option<String>>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a thread");
        runtime.block_on(async {
            let table = Arc::new(table);
            let limits = Limits { threads, ..Limits::default() };
            let query = Query::plan(statement, |_| Some(table.clone()), limits).await.expect("a statement");
            let plan = displayable(query.plan.as_ref()).indent(false).to_string();
            assert!(plan.contains("Tally"), "{plan}");
            let mut told = Vec::new();
            let each = |batch| {
                told.extend(texts(&batch));
                Ok(())
            };
            query.run(each).await.expect("an answer");
            told.sort();
            told
        })
    }

    /// However rows come, and however many of them are alike: each is counted once.
    #[test]
    fn rows_are_counted_as_though_each_had_been_grouped() {
        let cases =
            [(0, 1, 1, 1), (1, 1, 8, 1), (5_000, 7, 8_192, 1), (20_000, 300, 1_000, 2), (150_000, 1 << 40, 8_192, 1)];
        for (count, users, batch_rows, threads) in cases {
            let rows = rows(count, users);
            let statement = "SELECT who, date_trunc('minute', time) AS minute, count(*) AS calls, count(error) AS wrong FROM t GROUP BY 1, 2";
            let mut expected = BTreeMap::<_, (u64, u64)>::new();
            for (who, minute, error) in &rows {
                let minute = format!("1970-01-01 00:0{minute}:00.000");
                let group = expected.entry((who.clone(), Some(minute))).or_default();
                *group = (group.0 + 1, group.1 + u64::from(error.is_some()));
            }
            let text = |number: u64| Some(number.to_string());
            let row = |((who, minute), (calls, wrong))| vec![who, minute, text(calls), text(wrong)];
            let expected: Vec<_> = expected.into_iter().map(row).collect();
            let told = asked(table(&rows, batch_rows), threads, statement);
            assert!(told == expected, "{count} rows of {users} users in batches of {batch_rows}");

            let statement = "SELECT who, count(DISTINCT time) AS minutes FROM t GROUP BY 1";
            let mut minutes = BTreeMap::<_, BTreeSet<i64>>::new();
            for (who, minute, _) in &rows {
                minutes.entry(who.clone()).or_default().insert(*minute);
            }
            let expected: Vec<_> = minutes.into_iter().map(|(who, of)| vec![who, text(of.len() as u64)]).collect();
            let told = asked(table(&rows, batch_rows), threads, statement);
            assert!(told == expected, "{count} rows of {users} users in batches of {batch_rows}");
        }
    }
}
